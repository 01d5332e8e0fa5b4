"""`hpcli arc set-account`: the account number a device reports under."""

from typing import Annotated

import typer

from hpcli.api.operations.arc import SET_ACCOUNT
from hpcli.client.arc import check_account_number
from hpcli.commands.framework.options import SerialArgument
from hpcli.commands.framework.verb import calls
from hpcli.parse import parse_serial
from hpcli.run.context import Context


@calls(SET_ACCOUNT)
def set_account(
    ctx: Context,
    serial: SerialArgument,
    number: Annotated[str, typer.Argument(help="Account number at the receiving centre.", metavar="NUMBER")],
) -> None:
    """Set the account number a device reports under.

    $ hpcli arc set-account Q19323594 4711
    """
    number = check_account_number(number)
    ctx.confirm(f"Let {parse_serial(serial)} report as account {number}?")
    ctx.change(
        serial,
        lambda: ctx.client.arc.set_account(serial, number),
        f"{serial} now reports as account {number}.",
    )
