"""`hpcli device show`: one device."""

from hpcli.api.operations.device.devices import SEARCH
from hpcli.commands.device.tables import DEVICES
from hpcli.commands.framework.options import DeviceArgument
from hpcli.commands.framework.verb import calls
from hpcli.run.context import Context


@calls(SEARCH)
def show_device(ctx: Context, device: DeviceArgument) -> None:
    """Show one device.

    $ hpcli device show Q10254783
    """
    ctx.show_one(ctx.client.device.find(device), DEVICES)
