"""`hpcli customer remove`: remove end users from a site."""

from typing import Annotated

from hpcli.api.operations.customer import LIST, REMOVE
from hpcli.api.operations.site import SEARCH
from hpcli.client.handover_permissions import account_entry
from hpcli.client.rows import needed, site_label
from hpcli.commands.framework.batches import change_in_batches
from hpcli.commands.framework.options import SiteArgument, several
from hpcli.commands.framework.targets import one
from hpcli.commands.framework.verb import calls
from hpcli.plurals import counted
from hpcli.run.context import Context


@calls(REMOVE, SEARCH, LIST)
@one("accounts belong to one site; several of them can be named")
def remove_customers(
    ctx: Context,
    site: SiteArgument,
    accounts: Annotated[list[str], several("E-mail addresses or phone numbers", "ACCOUNT")],
) -> None:
    """Remove end users from a site.

    $ hpcli customer remove "Bäckerei Grünwald" +498955501200
    """
    names = ctx.inputs.read_list(accounts, "account")
    for name in names:
        account_entry(name)  # report errors before asking
    row = ctx.lookups.site_named(site)
    site_id = needed(row, "id")
    ctx.confirm(f"Remove {counted(names, 'end user')} from '{site_label(row)}'?")
    change_in_batches(
        ctx,
        names,
        lambda some: ctx.client.customer.remove(site_id, some),
        lambda name, _data: f"Removed {name} from '{site_label(row)}'.",
        read_present=lambda: (one.get("hcAccount") for one in ctx.client.customer.list(site_id)),
    )
