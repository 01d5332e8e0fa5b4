"""Clocks of devices: what `/ISAPI/System/time` shows (Guide A.5.30), and how far a clock is off.

A device says its time three ways: the clock on the wall (localTime), an offset behind it, and its zone with the
rules of summer time. Many tag a time in summer with the offset of standard time; where offset and rules
contradict each other, the wall clock is right and the rules tell what it means.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

from hpcli.errors import DeviceError
from hpcli.isapi.posix_zone import DeviceZone, parse_zone

_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?(\d\d))?(?::00)?", re.IGNORECASE | re.ASCII)
_LOCAL_TIME = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:T|\s{1,8})(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,]\d+)?)?\s*(Z|(?:UTC|GMT)?\s*[+-][\d:]{1,8})?",
    re.IGNORECASE | re.ASCII,
)
_DIGITS = re.compile(
    r"(\d{4})(\d\d)(\d\d)T?(\d\d)(\d\d)(\d\d)(?:[.,]\d+)?\s*(Z|[+-][\d:]{1,8})?", re.IGNORECASE | re.ASCII
)
_MINUS = "\u2212"
_NEAR = timedelta(minutes=15)
"""A reading so close to the present is taken for what the device means."""


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What a device's clock shows.

    Attributes:
        local: the clock on the wall, without a zone; None where the device does not say.
        offset: its offset from UTC; None where it is not known.
        unread_time: localTime that cannot be read; empty where it can.
        unread_zone: the zone text that cannot be read; empty where it can, or where there is none.
        is_by_site: whether the offset is that of the device's site.
    """

    local: datetime | None
    offset: timedelta | None = None
    unread_time: str = ""
    unread_zone: str = ""
    is_by_site: bool = False

    @property
    def moment(self) -> datetime | None:
        """What the clock shows, with its offset; None where the offset is unknown."""
        if self.local is None or self.offset is None:
            return None
        return self.local.replace(tzinfo=timezone(self.offset))

    def checked(self) -> "ClockReading":
        """Return the reading.

        Raises:
            DeviceError: localTime cannot be read.
        """
        if self.unread_time:
            raise DeviceError(f"The device's time cannot be read: {self.unread_time!r}.")
        return self

    def drift(self, now: datetime) -> timedelta | None:
        """Return how far the clock is ahead of `now` (negative: behind); None where that is unknown."""
        return None if self.moment is None else self.moment - now


@dataclass(frozen=True, slots=True)
class _Words:
    """What a device says of its clock, not yet weighed."""

    local: datetime
    tag: timedelta | None
    is_utc: bool
    is_summer: bool | None
    near: datetime | None

    def nearest(self, *offsets: timedelta) -> timedelta:
        """Return the offset that brings the clock closest to the present; the first without one."""
        return min(offsets, key=self._distance) if self.near else offsets[0]

    def is_near(self, offset: timedelta) -> bool:
        """Whether an offset makes the clock right."""
        return self.near is not None and self._distance(offset) <= _NEAR

    def _distance(self, offset: timedelta) -> timedelta:
        assert self.near is not None  # the callers looked
        return abs(self.local.replace(tzinfo=timezone(offset)) - self.near)


def read_clock(
    time: Mapping[str, Any],
    near: datetime | None = None,
    site_zone: Callable[[], tzinfo | None] | None = None,
) -> ClockReading:
    """Return what a device's clock shows.

    Args:
        time: what XML_Time holds: localTime, timeZone, isSummerTime.
        near: the present, with a zone; decides what the device leaves open, such as the hour that comes twice.
        site_zone: returns the zone of the device's site; asked only where the device leaves its offset open.
    """
    text = plain_text(time.get("localTime"))
    zone, unread = zone_of(time)
    usual = text.replace(_MINUS, "-")
    found = _LOCAL_TIME.fullmatch(usual) or _DIGITS.fullmatch(usual)
    if found is None:
        return ClockReading(None, unread_time=text, unread_zone=unread)
    try:
        words = _Words(
            _wall_clock(found),
            _written_offset(found[7]),
            is_utc=(found[7] or "").upper() == "Z",
            is_summer=_flag(time.get("isSummerTime")),
            near=near,
        )
        offset = _offset_in_force(words, zone)
        by_site = _better_site_offset(words, zone, offset, site_zone)
        if by_site is not None:
            offset = by_site
        elif offset is None:
            offset = words.tag
        reading = ClockReading(words.local, offset, unread_zone=unread, is_by_site=by_site is not None)
        if reading.moment is not None:
            reading.moment.astimezone()  # beyond the years that this computer can represent
    except (ValueError, OverflowError):
        return ClockReading(None, unread_time=text, unread_zone=unread)
    return reading


def drift(time: Mapping[str, Any], now: datetime) -> timedelta | None:
    """Return how far a device's clock is ahead of `now` (negative: behind); None if that is unknown."""
    return read_clock(time, now).checked().drift(now)


def zone_of(time: Mapping[str, Any]) -> tuple[DeviceZone | None, str]:
    """Return the zone of a clock, and its text if that cannot be read."""
    text = plain_text(time.get("timeZone"))
    try:
        return (parse_zone(text) if text else None), ""
    except DeviceError:
        return None, text


def _offset_in_force(words: _Words, zone: DeviceZone | None) -> timedelta | None:
    """Weigh what a device says of its offset; None where it leaves it open."""
    if zone is None:
        return words.tag
    if words.is_utc:
        return _offset_of_utc(words, zone)
    possible = zone.possible_offsets(words.local)
    if words.tag is None or zone.lacks_rules:
        return _untagged_offset(words, zone, possible)
    if not zone.saving:
        is_summer = words.is_summer and words.tag == zone.offset and not words.is_near(words.tag)
        return zone.summer_offset if is_summer else words.tag
    if words.tag not in (zone.offset, zone.summer_offset):
        by_rule = words.nearest(*possible)
        return words.tag if words.is_near(words.tag) else by_rule
    if len(possible) == 1:
        return _majority(words, zone, possible[0])
    if words.is_summer is not None:
        return zone.offset_at(words.local, is_summer=words.is_summer)
    # Only a device that knows of summer time tags it; the other tag may be that of standard time all year.
    return words.tag if words.tag == zone.summer_offset else words.nearest(words.tag, zone.summer_offset)


def _majority(words: _Words, zone: DeviceZone, by_rule: timedelta) -> timedelta:
    """Return the offset by the rules, unless tag and isSummerTime agree on the other one."""
    if words.is_summer is None:
        return by_rule
    by_flag = zone.offset_at(words.local, is_summer=words.is_summer)
    return by_flag if words.tag == by_flag else by_rule


def _untagged_offset(words: _Words, zone: DeviceZone, possible: tuple[timedelta, ...]) -> timedelta | None:
    if words.is_summer is not None:
        return zone.offset_at(words.local, is_summer=words.is_summer)
    if not zone.lacks_rules:
        return words.nearest(*possible)
    return words.tag if words.tag == zone.summer_offset else None


def _offset_of_utc(words: _Words, zone: DeviceZone) -> timedelta:
    """Take `Z` at its word, unless the clock is right by its zone: some devices put Z behind a local time."""
    is_summer = words.is_summer
    possible = zone.possible_offsets(words.local)
    by_zone = (
        words.nearest(*possible) if is_summer is None else zone.offset_at(words.local, is_summer=is_summer)
    )
    utc = timedelta(0)
    return by_zone if words.is_near(by_zone) and not words.is_near(utc) else utc


def _better_site_offset(
    words: _Words,
    zone: DeviceZone | None,
    own: timedelta | None,
    site_zone: Callable[[], tzinfo | None] | None,
) -> timedelta | None:
    """Return the offset by the site's zone where the device leaves it open, or keeps summer time without saying so.

    A device whose zone has no summer rules, or that has none, may tag the wall clock with the standard offset all year.
    """
    if own is None:
        return _site_offset(words, zone, site_zone)
    if words.near is None or words.is_near(own) or words.is_utc or (zone is not None and zone.saving):
        return None
    place = site_zone() if site_zone else None
    if place is None:
        return None
    offset = words.nearest(*_offsets_at(words, place))
    return offset if words.is_near(offset) else None


def _site_offset(
    words: _Words, zone: DeviceZone | None, site_zone: Callable[[], tzinfo | None] | None
) -> timedelta | None:
    """Return the offset by the site's zone; it must be one that the device's own zone can have."""
    place = site_zone() if site_zone else None
    if place is None:
        return None
    offset = words.nearest(*_offsets_at(words, place))
    return offset if zone is None or offset in (zone.offset, zone.summer_offset) else None


def _offsets_at(words: _Words, place: tzinfo) -> list[timedelta]:
    """Return the offsets that a wall clock at a place may have: two in the hour that comes twice."""
    return [words.local.replace(tzinfo=place, fold=fold).utcoffset() or timedelta(0) for fold in (0, 1)]


def _wall_clock(found: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the device's own local time


def _flag(value: Any) -> bool | None:
    text = plain_text(value).lower()
    return {"true": True, "1": True, "false": False, "0": False}.get(text)


def _written_offset(text: str | None) -> timedelta | None:
    """Read `Z`, `+08:00`, `+0800` or, as devices also write, `+8:30`, `+08:00:00` and `UTC+8`."""
    if text and text.upper() == "Z":
        return timedelta(0)
    found = _OFFSET.fullmatch(text or "")
    if found is None:
        return None
    amount = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return -amount if found[1] == "-" else amount


def plain_text(value: Any) -> str:
    """Return the text of an element, with or without attributes."""
    if isinstance(value, Mapping):
        value = value.get("#text")
    return "" if value is None else str(value).strip()
