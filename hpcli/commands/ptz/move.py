"""`hpcli ptz move`: move a camera until stopped, or for some time."""

from typing import Annotated, Any

import typer

from hpcli.api.operations.device.devices import CHANNELS
from hpcli.api.operations.ptz import MOVE, STOP
from hpcli.commands.framework.device_messages import read_number
from hpcli.commands.framework.device_user import device_user
from hpcli.commands.framework.options import SerialArgument
from hpcli.commands.framework.targets import one
from hpcli.commands.framework.verb import calls
from hpcli.commands.ptz.options import ChannelArgument
from hpcli.errors import UsageError
from hpcli.parse import parse_duration, parse_serial
from hpcli.run.context import Context

_MAX_SECONDS = 3600.0


def _speed_option(flag: str, words: str) -> Any:
    return typer.Option(flag, help=f"-100 ({words}) to 100.", min=-100, max=100, metavar="SPEED")


@calls(MOVE, STOP, CHANNELS)
@one("Ctrl-C must stop the camera, and it ends only the main thread")
def move_camera(
    ctx: Context,
    serial: SerialArgument,
    channel: ChannelArgument,
    pan: Annotated[int, _speed_option("--pan", "left")] = 0,
    tilt: Annotated[int, _speed_option("--tilt", "down")] = 0,
    zoom: Annotated[int, _speed_option("--zoom", "out")] = 0,
    angular_velocity: Annotated[
        int | None,
        typer.Option(
            "--angular-velocity", help="Angular velocity, 1 to 360.", min=1, max=360, metavar="SPEED"
        ),
    ] = None,
    duration: Annotated[
        str | None,
        typer.Option("--for", help="Stop after this time, in any case.", metavar="DURATION"),
    ] = None,
) -> None:
    """Move a camera until stopped, or for some time.

    With --for the camera is stopped even after Ctrl-C or a lost connection.

    $ hpcli ptz move G20419934 1 --pan 40 --for 1s
    $ hpcli ptz move G20419934 1 --tilt -20 --zoom 10 --for 1s
    """
    number, name = read_number(channel, "channel"), parse_serial(serial)
    user = device_user(ctx, serial)
    client, speeds = ctx.client.ptz, {"pan": pan, "tilt": tilt, "zoom": zoom}
    if angular_velocity is not None:
        speeds["angular_velocity"] = angular_velocity
    if duration is None:
        ctx.change(
            name,
            lambda: client.move(serial, number, **speeds, user=user),
            f"{name} is moving; `hpcli ptz stop {name} {number}` stops it.",
        )
        return
    seconds = parse_duration(duration).total_seconds()
    if not 0 < seconds <= _MAX_SECONDS:
        raise UsageError("--for must be longer than 0 and at most 1h.")
    ctx.change(
        name,
        lambda: client.move_for(serial, number, seconds, **speeds, user=user),
        f"{name} has moved and stopped.",
    )
    if ctx.settings.get("dry-run"):
        ctx.change(name, lambda: client.stop(serial, number, user=user), "")
