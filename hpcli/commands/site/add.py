"""`hpcli site add`: add sites and print their ids."""

from typing import Annotated, Any

import typer

from hpcli.api.operations.site import ADD, SEARCH
from hpcli.client.rows import needed
from hpcli.commands.framework.import_report import check_report
from hpcli.commands.framework.options import ImportFile, ReportFile
from hpcli.commands.framework.verb import calls
from hpcli.commands.site.address import Address, City, State, Street, given_address
from hpcli.commands.site.import_file import add_sites_of_file
from hpcli.errors import UsageError
from hpcli.run.context import Context


@calls(ADD, SEARCH)
def add_site(
    ctx: Context,
    name: Annotated[
        list[str] | None,
        typer.Option(help="Name of the site, up to 128 characters; may be repeated.", metavar="NAME"),
    ] = None,
    time_zone: Annotated[
        str | None,
        typer.Option(
            "--time-zone",
            help="Time zone: IANA name, or name or number from `hpcli timezones`.",
            metavar="TZ",
        ),
    ] = None,
    sync_time: Annotated[
        bool, typer.Option("--sync-time", help="Set the time zone on the devices too.")
    ] = False,
    state: State = None,
    city: City = None,
    street: Street = None,
    address: Address = None,
    file: ImportFile = None,
    report: ReportFile = None,
) -> None:
    """Add sites and print their ids.

    `hpcli timezones` lists the time zones. Finding the new id can take 15 seconds. Columns
    of a file are name, time-zone, sync-time, state, city, street and address; options apply
    to rows without a value. Sites that are there already count as done, so you can import
    the file again. --dry-run shows for each row whether the site is new (+), is there (=)
    or cannot be added (!).

    $ hpcli site add --name "Haus Lindner" --time-zone Europe/Berlin
    $ hpcli site add --name "Hof Nord" --name "Hof Süd" --time-zone 133
    $ hpcli site add --from sites.csv --time-zone Europe/Berlin --report done.csv
    $ hpcli site add --name "Mill Lane 4" --time-zone 48 --city Leeds --street "Mill Lane 4"
    """
    given = given_address(state, city, street, address)
    check_report(report, file)
    if (file is None) == (not name):
        raise UsageError("Give --name or --from FILE.", hint="`hpcli site add --help` explains both.")
    if file is not None:
        add_sites_of_file(ctx, file, report, time_zone, given, sync=sync_time)
        return
    if time_zone is None:
        raise UsageError("--time-zone is missing.", hint="`hpcli timezones` lists the time zones.")
    zone, name = time_zone, name or []

    def add(one: str) -> Any:
        return ctx.client.site.add(one, zone, sync_time=sync_time, address=given)

    names = _read_names(ctx, name)
    if names == name[:1]:
        ctx.change(
            names[0],
            lambda: add(names[0]),
            f"Added the site '{names[0]}'.",
            new_id=lambda row: needed(row, "id"),
        )
    else:
        ctx.each(
            names, add, lambda one, _row: f"Added the site '{one}'.", new_id=lambda row: needed(row, "id")
        )


def _read_names(ctx: Context, given: list[str]) -> list[str]:
    """Return the names, each once; a name on the command line may hold anything but `-` and `@FILE`."""
    names: list[str] = []
    for name in given:
        is_input = name == "-" or name.startswith("@")
        names += ctx.inputs.read_list([name], "name", commas=False) if is_input else [name]
    return list(dict.fromkeys(names))
