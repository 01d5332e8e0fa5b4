"""`hpcli alarms prune`: remove old alarms from the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from hpcli.api.operations.site import SEARCH
from hpcli.commands.alarms.journal import JournalPath, open_journal, reading
from hpcli.commands.framework.verb import calls
from hpcli.errors import HpcliError, LocalError
from hpcli.parse import epoch_milliseconds, parse_duration
from hpcli.plurals import quantity
from hpcli.run.context import Context

if TYPE_CHECKING:
    import sqlite3

    from hpcli.alarms.journal.retention import Retention


_NEEDS_CLOCK: Final = "Nothing was removed: age counts only if the platform confirms this computer's clock."


@calls(SEARCH, asks=True)
def prune_journal(
    ctx: Context,
    older: Annotated[
        str | None,
        typer.Option(
            help="Remove events older than this; by default journal-days, picture-days and journal-size decide.",
            metavar="DURATION",
        ),
    ] = None,
    journal: JournalPath = None,
) -> None:
    """Remove old alarms from the journal.

    Events are kept for journal-days (400), pictures in the journal's own folder
    for picture-days (30), and both up to journal-size (5G): beyond it the oldest
    pictures go first, then the oldest events. Events that are held, not printed
    yet, or still wait for pictures, stay. A running tail prunes the journal every
    hour. Nothing is removed for its age while this computer's clock and the platform's
    differ by more than 5 minutes, or the platform does not answer.

    $ hpcli alarms prune
    $ hpcli alarms prune --older 7d --yes
    """
    from hpcli.alarms.journal.picture_retention import prune_pictures, removed_words
    from hpcli.alarms.journal.retention import picture_bytes, prune, used_bytes
    from hpcli.output import show_size

    keep, now = _retention(ctx, older), epoch_milliseconds(ctx.run.now())
    with reading(ctx, journal) as read:
        what, is_by_age = read(lambda db: _removable(db, keep, now))
    if what is None:
        ctx.info("The journal has no events that old.")
        return
    if is_by_age:
        _check_clock(ctx)
    if ctx.settings.get("dry-run"):
        ctx.info(f"Would remove {what}.")
        return
    ctx.confirm(f"Permanently remove {what} from the journal?")
    with open_journal(ctx, journal) as kept:
        pictures = prune_pictures(kept.write, keep, now)
        removed = prune(kept.write, keep, now)
        kept.compact()
        size = kept.read(used_bytes) + kept.read(picture_bytes)
    ctx.info(f"{removed_words(removed, pictures)}; the journal holds {show_size(size)}.")


def _retention(ctx: Context, older: str | None) -> Retention:
    from hpcli.alarms.journal.retention import Retention
    from hpcli.run.pictures import own_pictures

    if older is not None:
        return Retention(parse_duration(older).total_seconds(), None, own_pictures(ctx))
    days, picture_days = ctx.settings.get("journal-days"), ctx.settings.get("picture-days")
    return Retention(
        days * 86400.0, ctx.settings.get("journal-size"), own_pictures(ctx), picture_days * 86400.0
    )


def _removable(db: sqlite3.Connection, keep: Retention, now: int) -> tuple[str | None, bool]:
    """Return in words what may be removed, None for nothing, and whether any of it is for its age."""
    from hpcli.alarms.journal.picture_retention import count_old_pictures
    from hpcli.alarms.journal.retention import count_old, picture_bytes, used_bytes

    events, pictures = count_old(db, keep, now), count_old_pictures(db, keep, now)
    is_too_large = keep.size is not None and used_bytes(db) + picture_bytes(db) > keep.size
    if not events and not pictures and not is_too_large:
        return None, False
    parts = [quantity(events, "event")] if events or not pictures else []
    parts += [quantity(pictures, "picture")] if pictures else []
    parts += ["the oldest beyond its size"] if is_too_large else []
    return f"up to {' and '.join(parts)}", bool(events or pictures)


def _check_clock(ctx: Context) -> None:
    """Compare the clock that ages are counted by with the platform's.

    Raises:
        LocalError: they differ, or the platform does not say what time it is; nothing was removed.
        HpcliError: the platform does not answer.
    """
    from hpcli.alarms.clock import MOST_DIFFERENCE, NO_WITNESS, difference_words

    try:
        next(ctx.client.site.list(limit=1), None)  # any answer says what time it is
    except HpcliError as error:
        error.hint = f"{_NEEDS_CLOCK} {error.hint or ''}".rstrip()
        raise
    theirs = ctx.client.transport.platform_time()
    if theirs is None:
        raise LocalError(f"{NO_WITNESS} Nothing was removed.", hint=_NEEDS_CLOCK)
    ahead = ctx.run.now() - theirs
    if abs(ahead) > MOST_DIFFERENCE:
        raise LocalError(
            f"{difference_words(ahead)} Nothing was removed.",
            hint="Correct the clock first: let this computer use NTP.",
        )
