"""How people name an event: by its id, the beginning of that, its number on the screen, or `last`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from hpcli.alarms.journal.queries import read_numbered
from hpcli.alarms.journal.renewal import NOTHING, Knowledge
from hpcli.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    import sqlite3

    from hpcli.alarms.journal.entries import Entry

LAST: Final = "last"
_LEAST: Final = 4
"""Characters of an id that may stand for it; shorter ones are too often typing mistakes."""

_MOST_DIGITS: Final = 9
"""A longer number is the beginning of an id."""

_SHOWN: Final = 5
_LONGEST: Final = 64
"""Characters of a name in a message."""


def find_number(db: sqlite3.Connection, name: str) -> int:
    """Return the number of an event.

    Args:
        db: a connection, inside a transaction.
        name: its id; else its number, `last` for the newest one, or the beginning of its id.

    Raises:
        NotFoundError: the journal has no such event.
        UsageError: several ids begin so.
    """
    if row := db.execute("SELECT seq FROM entry WHERE id=?", (name,)).fetchone():
        return int(row[0])
    digits = name.removeprefix("#")
    if digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS:
        found = db.execute("SELECT seq FROM entry WHERE seq=? AND about IS NULL", (int(digits),)).fetchall()
    elif name.lower() == LAST:
        found = db.execute("SELECT max(seq) FROM entry WHERE about IS NULL AND NOT is_quiet").fetchall()
    elif len(name) >= _LEAST:
        found = db.execute(
            "SELECT seq, id FROM entry WHERE id>=? AND id<? ORDER BY id LIMIT ?",
            (name, name + chr(0x10FFFF), _SHOWN + 1),
        ).fetchall()
    else:
        found = []
    if not found or found[0][0] is None:
        raise NotFoundError(
            f"The journal has no event '{_cut(name)}'.", hint="`hpcli alarms history -o ids` lists the ids."
        )
    if len(found) > 1:
        ids = ", ".join(row[1] for row in found[:_SHOWN]) + ", …" * (len(found) > _SHOWN)
        raise UsageError(
            f"Several events have an id that begins with '{_cut(name)}'.", hint=f"Write more of it: {ids}."
        )
    return int(found[0][0])


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"


def find_numbers(db: sqlite3.Connection, names: Sequence[str]) -> list[int]:
    """Return the numbers of events, each once. Raises like `find_number`."""
    return list(dict.fromkeys(find_number(db, name) for name in names))


def read_named(db: sqlite3.Connection, name: str, known: Knowledge = NOTHING) -> Entry:
    """Return an event; `known` as in `queries.read_page`. Raises like `find_number`."""
    return read_numbered(db, find_number(db, name), known)
