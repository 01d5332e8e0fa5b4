"""`hpcli site show`: one site."""

from hpcli.api.operations.site import SEARCH
from hpcli.commands.framework.options import SiteArgument
from hpcli.commands.framework.verb import calls
from hpcli.commands.site.tables import SITES
from hpcli.run.context import Context


@calls(SEARCH)
def show_site(ctx: Context, site: SiteArgument) -> None:
    """Show one site.

    $ hpcli site show "Harbour View Hotel"
    """
    ctx.show_one(ctx.client.site.find(site), SITES)
