"""`hpcli panel relays`: the relays of a panel."""

from typing import Annotated

import typer

from hpcli.api.operations.panel import RELAYS
from hpcli.commands.framework.device_user import device_user
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.options import SerialArgument, complete_codes
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.commands.panel import tables as panel_views
from hpcli.commands.panel.options import Everything
from hpcli.reference.codes import code_list
from hpcli.run.context import Context


@calls(RELAYS)
@lists
@many("serial", selected=True)
def list_relays(
    ctx: Context,
    serial: SerialArgument,
    everything: Everything = False,
    module: Annotated[
        int | None,
        typer.Option("--module", help="Relays of the output module of this number.", min=0, metavar="N"),
    ] = None,
    module_kind: Annotated[
        str | None,
        typer.Option(
            "--module-kind",
            help="Relays of modules of this kind: local-wired, extend-wired, local-wireless or extend-wireless.",
            metavar="KIND",
            autocompletion=complete_codes("moduleType"),
        ),
    ] = None,
) -> None:
    """List the relays of a panel and their state.

    `panel relay --set open` switches a relay on, `--set close` switches it off.

    $ hpcli panel relays Q10254783
    """
    kind = None if module_kind is None else str(code_list("moduleType").value_of(module_kind))
    user = device_user(ctx, serial)
    rows = ctx.client.panel.relays(serial, module=module, module_kind=kind, everything=everything, user=user)
    ctx.show(rows, panel_views.RELAYS)
