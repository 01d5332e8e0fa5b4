"""`hpcli customer list`: the end users of a site."""

from hpcli.api.operations.customer import LIST
from hpcli.api.operations.site import SEARCH
from hpcli.commands.framework.columns import code_column
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.options import SiteArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.output import Column, View
from hpcli.reference.document import answer_fields
from hpcli.run.context import Context

CUSTOMERS = View(
    noun="end user",
    id="hcAccount",
    columns=(
        Column("ACCOUNT", "hcAccount", wide=True),
        code_column("KIND", "type", "accountType", priority=1),
        code_column("STATE", "status", "customerStatus"),
    ),
    fields=lambda: answer_fields(LIST.method, LIST.path),
)


@calls(LIST, SEARCH)
@lists
@many("site", selected=True)
def list_customers(ctx: Context, site: SiteArgument) -> None:
    """List the end users of a site.

    $ hpcli customer list "Bäckerei Grünwald"
    """
    site_id = ctx.lookups.site_id(site)
    ctx.show(ctx.client.customer.list(site_id), CUSTOMERS)
