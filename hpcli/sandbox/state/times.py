"""Times as the platform and its devices write them."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from functools import cache

from hpcli.reference.timezones import clock_by_number


def utc_text(seconds: float, *, milliseconds: bool = False) -> str:
    """Return `2021-03-25T06:26:01Z`: times of the platform (Guide §3.21, A.3.2)."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds" if milliseconds else "seconds").replace("+00:00", "Z")


def local_text(seconds: float, zone: str) -> str:
    """Return `2021-03-25T07:26:01`: times of a device, in its site's zone and without saying so (A.3.1)."""
    return local_moment(seconds, zone).replace(tzinfo=None).isoformat(timespec="seconds")


def offset_text(seconds: float, zone: str) -> str:
    """Return `2021-03-25T07:26:01+01:00` (A.3.17, `dateTime`)."""
    return local_moment(seconds, zone).isoformat(timespec="seconds")


def local_moment(seconds: float, zone: str) -> datetime:
    """Return the moment in a zone given by its number of Guide A.2."""
    return datetime.fromtimestamp(seconds, _zone_by_number(zone))


@cache
def _zone_by_number(number: str) -> tzinfo:
    clock = clock_by_number(number)
    return clock.zone if clock else UTC
