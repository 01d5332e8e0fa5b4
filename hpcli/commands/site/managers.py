"""`hpcli site managers`: the managers of a site."""

from hpcli.api.operations.site import MANAGERS, SEARCH
from hpcli.client.site import PERMANENT
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.options import SiteArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.times import time_shown
from hpcli.commands.framework.verb import calls
from hpcli.commands.site.people import person_name
from hpcli.output import Column, View
from hpcli.reference.document import answer_fields
from hpcli.run.context import Context


@calls(MANAGERS, SEARCH)
@lists
@many("site", selected=True)
def list_managers(ctx: Context, site: SiteArgument) -> None:
    """List the managers of a site.

    Times are in the site's time zone, or in that of this computer where the site is named by id.

    $ hpcli site managers "Bäckerei Grünwald"
    """
    site_id = ctx.lookups.site_id(site)
    when = time_shown(ctx, ctx.lookups.known_site(site).get("timeZone"))
    view = View(
        noun="manager",
        id="installerId",
        columns=(
            Column(
                "NAME", "installerFirstName", show=lambda _value, manager: person_name(manager), wide=True
            ),
            Column("EMAIL", "installerEmail", wide=True, priority=1),
            Column(
                "UNTIL",
                "expireDurationTime",
                show=lambda value, manager: "permanent" if value == PERMANENT else when(value, manager),
            ),
            Column("PHONE", "installerPhone", priority=2),
            Column("ID", "installerId"),
        ),
        fields=lambda: answer_fields(MANAGERS.method, MANAGERS.path),
    )
    ctx.show(ctx.client.site.managers(site_id), view)
