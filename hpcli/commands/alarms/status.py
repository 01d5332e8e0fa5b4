"""`hpcli alarms status`: the state of the journal and its reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hpcli.commands.alarms.journal import JournalPath, reading
from hpcli.parse import epoch_milliseconds
from hpcli.run.context import Context

if TYPE_CHECKING:
    import sqlite3

    Read = Callable[[Callable[[sqlite3.Connection], Any]], Any]


def show_status(ctx: Context, journal: JournalPath = None) -> None:
    """Show the state of the journal and its reader.

    $ hpcli alarms status
    $ hpcli alarms status -o json --query 'reader != `null`'
    """
    from contextlib import closing

    from hpcli.alarms.journal.schema import open_in_memory
    from hpcli.alarms.journal.status import read_status
    from hpcli.alarms.tail.reader_lock import find_reader
    from hpcli.alarms.tail.subscription import load_subscription
    from hpcli.commands.alarms.tables import status_view

    folder = ctx.run.session.alarms_folder
    now = epoch_milliseconds(ctx.run.now())
    if (journal or folder / "journal.db").exists():
        with reading(ctx, journal) as read:
            status = read(lambda db: read_status(db, now))
    else:
        with closing(open_in_memory()) as empty:
            status = {**read_status(empty, now), "size": 0}
    reader, subscription = find_reader(folder), load_subscription(folder)
    row = {
        "reader": None if reader is None else {"pid": reader.pid, "since": reader.since},
        **status,
        "subscription": None if subscription is None else subscription.words,
        "journal": str(journal or folder / "journal.db"),
    }
    ctx.show_one(row, status_view())
