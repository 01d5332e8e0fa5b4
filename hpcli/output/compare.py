"""Compare a value of a row with what somebody typed, or with another value: numbers, times, ages, versions, text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from hpcli.errors import UsageError
from hpcli.output.human_units import read_iso_or_report_time
from hpcli.parse import parse_duration, parse_time

if TYPE_CHECKING:
    from hpcli.reference.value_kinds import Kind

_VERSION = re.compile(r"[Vv]?(\d+(?:\.\d+)+)(?:\s*build\s*(\d+))?", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?|\d{1,2},[A-Za-z]{3},\d{4} .*")
_YES: Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
Read = TypeVar("Read")
Zone = Callable[[], tzinfo | None]
"""Returns the zone of a time without an offset, None for this computer's; called only for such a time."""

_FIRST_SECONDS, _FIRST_MILLISECONDS = 10**9, 10**11


class Wanted(NamedTuple):
    """What somebody typed, in every reading that it allows; None where it allows it not."""

    text: str
    number: float | None
    moment: datetime | None
    age: timedelta | None
    version: tuple[tuple[int, ...], int | None] | None

    @property
    def is_text(self) -> bool:
        """Whether it can be read as nothing but text."""
        return self.number is None and self.moment is None and self.age is None and self.version is None

    def reads_as(self, kind: Kind) -> bool:
        """Return whether it can be compared with values of a kind."""
        match kind:
            case "time":
                is_epoch = self.number is not None and self.number >= _FIRST_SECONDS
                return is_epoch or self.moment is not None or self.age is not None
            case "duration":
                return self.number is not None or self.age is not None
            case "number":
                return self.number is not None
            case "version":
                return self.version is not None
            case "boolean":
                return self.number is not None or self.text.lower() in _YES


FORMS: Final[Mapping[Kind, tuple[str, str]]] = {
    "time": ("a time", "an age such as 1d or 24h, or a time such as 2026-01-31 or 2026-01-31T14:30"),
    "duration": ("a duration", "90 (seconds), 90s, 10m, 24h or 1d"),
    "number": ("a number", "digits such as 24 or 0.5"),
    "version": ("a version", "it as V5.7 or 5.7.10"),
    "boolean": ("yes or no", "yes or no, or true or false"),
}
"""What a kind of value is called, and how it may be typed."""


def kind_of(value: Any) -> Kind | None:
    """Return the kind of a value that cannot be taken for text; None for text and for yes and no."""
    if isinstance(value, timedelta):
        return "duration"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "time" if time_of(value) is not None else "number"
    return "time" if isinstance(value, str) and not value.isdecimal() and time_of(value) else None


@cache
def read_wanted(text: str, now: datetime) -> Wanted:
    """Return the readings of a typed value; words like `now` are text, unless they stand beside a time."""
    is_number = _NUMBER.fullmatch(text) is not None
    return Wanted(
        text=text,
        number=float(text) if is_number else None,
        moment=_moment(text, now),
        age=None if is_number else _duration(text),
        version=_version(text) or _version(f"{text}.0"),
    )


def order(value: Any, wanted: Wanted, now: datetime, zone: Zone | None = None) -> int | None:
    """Compare a value with what was typed.

    Args:
        value: of a row, not a list and not None.
        wanted: what was typed.
        now: the current time, for ages.
        zone: of a value that is a time without an offset.

    Returns:
        -1, 0 or 1 as for `value - wanted`; None where they are of different kinds.
    """
    if isinstance(value, timedelta):
        age = timedelta(seconds=wanted.number) if wanted.number is not None else wanted.age
        return None if age is None else _sign(value, age)
    for compare in (_by_truth, _by_number, _by_version):
        found = compare(value, wanted)
        if found is not None:
            return found
    moment = time_of(value, zone)
    if moment is not None and wanted.age is not None:
        return _sign(now - moment, wanted.age)
    if moment is not None and wanted.moment is not None:
        return _sign(moment, wanted.moment)
    return _sign(value, wanted.text) if isinstance(value, str) and wanted.is_text else None


def time_of(value: Any, zone: Zone | None = None) -> datetime | None:
    """Return the time that a value is: ISO 8601, as a health report has it, or an epoch number; else None.

    Args:
        value: of a row, or what a cell shows.
        zone: of a time without an offset; by default this computer's.
    """
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    try:
        if isinstance(value, int) and not isinstance(value, bool) and value >= _FIRST_SECONDS:
            return datetime.fromtimestamp(value if value < _FIRST_MILLISECONDS else value / 1000, UTC)
        if isinstance(value, str) and _TIME.fullmatch(value):
            found = read_iso_or_report_time(value)
            if found.tzinfo is not None:
                return found
            place = zone() if zone is not None else None
            return found.astimezone() if place is None else found.replace(tzinfo=place)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def sort_key(value: Any, zone: Zone | None = None) -> tuple[int, Any]:
    """Return what a value is sorted by: numbers, then times, versions and text; a missing one is last."""
    if value is None or value in ("", []):
        return 9, ""
    if isinstance(value, timedelta):
        return 0, value.total_seconds()
    if isinstance(value, bool | int | float):
        return 0, float(value)
    text = str(value)
    if _NUMBER.fullmatch(text):
        return 0, float(text)
    moment, version = time_of(value, zone), _version(text)
    if moment is not None:
        return 1, moment.timestamp()
    if version is not None:
        return 2, (version[0], version[1] or 0)
    return 3, [int(part) if part.isdecimal() else part for part in _parts(text)]


def _parts(text: str) -> list[str]:
    """Split text into words and numbers in turns, so that `Zone 9` comes before `Zone 10`."""
    return re.split(r"([0-9]{1,300})", text.casefold())


def _by_truth(value: Any, wanted: Wanted) -> int | None:
    if not isinstance(value, bool):
        return None
    truth = _YES.get(wanted.text.lower(), None if wanted.number is None else bool(wanted.number))
    return None if truth is None else _sign(value, truth)


def _by_number(value: Any, wanted: Wanted) -> int | None:
    if wanted.number is None or isinstance(value, bool):
        return None
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value)
    return _sign(float(value), wanted.number) if isinstance(value, int | float) else None


def _by_version(value: Any, wanted: Wanted) -> int | None:
    found = _version(value) if isinstance(value, str) else None
    if found is None or wanted.version is None:
        return None
    length = max(len(found[0]), len(wanted.version[0]))
    mine, theirs = (numbers + (0,) * (length - len(numbers)) for numbers in (found[0], wanted.version[0]))
    if wanted.version[1] is None or mine != theirs:
        return _sign(mine, theirs)
    return _sign(found[1] or 0, wanted.version[1])


def _version(text: str) -> tuple[tuple[int, ...], int | None] | None:
    match = _VERSION.fullmatch(text.strip())
    if match is None or len(text) > 100:
        return None
    return tuple(map(int, match[1].split("."))), int(match[2]) if match[2] else None


def _moment(text: str, now: datetime) -> datetime | None:
    return _tried(lambda: parse_time(text, now)) if _TIME.fullmatch(text) or text.lower() in _WORDS else None


_WORDS: Final = ("now", "today", "yesterday")


def _duration(text: str) -> timedelta | None:
    return _tried(lambda: parse_duration(text))


def _tried(read: Callable[[], Read]) -> Read | None:
    try:
        return read()
    except UsageError:
        return None


def _sign(one: Any, other: Any) -> int:
    return int(one > other) - int(one < other)
