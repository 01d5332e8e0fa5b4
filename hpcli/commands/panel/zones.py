"""`hpcli panel zones`: the zones of a panel."""

from typing import Annotated

import typer

from hpcli.api.operations.panel import SEARCH_ZONES, ZONES
from hpcli.commands.framework.device_user import device_user
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.options import SerialArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.commands.panel import tables as panel_views
from hpcli.commands.panel.options import Everything
from hpcli.run.context import Context


@calls(ZONES, SEARCH_ZONES)
@lists
@many("serial", selected=True)
def list_zones(
    ctx: Context,
    serial: SerialArgument,
    problems: Annotated[
        bool, typer.Option("--problems", help="Only zones that are open, bypassed, tampered or faulty.")
    ] = False,
    search: Annotated[
        bool, typer.Option("--search", help="Read page by page, for panels with many zones.")
    ] = False,
    everything: Everything = False,
) -> None:
    """List zones with state, bypass, battery, signal and tamper.

    $ hpcli panel zones Q10254783
    $ hpcli panel zones Q10254783 --problems
    """
    user = device_user(ctx, serial)
    rows = ctx.client.panel.zones(serial, search=search, everything=everything, user=user)
    if problems:
        rows = [row for row in rows if panel_views.zone_problems(row)]
    ctx.show(rows, panel_views.ZONES, empty="No zone has a problem." if problems else None)
