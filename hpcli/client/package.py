"""Maintenance packages (Guide §3.61)."""

from __future__ import annotations

from typing import Any

from hpcli.api.operations.package import ACTIVATE
from hpcli.client.calls import Calls
from hpcli.client.checks import check_range
from hpcli.errors import UsageError
from hpcli.parse import parse_serial


class PackageCalls(Calls):
    """Calls about packages."""

    def activate(self, serial: str, *, type: int | str | None = None, count: int | None = None) -> None:  # noqa: A002 - the word of the guide and of the option
        """Use packages for a device; a premium service is used up first. Guide §3.61.

        Args:
            serial: the device.
            type: all-yearly or ipc-yearly, or its code; needed unless there is a premium service.
            count: how many, 1 to 10; 1 where only a type is given.

        Raises:
            UsageError: a count without a type, or outside 1 to 10.
        """
        self._change(ACTIVATE, {"deviceSerial": parse_serial(serial), **package_use(type, count)})


def package_use(type: int | str | None, count: int | None) -> dict[str, Any]:  # noqa: A002 - as above
    """Return {opspackType, num} of §3.61, nothing for a premium service.

    Raises:
        UsageError: a count without a type, or outside 1 to 10, or an unknown type.
    """
    from hpcli.reference.codes import code_list

    if type is None:
        if count is not None:
            raise UsageError("A count needs a type.", hint="Add --type all-yearly or --type ipc-yearly.")
        return {}
    code = code_list("opspackType").value_of(str(type))
    return {"opspackType": code, "num": check_range("count", 1 if count is None else count, 1, 10)}
