"""`hpcli device list`: the devices of the account."""

from typing import Annotated

import typer

from hpcli.api.operations.device.devices import SEARCH
from hpcli.commands.device.selection import matching
from hpcli.commands.framework.device_table import DEVICES
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.options import Limit, Search, SiteOption, complete_categories
from hpcli.commands.framework.verb import calls
from hpcli.run.context import Context
from hpcli.run.device_counts import DeviceCounts


@calls(SEARCH)
@lists
def list_devices(
    ctx: Context,
    site: SiteOption = None,
    device: Annotated[str | None, typer.Option(help="Only this serial.", metavar="SERIAL")] = None,
    offline: Annotated[
        bool,
        typer.Option("--offline", help="Only devices that are offline, not those whose state is unknown."),
    ] = False,
    category: Annotated[
        str | None,
        typer.Option(
            help="Only this category: nvr (with DVRs), dvr, panel, or the vendor's name (AlarmHost, IPC).",
            metavar="CATEGORY",
            autocompletion=complete_categories,
        ),
    ] = None,
    search: Search = None,
    limit: Limit = None,
) -> None:
    """List the devices.

    `hpcli health report` shows since when devices are offline (offline-since).

    $ hpcli device list
    $ hpcli device list --offline
    $ hpcli device list --where 'version < V5.6' --sort=-version
    $ hpcli device list --count-by model
    $ hpcli device list --site "Harbour View Hotel" -o ids
    """
    site_id = ctx.lookups.site_id(site) if site else None
    rows = ctx.client.device.list(site_id=site_id, serial=device)
    if site_id is None and device is None:
        rows = DeviceCounts(ctx.run.session).counting(rows)
    kept = matching(rows, offline=offline, category=category, search=search)
    ctx.show(kept, DEVICES, limit=limit)
