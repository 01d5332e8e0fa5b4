"""`hpcli site show`: one site."""

from hpcli.api.operations.site import SEARCH
from hpcli.commands.framework.options import SiteArgument
from hpcli.commands.framework.site_table import SITES
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.run.context import Context


@calls(SEARCH)
@many("site", selected=True, needs_rows=True)
def show_site(ctx: Context, site: SiteArgument) -> None:
    """Show one site.

    $ hpcli site show "Harbour View Hotel"
    """
    ctx.show_one(ctx.lookups.site(site), SITES)
