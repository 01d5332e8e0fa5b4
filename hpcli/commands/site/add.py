"""`hpcli site add`: add a site and print its id."""

from typing import Annotated

import typer

from hpcli.api.operations.site import ADD, SEARCH
from hpcli.client.rows import needed
from hpcli.commands.framework.verb import calls
from hpcli.commands.site.address import Address, City, State, Street, given_address
from hpcli.run.context import Context


@calls(ADD, SEARCH)
def add_site(
    ctx: Context,
    name: Annotated[str, typer.Option(help="Name of the site, up to 128 characters.", metavar="NAME")],
    time_zone: Annotated[
        str,
        typer.Option(
            "--time-zone",
            help="Time zone: IANA name, or name or number from `hpcli timezones`.",
            metavar="TZ",
        ),
    ],
    sync_time: Annotated[
        bool, typer.Option("--sync-time", help="Set the time zone on the devices too.")
    ] = False,
    state: State = None,
    city: City = None,
    street: Street = None,
    address: Address = None,
) -> None:
    """Add a site and print its id.

    `hpcli timezones` lists the time zones. Finding the new id can take 15 seconds.

    $ hpcli site add --name "Haus Lindner" --time-zone Europe/Berlin
    $ hpcli site add --name "Mill Lane 4" --time-zone 48 --city Leeds --street "Mill Lane 4"
    """
    given = given_address(state, city, street, address)
    ctx.change(
        name,
        lambda: ctx.client.site.add(name, time_zone, sync_time=sync_time, address=given),
        f"Added the site '{name}'.",
        new_id=lambda row: needed(row, "id"),
    )
