"""Show times in tables: in the time zone of their site, or in UTC."""

from collections.abc import Callable, Mapping
from typing import Any

from hpcli.run.context import Context


def clock_of(number: object) -> str | None:
    """Return the IANA name of a platform time zone by its number (appendix A.2), None if it has none."""
    from hpcli.reference.timezones import time_zone_by_number

    zone = time_zone_by_number(str(number)) if number not in (None, "") else None
    return (zone.iana or None) if zone else None


def time_shown(ctx: Context, time_zone: object = None) -> Callable[[Any, Mapping[str, Any]], str]:
    """Return a `show` function for columns of times; `--utc` shows them in UTC.

    Args:
        ctx: the command's context.
        time_zone: number of the site's zone; by default that of the row (`timeZone`).
    """
    from hpcli.output import show_time

    is_utc = bool(ctx.settings.get("utc"))

    def show(value: Any, row: Mapping[str, Any]) -> str:
        number = time_zone if time_zone is not None else row.get("timeZone")
        return show_time(value, clock_of(number), utc=is_utc)

    return show
