"""`hpcli panel relays`: the relays of a panel."""

from hpcli.api.operations.panel import RELAYS
from hpcli.commands.framework.device_user import device_user
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.options import SerialArgument
from hpcli.commands.framework.verb import calls
from hpcli.commands.panel import tables as panel_views
from hpcli.commands.panel.options import Everything
from hpcli.run.context import Context


@calls(RELAYS)
@lists
def list_relays(
    ctx: Context,
    serial: SerialArgument,
    everything: Everything = False,
) -> None:
    """List the relays of a panel and their state.

    `panel relay --set open` switches a relay on, `--set close` switches it off.

    $ hpcli panel relays Q10254783
    """
    user = device_user(ctx, serial)
    ctx.show(ctx.client.panel.relays(serial, everything=everything, user=user), panel_views.RELAYS)
