"""`hpcli log list`: the changes sent from this computer."""

from typing import Annotated

import typer

from hpcli.commands.framework.lists import lists
from hpcli.commands.log.tables import change_row, change_view, target_words
from hpcli.local.change_records import Query
from hpcli.parse import epoch_milliseconds, parse_since, parse_until
from hpcli.run.context import Context


@lists
def list_changes(
    ctx: Context,
    since: Annotated[
        str | None, typer.Option(help="From this time on: time, date, or how long ago.", metavar="TIME")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Up to this time: time, date, or how long ago.", metavar="TIME")
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            help="Id or name of a site, serial, account, id or employee number of a person.",
            metavar="TARGET",
        ),
    ] = None,
    command: Annotated[
        str | None, typer.Option(help="A family or a command, such as 'site update'.", metavar="COMMAND")
    ] = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="Only those that failed or whose outcome is not known.")
    ] = False,
) -> None:
    """List the changes sent from this computer.

    The newest come first. The log has every change that hpcli sent, with its outcome:
    done, failed, partial (some of its targets failed), unknown (no usable answer came) or
    sent (hpcli ended before the answer came). What was undone says by which change.
    Changes of the sandbox are kept apart: --profile sandbox lists them.

    $ hpcli log list --since 7d
    $ hpcli log list --target Q10254783 --failed
    $ hpcli log list --command site --count-by command,outcome
    """
    now = ctx.run.now()
    query = Query(
        None if since is None else epoch_milliseconds(parse_since(since, now)),
        None if until is None else epoch_milliseconds(parse_until(until, now)),
        None if target is None else target_words(ctx, target),
        command,
        is_failed=failed,
        is_sandbox=ctx.settings.is_sandbox,
    )
    ctx.show(map(change_row, ctx.run.changes.log.read(query)), change_view(ctx))
