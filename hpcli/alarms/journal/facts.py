"""Facts about a journal: whose it is, when the platform was last asked, how pictures are saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3


def note_fact(db: sqlite3.Connection, name: str, value: object) -> None:
    """Store a fact about the journal, such as the time of the last poll."""
    db.execute("INSERT OR REPLACE INTO fact (name, value) VALUES (?, ?)", (name, str(value)))


def read_fact(db: sqlite3.Connection, name: str) -> str | None:
    """Return a fact, None if it is unknown."""
    row = db.execute("SELECT value FROM fact WHERE name=?", (name,)).fetchone()
    return None if row is None else str(row[0])
