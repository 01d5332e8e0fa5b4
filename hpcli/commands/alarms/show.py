"""`hpcli alarms show`: show one event."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpcli.commands.alarms.hold import EVENT_HELP
from hpcli.commands.alarms.journal import JournalPath, knowledge, known_sites, reading
from hpcli.run.context import Context

if TYPE_CHECKING:
    import sqlite3

    Read = Callable[[Callable[[sqlite3.Connection], Any]], Any]


def show_event(
    ctx: Context,
    event: Annotated[str, typer.Argument(help=EVENT_HELP, metavar="ID")],
    journal: JournalPath = None,
) -> None:
    """Show one event with its pictures and raw message.

    Name an event by its id, the beginning of its id, its number, or `last` for the newest
    one. Tail and history show the number on a terminal of 100 columns or more.

    $ hpcli alarms show last
    """
    from hpcli.alarms.journal.entries import event_of
    from hpcli.alarms.journal.event_names import read_named
    from hpcli.alarms.journal.pictures import has_due_pictures
    from hpcli.commands.alarms.tables import event_view

    sites = known_sites(ctx)
    known = knowledge(ctx, sites)
    with reading(ctx, journal) as read:
        entry = read(lambda db: read_named(db, event, known))
        is_fetching = read(lambda db: has_due_pictures(db, entry.seq))
    ctx.show_one(
        event_of(entry, redelivered=entry.repeats > 0),
        event_view(utc=ctx.run.options.utc, sites=sites, is_fetching=is_fetching),
    )
