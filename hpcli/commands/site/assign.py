"""`hpcli site assign`: make employees the managers of sites."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import typer

from hpcli.api.operations.installer import SEARCH as SEARCH_INSTALLERS
from hpcli.api.operations.site import ASSIGN, MANAGERS, SEARCH
from hpcli.client.rows import needed, site_label
from hpcli.commands.framework.batches import change_in_batches
from hpcli.commands.framework.import_report import check_report
from hpcli.commands.framework.options import SITES, ImportFile, ReportFile
from hpcli.commands.framework.target_choice import read_sites
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.times import time_shown
from hpcli.commands.framework.verb import calls
from hpcli.commands.site.manager_change import Employees, Ends, relative_change, whole_change
from hpcli.commands.site.manager_file import assign_managers_of_file
from hpcli.commands.site.people import person_name
from hpcli.errors import UsageError
from hpcli.parse import epoch_milliseconds
from hpcli.plurals import counted
from hpcli.run.context import Context

Row = Mapping[str, Any]
Ids = list[str] | None
_ID = "ID[=UNTIL]"


@calls(ASSIGN, SEARCH, MANAGERS, SEARCH_INSTALLERS)
@many("sites", is_own=True)
def assign_managers(
    ctx: Context,
    sites: Annotated[Ids, SITES] = None,
    installer: Annotated[
        Ids,
        typer.Option(
            help="Employee's id or e-mail address, and the end of the permission; may be repeated.",
            metavar=_ID,
        ),
    ] = None,
    add: Annotated[
        Ids, typer.Option("--add", help="Add this manager and keep the others; may be repeated.", metavar=_ID)
    ] = None,
    remove: Annotated[
        Ids, typer.Option("--remove", help="Remove this manager alone; may be repeated.", metavar="ID")
    ] = None,
    file: ImportFile = None,
    report: ReportFile = None,
) -> None:
    """Make employees the managers of sites.

    With --installer the new managers replace the current ones; the command first names those
    it removes. --add and --remove keep the others. UNTIL is a time such as 2030-01-31T18:00;
    without it the permission does not expire.

    Columns of a file are site, and installer, or add and remove; a cell may hold several with
    commas. --dry-run shows what changes (~), is as it is (=) or is not possible (!); a second
    run does only what is missing.

    $ hpcli site assign "Neubau Kiefernweg 7" --installer juergen.mueller@nordlicht.example
    $ hpcli site assign "Bäckerei Grünwald" --installer lukasz@nordlicht.example=2039-12-31
    $ hpcli site assign "Bäckerei Grünwald" --add lukasz@nordlicht.example
    $ hpcli site assign --from managers.csv --dry-run
    """
    check_report(report, file)
    if file is not None:
        if sites or installer or add or remove:
            raise UsageError("With --from, sites and managers come from the file.")
        assign_managers_of_file(ctx, file, report)
        return
    if not sites:
        raise UsageError("No site is named.", hint="Name some, or use --from FILE.")
    if bool(installer) == bool(add or remove):
        raise UsageError(
            "Give --installer, or --add and --remove.", hint="`hpcli site assign --help` explains them."
        )
    employees = Employees(ctx)
    texts = {name: ctx.inputs.read_list(given, "installer") if given else [] for name, given in
             (("--installer", installer), ("--add", add), ("--remove", remove))}  # fmt: skip
    wanted = {name: employees.read(some, name) for name, some in texts.items()}
    rows = ctx.lookups.sites_named(read_sites(ctx, sites))
    _warn_of_disabled(ctx, employees, {**wanted["--installer"], **wanted["--add"]})
    if installer:
        _replace(ctx, rows, employees, wanted["--installer"])
    else:
        _adjust(ctx, rows, employees, wanted["--add"], list(wanted["--remove"]))


def _replace(ctx: Context, rows: Sequence[Row], employees: Employees, wanted: Ends) -> None:
    """Make some employees the managers of all these sites, with one call."""
    for row in rows:
        change = whole_change(ctx, needed(row, "id"), employees, wanted)
        change.note(ctx)
        leaving = [one for one in change.kept if one not in wanted]
        if leaving:
            ctx.info(f"{site_label(row)}: this removes {employees.words(leaving)}.")
    names = {needed(row, "id"): site_label(row) for row in rows}
    when = time_shown(ctx, rows[0].get("timeZone"))
    people = [
        person_name(row) + _until(wanted[str(row.get("id"))], when)
        for row in employees.rows
        if str(row.get("id")) in wanted
    ]
    new = counted(people, "employee")
    role = "manager" if len(people) == 1 else "managers"
    ctx.confirm(f"Make {new} the {role} of {counted(list(names.values()), 'site')}?")
    change_in_batches(
        ctx,
        list(names),
        lambda some: ctx.client.site.assign(some, wanted),
        lambda site_id, _data: f"{names[site_id]} is now managed by {new}.",
    )


def _adjust(
    ctx: Context, rows: Sequence[Row], employees: Employees, add: Ends, remove: Sequence[str]
) -> None:
    """Add and remove managers of each site."""
    names = {needed(row, "id"): site_label(row) for row in rows}
    changes = {site_id: relative_change(ctx, site_id, employees, add, remove) for site_id in names}
    for site_id, change in changes.items():
        ctx.info(f"  {names[site_id]}: {change.words(employees) or 'as it is'}")
    if not all(change.is_empty for change in changes.values()):
        ctx.confirm(f"Change the managers of {counted(list(names.values()), 'site')}?")

    def send(site_id: str) -> None:
        if not changes[site_id].is_empty:
            changes[site_id].send(ctx)

    def done(site_id: str, _data: object) -> str:
        what = "has these managers already" if changes[site_id].is_empty else "has its new managers"
        return f"{names[site_id]} {what}."

    ctx.each(names, send, done)


def _until(end: Any, when: Callable[[Any, Mapping[str, Any]], str]) -> str:
    """Return the end of a permission for the question, in the time zone of the first site."""
    return f" (until {when(epoch_milliseconds(end), {})})" if end else ""


def _warn_of_disabled(ctx: Context, employees: Employees, wanted: Ends) -> None:
    """Name the new managers who cannot sign in (§3.2)."""
    for row in employees.rows:
        if str(row.get("id")) in wanted and row.get("enableStatus") is False:
            ctx.info(f"{person_name(row)} is disabled and cannot sign in.")
