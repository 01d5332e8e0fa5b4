"""`hpcli device wake`: wake a solar camera."""

from hpcli.api.operations.device.devices import WAKE
from hpcli.commands.framework.options import SerialArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.parse import parse_serial
from hpcli.run.context import Context


@calls(WAKE)
@many("serial", selected=True)
def wake_camera(ctx: Context, serial: SerialArgument) -> None:
    """Wake a solar camera.

    $ hpcli device wake L90017735
    """
    target = parse_serial(serial)

    def done(is_awake: bool) -> str:  # noqa: FBT001 - the answer of `wake`
        return f"{target} is awake." if is_awake else f"{target} is still asleep; try again in a few seconds."

    ctx.change(target, lambda: ctx.client.device.wake(target), done)
