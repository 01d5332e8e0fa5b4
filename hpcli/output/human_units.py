"""Format times, durations and sizes for reading."""

import math
from datetime import UTC, datetime, tzinfo
from typing import Any

_PATTERN = "%Y-%m-%d %H:%M:%S"
# In seconds this is the year 5138, in milliseconds 1973.
_FIRST_MILLISECONDS = 10**11
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def show_time(
    value: Any, zone: tzinfo | str | None = None, *, utc: bool = False, has_offset: bool = False
) -> str:
    """Format a time in the time zone of its site: `2026-11-22 14:30:12`; in UTC with a `Z`.

    Args:
        value: epoch milliseconds or seconds (also as digits) or ISO 8601; a naive time is in the site's zone.
        zone: the site's zone, or its IANA name; without it the time is shown in UTC.
        utc: show UTC in any case.
        has_offset: show the offset of a site's zone: `2026-11-22 14:30:12+01:00`.

    Returns:
        The time; empty for None, empty text and 0; an unreadable value unchanged.
    """
    if value in (None, "", 0, "0"):
        return ""
    place = _zone(zone)
    try:
        moment = _parse_time(value)
        if moment.tzinfo is None and place is not None and utc:
            moment = moment.replace(tzinfo=place)
        if moment.tzinfo is None:
            return moment.strftime(_PATTERN)
        if utc or place is None:
            return moment.astimezone(UTC).strftime(_PATTERN + "Z")
        on_site = moment.astimezone(place)
        return on_site.strftime(_PATTERN) + on_site.isoformat()[-6:] * has_offset
    except (ValueError, OverflowError, OSError):
        return str(value).strip()


def _parse_time(value: Any) -> datetime:
    text = str(value).strip()
    if isinstance(value, int) or (text.isdecimal() and len(text) > len("YYYYMMDD")):
        number = int(text)
        return datetime.fromtimestamp(number if number < _FIRST_MILLISECONDS else number / 1000, UTC)
    return read_iso_or_report_time(text)


def read_iso_or_report_time(text: str) -> datetime:
    """Read ISO 8601, or the form of a health report, `5,Sep,2023 18:14:59` (errata 104); naive without an offset.

    Raises:
        ValueError: the text has another form.
    """
    if "," in text:
        return datetime.strptime(text, "%d,%b,%Y %H:%M:%S")  # noqa: DTZ007 - the device's own clock
    return datetime.fromisoformat(text)


def _zone(zone: tzinfo | str | None) -> tzinfo | None:
    if not isinstance(zone, str):
        return zone
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(zone)
    except (OSError, ValueError, KeyError):  # a zone unknown on this computer
        return None


def show_duration(seconds: float) -> str:
    """Format a duration with its two largest units: `45 s`, `3 min`, `2 h 5 min`, `7 d 3 h`."""
    rest = round(abs(seconds))
    parts: list[str] = []
    for size, unit in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}")
        elif parts:
            break
    sign = "-" if seconds < 0 and parts else ""
    return sign + (" ".join(parts[:2]) or "0 s")


def show_size(size: float) -> str:
    """Format a number of bytes: `512 B`, `1.5 KiB`, `2.0 GiB`."""
    if abs(size) < 1024:
        return f"{size:.0f} B"
    power = min(4, int(math.log(abs(size), 1024)))
    return f"{size / 1024**power:.1f} {('KiB', 'MiB', 'GiB', 'TiB')[power - 1]}"
