"""`hpcli ptz stop`: stop a camera."""

from hpcli.api.operations.device.devices import CHANNELS
from hpcli.api.operations.ptz import STOP
from hpcli.commands.framework.device_messages import read_number
from hpcli.commands.framework.device_user import device_user
from hpcli.commands.framework.options import SerialArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.commands.ptz.options import ChannelArgument
from hpcli.parse import parse_serial
from hpcli.run.context import Context


@calls(STOP, CHANNELS)
@many("serial")
def stop_camera(
    ctx: Context,
    serial: SerialArgument,
    channel: ChannelArgument,
) -> None:
    """Stop a camera.

    $ hpcli ptz stop G20419934 1
    """
    number, name = read_number(channel, "channel"), parse_serial(serial)
    user = device_user(ctx, serial)
    ctx.change(name, lambda: ctx.client.ptz.stop_surely(serial, number, user=user), f"{name} has stopped.")
