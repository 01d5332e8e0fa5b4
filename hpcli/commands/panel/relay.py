"""`hpcli panel relay`: switch relays."""

from typing import Annotated

import typer

from hpcli.api.operations.panel import RELAYS, SWITCH_RELAYS
from hpcli.client.panel import SWITCHES
from hpcli.commands.framework.device_messages import change_together, read_numbers
from hpcli.commands.framework.device_user import device_user
from hpcli.commands.framework.options import SerialArgument, several
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.parse import parse_serial
from hpcli.plurals import numbered
from hpcli.run.context import Context
from hpcli.run.settings import choose

_SWITCH_WORDS = {state: word for word, state in SWITCHES.items()}


@calls(SWITCH_RELAYS, RELAYS)
@many("serial", question="Switch relay {relays} of {targets} {switch}?")
def switch_relays(
    ctx: Context,
    serial: SerialArgument,
    relays: Annotated[list[str], several("Relays from 1", "N")],
    switch: Annotated[
        str,
        typer.Option(
            "--set",
            help="open (or on) switches the relay on, close (or off) switches it off.",
            metavar="open|close",
            autocompletion=lambda: list(SWITCHES),
        ),
    ],
) -> None:
    """Switch relays.

    $ hpcli panel relay Q10254783 1 --set open --yes
    """
    wanted = read_numbers(ctx, relays, "relay")
    user = device_user(ctx, serial)
    switch = choose(_SWITCH_WORDS.get(switch.lower(), switch), tuple(SWITCHES), "--set")
    state = f"{SWITCHES[switch]} ({switch})"
    ctx.confirm(f"Switch {numbered(wanted, 'relay')} of {parse_serial(serial)} {state}?")
    change_together(
        ctx,
        wanted,
        lambda relays: ctx.client.panel.switch_relays(serial, relays, switch, user=user),
        lambda relay, _: f"Relay {relay}: {state}.",
        noun="Relay",
    )
