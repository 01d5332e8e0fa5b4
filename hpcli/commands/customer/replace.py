"""`hpcli customer replace`: replace an end user's account by another."""

from typing import Annotated

import typer

from hpcli.api.operations.customer import LIST, REPLACE
from hpcli.api.operations.site import SEARCH
from hpcli.client.customer import replacement
from hpcli.client.rows import needed, site_label
from hpcli.commands.framework.options import SiteArgument
from hpcli.commands.framework.targets import one
from hpcli.commands.framework.verb import calls
from hpcli.run.context import Context


@calls(REPLACE, SEARCH, LIST)
@one("an account belongs to the end user of one site")
def replace_customer(
    ctx: Context,
    site: SiteArgument,
    old: Annotated[str, typer.Argument(help="Current account.", metavar="OLD")],
    new: Annotated[str, typer.Argument(help="New account.", metavar="NEW")],
) -> None:
    """Replace an end user's account by another.

    $ hpcli customer replace "Bäckerei Grünwald" +498955501200 +498955501299
    """
    replacement(old, new)  # report errors before asking
    row = ctx.lookups.site_named(site)
    ctx.confirm(f"Replace {old} by {new} on '{site_label(row)}'?")
    ctx.change(
        old,
        lambda: ctx.client.customer.replace(needed(row, "id"), old, new),
        f"Replaced {old} by {new} on '{site_label(row)}'.",
    )
