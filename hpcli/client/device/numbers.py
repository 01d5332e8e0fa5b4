"""Numbers that a device does not have: areas, zones, relays, outputs, channels, presets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from hpcli.errors import HpcliError, NotFoundError
from hpcli.plurals import listed

Result = TypeVar("Result")

LOGIN_REFUSALS = frozenset(
    {
        "badAuthorization",
        "incorrentUserNameOrPassword",
        "lowPrivilege",
        "passwordError",
        "userNameLocked",
        "userNotExist",
    }
)
"""Refusals of the user, who would meet them with every other request as well."""

FINAL_REFUSALS = LOGIN_REFUSALS | {"deviceBusy"}
"""Refusals that have nothing to do with what was asked, so another question would meet them as well."""


class NoSuchNumberError(NotFoundError):
    """The device has no such area, zone, relay, output, channel or preset.

    Attributes:
        what: what the numbers count.
        numbers: those that do not exist.
        known: those that exist.
    """

    def __init__(self, what: str, numbers: Sequence[int], known: Sequence[int]) -> None:
        self.what, self.numbers, self.known = what, tuple(numbers), tuple(known)
        there = f"there {'is' if len(known) == 1 else 'are'} {_spans(known)}" if known else "there are none"
        super().__init__(f"There is no {listed(numbers, what)}; {there}.")

    def only(self, number: int) -> NoSuchNumberError:
        """Return the error of one of the numbers."""
        return NoSuchNumberError(self.what, [number], self.known)


def number_in(row: Mapping[str, Any], name: str) -> int | None:
    """Return the number that a row has under a name; None where it has none, or something that is not a number."""
    value = row.get(name)
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,30}", value.strip()):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def name_missing(
    send: Callable[[], Result], what: str, numbers: Iterable[int], known: Callable[[], Iterable[int | None]]
) -> Result:
    """Send a request; where the device refuses it, look whether it has these numbers at all.

    Args:
        send: sends the request.
        what: what the numbers count.
        numbers: those in the request.
        known: reads those the device has, None for one that cannot be told; asked only after a refusal.

    Raises:
        NoSuchNumberError: the device lacks some.
        HpcliError: what `send` raises otherwise.
    """
    from hpcli.isapi.errors import DeviceRefusedError

    try:
        return send()
    except DeviceRefusedError as refused:
        if refused.name in FINAL_REFUSALS:
            raise
        try:
            found = set(known())
        except NoSuchNumberError:
            raise
        except HpcliError:
            raise refused from None
        there = sorted(number for number in found if number is not None)
        missing = [number for number in numbers if number not in there]
        if not missing or None in found:
            raise
        raise NoSuchNumberError(what, missing, there) from refused


def _spans(numbers: Sequence[int]) -> str:
    """Return numbers in order, three or more in a row as `1 to 8`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    told = [f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs]
    return ", ".join(told)
