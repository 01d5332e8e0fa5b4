"""`hpcli site share`: share a site with an installation partner."""

from shlex import quote
from typing import Annotated

import typer

from hpcli.api.operations.site import SEARCH, SHARE
from hpcli.client.rows import needed, site_label
from hpcli.client.site import share_terms
from hpcli.commands.framework.options import SiteArgument, complete_codes
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.parse import naming
from hpcli.reference.codes import code_list
from hpcli.run.context import Context


@calls(SHARE, SEARCH)
@many("site", question="Share {targets} with {email} ({duration})?")
def share_site(
    ctx: Context,
    site: SiteArgument,
    email: Annotated[
        str, typer.Option(help="E-mail address of an employee of the partner company.", metavar="EMAIL")
    ],
    duration: Annotated[
        str,
        typer.Option(
            "--for",
            help="Duration: 1h, 2h, 4h, 8h, 24h or permanent.",
            metavar="DURATION",
            autocompletion=complete_codes("applyTimeType"),
        ),
    ],
    note: Annotated[str | None, typer.Option(help="Message to that employee.", metavar="TEXT")] = None,
) -> None:
    """Share a site with an installation partner.

    Only a site that is not handed over can be shared.

    $ hpcli site share "Neubau Kiefernweg 7" --email partner@example.org --for 4h
    """
    with naming("--for"):  # report errors before asking
        code_list("applyTimeType").value_of(duration)
    with naming("--email"):
        share_terms(email, duration)
    row = ctx.lookups.site_named(site)
    name, site_id = site_label(row), needed(row, "id")
    ctx.confirm(f"Share the site '{name}' with {email} ({duration})?")
    ctx.change(
        site_id,
        lambda: ctx.client.site.share(site_id, email, duration=duration, note=note),
        f"Offered '{name}' to {email}; `hpcli site show {quote(site)}` shows when it is shared.",
    )
