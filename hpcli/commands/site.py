"""`hpcli site`: sites of your customers."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from hpcli.client.site import SEARCH
from hpcli.commands.family import Family
from hpcli.commands.options import Limit, Search, SiteArgument
from hpcli.context import Context, coded, numbered
from hpcli.output import Column, View
from hpcli.reference import answer_fields, code_list, time_zone_by_number

app = Family("site", "Sites of your customers.")


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
    wanted = code_list("siteDeliveryStatus").value_of(state) if state else None
    return (row for row in rows if wanted is None or row.get("siteDeliveryStatus") == wanted)


@app.verb("list", SEARCH)
def list_sites(
    ctx: Context,
    search: Search = None,
    state: Annotated[
        str | None, typer.Option(help="not-handed-over, handing-over or handed-over.", metavar="STATE")
    ] = None,
    limit: Limit = None,
) -> None:
    """List the sites.

    $ hpcli site list
    $ hpcli site list --search villa --state handed-over
    $ hpcli site list -o ids
    """
    ctx.show(numbered(_with_state(ctx.client.site.list(search), state), limit), SITES)


@app.verb("show", SEARCH)
def show_site(ctx: Context, site: SiteArgument) -> None:
    """Show one site.

    $ hpcli site show "Villa Rosengarten"
    """
    ctx.show_one(ctx.client.site.find(site), SITES)
