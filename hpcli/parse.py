"""Parse durations, times, sizes, serials and assignments from the command line; read and write times and JSON."""

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from typing import Any, Final

from hpcli.errors import UsageError

LONGEST_SERIAL = 9
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_SIZES = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_LONGEST_SECONDS = 36525 * 86400
_DURATION_HINT = "Write 90 (seconds), 90s, 10m, 2h or 7d."
_TIME_HINT = "Write 2026-01-31T14:30, 2026-01-31, today, now, or a duration ago such as 24h."
_DAYS = {"today": 0, "yesterday": 1}


_JSON_LEVELS: Final = 200
"""No message has a tenth of this depth; orjson writes 254 levels, and recursion fails near 480."""


class JsonDepthError(ValueError):
    """The JSON is nested deeper than any real message."""


def parse_json(
    text: str | bytes,
    *,
    strict: bool = True,
    parse_int: Callable[[str], Any] | None = None,
    parse_float: Callable[[str], Any] | None = None,
    parse_constant: Callable[[str], Any] | None = None,
) -> Any:
    """Read JSON with the same maximum depth on every Python version.

    Args:
        text: what came.
        strict: refuse control characters inside strings, as the standard does.
        parse_int: reads the digits of an integer.
        parse_float: reads the digits of another number.
        parse_constant: reads `NaN`, `Infinity` and `-Infinity`, which the standard lacks.

    Raises:
        JsonDepthError: nested deeper than 200 levels.
        ValueError: broken (`json.JSONDecodeError`), or a number that is too long.
    """
    try:
        value = json.loads(
            text,
            strict=strict,
            parse_int=parse_int,
            parse_float=parse_float,
            parse_constant=parse_constant,
        )
    except RecursionError as error:
        raise JsonDepthError("The JSON is nested too deeply") from error
    if is_deeper(value, _JSON_LEVELS):
        raise JsonDepthError("The JSON is nested too deeply")
    return value


def is_deeper(value: object, levels: int) -> bool:
    """Whether objects and lists are nested deeper than a number of levels."""
    containers = frozenset({dict, list})
    level: list[Any] = [value] if type(value) in containers else []
    while level and levels:
        levels -= 1
        level = [
            inner
            for outer in level
            if not containers.isdisjoint(map(type, outer.values() if type(outer) is dict else outer))
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) in containers
        ]
    return bool(level)


def parse_duration(text: str) -> timedelta:
    """Read `90`, `90s`, `10m`, `2h` or `7d`.

    Raises:
        UsageError: the text has another form.
    """
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([smhd]?)", text.strip().lower())
    if match is None:
        raise UsageError(f"'{text}' is not a duration.", hint=_DURATION_HINT)
    seconds = float(match[1]) * _UNITS[match[2]]
    if seconds > _LONGEST_SECONDS:
        raise UsageError(f"'{text}' is longer than a hundred years.", hint=_DURATION_HINT)
    return timedelta(seconds=seconds)


def utc_text(moment: datetime, timespec: str = "seconds") -> str:
    """Return a time, which has a zone, as ISO 8601 in UTC with `Z`, to the second or as `timespec` says."""
    return moment.astimezone(UTC).isoformat(timespec=timespec).removesuffix("+00:00") + "Z"


def parse_time(text: str, now: datetime) -> datetime:
    """Read an ISO 8601 time, a date, `today`, `yesterday`, `now`, or a duration ago.

    Args:
        text: a time without an offset is in this computer's zone.
        now: the current time, with a zone.

    Returns:
        The time, with a zone.

    Raises:
        UsageError: the text has another form.
    """
    words = text.strip()
    if words.lower() in _DAYS:
        return _begin_of_day(now, _DAYS[words.lower()])
    if words.lower() == "now":
        return now
    if re.fullmatch(r"\d+(?:\.\d+)?[smhdSMHD]", words):
        return now - parse_duration(words)
    try:
        time = datetime.fromisoformat(words)
        aware = time if time.tzinfo else time.astimezone()
        aware.astimezone(UTC)
    except (
        ValueError,
        OverflowError,
        OSError,
    ) as error:  # the latter for a time that this computer cannot represent
        raise UsageError(f"'{text}' is not a time.", hint=_TIME_HINT) from error
    return aware


def parse_end_time(text: str, now: datetime) -> datetime:
    """Read a time as `parse_time` does, for the end of a range: a day without a time is meant whole.

    Raises:
        UsageError: the text has another form.
    """
    time = parse_time(text, now)
    words = text.strip()
    if words.lower() not in _DAYS:
        try:
            date.fromisoformat(words)
        except ValueError:
            return time
    try:
        day = time.date() + timedelta(days=1)
        return datetime(day.year, day.month, day.day).astimezone() - timedelta(milliseconds=1)
    except (ValueError, OverflowError, OSError) as error:  # the last day of the calendar
        raise UsageError(f"'{text}' is not a time.", hint=_TIME_HINT) from error


def parse_since(text: str, now: datetime) -> datetime:
    """Read the beginning of a range in the past: as `parse_time` does, or `22:00` for the last time it was so late.

    Raises:
        UsageError: the text has another form.
    """
    return _in_the_past(text, now, parse_time)


def parse_until(text: str, now: datetime) -> datetime:
    """Read the end of a range in the past: as `parse_end_time` does, or `22:00` as `parse_since` does.

    Raises:
        UsageError: the text has another form.
    """
    return _in_the_past(text, now, parse_end_time)


def _in_the_past(text: str, now: datetime, parse: Callable[[str, datetime], datetime]) -> datetime:
    words = text.strip()
    if not re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", words):
        return parse(text, now)
    try:
        clock = clock_time.fromisoformat(words if words[2] == ":" else f"0{words}")
    except ValueError as error:
        raise UsageError(f"'{text}' is not a time.", hint=_TIME_HINT) from error
    today = now.astimezone().date()
    moment = datetime.combine(today, clock).astimezone()
    return moment if moment <= now else datetime.combine(today - timedelta(days=1), clock).astimezone()


_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH: Final = rf"(?P<month>{'|'.join(_MONTHS)})"
_CLOCK: Final = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
_HTTP_DATES: Final = (
    rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_CLOCK} GMT",
    rf"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_CLOCK} GMT",
    rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) {_MONTH} (?P<day>[0-9]{{2}}| [0-9]) {_CLOCK} (?P<year>[0-9]{{4}})",
)
_YEARS_AHEAD: Final = 50
_LEAP_SECOND: Final = 60


def parse_http_date(text: str) -> datetime | None:
    """Return the time of a Date header, in UTC, with whatever offset servers write it; None for another text."""
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, TypeError):
        return None


def parse_exact_http_date(text: str) -> datetime | None:
    """Return the time of an HTTP date, in UTC; None for a text in none of its three forms (RFC 9110 §5.6.7)."""
    found = next((match for form in _HTTP_DATES if (match := re.fullmatch(form, text.strip()))), None)
    if found is None:
        return None
    year, seconds = int(found["year"]), int(found["second"])
    if len(found["year"]) == 2:
        latest = datetime.now(UTC).year + _YEARS_AHEAD
        year = latest - (latest - year) % 100
    try:
        moment = datetime(
            year,
            _MONTHS.index(found["month"]) + 1,
            int(found["day"]),
            int(found["hour"]),
            int(found["minute"]),
            tzinfo=UTC,
        )
        return moment + timedelta(seconds=seconds) if seconds <= _LEAP_SECOND else None
    except (ValueError, OverflowError):
        return None


def _begin_of_day(now: datetime, days_ago: int) -> datetime:
    day = now.astimezone().date() - timedelta(days=days_ago)
    return datetime(day.year, day.month, day.day).astimezone()


def parse_assignment(text: str, option: str) -> tuple[str, str]:
    """Read `NAME=VALUE`.

    Args:
        text: the argument.
        option: name for the message, which does not quote the value, because it may be a secret.

    Raises:
        UsageError: the text has another form.
    """
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise UsageError(f"{option} '{name}' is not NAME=VALUE.")
    return name.strip(), value


def epoch_milliseconds(time: datetime) -> int:
    """Return the time in the form of the platform and the journal: milliseconds since 1970 in UTC."""
    return round(time.timestamp() * 1000)


def parse_size(text: str) -> int:
    """Read a number of bytes: `500M`, `2G`, `2GiB`, `1024`.

    Raises:
        UsageError: the text has another form.
    """
    match = re.fullmatch(r"(\d+)\s*([kmg]?)(?:i?b)?", text.strip().lower())
    if match is None:
        raise UsageError(f"'{text}' is not a size.", hint="Write bytes, 500M or 2G.")
    return int(match[1]) * _SIZES[match[2]]


def is_serial(text: str) -> bool:
    """Whether a text has the length and the characters of a serial."""
    return re.fullmatch(rf"[A-Za-z0-9]{{1,{LONGEST_SERIAL}}}", text.strip()) is not None


def parse_serial(text: str) -> str:
    """Return a device serial: 1 to 9 letters and digits (Guide §3.18), in capitals as on every label.

    Raises:
        UsageError: the text has another form.
    """
    serial = text.strip()
    if not is_serial(serial):
        raise UsageError(f"'{text}' is not a device serial.", hint="A serial is 1 to 9 letters and digits.")
    return serial.upper()


@contextlib.contextmanager
def naming(option: str) -> Iterator[None]:
    """Put the option before an error about its value: `--for: '3h' is not one of: …`."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"{option}: {error.message}", code=error.code, hint=error.hint) from error
