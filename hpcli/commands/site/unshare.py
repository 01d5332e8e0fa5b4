"""`hpcli site unshare`: stop sharing a site."""

from hpcli.api.operations.site import SEARCH, UNSHARE
from hpcli.client.rows import needed, site_label
from hpcli.commands.framework.options import SiteArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.run.context import Context


@calls(UNSHARE, SEARCH)
@many("site", question="Stop sharing {targets}?")
def unshare_site(ctx: Context, site: SiteArgument) -> None:
    """Stop sharing a site with a partner.

    $ hpcli site unshare "Harbour View Hotel"
    """
    row = ctx.lookups.site_named(site)
    name, site_id = site_label(row), needed(row, "id")
    ctx.confirm(f"Stop sharing the site '{name}'?")
    ctx.change(site_id, lambda: ctx.client.site.unshare(site_id), f"'{name}' is no longer shared.")
