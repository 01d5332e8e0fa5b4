"""What an output remembers from run to run, in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpcli.alarms.journal.deliveries import write_note

if TYPE_CHECKING:
    import sqlite3

    from hpcli.alarms.journal.writer import Journal


@dataclass
class JournalNotes:
    """The notes of an output in a journal.

    Args:
        journal: where they are.
        output: its name.
    """

    journal: Journal
    output: str

    def read(self) -> dict[str, str]:
        """Return all of it."""
        return self.journal.read(
            lambda db: dict(
                db.execute(
                    "SELECT name, value FROM forward_note WHERE output=? AND name NOT LIKE '.%'",
                    (self.output,),
                ).fetchall()
            )
        )

    def write(self, changes: Mapping[str, str | None]) -> None:
        """Store values, or remove them (None); they are on the disk when it returns."""
        self.journal.write(lambda db: self._write(db, changes))

    def _write(self, db: sqlite3.Connection, changes: Mapping[str, str | None]) -> None:
        for name, value in changes.items():
            write_note(db, self.output, name, value)
