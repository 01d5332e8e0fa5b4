"""Notes that people make on events: kept beside the events, outside the chain."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hpcli.alarms.event.event import Acknowledgement, Note

if TYPE_CHECKING:
    import sqlite3


def add_note(db: sqlite3.Connection, entries: Sequence[int], note: Note) -> None:
    """Add a note to events; earlier ones stay."""
    for entry in entries:
        row = db.execute("SELECT notes FROM ack WHERE entry=?", (entry,)).fetchone()
        notes = json.dumps([*(json.loads(row[0]) if row else ()), note])
        db.execute("INSERT OR REPLACE INTO ack (entry, notes) VALUES (?, ?)", (entry, notes))


def acknowledgement_of(stored: str | None) -> Acknowledgement | None:
    """Return the notes of an event as it shows them, from what the journal stores."""
    if stored is None:
        return None
    notes: list[Note] = json.loads(stored)
    *earlier, last = notes
    return {**last, "earlier": earlier}
