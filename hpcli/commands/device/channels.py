"""`hpcli device channels`: the channels of a device."""

from hpcli.api.operations.device.devices import CHANNELS as LIST_CHANNELS
from hpcli.commands.framework.columns import code_column
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.options import SerialArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.output import Column, View
from hpcli.reference.document import answer_fields
from hpcli.run.context import Context

CHANNELS = View(
    noun="channel",
    id="channelNo",
    columns=(
        Column("CHANNEL", "channelNo"),
        Column("NAME", "channelName", wide=True),
        code_column("STATE", "status", "channelStatus"),
        Column("CAMERA", "ipcSerial", priority=1),
        code_column("QUALITY", "videoLevel", "videoLevel", priority=3),
        code_column("ENCRYPTED", "isEncrypt", "isEncrypt", priority=2),
        code_column("SHARING", "isShared", "channelShared", priority=4),
    ),
    fields=lambda: answer_fields(LIST_CHANNELS.method, LIST_CHANNELS.path),
)


@calls(LIST_CHANNELS)
@lists
@many("serial", selected=True)
def list_channels(ctx: Context, serial: SerialArgument) -> None:
    """List the channels of a device.

    $ hpcli device channels Q10254801
    """
    ctx.show(ctx.client.device.channels(serial), CHANNELS)
