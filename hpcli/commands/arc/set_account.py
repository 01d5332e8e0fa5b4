"""`hpcli arc set-account`: the account number a device reports under."""

from typing import Annotated

import typer

from hpcli.api.operations.arc import SET_ACCOUNT
from hpcli.client.arc import check_account_number
from hpcli.commands.arc.account_file import set_account_number, set_accounts_of_file
from hpcli.commands.framework.import_report import check_report
from hpcli.commands.framework.options import SERIAL, ImportFile, ReportFile
from hpcli.commands.framework.targets import one
from hpcli.commands.framework.verb import calls
from hpcli.errors import UsageError
from hpcli.parse import parse_serial
from hpcli.run.context import Context


@calls(SET_ACCOUNT)
@one("--from FILE has many")
def set_account(
    ctx: Context,
    serial: Annotated[str | None, SERIAL] = None,
    number: Annotated[
        str | None, typer.Argument(help="Account number at the receiving centre.", metavar="NUMBER")
    ] = None,
    file: ImportFile = None,
    report: ReportFile = None,
) -> None:
    """Set the account numbers devices report under.

    `alarms tail` shows the number in the events of the device. Columns of a file are
    serial and account; the platform does not tell the present numbers, so a second run
    leaves out those that this computer has set.

    $ hpcli arc set-account Q19323594 4711
    $ hpcli arc set-account --from numbers.csv --dry-run
    """
    check_report(report, file)
    if file is not None:
        if serial is not None:
            raise UsageError("With --from, devices and numbers come from the file.")
        set_accounts_of_file(ctx, file, report)
        return
    if serial is None or number is None:
        raise UsageError(
            "Give a serial and a number, or --from FILE.",
            hint="`hpcli arc set-account --help` explains both.",
        )
    name, account = parse_serial(serial), check_account_number(number)
    ctx.confirm(f"Let {name} report as account {account}?")
    ctx.change(
        serial,
        lambda: set_account_number(ctx, serial, account),
        f"{serial} now reports as account {account}.",
    )
