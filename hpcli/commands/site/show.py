"""`hpcli site show`: everything that is known of a site."""

from hpcli.api.operations.site import SEARCH
from hpcli.commands.framework.options import SiteArgument
from hpcli.commands.framework.site_table import one_site_view
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.output import Format
from hpcli.run.context import Context
from hpcli.run.device_counts import DeviceCounts


@calls(SEARCH)
@many("site", selected=True, needs_rows=True)
def show_site(ctx: Context, site: SiteArgument) -> None:
    """Show everything that is known of a site.

    $ hpcli site show "Harbour View Hotel"
    """
    row = ctx.lookups.site(site)
    counts = DeviceCounts(ctx.run.session).fresh() if ctx.run.options.format is Format.TABLE else None
    if counts is not None and (found := counts.get(str(row.get("id")))):
        row = {**row, "devices": found.devices, "offlineDevices": found.offline}
    ctx.show_one(row, one_site_view(ctx.run.now()))
