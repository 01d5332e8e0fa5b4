"""`hpcli arc disable`: stop devices reporting to a receiving centre."""

from hpcli.api.operations.arc import DISABLE
from hpcli.commands.framework.options import SerialsArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.parse import parse_serial
from hpcli.plurals import counted
from hpcli.run.context import Context


@calls(DISABLE)
@many("serials", is_own=True)
def disable_devices(ctx: Context, serials: SerialsArgument) -> None:
    """Stop devices reporting to a receiving centre.

    $ hpcli arc disable Q19323594
    """
    targets = [parse_serial(serial) for serial in ctx.inputs.read_list(serials, "serial")]
    ctx.confirm(f"Stop {counted(targets, 'device')} reporting to the receiving centre?")
    ctx.each(
        targets,
        ctx.client.arc.disable,
        lambda serial, _data: f"{serial} no longer reports to a receiving centre.",
    )
