"""`hpcli alarms show`: show one event."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpcli.commands.alarms.journal import JournalPath, knowledge, known_sites, reading
from hpcli.errors import NotFoundError
from hpcli.run.context import Context

if TYPE_CHECKING:
    import sqlite3

    Read = Callable[[Callable[[sqlite3.Connection], Any]], Any]


def show_event(
    ctx: Context,
    event: Annotated[str, typer.Argument(help="Id of the event.", metavar="ID")],
    journal: JournalPath = None,
) -> None:
    """Show one event with its pictures and raw message.

    $ hpcli alarms show "$(hpcli alarms history -o ids | tail -1)"
    """
    from hpcli.alarms.journal.entries import event_of
    from hpcli.alarms.journal.queries import read_entry
    from hpcli.commands.alarms.tables import event_view

    sites = known_sites(ctx)
    known = knowledge(ctx, sites)
    with reading(ctx, journal) as read:
        entry = read(lambda db: read_entry(db, event, known))
    if entry is None:
        raise NotFoundError(
            f"The journal has no event '{event}'.", hint="`hpcli alarms history -o ids` lists the ids."
        )
    ctx.show_one(
        event_of(entry, redelivered=entry.repeats > 0),
        event_view(utc=ctx.run.options.utc, sites=sites),
    )
