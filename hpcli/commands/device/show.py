"""`hpcli device show`: everything that is known of a device."""

from hpcli.api.operations.device.devices import SEARCH
from hpcli.commands.framework.device_table import one_device_view
from hpcli.commands.framework.options import DeviceArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.run.context import Context


@calls(SEARCH)
@many("device", selected=True, needs_rows=True)
def show_device(ctx: Context, device: DeviceArgument) -> None:
    """Show everything that is known of a device.

    $ hpcli device show Q10254783
    """
    view = one_device_view(ctx.run.now(), utc=ctx.run.options.utc)
    ctx.show_one(ctx.lookups.device(device), view)
