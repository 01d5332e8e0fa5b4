"""`hpcli site`: sites of your customers."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from hpcli.client.device.devices import SEARCH as SEARCH_DEVICES
from hpcli.client.installer import SEARCH as SEARCH_INSTALLERS
from hpcli.client.site import (
    ADD,
    ADDRESS_FIELDS,
    APP_ACCESS,
    ASSIGN,
    DELETE,
    HANDOVER,
    MANAGERS,
    SEARCH,
    SHARE,
    UNSHARE,
    UPDATE,
)
from hpcli.commands.framework.family import Family
from hpcli.commands.framework.options import Limit, Search, SiteArgument, complete_codes
from hpcli.commands.site.assign import assign_managers, list_managers
from hpcli.commands.site.share import hand_over, set_app_access, share_site, unshare_site
from hpcli.errors import UsageError
from hpcli.output import Column, View
from hpcli.parse import naming
from hpcli.reference import answer_fields, code_list, time_zone_by_number
from hpcli.run.context import Context, coded

app = Family("site", "Sites of your customers.")

_LISTED = 20

State = Annotated[str | None, typer.Option("--state", help="State or province.", metavar="TEXT")]
City = Annotated[str | None, typer.Option("--city", help="City.", metavar="TEXT")]
Street = Annotated[str | None, typer.Option("--street", help="Street and number.", metavar="TEXT")]
Address = Annotated[str | None, typer.Option("--address", help="Rest of the address.", metavar="TEXT")]


def _zone_name(value: Any, _row: Mapping[str, Any]) -> str:
    zone = time_zone_by_number(value) if value is not None else None
    return (zone.iana or zone.name) if zone else str(value or "")


def _address(_value: Any, row: Mapping[str, Any]) -> str:
    return ", ".join(
        str(row[key]) for key in ("siteStreet", "location", "siteCity", "siteState") if row.get(key)
    )


SITES = View(
    noun="site",
    id="id",
    columns=(
        Column("ID", "id"),
        Column("NAME", "siteName", wide=True),
        coded("HANDOVER", "siteDeliveryStatus", "siteDeliveryStatus"),
        coded("SHARING", "sharedInfo.shareType", "shareType", priority=2),
        coded("SHARE STATE", "sharedInfo.shareState", "shareState", priority=3),
        Column("TIME ZONE", "timeZone", show=_zone_name, priority=1),
        Column("ADDRESS", "siteCity", show=_address, wide=True, priority=4),
    ),
    fields=lambda: answer_fields(SEARCH.method, SEARCH.path),
)


def _with_state(rows: Iterator[dict[str, Any]], state: str | None) -> Iterator[dict[str, Any]]:
    """Keep the sites in a handover state; the platform cannot filter by it."""
    with naming("--state"):
        wanted = code_list("siteDeliveryStatus").value_of(state) if state else None
    return (row for row in rows if wanted is None or row.get("siteDeliveryStatus") == wanted)


@app.verb("list", SEARCH)
def list_sites(
    ctx: Context,
    search: Search = None,
    state: Annotated[
        str | None,
        typer.Option(
            help="not-handed-over, handing-over or handed-over.",
            metavar="STATE",
            autocompletion=complete_codes("siteDeliveryStatus"),
        ),
    ] = None,
    limit: Limit = None,
) -> None:
    """List the sites.

    $ hpcli site list
    $ hpcli site list --search villa --state handed-over
    $ hpcli site list -o ids
    """
    ctx.show(_with_state(ctx.client.site.list(search), state), SITES, limit=limit)


@app.verb("show", SEARCH)
def show_site(ctx: Context, site: SiteArgument) -> None:
    """Show one site.

    $ hpcli site show "Harbour View Hotel"
    """
    ctx.show_one(ctx.client.site.find(site), SITES)


@app.verb("add", ADD, SEARCH)
def add_site(
    ctx: Context,
    name: Annotated[str, typer.Option(help="Name, up to 128 characters.", metavar="NAME")],
    time_zone: Annotated[
        str, typer.Option("--time-zone", help="IANA name, listed name or number.", metavar="TZ")
    ],
    sync_time: Annotated[
        bool, typer.Option("--sync-time", help="Let the devices take over the time zone.")
    ] = False,
    state: State = None,
    city: City = None,
    street: Street = None,
    address: Address = None,
) -> None:
    """Add a site and print its id.

    `hpcli timezones` lists the time zones. The id is looked up for up to 15 seconds.

    $ hpcli site add --name "Haus Lindner" --time-zone Europe/Berlin
    $ hpcli site add --name "Mill Lane 4" --time-zone 48 --city Leeds --street "Mill Lane 4"
    """
    given = _given_address(state, city, street, address)
    ctx.change(
        name,
        lambda: ctx.client.site.add(name, time_zone, sync_time=sync_time, address=given),
        f"Added the site '{name}'.",
        new_id=lambda row: str(row["id"]),
    )


@app.verb("update", UPDATE, SEARCH)
def update_site(
    ctx: Context,
    site: SiteArgument,
    name: Annotated[str | None, typer.Option(help="New name, up to 128 characters.", metavar="NAME")] = None,
    state: State = None,
    city: City = None,
    street: Street = None,
    address: Address = None,
) -> None:
    """Rename a site or change its address.

    What you do not name stays; an empty text ("") clears a part of the address.

    $ hpcli site update "Neubau Kiefernweg 7" --name "Kiefernweg 7"
    $ hpcli site update "Harbour View Hotel" --street "Citadel Road 5"
    """
    given = _given_address(state, city, street, address)
    if name is None and not given:
        raise UsageError(
            "Nothing is to be changed.", hint="Give --name, --state, --city, --street or --address."
        )
    row = ctx.client.site.find(site)
    # The guide does not say whether fields left out are kept, so those that have a value go along.
    present = {option: str(row[key]) for option, key in ADDRESS_FIELDS.items() if row.get(key)}
    new_name = name if name is not None else str(row["siteName"])
    ctx.change(
        str(row["id"]),
        lambda: ctx.client.site.update(str(row["id"]), new_name, address=present | given),
        f"Updated the site '{new_name}'.",
    )


@app.verb("delete", DELETE, SEARCH, SEARCH_DEVICES)
def delete_site(ctx: Context, site: SiteArgument) -> None:
    """Delete a site with all its devices.

    Shows what goes with it and wants the site's name typed; there is no way back.

    $ hpcli site delete "Neubau Kiefernweg 7"
    $ hpcli site delete "Neubau Kiefernweg 7" --yes
    """
    row = ctx.client.site.find(site)
    name, site_id = str(row["siteName"]), str(row["id"])
    devices = list(ctx.client.device.list(site_id=site_id))
    for device in devices[:_LISTED]:
        ctx.say(f"  {device.get('deviceSerial')}  {device.get('deviceName')}")
    if len(devices) > _LISTED:
        ctx.say(f"  … and {len(devices) - _LISTED} more")
    count = f"its {len(devices)} devices" if len(devices) != 1 else "its one device"
    with_them = f"with {count}" if devices else "(it has no devices)"
    ctx.confirm(f"Delete the site '{name}' {with_them}?", typed=name)
    ctx.change(site_id, lambda: ctx.client.site.delete(site_id), f"Deleted the site '{name}' {with_them}.")


def _given_address(
    state: str | None, city: str | None, street: str | None, address: str | None
) -> dict[str, str]:
    parts = {"state": state, "city": city, "street": street, "address": address}
    return {option: text for option, text in parts.items() if text is not None}


app.verb("share", SHARE, SEARCH)(share_site)
app.verb("unshare", UNSHARE, SEARCH)(unshare_site)
app.verb("assign", ASSIGN, SEARCH, MANAGERS, SEARCH_INSTALLERS)(assign_managers)
app.verb("managers", MANAGERS, SEARCH)(list_managers)
app.verb("handover", HANDOVER, SEARCH, SEARCH_DEVICES)(hand_over)
app.verb("app-access", APP_ACCESS, SEARCH)(set_app_access)
