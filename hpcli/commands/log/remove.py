"""`hpcli log prune` and `forget`: remove what the log has."""

from typing import Annotated

import typer

from hpcli.commands.framework.verb import calls
from hpcli.commands.log.tables import target_words
from hpcli.local.change_records import Query
from hpcli.parse import epoch_milliseconds, parse_duration
from hpcli.plurals import quantity
from hpcli.run.context import Context


@calls(asks=True)
def prune_log(
    ctx: Context,
    older: Annotated[str, typer.Option(help="Remove changes older than this.", metavar="DURATION")],
) -> None:
    """Remove old changes from the log.

    $ hpcli log prune --older 400d --yes
    """
    end = epoch_milliseconds(ctx.run.now() - parse_duration(older))
    log, is_sandbox = ctx.run.changes.log, ctx.settings.is_sandbox
    count = len(log.read(Query(until=end, is_sandbox=is_sandbox)))
    if not count:
        ctx.info("The log has no changes that old.")
        return
    if ctx.plans_only(f"Would remove {quantity(count, 'change')} from the log."):
        return
    ctx.confirm(f"Permanently remove {quantity(count, 'change')} from the log?")
    removed = log.prune(end, is_sandbox=is_sandbox)
    ctx.info(f"Removed {quantity(removed, 'change')} from the log.")


@calls(asks=True)
def forget_target(
    ctx: Context,
    target: Annotated[
        str, typer.Argument(help="Id of a site, serial, account or id of a person.", metavar="TARGET")
    ],
) -> None:
    """Remove the values of a site, device or person.

    That changes were made stays in the log, with time, user, call and outcome; the values,
    targets, reasons and command lines are removed.

    $ hpcli log forget maria.gruenwald@baeckerei.example --yes
    """
    log, is_sandbox = ctx.run.changes.log, ctx.settings.is_sandbox
    words = target_words(ctx, target)
    count = len(log.read(Query(targets=words, is_sandbox=is_sandbox)))
    if not count:
        ctx.info(f"The log has no changes of {target}.")
        return
    if ctx.plans_only(f"Would remove the values of {quantity(count, 'change')} from the log."):
        return
    ctx.confirm(f"Permanently remove the values of {quantity(count, 'change')} of {target} from the log?")
    ctx.info(f"Removed the values of {quantity(log.forget(words, is_sandbox=is_sandbox), 'change')}.")
