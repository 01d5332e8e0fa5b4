"""Lists in which something is looked up: what they do not have is only missing if they are whole and readable."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from hpcli.errors import ProtocolError
from hpcli.parse import is_serial
from hpcli.plurals import quantity

if TYPE_CHECKING:
    from hpcli.api.rows.device.devices import DeviceRow

Row = TypeVar("Row")
Judges = Mapping[str, Callable[[Any], bool]]


def is_text(value: Any) -> bool:
    """Return whether a value can be an id or a name."""
    return isinstance(value, str | int) and not isinstance(value, bool) and value != ""


def is_device_serial(value: Any) -> bool:
    """Return whether a value can be a serial."""
    return isinstance(value, str) and is_serial(value)


def is_code(value: Any) -> bool:
    """Return whether a value can be a number of the guide's code lists."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST_CODE


def is_address(value: Any) -> bool:
    """Return whether a value can be the e-mail address of an employee, who may have none."""
    return value in (None, "") or (isinstance(value, str) and "@" in value)


_LARGEST_CODE: Final = 1_000_000
SITE: Final[Judges] = {"id": is_text, "siteName": is_text}
SERIAL: Final[Judges] = {"deviceSerial": is_device_serial}
DEVICE: Final[Judges] = {"id": is_text, **SERIAL}
EMPLOYEE: Final[Judges] = {"id": is_text, "email": is_address}


class KnownRows(list[Row]):
    """All rows of a list that the platform did give.

    Args:
        rows: the rows.
        noun: what a row is, such as `site`.
        shortfall: the sentence about rows that were counted but not sent, or None.
    """

    def __init__(self, rows: Iterable[Row], noun: str, shortfall: str | None = None) -> None:
        super().__init__(rows)
        self._noun = noun
        self._shortfall = shortfall

    @property
    def shortfall(self) -> str | None:
        """The sentence about rows that were counted but not sent; None where all came."""
        return self._shortfall

    def check_absence(self, what: str, judges: Judges) -> None:
        """Check that something that was not found in the rows is not there.

        Args:
            what: what was not found, such as `the site 'Harbour View Hotel'`.
            judges: which fields it would have been found by, and what they can be.

        Raises:
            ProtocolError: rows are missing, or cannot be read.
        """
        if self._shortfall is not None:
            raise ProtocolError(f"{self._shortfall} So it is not known whether there is {what}.")
        rows = cast("list[Mapping[str, Any]]", self)
        for name, judge in judges.items():
            odd = [row for row in rows if not judge(row.get(name))]
            if odd:
                wrong = f"{quantity(len(odd), self._noun)} without a valid {name}"
                raise ProtocolError(
                    f"The platform lists {wrong}, so it is not known whether there is {what}."
                )
        if len(rows) > 1 and len({row.get("id") for row in rows}) == 1:
            raise ProtocolError(
                f"The platform lists {quantity(len(self), self._noun)} with the same id, "
                f"so it is not known whether there is {what}."
            )


def missing_list(noun: str) -> ProtocolError:
    """Return the error of an answer without its list, which is not an empty list."""
    return ProtocolError(f"The platform did not say which {noun}s there are.")


def check_kind(device: DeviceRow) -> DeviceRow:
    """Return a row whose category is a number, or is not given.

    Raises:
        ProtocolError: it is something else, so nobody knows what the device can do.
    """
    for name in ("deviceCategory", "deviceSubCategory"):
        value = device.get(name)
        if value is not None and not is_code(value):
            raise ProtocolError(f"The platform's answer has no valid {name} of {device.get('deviceSerial')}.")
    return device
