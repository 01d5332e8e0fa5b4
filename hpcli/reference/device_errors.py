"""Error codes of devices (Guide A.6 and A.7).

They are printed as hexadecimal in the guide and travel as decimal numbers or as sub-status names.
"""

from dataclasses import dataclass
from functools import cache

from hpcli.reference.data import read_rows


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """One code; `hex` and `decimal` are missing for the nine names that have no number (Guide A.6)."""

    hex: str
    decimal: int | None
    name: str
    status: str
    module: str
    description: str
    suggestion: str


@cache
def device_codes() -> tuple[DeviceCode, ...]:
    """Return all codes in the guide's order."""
    return tuple(
        DeviceCode(number, int(number, 16) if number else None, name, *rest)
        for name, number, *rest in read_rows("device-errors.tsv")
    )


@cache
def _by_number() -> dict[int, tuple[DeviceCode, ...]]:
    found: dict[int, tuple[DeviceCode, ...]] = {}
    for code in device_codes():
        if code.decimal is not None:
            found[code.decimal] = (*found.get(code.decimal, ()), code)
    return found


def device_codes_by_number(number: int) -> tuple[DeviceCode, ...]:
    """Return the codes with this number; empty if unknown."""
    return _by_number().get(number, ())


def device_codes_by_name(name: str) -> tuple[DeviceCode, ...]:
    """Return the codes with this sub-status name; a name may stand for several codes.

    The exact spelling wins; otherwise case, blanks and a final period are ignored.
    """
    exact, folded = _by_name()
    return exact.get(name) or folded.get(_fold(name), ())


@cache
def _by_name() -> tuple[dict[str, tuple[DeviceCode, ...]], dict[str, tuple[DeviceCode, ...]]]:
    """Return the codes by exact and by folded name."""
    exact: dict[str, tuple[DeviceCode, ...]] = {}
    folded: dict[str, tuple[DeviceCode, ...]] = {}
    for code in device_codes():
        if code.name:
            exact[code.name] = (*exact.get(code.name, ()), code)
            folded[_fold(code.name)] = (*folded.get(_fold(code.name), ()), code)
    return exact, folded


def _fold(name: str) -> str:
    return "".join(name.split()).rstrip(".").casefold()
