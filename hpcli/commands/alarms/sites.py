"""Look up the site of a device in the account's device list, for tables of alarms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.alarms.tail.site_lookup import SiteLookup, TakeList

_FIRST_LIST_SECONDS = 3.0


@contextmanager
def keep_site_lookup(ctx: Context, take_list: TakeList | None = None) -> Iterator[SiteLookup]:
    """Keep the device list fresh; the very first time, wait a moment for it."""
    lookup = make_site_lookup(ctx)
    lookup.take_list = take_list
    is_known = lookup.load()
    lookup.start()
    if not is_known:
        lookup.wait(_FIRST_LIST_SECONDS)
    try:
        yield lookup
    finally:
        lookup.stop()


def make_site_lookup(ctx: Context) -> SiteLookup:
    """Return the account's site lookup, not loaded yet."""
    from hpcli.alarms.tail.site_lookup import SiteLookup

    session = ctx.run.session
    return SiteLookup(
        session.settings.cache_dir / session.account_id / "places.json",
        ctx.client.device.list,
        ctx.client.arc.list,
        warn=ctx.warn,
    )
