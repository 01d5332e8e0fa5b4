"""A journal as the first edition wrote it: 24 events of one account, four of them with saved pictures."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hpcli.alarms.journal.renewal import NOTHING, Knowledge, renew_chunk
from hpcli.alarms.journal.writer import Journal

DATA = Path(__file__).parents[1] / "alarms/data/journal-first-edition.db.gz"
ACCOUNT = "7728dd4df7cbe7ea"
"""The account of the stand-in that a command starts itself."""

ENTRIES, EVENTS = 28, 24


def put_old_journal(folder: Path) -> Path:
    """Put the journal into an account's folder, and return its path."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "journal.db"
    path.write_bytes(gzip.decompress(DATA.read_bytes()))
    return path


def change(path: Path, statement: str, *values: Any) -> None:
    """Change a journal without hpcli."""
    db = sqlite3.connect(path)
    with db:
        db.execute(statement, values)
    db.close()


def renew(journal: Journal, known: Knowledge = NOTHING) -> None:
    """Decode all entries again."""
    while journal.write(lambda db: renew_chunk(db, known)):
        continue


def rows(journal: Journal, query: str) -> list[Any]:
    """Return what a query finds."""
    read: Callable[[sqlite3.Connection], list[Any]] = lambda db: db.execute(query).fetchall()  # noqa: E731 - typed
    return journal.read(read)
