"""`hpcli alarms prune`: remove old alarms from the journal."""

from __future__ import annotations

from typing import Annotated

import typer

from hpcli.api.operations.site import SEARCH
from hpcli.commands.alarms.journal import JournalPath, open_journal, reading
from hpcli.commands.framework.verb import calls
from hpcli.errors import LocalError
from hpcli.parse import epoch_milliseconds, parse_duration
from hpcli.plurals import quantity
from hpcli.run.context import Context


@calls(SEARCH, asks=True)
def prune_journal(
    ctx: Context,
    older: Annotated[
        str | None,
        typer.Option(
            help="Remove events older than this; by default the settings journal-days and journal-size decide.",
            metavar="DURATION",
        ),
    ] = None,
    journal: JournalPath = None,
) -> None:
    """Remove old alarms from the journal.

    This also removes their pictures from the journal's own folder. Events that are
    not printed yet, or still wait for pictures, stay. A running tail prunes the
    journal every hour. Nothing is removed while this computer's clock and the
    platform's differ by more than 5 minutes.

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
        ctx.info("The journal has no events that old.")
        return
    if count:
        _check_clock(ctx)
    what = f"up to {quantity(count, 'event')}" + (" and the oldest beyond its size" if is_too_large else "")
    if ctx.settings.get("dry-run"):
        ctx.info(f"Would remove {what}.")
        return
    ctx.confirm(f"Permanently remove {what} from the journal?")
    with open_journal(ctx, journal) as kept:
        removed = prune(kept.write, keep, now)
        kept.compact()
        size = kept.read(used_bytes)
    ctx.info(f"Removed {quantity(removed, 'event')}; the journal holds {show_size(size)}.")


def _check_clock(ctx: Context) -> None:
    """Compare the clock that ages are counted by with the platform's.

    Raises:
        LocalError: they differ; nothing was removed.
        HpcliError: the platform does not answer.
    """
    from hpcli.alarms.clock import MOST_DIFFERENCE, difference_words

    next(ctx.client.site.list(limit=1), None)  # any answer says what time it is
    theirs = ctx.client.transport.platform_time()
    ahead = None if theirs is None else ctx.run.now() - theirs
    if ahead is not None and abs(ahead) > MOST_DIFFERENCE:
        raise LocalError(
            f"{difference_words(ahead)} Nothing was removed.",
            hint="Correct the clock first: let this computer use NTP.",
        )
