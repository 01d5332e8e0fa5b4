"""Clocks of devices: the POSIX zone text of `/ISAPI/System/time`, and how far a clock is off.

`CST-1:00:00DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00` reads: one hour east of UTC (the sign is POSIX's,
reversed), in summer one hour *more* (an amount, where POSIX has an offset), from the last Sunday of March at
2:00 to the last Sunday of October at 3:00, each by the clock on the wall just before (Guide A.5.30).
"""

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from hpcli.errors import DeviceError
from hpcli.isapi.changes import change

_LAST_WEEK = 5
_RULE_YEARS = 6  # that many years tell "the last Sunday" from "the fourth"
_HOURS = r"(\d{1,2})(?::(\d{1,2}))?(?::(\d{1,2}))?"
_NAME = r"(?:[A-Za-z]{3,}|<[^<>]+>)"
_ZONE = re.compile(rf"{_NAME}([+-]?){_HOURS}(?:{_NAME}(?:([+-]?){_HOURS})?(?:,([^,]+),([^,]+))?)?")
_RULE = re.compile(rf"M(\d{{1,2}})\.([1-5])\.([0-6])(?:/(-?){_HOURS})?")
_OFFSET = re.compile(r"([+-])(\d{1,2})(?::?(\d\d))?")
_LOCAL_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.\d+)?\s*(Z|[+-][\d:]{1,5})?", re.IGNORECASE
)
_USUAL_TIME = timedelta(hours=2)  # POSIX: what a rule without a time means


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """When the clocks change: the week-th weekday of a month, so long after midnight.

    Attributes:
        month: 1 to 12.
        week: 1 to 4, 5 for the last.
        weekday: 0 for Sunday to 6.
        after_midnight: by the clock just before the change.
    """

    month: int
    week: int
    weekday: int
    after_midnight: timedelta

    def moment(self, year: int) -> datetime:
        """Return the local time of the change in a year, without a zone."""
        first_weekday, days = calendar.monthrange(year, self.month)  # Monday is 0 there
        day = 1 + (self.weekday - 1 - first_weekday) % 7 + 7 * (self.week - 1)
        while day > days:
            day -= 7
        return datetime(year, self.month, day) + self.after_midnight  # noqa: DTZ001 - the device's own local time

    def __str__(self) -> str:
        """Return the rule as devices write it."""
        return f"M{self.month}.{self.week}.{self.weekday}/{_clock_text(self.after_midnight)}"


@dataclass(frozen=True, slots=True)
class DeviceZone:
    """A time zone as a device keeps it.

    Attributes:
        offset: of standard time, positive east of UTC.
        saving: what summer time adds; zero without summer time.
        start: when summer time begins, None without a rule.
        end: when it ends.
    """

    offset: timedelta
    saving: timedelta = timedelta(0)
    start: ChangeRule | None = None
    end: ChangeRule | None = None

    def offset_at(self, local: datetime, *, is_summer: bool | None = None) -> timedelta:
        """Return the offset from UTC at a local time.

        Args:
            local: what the device's clock shows, without a zone.
            is_summer: what the device says of it (isSummerTime), if it does; decides the doubled hour.
        """
        if is_summer is None:
            is_summer = self._is_summer(local)
        return self.offset + self.saving if is_summer else self.offset

    def _is_summer(self, local: datetime) -> bool:
        if self.start is None or self.end is None:
            return False
        start, end = self.start.moment(local.year), self.end.moment(local.year)
        if start <= end:
            return start <= local < end
        return local >= start or local < end  # south of the equator summer spans the new year

    def __str__(self) -> str:
        """Return the POSIX text that devices take."""
        sign = "-" if self.offset > timedelta(0) else "+"
        text = f"CST{sign}{_clock_text(abs(self.offset)).removeprefix('0')}"
        if self.start is None or self.end is None:
            return text
        return f"{text}DST{_clock_text(self.saving)},{self.start},{self.end}"


def parse_zone(text: str) -> DeviceZone:
    """Return the zone of a device's POSIX text.

    Plain POSIX (`CET-1CEST,M3.5.0,M10.5.0/3`) is understood too.

    Raises:
        DeviceError: it is no such text.
    """
    found = _ZONE.fullmatch(text.strip())
    start, end = (_parse_rule(found[9]), _parse_rule(found[10])) if found and found[9] else (None, None)
    if found is None or (found[9] and (start is None or end is None)):
        raise DeviceError(f"The device's time zone cannot be read: {text!r}.")
    offset = -_signed(found[1], found[2], found[3], found[4])
    saving = timedelta(0)
    if start is not None:
        saving = timedelta(hours=1)
        if found[6]:
            written = _signed(found[5], found[6], found[7], found[8])
            # POSIX has the whole offset of summer time here, devices what it adds; that is never so much.
            is_amount = not found[5] and timedelta(0) < written <= timedelta(hours=2)
            saving = written if is_amount else -written - offset
    return DeviceZone(offset, saving, start, end)


def device_zone(zone: ZoneInfo, now: datetime) -> DeviceZone:
    """Return what a device needs to keep a zone's time, by the rules in force at `now`.

    A zone whose summer follows no rule of month, week and weekday gets this year's dates.

    Args:
        zone: the zone.
        now: a time with a zone.
    """
    changes = _changes(zone, now.astimezone(zone).year)
    if len(changes) != 2:
        return DeviceZone(_offset(zone, now))
    (start_utc, before, after), (end_utc, _, _) = sorted(changes, key=lambda change: change[1] - change[2])
    if after <= before:
        return DeviceZone(_offset(zone, now))
    return DeviceZone(
        offset=before,
        saving=after - before,
        start=_rule(zone, start_utc, before),
        end=_rule(zone, end_utc, after),
    )


def device_time(time: Mapping[str, Any]) -> datetime | None:
    """Return what a device's clock shows, with its offset; None if the message does not tell.

    Args:
        time: what XML_Time holds: localTime, timeZone, isSummerTime.

    Raises:
        DeviceError: localTime or timeZone cannot be read.
    """
    text = _plain_text(time.get("localTime"))
    if not text:
        return None
    found = _LOCAL_TIME.fullmatch(text)
    if found is None:
        raise DeviceError(f"The device's time cannot be read: {text!r}.")
    offset = _written_offset(found[2])
    try:
        local = datetime.fromisoformat(found[1])
        if offset is None:
            offset = _zone_offset(time, local)
        return None if offset is None else local.replace(tzinfo=timezone(offset))
    except ValueError as error:
        raise DeviceError(f"The device's time cannot be read: {text!r}.") from error


def _zone_offset(time: Mapping[str, Any], local: datetime) -> timedelta | None:
    text = _plain_text(time.get("timeZone"))
    if not text:
        return None
    is_summer = time.get("isSummerTime")
    return parse_zone(text).offset_at(local, is_summer=is_summer if isinstance(is_summer, bool) else None)


def drift(time: Mapping[str, Any], now: datetime) -> timedelta | None:
    """Return how far a device's clock is ahead of `now` (negative: behind); None if it does not tell."""
    shown = device_time(time)
    return None if shown is None else shown - now


def with_time(time: Mapping[str, Any], moment: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """Return the content of XML_Time that sets a clock: manual mode, local time, zone; all else as read.

    The mode becomes manual, since NTP would not take a time: a device that was on NTP no longer is.

    Args:
        time: what the device holds now.
        moment: the time to set, with a zone.
        zone: of the device's site.
    """
    local, kept = moment.astimezone(zone), device_zone(zone, moment)
    new = {
        "timeMode": "manual",
        "localTime": local.strftime("%Y-%m-%dT%H:%M:%S"),
        "timeZone": str(kept),
    }
    if "isSummerTime" in time:
        new["isSummerTime"] = "true" if local.utcoffset() != kept.offset else "false"
    message: dict[str, Any] = {"Time": dict(time)}
    for name, value in new.items():
        message = change(message, name, value, "XML_Time")
    return dict(message["Time"])


def _parse_rule(text: str) -> ChangeRule | None:
    found = _RULE.fullmatch(text.strip())
    if found is None or not 1 <= int(found[1]) <= 12:
        return None
    after_midnight = _signed(found[4], found[5], found[6], found[7]) if found[5] else _USUAL_TIME
    return ChangeRule(int(found[1]), int(found[2]), int(found[3]), after_midnight)


def _signed(sign: str | None, hours: str, minutes: str | None, seconds: str | None) -> timedelta:
    amount = timedelta(hours=int(hours), minutes=int(minutes or 0), seconds=int(seconds or 0))
    return -amount if sign == "-" else amount


def _written_offset(text: str | None) -> timedelta | None:
    """Read `Z`, `+08:00`, `+0800` or, as devices also write, `+8:30`."""
    if text and text.upper() == "Z":
        return timedelta(0)
    found = _OFFSET.fullmatch(text or "")
    return _signed(found[1], found[2], found[3], None) if found else None


def _clock_text(amount: timedelta) -> str:
    minutes, seconds = divmod(int(amount.total_seconds()), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


def _plain_text(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("#text")
    return "" if value is None else str(value).strip()


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def _changes(zone: ZoneInfo, year: int) -> list[tuple[datetime, timedelta, timedelta]]:
    """Return each change of a year: its moment in UTC, the offset before, the offset after."""
    changes = []
    day, step = datetime(year, 1, 1, tzinfo=UTC), timedelta(days=1)
    while day.year == year:
        before, after = _offset(zone, day), _offset(zone, day + step)
        if before != after:
            changes.append((_change_moment(zone, day, day + step), before, after))
        day += step
    return changes


def _change_moment(zone: ZoneInfo, earlier: datetime, later: datetime) -> datetime:
    before = _offset(zone, earlier)
    while later - earlier > timedelta(seconds=1):
        middle = earlier + timedelta(seconds=(later - earlier) // timedelta(seconds=2))
        if _offset(zone, middle) == before:
            earlier = middle
        else:
            later = middle
    return later


def _rule(zone: ZoneInfo, moment: datetime, before: timedelta) -> ChangeRule:
    """Put a change into the form of a rule, by looking at the years that follow."""
    local = (moment + before).replace(tzinfo=None)
    weeks, are_last = set(), True
    for year in range(local.year, local.year + _RULE_YEARS):
        for later, offset, _ in _changes(zone, year):
            day = later + offset
            if offset == before and day.month == local.month:
                weeks.add((day.day - 1) // 7 + 1)
                are_last = are_last and day.day + 7 > calendar.monthrange(year, day.month)[1]
    week = _LAST_WEEK if are_last else (local.day - 1) // 7 + 1
    if len(weeks) == 1:
        week = weeks.pop()
    midnight = local.replace(hour=0, minute=0, second=0)
    return ChangeRule(local.month, week, local.isoweekday() % 7, local - midnight)
