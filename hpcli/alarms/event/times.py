"""When an event happened: which of a message's times counts, and in which zone a naive one is read.

Platform messages carry a zone, device messages are naive local time (errata 168), which belongs to the
site's zone. If neither helps, the time of receipt is used; the event says which time it has.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hpcli.parse import epoch_milliseconds, utc_text

TIME_FIELDS = ("dateTime", "triggerTime", "timestamp", "alarmTime")
"""Fields that may hold the time, the likeliest to carry a zone first (errata 171)."""

_CLOCK_TOLERANCE = timedelta(minutes=5)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.toordinal()
_FIRST_EPOCH_SECONDS = 10**9
_FIRST_EPOCH_MILLISECONDS = 10**11
_FIRST_TOO_LONG = 10**19
_FIRST_YEAR = "2005"
_MOST_AHEAD = 600
"""A clock before that year was never set; one ahead of receipt by more seconds is wrong. An older time may be a
record that was uploaded late."""

_LONGEST_TIME = 64
"""Characters of a time; longer texts are not times and are discarded."""

_OFFSET = r"\s*(?:(Z|UTC|GMT)?\s*(?:([+\u2212-]?)\s*(\d{1,2})[:.]?(\d{2})?(?::00)?)?)"
_LOOSE_TIME = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[T\s]\s*(\d{1,2}):(\d{1,2})(?::(\d{2}|\d(?!\d))(?:[.,](\d+))?)?"
    + _OFFSET,
    re.IGNORECASE | re.ASCII,
)
_DIGITS_AND_OFFSET = re.compile(
    r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d+)?(?=[Z+\u2212-])" + _OFFSET, re.IGNORECASE | re.ASCII
)
_EPOCH_WITH_FRACTION = re.compile(r"\d{10}\.\d{1,9}", re.ASCII)
_DATE_DIGITS = (14, 17)
_EPOCH_UNITS = {10: 1, 13: 1_000, 16: 1_000_000, 19: 1_000_000_000}
"""How many of them a second has, by the digits of a number that counts from 1970."""
_SHORTEST_TIME = 12
"""Characters of a text that has a time of day beside the date."""


class Arrival(NamedTuple):
    """When messages arrived, in the forms that each of their events needs; made once a batch.

    Attributes:
        moment: in UTC, to the millisecond.
        text: as events have it, ISO 8601 with Z.
        milliseconds: since 1970.
        latest: no clock that is right shows more milliseconds since 1970.
    """

    moment: datetime
    text: str
    milliseconds: int
    latest: int


def arrival_at(received: datetime, present: datetime | None = None) -> Arrival:
    """Return when messages arrived.

    Args:
        received: by this computer's clock.
        present: the same moment by the platform's clock, where this computer's is wrong.
    """
    # Adding to a time in another zone would use its wall clock.
    moment = received.astimezone(UTC) if received.tzinfo else received.replace(tzinfo=UTC)
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    latest = epoch_milliseconds(present or moment) + _MOST_AHEAD * 1000
    return Arrival(moment, utc_text(moment, "milliseconds"), epoch_milliseconds(moment), latest)


class Moment(NamedTuple):
    """When an event happened.

    Attributes:
        time: ISO 8601 with offset.
        milliseconds: the same, since 1970.
        source: `device`, `site-zone` or `received`.
        problem: a time that could not be read, as a clause for people, or None.
        second: of the clock that the message shows, counted from 1970; None if it shows none.
    """

    time: str
    milliseconds: int
    source: str
    problem: str | None = None
    second: int | None = None


def read_moment(fields: dict[str, Any], arrival: Arrival, zone: tzinfo | None) -> Moment:
    """Return when an event happened.

    Args:
        fields: the message's fields.
        arrival: when it arrived.
        zone: in which a time without an offset is read, if it is known.

    Returns:
        The moment; the time of receipt where no time is of a clock that is right: set, and not ahead of receipt.
    """
    moment = _read_moment(fields, arrival, zone)
    if moment.source == "received" or _is_right(moment, arrival):
        return moment
    problem = f"clock wrong: {moment.time[:16].replace('T', ' ')}"
    return _at_receipt(arrival, problem, moment.second)


def _read_moment(fields: dict[str, Any], arrival: Arrival, zone: tzinfo | None) -> Moment:
    given = [value for name in TIME_FIELDS if (value := fields.get(name))]
    if len(given) == 1 and isinstance(given[0], str) and len(given[0]) <= _LONGEST_TIME:
        plain = _plain_moment(given[0], zone)
        if plain is not None and _is_right(plain, arrival):
            return plain
    return _moment_of(fields, arrival, zone)


def _is_right(moment: Moment, arrival: Arrival) -> bool:
    return moment.milliseconds <= arrival.latest and moment.time[:4] >= _FIRST_YEAR


@lru_cache(maxsize=1024)  # a burst of alarms shares its seconds
def _plain_moment(text: str, zone: tzinfo | None) -> Moment | None:
    """Return the moment of a time that is complete by itself, None for any other."""
    time = read_time(text)
    if time is None:
        return None
    if time.tzinfo is not None:
        return _shown(time, time, "device")
    if zone is None or not _offset_of_day(zone, time.toordinal()):
        return None
    return _shown(time.replace(tzinfo=zone), time, "site-zone")


def _moment_of(fields: dict[str, Any], arrival: Arrival, zone: tzinfo | None) -> Moment:
    """Choose one of several times, or complete one that lacks its zone; that of a wrong clock where all are."""
    times: list[datetime] = []
    unreadable: object = None
    for name in TIME_FIELDS:
        value = fields.get(name)
        if value is None or value == "":
            continue
        time = read_time(value)
        if time is None:
            unreadable = value
        else:
            times.append(time)
    naive = [time for time in times if time.tzinfo is None]
    if (calling := _calling_time(fields)) is not None:
        naive.append(calling)
    found = [_shown(time, time, "device") for time in times if time.tzinfo is not None]
    if zone is not None:
        found += [_shown(_in_zone(time, zone, arrival.moment), time, "site-zone") for time in naive]
    if found:
        return next((moment for moment in found if _is_right(moment, arrival)), found[0])
    problem = None if unreadable is None or naive else f"unreadable time{_excerpt(unreadable)}"
    return _at_receipt(arrival, problem, _second_of(naive[0]) if naive else None)


def _shown(time: datetime, clock: datetime, source: str) -> Moment:
    """Return the moment of a time; `clock` is what the message shows."""
    return Moment(time.isoformat(), epoch_milliseconds(time), source, second=_second_of(clock))


def _at_receipt(arrival: Arrival, problem: str | None, second: int | None) -> Moment:
    time = arrival.text.replace("Z", "+00:00")
    return Moment(time, arrival.milliseconds, "received", problem, second)


def _excerpt(value: object) -> str:
    """Return a value as a quote; only text and numbers are quoted, since others may be nested too deep."""
    return f" {str(value)[:40]}" if isinstance(value, str | int | float) else ""


def _second_of(time: datetime) -> int:
    """Count the seconds of a clock from 1970, without regard to its zone."""
    day = time.toordinal() - _EPOCH_DAY
    return day * 86400 + time.hour * 3600 + time.minute * 60 + time.second


def read_time(value: object) -> datetime | None:
    """Return a time as devices write it, naive if it names no zone; epoch numbers are UTC."""
    if isinstance(value, str):
        if value.isascii() and value.isdigit():
            return _from_number(value)
        if len(value) < _SHORTEST_TIME:
            return None
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return _read_loose_time(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return _from_number(str(value)) if value < _FIRST_TOO_LONG else None
    if isinstance(value, list) and value and not isinstance(value[0], list):
        return read_time(value[0])  # a field that XML repeats
    return _from_epoch(value) if isinstance(value, float) else None


def _from_number(digits: str) -> datetime | None:
    """Return the time that digits alone say: a date and a time of day, or a count from 1970 in any unit."""
    if len(digits) in _DATE_DIGITS:
        return _from_digits(digits)
    unit = _EPOCH_UNITS.get(len(digits))
    if unit is None:
        return None
    seconds, rest = divmod(int(digits), unit)
    return _EPOCH + timedelta(seconds=seconds, microseconds=rest * 1_000_000 // unit)


def _from_digits(text: str) -> datetime | None:
    """Return the naive time of `20231102211032591`: the date, the time, perhaps milliseconds."""
    try:
        time = datetime.strptime(text[:14], "%Y%m%d%H%M%S")  # noqa: DTZ007 - it names no zone
    except ValueError:
        return None
    return time.replace(microsecond=int(text[14:] or 0) * 1000)


def _from_epoch(number: float) -> datetime | None:
    if not number >= _FIRST_EPOCH_SECONDS:
        return None
    try:
        seconds = number / 1000 if number >= _FIRST_EPOCH_MILLISECONDS else number
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None


def _read_loose_time(text: str) -> datetime | None:
    if len(text) > _LONGEST_TIME:  # the pattern is slow on long runs of blanks
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return _from_number(text)
    match = _LOOSE_TIME.fullmatch(text) or _DIGITS_AND_OFFSET.fullmatch(text)
    if match is not None:
        return _from_match(match)
    return _from_epoch(float(text)) if _EPOCH_WITH_FRACTION.fullmatch(text) else None


def _from_match(match: re.Match[str]) -> datetime | None:
    year, month, day, hour, minute = (int(match[group]) for group in range(1, 6))
    second = int(match[6] or 0)
    if hour > 24 or second > 60:
        return None
    try:
        # 24:00 is the end of the day, a second 60 that of the minute.
        rest = timedelta(hours=hour, seconds=second, microseconds=int(f"{match[7] or '':0<6}"[:6]))
        time = datetime(year, month, day, 0, minute) + rest  # noqa: DTZ001 - naive unless the text names a zone
        if match[10]:
            offset = timedelta(hours=int(match[10]), minutes=int(match[11] or 0))
            return time.replace(tzinfo=timezone(-offset if match[9] in ("-", "\u2212") else offset))
    except (ValueError, OverflowError):
        return None
    return time.replace(tzinfo=UTC) if match[8] else time


def _calling_time(fields: dict[str, Any]) -> datetime | None:
    """Return the naive local time of a call, which devices write as if it were an epoch (errata 161)."""
    calling = fields.get("callingTime")
    time = read_time(calling) if calling is not None else None
    return time.replace(tzinfo=None) if time is not None else None


@lru_cache(maxsize=256)
def _offset_of_day(zone: tzinfo, day: int) -> str:
    """Return the offset that a zone has all day (`+01:00`); empty where its clock jumps."""
    midnight = datetime.fromordinal(day).replace(tzinfo=zone)
    last = midnight.replace(hour=23, minute=59, second=59, fold=1)
    return midnight.isoformat()[19:] if midnight.utcoffset() == last.utcoffset() else ""


def _in_zone(naive: datetime, zone: tzinfo, received: datetime) -> datetime:
    """Return a naive time in a zone, also on the two days a year when its clock jumps."""
    first = naive.replace(tzinfo=zone, fold=0)
    second = first.replace(fold=1)
    before, after = first.utcoffset(), second.utcoffset()
    if before == after or before is None or after is None:
        return first
    if before > after:
        # The hour occurs twice: use the later one, unless that is in the future.
        return second if second.astimezone(UTC) <= received + _CLOCK_TOLERANCE else first
    # The hour is skipped: only a clock that was not put forward shows it.
    return first.astimezone(UTC).astimezone(zone)


@lru_cache(maxsize=1024)
def zone_of(time_zone: str | int | None) -> tzinfo | None:
    """Return the zone of a site.

    Args:
        time_zone: the platform's zone number (Guide A.2), also as digits, or an IANA name.
    """
    text = str(time_zone or "").strip()
    if not text:
        return None
    if not text.isdigit():
        return _named_zone(text)
    from hpcli.reference.timezones import clock_by_number

    clock = clock_by_number(text)
    return clock.zone if clock is not None else None


def _named_zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
