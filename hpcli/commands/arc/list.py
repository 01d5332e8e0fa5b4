"""`hpcli arc list`: devices that report to your receiving centre."""

from typing import Annotated

import typer

from hpcli.api.operations.arc import SEARCH
from hpcli.api.operations.site import SEARCH as SEARCH_SITES
from hpcli.commands.framework.device_table import DEVICES
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.options import SiteOption
from hpcli.commands.framework.times import row_clock
from hpcli.commands.framework.verb import calls
from hpcli.output import View
from hpcli.reference.document import answer_codes, answer_fields
from hpcli.run.context import Context

ARC_DEVICES = View(
    noun="device",
    id="deviceSerial",
    columns=tuple(column for column in DEVICES.columns if column.title != "ALARMS"),
    fields=lambda: answer_fields(SEARCH.method, SEARCH.path),
    zone_of=row_clock,
    codes=lambda: answer_codes(SEARCH.method, SEARCH.path),
)


@calls(SEARCH, SEARCH_SITES)
@lists
def list_devices(
    ctx: Context,
    site: SiteOption = None,
    device: Annotated[
        list[str] | None,
        typer.Option("--device", help="Only these serials; may be repeated.", metavar="SERIAL"),
    ] = None,
) -> None:
    """List the devices that report to your receiving centre.

    Available to users with an ARC id.

    $ hpcli arc list
    $ hpcli arc list --device Q19323594,Q10254783 -o json
    """
    serials = ctx.inputs.read_list(device, "serial") if device else ()
    site_id = ctx.lookups.site_id(site) if site else None
    ctx.show(ctx.client.arc.list(site_id=site_id, serials=serials), ARC_DEVICES)
