"""`hpcli fleet snapshot`: keep the state of the account."""

from typing import Annotated

import typer

from hpcli.api.operations.arc import SEARCH as SEARCH_ARC
from hpcli.api.operations.customer import DETAIL, LIST
from hpcli.api.operations.device.devices import SEARCH as SEARCH_DEVICES
from hpcli.api.operations.health import REPORT
from hpcli.api.operations.site import MANAGERS, SEARCH
from hpcli.commands.fleet.export import FreshOption, show_written, summary
from hpcli.commands.framework.verb import calls
from hpcli.parse import parse_duration
from hpcli.plurals import quantity
from hpcli.run.context import Context


@calls(SEARCH, SEARCH_DEVICES, SEARCH_ARC, MANAGERS, LIST, DETAIL, REPORT)
def take_snapshot(
    ctx: Context,
    keep: Annotated[
        str, typer.Option(help="Remove snapshots of this account older than this.", metavar="DURATION")
    ] = "30d",
    fresh: FreshOption = False,
) -> None:
    """Keep the state of the account on this computer.

    Take one a day, such as with cron. `hpcli fleet diff @7d now` then shows what has
    changed in a week. A snapshot has what `fleet export` writes.

    $ hpcli fleet snapshot --keep 365d
    """
    from hpcli.commands.fleet.account import fleet_folder, raise_incomplete, read_document
    from hpcli.fleet.snapshots import Snapshots

    oldest = ctx.run.now() - parse_duration(keep)
    if ctx.plans_only("Would take a snapshot of the account."):
        return
    snapshots = Snapshots(fleet_folder(ctx, ctx.run.session, "snapshots"))
    document = read_document(ctx, fresh=fresh)
    file = snapshots.write(document, ctx.run.now())
    removed = snapshots.remove_before(oldest)
    older = f"; removed {quantity(removed, 'older one')}" if removed else ""
    ctx.info(f"Took a snapshot of {summary(document)}{older}.")
    show_written(ctx, file, document)
    raise_incomplete(document)
