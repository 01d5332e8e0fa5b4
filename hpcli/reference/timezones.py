"""The platform's time zones (Guide A.2): numbers in requests, numbers as text in answers."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import Any, NamedTuple

from hpcli.errors import UsageError
from hpcli.names import plain
from hpcli.reference.choices import refuse_word
from hpcli.reference.data import read_rows

# Offsets are compared over this year; any year will do in which no region changes its rules.
_COMPARED_YEAR = 2026
_FIRST_YEAR = 1970
_OUTDATED = "today "


class TimeZone(NamedTuple):
    """One row of A.2.

    `offset` is the standard offset as listed (`UTC+01:00`). Regions have changed theirs since the list was made:
    `iana` names the region's zone all the same, and `note` says what it has today.
    """

    number: int
    name: str
    offset: str
    iana: str
    note: str

    @property
    def is_current(self) -> bool:
        """Whether the region still has the listed offset."""
        return not self.note.startswith(_OUTDATED)


class ZoneClock(NamedTuple):
    """The clocks of a time zone.

    Attributes:
        zone: offset and summer time.
        name: IANA name, or the listed offset.
        is_exact: whether the rules are known; without them only the listed standard offset is.
    """

    zone: tzinfo
    name: str
    is_exact: bool


@cache
def time_zones() -> tuple[TimeZone, ...]:
    """Return all time zones in the guide's order."""
    return tuple(TimeZone(int(number), *rest) for number, *rest in read_rows("timezones.tsv"))


def time_zone_by_number(number: int | str) -> TimeZone | None:
    """Return the time zone with this number, given as a number or its text; None if unknown."""
    text = str(number).strip()
    return next((zone for zone in time_zones() if str(zone.number) == text), None)


def clock_by_number(number: object) -> ZoneClock | None:
    """Return the clocks of the time zone with this number; None if it is unknown.

    Where this computer does not know the zone's rules, the listed offset has to do.
    """
    listed = time_zone_by_number(str(number)) if number not in (None, "") else None
    if listed is None:
        return None
    zone = _load(listed.iana)
    if zone is not None:
        return ZoneClock(zone, listed.iana, is_exact=True)
    sign, hours, minutes = listed.offset[3], int(listed.offset[4:6]), int(listed.offset[7:9])
    offset = timedelta(hours=hours, minutes=minutes)
    return ZoneClock(timezone(-offset if sign == "-" else offset), listed.offset, is_exact=False)


def time_zone_of(text: str) -> TimeZone:
    """Return the time zone for a number, a listed name, one of its cities, or an IANA name.

    An IANA name that the list lacks gives the first row that keeps the same time all year, if there is one in
    the same region one from there.

    Raises:
        UsageError: no row fits, or a city is in several rows (La Paz).
    """
    wanted = text.strip()
    by_number = time_zone_by_number(wanted)
    if by_number is not None:
        return by_number
    for candidates in (
        _named(wanted),
        _with_iana_name(wanted),
        _in_city(wanted),
        _with_iana_name(_present_name(wanted)),
        _in_city(_listed_name(wanted)),
        _keeping_the_time_of(wanted),
        _with_city_of_iana(wanted),
    ):
        if len(candidates) == 1:
            return _present_row(candidates[0], wanted)
        if candidates:
            raise refuse_word(text, [f"{zone.number} ({zone.name})" for zone in candidates])
    from zoneinfo import available_timezones

    names = {zone.iana for zone in time_zones() if zone.iana} | {zone.name for zone in time_zones()}
    raise refuse_word(
        text, sorted(names | available_timezones()), more="`hpcli timezones` lists numbers and names."
    )


def load_zone(name: str, what: str = "") -> tzinfo:
    """Return the zone with an IANA name.

    Args:
        name: such as `Europe/Berlin`.
        what: the option that was given it, for the message.

    Raises:
        UsageError: this computer does not know it.
    """
    from zoneinfo import available_timezones

    zone = _load(name) or _load(_present_name(name))
    if zone is None or name == "localtime":
        known = sorted(available_timezones() - {"localtime"})
        raise refuse_word(name, known, what=what, more="Give an IANA name, such as Europe/Berlin.")
    return zone


def _named(name: str) -> list[TimeZone]:
    wanted = plain(name)
    return [zone for zone in time_zones() if plain(zone.name) == wanted]


def _with_iana_name(name: str) -> list[TimeZone]:
    folded = name.casefold()
    return [zone for zone in time_zones() if zone.iana and zone.iana.casefold() in (folded, f"etc/{folded}")]


def _in_city(name: str) -> list[TimeZone]:
    """Return the rows that name the city; of an IANA name the last part counts (`Europe/Prague`).

    An IANA name must keep the time of the row: several cities share a name (San Juan), and some have moved on.
    """
    city = name.rsplit("/", 1)[-1].replace("_", " ")
    wanted = plain(city)
    own = _offsets(name) if "/" in name else ()
    return [
        zone
        for zone in time_zones()
        if wanted in (plain(part.strip()) for part in zone.name.split(","))
        and (not own or own == _offsets(zone.iana))
    ]


def _present_row(listed: TimeZone, name: str) -> TimeZone:
    """Return the row whose offset is that of today, where the city is in one such row too (Volgograd)."""
    if listed.is_current:
        return listed
    others = [
        zone for zone in _in_city(name) if zone.is_current and _offsets(zone.iana) == _offsets(listed.iana)
    ]
    return others[0] if len(others) == 1 else listed


def _present_name(name: str) -> str:
    """Return the IANA name of today for one that was given up."""
    return {old.casefold(): new for old, new in read_rows("timezone_aliases.tsv")}.get(name.casefold(), "")


def _listed_name(name: str) -> str:
    """Return the old IANA name for one of today: the guide may list a city by it (Kiev)."""
    return {new.casefold(): old for old, new in read_rows("timezone_aliases.tsv")}.get(name.casefold(), "")


def _keeping_the_time_of(name: str) -> list[TimeZone]:
    """Return the row whose clocks agree with the IANA zone `name` all year: a list of one or none.

    Among several, one in the same region, and of those the one whose clocks have agreed for longest.
    """
    offsets = _offsets(name)
    region = f"{name.split('/', 1)[0]}/".casefold()
    same = [zone for zone in time_zones() if offsets and _offsets(zone.iana) == offsets]
    agreeing = [zone for zone in same if zone.is_current] or same
    agreeing.sort(key=lambda zone: (not zone.iana.casefold().startswith(region), _parted(zone.iana, name)))
    return agreeing[:1]


def _with_city_of_iana(name: str) -> list[TimeZone]:
    """Return the rows of the IANA names whose last part is this city (`Zürich`), which the list need not name."""
    wanted = plain(name).replace(" ", "_")
    if not wanted or "/" in name:
        return []
    return _rows_of(iana for iana in _iana_places() if plain(iana).rpartition("/")[2] == wanted)


def find_time_zones(text: str) -> list[TimeZone]:
    """Return the rows with a text in number, offset or names; else those of the IANA names that have it."""
    wanted = plain(text)
    found = [
        zone
        for zone in time_zones()
        if wanted
        in plain(f"{zone.number} {zone.offset} {zone.iana} {zone.name} {zone.iana.replace('_', ' ')}")
    ]
    return found or _rows_of(iana for iana in _iana_places() if wanted in plain(iana.replace("_", " ")))


def _iana_places() -> list[str]:
    """Return the IANA names of places, in order."""
    from zoneinfo import available_timezones

    return sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))


def _rows_of(names: Iterable[str]) -> list[TimeZone]:
    """Return the rows that fit IANA names, each once."""
    rows: dict[int, TimeZone] = {}
    for name in names:
        try:
            row = time_zone_of(name)
        except UsageError:
            continue
        rows[row.number] = row
    return list(rows.values())


def _load(iana: str) -> tzinfo | None:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(iana) if iana else None
    except (KeyError, ValueError, OSError):
        return None


@cache
def _offsets(iana: str) -> tuple[object, ...]:
    """Return the zone's offset every five days of a year; empty if there is no such zone."""
    zone = _load(iana)
    if zone is None:
        return ()
    first = datetime(_COMPARED_YEAR, 1, 1, 12, tzinfo=zone)
    return tuple((first + timedelta(days=days)).utcoffset() for days in range(0, 365, 5))


def _parted(iana: str, other: str) -> int:
    """Return the last month, counted from 1970, in which two zones kept different time; 0 if they never did."""
    one, two = _load(iana), _load(other)
    for month in range((_COMPARED_YEAR - _FIRST_YEAR) * 12, 0, -1):
        day = datetime(_FIRST_YEAR + month // 12, month % 12 + 1, 15, tzinfo=UTC)
        if day.astimezone(one).utcoffset() != day.astimezone(two).utcoffset():
            return month
    return 0


def zone_name(number: Any) -> str:
    """Return the name of a time zone of the platform (A.2), or its number where that is unknown."""
    zone = time_zone_by_number(number) if number is not None else None
    return (zone.iana or zone.name) if zone else str(number or "")
