"""`hpcli arc set-account`: the account number a device reports under."""

from typing import Annotated

import typer

from hpcli.alarms.tail.account_numbers import AccountNumbers
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

    `alarms tail` shows the number in the events of the device.

    $ hpcli arc set-account Q19323594 4711
    """
    number = check_account_number(number)
    ctx.confirm(f"Let {parse_serial(serial)} report as account {number}?")
    ctx.change(serial, lambda: _set(ctx, serial, number), f"{serial} now reports as account {number}.")


def _set(ctx: Context, serial: str, number: str) -> None:
    """Set the number, and remember it for the events of `alarms tail`."""
    ctx.client.arc.set_account(serial, number)
    numbers = AccountNumbers(ctx.run.session.alarms_folder)
    ctx.keep("The account number", lambda: numbers.keep(parse_serial(serial), number))
