"""The platform's time zones (Guide A.2): numbers in requests, numbers as text in answers."""

from dataclasses import dataclass
from functools import cache

from hpcli.reference.choices import refuse_word
from hpcli.reference.data import read_rows

# Offsets are compared over this year; any year will do in which no region changes its rules.
_COMPARED_YEAR = 2026


@dataclass(frozen=True, slots=True)
class TimeZone:
    """One row of A.2.

    `offset` is the standard offset as listed (`UTC+01:00`). `iana` is empty where the region's present offset
    is not the listed one; `note` has the candidate then.
    """

    number: int
    name: str
    offset: str
    iana: str
    note: str


@cache
def time_zones() -> tuple[TimeZone, ...]:
    """Return all time zones in the guide's order."""
    return tuple(TimeZone(int(number), *rest) for number, *rest in read_rows("timezones.tsv"))


def time_zone_by_number(number: int | str) -> TimeZone | None:
    """Return the time zone with this number, given as a number or its text; None if unknown."""
    text = str(number).strip()
    return next((zone for zone in time_zones() if str(zone.number) == text), None)


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
        _keeping_the_time_of(wanted),
    ):
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            raise refuse_word(text, [f"{zone.number} ({zone.name})" for zone in candidates])
    names = [zone.iana for zone in time_zones() if zone.iana] + [zone.name for zone in time_zones()]
    raise refuse_word(text, names, more="`hpcli timezones` lists numbers and names.")


def _named(name: str) -> list[TimeZone]:
    folded = name.casefold()
    return [zone for zone in time_zones() if zone.name.casefold() == folded]


def _with_iana_name(name: str) -> list[TimeZone]:
    folded = name.casefold()
    return [zone for zone in time_zones() if zone.iana and zone.iana.casefold() in (folded, f"etc/{folded}")]


def _in_city(name: str) -> list[TimeZone]:
    """Return the rows that name the city; of an IANA name the last part counts (`Europe/Prague`)."""
    city = name.rsplit("/", 1)[-1].replace("_", " ").casefold()
    return [
        zone for zone in time_zones() if city in (part.strip().casefold() for part in zone.name.split(","))
    ]


def _keeping_the_time_of(name: str) -> list[TimeZone]:
    """Return the row whose clocks agree with the IANA zone `name` all year: a list of one or none."""
    offsets = _offsets(name)
    region = f"{name.split('/', 1)[0]}/".casefold()
    agreeing = [zone for zone in time_zones() if offsets and zone.iana and _offsets(zone.iana) == offsets]
    agreeing.sort(key=lambda zone: not zone.iana.casefold().startswith(region))
    return agreeing[:1]


@cache
def _offsets(iana: str) -> tuple[object, ...]:
    """Return the zone's offset every five days of a year; empty if there is no such zone."""
    from datetime import datetime, timedelta
    from zoneinfo import ZoneInfo

    try:
        zone = ZoneInfo(iana)
    except (KeyError, ValueError, OSError):
        return ()
    first = datetime(_COMPARED_YEAR, 1, 1, 12, tzinfo=zone)
    return tuple((first + timedelta(days=days)).utcoffset() for days in range(0, 365, 5))
