"""`hpcli customer replace`: put another account in place of an end user's."""

from typing import Annotated

import typer

from hpcli.api.operations.customer import REPLACE
from hpcli.api.operations.site import SEARCH
from hpcli.client.customer import replacement
from hpcli.commands.framework.options import SiteArgument
from hpcli.commands.framework.verb import calls
from hpcli.run.context import Context


@calls(REPLACE, SEARCH)
def replace_customer(
    ctx: Context,
    site: SiteArgument,
    old: Annotated[str, typer.Argument(help="Present account.", metavar="OLD")],
    new: Annotated[str, typer.Argument(help="Account to put in its place.", metavar="NEW")],
) -> None:
    """Put another account in the place of an end user's.

    $ hpcli customer replace "Bäckerei Grünwald" +498955501200 +498955501299
    """
    replacement(old, new)  # what is wrong is told before anybody is asked
    row = ctx.client.site.find(site)
    ctx.confirm(f"Replace {old} by {new} on '{row['siteName']}'?")
    ctx.change(
        old,
        lambda: ctx.client.customer.replace(str(row["id"]), old, new),
        f"{new} takes the place of {old} on '{row['siteName']}'.",
    )
