"""`hpcli panel unbypass`: end the bypass of zones."""

from hpcli.api.operations.panel import SEARCH_ZONES, UNBYPASS, ZONES
from hpcli.commands.framework.device_messages import change_together, read_numbers
from hpcli.commands.framework.device_user import device_user
from hpcli.commands.framework.options import SerialArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.commands.panel.options import ZonesArgument
from hpcli.run.context import Context


@calls(UNBYPASS, ZONES, SEARCH_ZONES)
@many("serial")
def unbypass_zones(
    ctx: Context,
    serial: SerialArgument,
    zones: ZonesArgument,
) -> None:
    """End the bypass of zones.

    $ hpcli panel unbypass Q10254783 1 3
    """
    wanted = read_numbers(ctx, zones, "zone")
    user = device_user(ctx, serial)
    change_together(
        ctx,
        wanted,
        lambda zones: ctx.client.panel.unbypass(serial, zones, user=user),
        lambda zone, _: f"Zone {zone}: no longer bypassed.",
    )
