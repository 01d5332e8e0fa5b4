"""`hpcli site assign --from`: the managers of the sites of a file."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from hpcli.client.rows import needed
from hpcli.commands.framework.import_rows import read_rows, refuse_repeated_sites
from hpcli.commands.framework.imports import ImportItem, impossible, run_import
from hpcli.commands.site.manager_change import Employees, Ends, ManagerChange, relative_change, whole_change
from hpcli.errors import NotFoundError, UsageError
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.errors import HpcliError
    from hpcli.run.tables import Row

COLUMNS = ("site", "installer", "add", "remove")


class ManagerRow(NamedTuple):
    """What a row says about the managers of a site."""

    line: int
    site: str
    whole: Ends
    add: Ends
    remove: Ends


def assign_managers_of_file(ctx: Context, file: str, report: str | None) -> None:
    """Change the managers of the sites of a file.

    Raises:
        UsageError: the file has errors; a warning names each wrong line.
    """
    employees = Employees(ctx)

    def read(row: Row) -> ManagerRow:
        nobody: Ends = {}
        given = {name: row.read(name, partial(_read_ends, employees, name), nobody) for name in COLUMNS[1:]}
        if ("installer" in row.cells) == bool({"add", "remove"} & row.cells.keys()):
            row.fault(UsageError("Fill in installer, or add and remove."))
        site = row.cells.get("site", "")
        return ManagerRow(row.line, site, given["installer"], given["add"], given["remove"])

    lines = read_rows(ctx, file, COLUMNS, COLUMNS[:1], read, report=report)
    errors = ctx.lookups.find_sites([row.site for row in lines.items])
    lines = refuse_repeated_sites(ctx, lines, report)
    items = [_item(ctx, row, employees, errors.get(row.site)) for row in lines.items]
    question = "Change the managers of the sites of {}?"
    run_import(ctx, items, wrong=lines.wrong, report=report, question=question)


def _read_ends(employees: Employees, name: str, cell: str) -> Ends:
    return employees.read(_listed(cell), name)


def _listed(cell: str) -> list[str]:
    return [part.strip() for part in cell.replace(";", ",").split(",") if part.strip()]


def _item(ctx: Context, row: ManagerRow, employees: Employees, error: HpcliError | None) -> ImportItem:
    if error is not None:
        return impossible(row.line, row.site, error)
    try:
        change = _change(ctx, row, employees)
    except (NotFoundError, UsageError) as refused:
        return impossible(row.line, row.site, refused)
    if change.is_empty:
        return ImportItem(row.line, row.site, "=")
    return ImportItem(row.line, row.site, "~", change.words(employees), lambda: change.send(ctx))


def _change(ctx: Context, row: ManagerRow, employees: Employees) -> ManagerChange:
    site_id = needed(ctx.lookups.site_named(row.site), "id")
    if row.whole:
        return whole_change(ctx, site_id, employees, row.whole)
    return relative_change(ctx, site_id, employees, row.add, row.remove)
