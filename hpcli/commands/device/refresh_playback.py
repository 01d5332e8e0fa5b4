"""`hpcli device refresh-playback`: refresh the video of a channel."""

from typing import Annotated

import typer

from hpcli.api.operations.device.ip_channels import REFRESH_PLAYBACK
from hpcli.commands.framework.device_messages import read_number
from hpcli.commands.framework.device_user import device_user
from hpcli.commands.framework.options import SerialArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.parse import parse_serial
from hpcli.run.context import Context


@calls(REFRESH_PLAYBACK)
@many("serial")
def refresh_playback(
    ctx: Context,
    serial: SerialArgument,
    channel: Annotated[str, typer.Argument(help="Channel from 1.", metavar="CHANNEL")],
) -> None:
    """Refresh the video of a channel before playback.

    $ hpcli device refresh-playback Q10254801 1
    """
    user = device_user(ctx, serial)
    number = read_number(channel, "channel")
    ctx.change(
        channel,
        lambda: ctx.client.device.ip_channels.refresh_playback(serial, number, user=user),
        f"Refreshed channel {number} of {parse_serial(serial)}.",
    )
