"""`hpcli customer remove`: take a site away from end users."""

from typing import Annotated

from hpcli.api.operations.customer import REMOVE
from hpcli.api.operations.site import SEARCH
from hpcli.client.handover_permissions import account_entry
from hpcli.commands.framework.options import SiteArgument, several
from hpcli.commands.framework.verb import calls
from hpcli.run.context import Context


@calls(REMOVE, SEARCH)
def remove_customers(
    ctx: Context,
    site: SiteArgument,
    accounts: Annotated[list[str], several("E-mail addresses or phone numbers", "ACCOUNT")],
) -> None:
    """Take a site away from end users.

    $ hpcli customer remove "Bäckerei Grünwald" +498955501200
    """
    names = ctx.inputs.read_list(accounts, "account")
    for name in names:
        account_entry(name)  # what is wrong is told before anybody is asked
    row = ctx.client.site.find(site)
    ctx.confirm(f"Take '{row['siteName']}' away from {', '.join(names)}?")
    ctx.each(
        names,
        lambda name: ctx.client.customer.remove(str(row["id"]), [name]),
        lambda name, _data: f"{name} has no access to '{row['siteName']}' any more.",
    )
