"""What an output remembers from run to run, in the journal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hpcli.alarms.journal.deliveries import find_acknowledged, read_note, write_note

if TYPE_CHECKING:
    import sqlite3

    from hpcli.alarms.forward.kind import Change
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
        return self.journal.read(self._read)

    def update(self, change: Change) -> None:
        """Store what follows from the values, or remove it; it is on the disk when it returns."""
        self.journal.write(lambda db: self._update(db, change))

    def find_settled(self, seqs: Iterable[int]) -> set[int]:
        """Return those of some events that the journal has as acknowledged, or no longer has."""
        return self.journal.read(lambda db: find_acknowledged(db, self.output, seqs))

    def _read(self, db: sqlite3.Connection) -> dict[str, str]:
        return dict(
            db.execute(
                "SELECT name, value FROM forward_note WHERE output=? AND name NOT LIKE '.%'", (self.output,)
            ).fetchall()
        )

    def _update(self, db: sqlite3.Connection, change: Change) -> None:
        for name, value in change(lambda name: read_note(db, self.output, name)).items():
            write_note(db, self.output, name, value)
