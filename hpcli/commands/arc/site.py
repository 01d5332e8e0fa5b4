"""`hpcli arc site`: a site with its installer and its owner."""

from hpcli.api.operations.arc import SITE
from hpcli.api.operations.site import SEARCH as SEARCH_SITES
from hpcli.commands.framework.options import SiteArgument
from hpcli.commands.framework.site_table import SITES
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.output import Column, View
from hpcli.reference.document import answer_fields
from hpcli.run.context import Context

ARC_SITE = View(
    noun="site",
    id="id",
    columns=(
        *(column for column in SITES.columns if column.title not in ("HANDOVER", "ID")),
        Column("INSTALLER", "installerEmail", wide=True),
        Column("INSTALLER'S PHONE", "installerPhone"),
        Column("OWNER", "siteOwnerName", wide=True),
        Column("OWNER'S EMAIL", "siteOwnerEmail", wide=True),
        Column("OWNER'S PHONE", "siteOwnerPhone"),
        *(column for column in SITES.columns if column.title == "ID"),
    ),
    fields=lambda: answer_fields(SITE.method, SITE.path),
)


@calls(SITE, SEARCH_SITES)
@many("site", selected=True)
def show_site(ctx: Context, site: SiteArgument) -> None:
    """Show a site with its installer and its owner.

    Available to users with an ARC id.

    $ hpcli arc site "Colegio San Martín"
    """
    ctx.show_one(ctx.client.arc.site(ctx.lookups.site_id(site)), ARC_SITE)
