"""`hpcli panel bypass`: disable zones for now."""

from hpcli.api.operations.panel import BYPASS, SEARCH_ZONES, ZONES
from hpcli.commands.framework.device_messages import change_together, read_numbers
from hpcli.commands.framework.device_user import device_user
from hpcli.commands.framework.options import SerialArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.commands.panel.options import ZonesArgument
from hpcli.parse import parse_serial
from hpcli.plurals import numbered
from hpcli.run.context import Context


@calls(BYPASS, ZONES, SEARCH_ZONES)
@many("serial", question="Bypass zone {zones} of {targets}?")
def bypass_zones(
    ctx: Context,
    serial: SerialArgument,
    zones: ZonesArgument,
) -> None:
    """Bypass zones until `panel unbypass`.

    $ hpcli panel bypass Q10254783 1 3 --yes
    """
    wanted = read_numbers(ctx, zones, "zone")
    user = device_user(ctx, serial)
    ctx.confirm(f"Bypass {numbered(wanted, 'zone')} of {parse_serial(serial)}?")
    change_together(
        ctx,
        wanted,
        lambda zones: ctx.client.panel.bypass(serial, zones, user=user),
        lambda zone, _: f"Zone {zone}: bypassed.",
        noun="Zone",
    )
