"""`hpcli alarms prune`: remove old alarms from the journal."""

from __future__ import annotations

from typing import Annotated

import typer

from hpcli.commands.alarms.journal import JournalPath, open_journal, reading
from hpcli.commands.framework.verb import calls
from hpcli.parse import epoch_milliseconds, parse_duration
from hpcli.plurals import quantity
from hpcli.run.context import Context


@calls(asks=True)
def prune_journal(
    ctx: Context,
    older: Annotated[
        str | None,
        typer.Option(
            help="Remove what is older; journal-days and journal-size without it.", metavar="DURATION"
        ),
    ] = None,
    journal: JournalPath = None,
) -> None:
    """Remove old alarms from the journal.

    Pictures in the journal's own folder go with them. What was not printed yet
    stays, and so does what has pictures to come. A running tail does this by
    itself every hour.

    $ hpcli alarms prune
    $ hpcli alarms prune --older 7d --yes
    """
    from hpcli.alarms.journal.retention import Retention, count_old, prune, used_bytes
    from hpcli.output import show_size

    folder = ctx.run.session.alarms_folder
    seconds = parse_duration(older).total_seconds() if older else ctx.settings.get("journal-days") * 86400.0
    keep = Retention(seconds, None if older else ctx.settings.get("journal-size"), folder / "pictures")
    now = epoch_milliseconds(ctx.run.now())
    with reading(ctx, journal) as read:
        count = read(lambda db: count_old(db, keep, now))
        is_too_large = keep.size is not None and read(used_bytes) > keep.size
    if not count and not is_too_large:
        ctx.info("Nothing in the journal is that old.")
        return
    what = f"up to {quantity(count, 'event')}" + (" and the oldest beyond its size" if is_too_large else "")
    if ctx.settings.get("dry-run"):
        ctx.info(f"This would remove {what}.")
        return
    ctx.confirm(f"Remove {what} from the journal for good?")
    with open_journal(ctx, journal) as kept:
        removed = prune(kept.write, keep, now)
        kept.compact()
        size = kept.read(used_bytes)
    ctx.info(f"Removed {quantity(removed, 'event')}; the journal holds {show_size(size)}.")
