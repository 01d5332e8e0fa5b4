"""`hpcli site list`: the sites of your customers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from hpcli.api.operations.site import SEARCH
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.options import Limit, Search, complete_codes
from hpcli.commands.framework.site_table import SITES
from hpcli.commands.framework.verb import calls
from hpcli.parse import naming
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.api.rows.site import SiteRow


def _with_state(rows: Iterator[SiteRow], state: str | None) -> Iterator[SiteRow]:
    """Keep the sites in a handover state; the platform cannot filter by it."""
    if not state:
        return rows
    from hpcli.reference.codes import code_list

    with naming("--state"):
        wanted = code_list("siteDeliveryStatus").value_of(state)
    return (row for row in rows if row.get("siteDeliveryStatus") == wanted)


@calls(SEARCH)
@lists
def list_sites(
    ctx: Context,
    search: Search = None,
    state: Annotated[
        str | None,
        typer.Option(
            help="Handover state: not-handed-over, handing-over or handed-over.",
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
