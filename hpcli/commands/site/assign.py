"""`hpcli site assign`: make employees the managers of sites."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpcli.api.operations.installer import SEARCH as SEARCH_INSTALLERS
from hpcli.api.operations.site import ASSIGN, MANAGERS, SEARCH
from hpcli.client.known import EMPLOYEE, KnownRows
from hpcli.client.rows import needed, site_label
from hpcli.client.site import manager_times
from hpcli.commands.framework.batches import change_in_batches
from hpcli.commands.framework.options import SitesArgument
from hpcli.commands.framework.target_choice import read_sites
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.times import time_shown
from hpcli.commands.framework.verb import calls
from hpcli.commands.site.people import person_name
from hpcli.errors import UsageError
from hpcli.names import named
from hpcli.parse import epoch_milliseconds, parse_end_time
from hpcli.plurals import counted
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.api.rows.installer import InstallerRow


@calls(ASSIGN, SEARCH, MANAGERS, SEARCH_INSTALLERS)
@many("sites", is_own=True)
def assign_managers(
    ctx: Context,
    sites: SitesArgument,
    installer: Annotated[
        list[str],
        typer.Option(
            help="Employee's id or e-mail address, and the end of the permission; may be repeated.",
            metavar="ID[=UNTIL]",
        ),
    ],
) -> None:
    """Make employees the managers of sites.

    The new managers replace the current ones; the command first names those it
    removes. UNTIL is a time such as 2030-01-31T18:00; without it the permission
    does not expire.

    $ hpcli site assign "Neubau Kiefernweg 7" --installer juergen.mueller@nordlicht.example
    $ hpcli site assign "Bäckerei Grünwald" --installer lukasz@nordlicht.example=2039-12-31
    """
    employees = ctx.client.installer.known()
    texts = ctx.inputs.read_list(installer, "installer")
    wanted = dict(_read_installer(ctx, text, employees) for text in texts)
    rows = ctx.lookups.sites_named(read_sites(ctx, sites))
    admins = {str(row.get("id")) for row in employees if row.get("isAdmin")}
    for row in rows:
        managers = ctx.client.site.managers(needed(row, "id"))
        ctx.run.changes.note_before(
            ASSIGN, needed(row, "id"), {"installerPermissionTimes": manager_times(managers)}
        )
        leaving = _leaving(managers, wanted, admins)
        if leaving:
            ctx.info(f"{site_label(row)}: this removes {', '.join(leaving)}.")
    _warn_of_disabled(ctx, employees, wanted)
    names = {needed(row, "id"): site_label(row) for row in rows}
    when = time_shown(ctx, rows[0].get("timeZone"))
    people = [
        person_name(row) + _until(wanted[str(row.get("id"))], when)
        for row in employees
        if str(row.get("id")) in wanted
    ]
    new = counted(people, "employee")
    ctx.confirm(f"Make {new} the managers of {counted(list(names.values()), 'site')}?")
    change_in_batches(
        ctx,
        list(names),
        lambda some: ctx.client.site.assign(some, wanted),
        lambda site_id, _data: f"{names[site_id]} is now managed by {new}.",
    )


def _read_installer(
    ctx: Context, text: str, employees: KnownRows["InstallerRow"]
) -> tuple[str, datetime | None]:
    """Read `ID[=UNTIL]`; the id may be the employee's e-mail address."""
    name, _, until = text.partition("=")
    name = name.strip()
    ids = [str(row.get("id")) for row in employees if row.get("id") == name]
    ids = ids or [needed(row, "id") for row in named(employees, "email", name)]
    if not ids:
        employees.check_absence(f"an employee '{name}'", EMPLOYEE)
        raise UsageError(
            f"--installer: there is no employee '{name}'.",
            hint="`hpcli installer list` shows ids and addresses.",
        )
    if not until:
        return ids[0], None
    end = parse_end_time(until, ctx.run.now())
    if end <= ctx.run.now():
        raise UsageError(
            f"--installer: {until} is in the past.", hint="Give a future time, such as 2030-01-31."
        )
    return ids[0], end


def _until(end: datetime | None, when: Callable[[Any, Mapping[str, Any]], str]) -> str:
    """Return the end of a permission for the question, in the time zone of the first site."""
    return f" (until {when(epoch_milliseconds(end), {})})" if end else ""


def _warn_of_disabled(
    ctx: Context, employees: Iterable[Mapping[str, Any]], wanted: Mapping[str, Any]
) -> None:
    """Name the new managers who cannot sign in (§3.2)."""
    for row in employees:
        if str(row.get("id")) in wanted and row.get("enableStatus") is False:
            ctx.info(f"{person_name(row)} is disabled and cannot sign in.")


def _leaving(managers: Iterable[Mapping[str, Any]], wanted: Mapping[str, Any], admins: set[str]) -> list[str]:
    """Return the managers that an assignment removes; admins, who manage all sites, stay (§3.9).

    Raises:
        ProtocolError: the platform does not say who a manager is, who would be removed unseen.
    """
    return [person_name(row) for row in managers if needed(row, "installerId") not in wanted.keys() | admins]
