"""Show times in tables: in the time zone of their site, or in UTC."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, tzinfo
from functools import cache
from typing import Any

from hpcli.errors import HpcliError
from hpcli.run.context import Context

_NEAR = timedelta(minutes=1)


def clock_of(number: object) -> tzinfo | None:
    """Return the zone of a platform time zone by its number (appendix A.2), None if the number is unknown."""
    from hpcli.reference.timezones import clock_by_number

    clock = clock_by_number(number)
    return clock.zone if clock else None


def row_clock(row: Mapping[str, Any]) -> tzinfo | None:
    """Return the zone of a site or device, which its row names by number (`timeZone`); None if it is unknown."""
    return clock_of(row.get("timeZone"))


def device_clock(ctx: Context, serial: str) -> Callable[[Mapping[str, Any]], tzinfo | None]:
    """Return what gives the zone of a device's site for any row; the device is looked up when it is first asked."""

    @cache
    def found() -> tzinfo | None:
        try:
            return clock_of(ctx.lookups.device(serial).get("timeZone"))
        except HpcliError as error:
            ctx.warn(f"The time zone of {serial} is not known, that of this computer is used: {error}")
            return None

    return lambda _row: found()


def platform_now(ctx: Context) -> datetime:
    """Return the present; by the platform's last answer where this computer's clock is more than a minute off."""
    here, there = ctx.run.now(), ctx.client.transport.platform_time()
    return here if there is None or abs(here - there) <= _NEAR else there.astimezone(here.tzinfo)


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
        return show_time(value, clock_of(number), utc=is_utc, has_offset=True)

    return show
