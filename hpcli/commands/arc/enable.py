"""`hpcli arc enable`: let devices report to a receiving centre."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from hpcli.api.operations.arc import ENABLE
from hpcli.client.checks import check_length
from hpcli.commands.arc.lookup import WAITING
from hpcli.commands.framework.options import SerialsArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.parse import parse_serial
from hpcli.plurals import counted
from hpcli.run.context import Context


@calls(ENABLE)
@many("serials", is_own=True)
def enable_devices(
    ctx: Context,
    serials: SerialsArgument,
    arc_id: Annotated[str, typer.Option("--arc-id", help="Id of the receiving centre.", metavar="ID")],
) -> None:
    """Let devices report to a receiving centre.

    A device then reports all events; `hpcli arc set-events` changes that. If the
    site is handed over, its end user has to approve.

    $ hpcli arc enable Q10254783 --arc-id arc-4711
    """
    targets = [parse_serial(serial) for serial in ctx.inputs.read_list(serials, "serial")]
    check_length("ARC id", arc_id, 1)
    ctx.confirm(f"Let {counted(targets, 'device')} report to {arc_id}?")

    def done(serial: str, answer: Mapping[str, Any]) -> str:
        if "permission" not in answer:
            return f"{serial}: accepted; the platform did not say whether it has taken effect."
        if answer["permission"] == WAITING:
            return f"{serial} is waiting for the end user's approval."
        return f"{serial} now reports to {arc_id}."

    ctx.each(targets, lambda serial: ctx.client.arc.enable(serial, arc_id), done)
