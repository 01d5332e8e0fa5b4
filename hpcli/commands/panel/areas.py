"""`hpcli panel areas`: the areas of a panel."""

from typing import Annotated

import typer

from hpcli.api.operations.panel import AREAS
from hpcli.commands.framework.device_user import device_user
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.options import SerialArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.commands.panel import tables as panel_views
from hpcli.commands.panel.options import Everything
from hpcli.errors import UsageError
from hpcli.run.context import Context


@calls(AREAS)
@lists
@many("serial", selected=True)
def list_areas(
    ctx: Context,
    serial: SerialArgument,
    watch: Annotated[bool, typer.Option("--watch", help="Print the areas again when they change.")] = False,
    every: Annotated[
        str, typer.Option(help="Time between checks; 5s by default.", metavar="DURATION")
    ] = "5s",
    everything: Everything = False,
) -> None:
    """List the areas of a panel and their arming state.

    $ hpcli panel areas Q10254783
    $ hpcli panel areas Q10254783 --watch
    """
    user = device_user(ctx, serial)
    if not watch:
        ctx.show(ctx.client.panel.areas(serial, everything=everything, user=user), panel_views.AREAS)
        return
    if ctx.is_one_of_many:
        raise UsageError("--watch needs one device.", hint="Name one serial.")
    from hpcli.commands.framework.repeating import parse_interval
    from hpcli.commands.panel.watch import watch_rows

    watch_rows(
        ctx,
        lambda: ctx.client.panel.areas(serial, everything=everything, user=user),
        panel_views.AREAS,
        parse_interval(every),
    )
