"""`hpcli hotspare add`: register a server."""

from typing import Annotated

import typer

from hpcli.api.operations.hotspare.servers import ADD
from hpcli.commands.framework.options import complete_codes
from hpcli.commands.framework.verb import calls
from hpcli.commands.hotspare.options import UuidArgument
from hpcli.reference.codes import code_list
from hpcli.run.context import Context


@calls(ADD)
def add_server(
    ctx: Context,
    uuid: UuidArgument,
    role: Annotated[
        str,
        typer.Option(
            help="Role of the server: host, spare1, spare2 or spare3.",
            metavar="ROLE",
            autocompletion=complete_codes("hotSpareType"),
        ),
    ],
) -> None:
    """Register a server as host or spare.

    Register the host first, then up to three spares.

    $ hpcli hotspare add 5f0c8c8a-0d4b-4c9e-9d43-1a2b3c4d5e6f --role host
    """
    code = int(code_list("hotSpareType").value_of(role))
    label = code_list("hotSpareType").label(code).lower()
    ctx.change(uuid, lambda: ctx.client.hotspare.add(uuid, code), f"Registered {uuid} as {label}.")
