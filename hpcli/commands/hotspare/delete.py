"""`hpcli hotspare delete`: remove servers."""

from typing import Annotated

import typer

from hpcli.api.operations.hotspare.servers import DELETE, LIST
from hpcli.commands.framework.batches import change_in_batches
from hpcli.commands.framework.options import several
from hpcli.commands.framework.verb import calls
from hpcli.errors import UsageError
from hpcli.plurals import counted
from hpcli.run.context import Context


@calls(DELETE, LIST)
def delete_servers(
    ctx: Context,
    uuids: Annotated[list[str] | None, several("UUIDs", "UUID")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All servers of the account.")] = False,
) -> None:
    """Remove servers.

    $ hpcli hotspare delete 5f0c8c8a-0d4b-4c9e-9d43-1a2b3c4d5e6f --yes
    """
    if bool(uuids) == everything:
        raise UsageError("Give servers or --all.")
    if everything:
        ctx.confirm("Remove all servers?")
        ctx.each(["all"], lambda _: ctx.client.hotspare.delete(None), lambda *_: "Removed all servers.")
        return
    targets = ctx.inputs.read_list(uuids or [], "UUID")
    ctx.confirm(f"Remove {counted(targets, 'server')}?")
    change_in_batches(
        ctx,
        targets,
        ctx.client.hotspare.delete,
        lambda uuid, _data: f"Removed {uuid}.",
        read_present=lambda: (row.get("uuid") for row in ctx.client.hotspare.list()),
    )
