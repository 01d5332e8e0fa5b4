"""`hpcli arc set-account --from`: the account numbers of the devices of a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from hpcli.alarms.tail.account_numbers import AccountNumbers
from hpcli.client.arc import check_account_number
from hpcli.commands.framework.import_rows import read_rows
from hpcli.commands.framework.imports import ImportItem, run_import
from hpcli.parse import parse_serial
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.run.tables import Row

COLUMNS = ("serial", "account")


class AccountRow(NamedTuple):
    """A device and its number."""

    line: int
    serial: str
    number: str


def set_accounts_of_file(ctx: Context, file: str, report: str | None) -> None:
    """Set the account numbers of a file; those that this computer has set before stay.

    Raises:
        UsageError: the file has errors; a warning names each wrong line.
    """
    lines = read_rows(ctx, file, COLUMNS, COLUMNS, _read, report=report)
    known = AccountNumbers(ctx.run.session.alarms_folder).read().kept
    items = [_item(ctx, row, known.get(row.serial)) for row in lines.items]
    question = "Set the account numbers of {}?"
    run_import(ctx, items, wrong=lines.wrong, report=report, question=question)


def _read(row: Row) -> AccountRow:
    serial = row.read("serial", parse_serial, "")
    return AccountRow(row.line, serial, row.read("account", check_account_number, ""))


def _item(ctx: Context, row: AccountRow, before: str | None) -> ImportItem:
    if before == row.number:
        return ImportItem(row.line, row.serial, "=", f"account {before}, set on this computer before")
    return ImportItem(
        row.line, row.serial, "~", f"account {before or 'not known'} → {row.number}", _setting(ctx, row)
    )


def _setting(ctx: Context, row: AccountRow) -> Callable[[], None]:
    return lambda: set_account_number(ctx, row.serial, row.number)


def set_account_number(ctx: Context, serial: str, number: str) -> None:
    """Set the number of a device, and remember it for the events of `alarms tail`."""
    ctx.client.arc.set_account(serial, number)
    numbers = AccountNumbers(ctx.run.session.alarms_folder)
    ctx.keep("The account number", lambda: numbers.keep(parse_serial(serial), number))
