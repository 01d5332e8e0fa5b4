"""Time zones as devices write them: the POSIX text of `/ISAPI/System/time` (Guide A.5.30).

`CST-1:00:00DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00` reads: one hour east of UTC (the sign is POSIX's,
reversed), in summer one hour *more* (an amount, where POSIX has an offset), from the last Sunday of March at
2:00 to the last Sunday of October at 3:00, each by the clock on the wall just before. Plain POSIX is read too:
offsets of summer time, days of the year (`J60`, `59`), and times of change from -167 to 167 hours.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Protocol

from hpcli.errors import DeviceError

_LAST_WEEK = 5
_RULE_YEARS = 6  # that many years distinguish "the last Sunday" from "the fourth"
_HOURS = r"(\d{1,3})(?::([0-5]?\d))?(?::([0-5]?\d))?"
_NAME = r"(?:[A-Za-z]{3,}|<[^<>]+>)"
_ZONE = re.compile(rf"{_NAME}([+-]?){_HOURS}(?:({_NAME})(?:([+-]?){_HOURS})?(?:,([^,]+),([^,]+))?)?")
_BLANKS = re.compile(r"\s{0,8}([,:/])\s{0,8}|\s{1,8}(?=[A-Za-z]{3,20}[\d:+-]{0,12}\s{0,8},)")
"""Around signs, and before the name of summer time where its rules follow."""

_WEEKDAY_RULE = re.compile(r"M0?(\d{1,2})\.0?([1-5])\.0?([0-6])", re.IGNORECASE)
_DAY_RULE = re.compile(r"(J?)(\d{1,3})", re.IGNORECASE)
_TIME = re.compile(rf"([+-]?){_HOURS}")
_USUAL_TIME = timedelta(hours=2)  # POSIX: what a rule without a time means
_USUAL_SAVING = timedelta(hours=1)
_LARGEST_SAVING = timedelta(hours=2)  # Antarctica/Troll; everywhere else it is at most one hour
_DAY = timedelta(days=1)
_LONGEST_TIME = timedelta(hours=168)  # POSIX: -167 to 167 hours


class Rule(Protocol):
    """When the clocks change in a year."""

    def moment(self, year: int) -> datetime:
        """Return the local time of the change, by the clock just before it, without a zone."""


@dataclass(frozen=True, slots=True)
class WeekdayRule:
    """A change on the week-th weekday of a month, so long after midnight.

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
class DayRule:
    """A change on a day of the year, so long after midnight.

    Attributes:
        day: from 0; with `skips_leap_day` 29 February is never counted.
        skips_leap_day: POSIX's `Jn`, which counts from 1.
        after_midnight: by the clock just before the change.
    """

    day: int
    skips_leap_day: bool
    after_midnight: timedelta

    def moment(self, year: int) -> datetime:
        """Return the local time of the change in a year, without a zone."""
        is_late = self.skips_leap_day and calendar.isleap(year) and self.day >= 59  # 1 March
        days = timedelta(days=self.day + (1 if is_late else 0))
        return datetime(year, 1, 1) + days + self.after_midnight  # noqa: DTZ001 - the device's own local time

    def __str__(self) -> str:
        """Return the rule as POSIX writes it."""
        day = f"J{self.day + 1}" if self.skips_leap_day else str(self.day)
        return f"{day}/{_clock_text(self.after_midnight)}"


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
    start: Rule | None = None
    end: Rule | None = None

    @property
    def lacks_rules(self) -> bool:
        """Whether the zone has summer time, but does not say when."""
        return bool(self.saving) and (self.start is None or self.end is None)

    @property
    def summer_offset(self) -> timedelta:
        """The offset that a device means by `isSummerTime`; one hour more where the zone has no amount."""
        return self.offset + (self.saving or _USUAL_SAVING)

    def offset_at(self, local: datetime, *, is_summer: bool | None = None) -> timedelta:
        """Return the offset from UTC at a local time; the earlier one in the hour that comes twice.

        Args:
            local: what the device's clock shows, without a zone.
            is_summer: what the device says of it (isSummerTime), if it does.
        """
        if is_summer is not None:
            return self.summer_offset if is_summer else self.offset
        return self.offset + self.saving if self._is_summer(local) else self.offset

    def possible_offsets(self, local: datetime) -> tuple[timedelta, ...]:
        """Return the offset at a local time; both where the hour comes twice or the rules are missing."""
        both = (self.offset + self.saving, self.offset)
        if self.lacks_rules:
            return both
        if self._is_summer(local) and not self._is_summer(local + self.saving):
            return both
        return (self.offset_at(local),)

    def offset_of(self, moment: datetime) -> timedelta:
        """Return the offset from UTC at a moment.

        Args:
            moment: with a zone.
        """
        standard = moment.astimezone(UTC).replace(tzinfo=None) + self.offset
        is_summer = any(start <= standard < end - self.saving for start, end in self._summers(standard))
        return self.offset + self.saving if is_summer else self.offset

    def _is_summer(self, local: datetime) -> bool:
        return any(start <= local < end for start, end in self._summers(local))

    def _summers(self, local: datetime) -> list[tuple[datetime, datetime]]:
        """Return begin and end of each summer around a local time; in the south one spans the new year."""
        if self.start is None or self.end is None:
            return []
        summers = []
        for year in (local.year - 1, local.year):
            start, end = self.start.moment(year), self.end.moment(year)
            summers.append((start, end if start <= end else self.end.moment(year + 1)))
        return summers

    def __str__(self) -> str:
        """Return the POSIX text that devices take."""
        sign = "-" if self.offset > timedelta(0) else "+"
        text = f"CST{sign}{_clock_text(abs(self.offset)).removeprefix('0')}"
        if self.start is None or self.end is None:
            return text
        return f"{text}DST{_clock_text(self.saving)},{self.start},{self.end}"


def parse_zone(text: str) -> DeviceZone:
    """Return the zone of a device's POSIX text.

    Plain POSIX (`CET-1CEST,M3.5.0,M10.5.0/3`) is understood too, and blanks between the parts.

    Raises:
        DeviceError: it is not such a text.
    """
    zone = _read_zone(_BLANKS.sub(r"\1", text.strip()).replace("\u2212", "-").rstrip(";,"))
    if zone is None:
        raise DeviceError(f"The device's time zone cannot be read: {text!r}.")
    return zone


def _read_zone(text: str) -> DeviceZone | None:
    found = _ZONE.fullmatch(text)
    if found is None:
        return None
    offset = -_signed(found[1], found[2], found[3], found[4])
    saving = _saving(found, offset) if found[5] else timedelta(0)
    start, end = (_parse_rule(found[10]), _parse_rule(found[11])) if found[10] else (None, None)
    if saving is None or (found[10] and (start is None or end is None)):
        return None
    if saving < timedelta(0):  # Dublin by the book: winter takes an hour away
        offset, saving, start, end = offset + saving, -saving, end, start
    if abs(offset) >= _DAY or abs(offset + saving) >= _DAY:
        return None
    return DeviceZone(offset, saving, start, end)


def _saving(found: re.Match[str], offset: timedelta) -> timedelta | None:
    """Return what summer time adds; POSIX has its whole offset there, devices what it adds, after `DST`."""
    if not found[7]:
        return _USUAL_SAVING
    written = _signed(found[6], found[7], found[8], found[9])
    added, by_posix = abs(written), -written - offset
    is_device_text = found[5].upper() == "DST" and not found[6]
    for saving in (added, by_posix) if is_device_text else (by_posix, added):
        if abs(saving) <= _LARGEST_SAVING:
            return saving
    return None


def device_zone(zone: tzinfo, now: datetime) -> DeviceZone:
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


def _parse_rule(text: str) -> Rule | None:
    day, slash, time = text.strip().partition("/")
    found = _TIME.fullmatch(time)
    if slash and found is None:
        return None
    after_midnight = _signed(found[1], found[2], found[3], found[4]) if found else _USUAL_TIME
    if abs(after_midnight) >= _LONGEST_TIME:
        return None
    if found := _WEEKDAY_RULE.fullmatch(day):
        is_month = 1 <= int(found[1]) <= 12
        return WeekdayRule(int(found[1]), int(found[2]), int(found[3]), after_midnight) if is_month else None
    if found := _DAY_RULE.fullmatch(day):
        number = int(found[2]) - (1 if found[1] else 0)
        is_day = 0 <= number <= (364 if found[1] else 365)
        return DayRule(number, bool(found[1]), after_midnight) if is_day else None
    return None


def _signed(sign: str | None, hours: str, minutes: str | None, seconds: str | None) -> timedelta:
    amount = timedelta(hours=int(hours), minutes=int(minutes or 0), seconds=int(seconds or 0))
    return -amount if sign == "-" else amount


def _clock_text(amount: timedelta) -> str:
    minutes, seconds = divmod(abs(int(amount.total_seconds())), 60)
    return f"{'-' if amount < timedelta(0) else ''}{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


def _offset(zone: tzinfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)


@lru_cache(maxsize=64)
def _changes(zone: tzinfo, year: int) -> list[tuple[datetime, timedelta, timedelta]]:
    """Return each change of a year: its moment in UTC, the offset before, the offset after."""
    changes = []
    day, step = datetime(year, 1, 1, tzinfo=UTC), timedelta(days=1)
    while day.year == year:
        before, after = _offset(zone, day), _offset(zone, day + step)
        if before != after:
            changes.append((_change_moment(zone, day, day + step), before, after))
        day += step
    return changes


def _change_moment(zone: tzinfo, earlier: datetime, later: datetime) -> datetime:
    before = _offset(zone, earlier)
    while later - earlier > timedelta(seconds=1):
        middle = earlier + timedelta(seconds=(later - earlier) // timedelta(seconds=2))
        if _offset(zone, middle) == before:
            earlier = middle
        else:
            later = middle
    return later


def _rule(zone: tzinfo, moment: datetime, before: timedelta) -> WeekdayRule:
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
    return WeekdayRule(local.month, week, local.isoweekday() % 7, local - midnight)
