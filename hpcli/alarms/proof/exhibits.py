"""The events of a case: each with its place in the chain, and its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpcli.alarms.journal.entries import Entry
from hpcli.alarms.journal.event_names import find_numbers
from hpcli.alarms.journal.queries import read_numbered
from hpcli.alarms.journal.renewal import NOTHING, Knowledge

if TYPE_CHECKING:
    import sqlite3


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One event of a case file.

    Attributes:
        entry: as the journal has it.
        place: its place in the chain: {seq, link, digest, received}; link None where it is older than the chain.
        answer: the answer of the queue that brought it, where it could only be read leniently.
        files: its pictures and originals.
    """

    entry: Entry
    place: dict[str, Any]
    answer: bytes | None
    files: tuple[Path, ...]

    @property
    def folder(self) -> str:
        """The folder of the event in the archive: its id, which the platform chose, in safe characters."""
        safe = "".join(
            character if character.isalnum() or character in "-_" else "_" for character in self.entry.id
        )
        return f"events/{safe[:100] or self.entry.seq}"


def find_exhibits(
    db: sqlite3.Connection, ids: Sequence[str], folder: Path, known: Knowledge = NOTHING
) -> list[Exhibit]:
    """Return the events of a case.

    Args:
        db: a connection, inside a transaction.
        ids: of the events, or other names of `journal.event_names`.
        folder: of the journal, which its relative picture paths belong to.
        known: what entries of older journals, and codes of the user's own table, are decoded with.

    Raises:
        NotFoundError: the journal has no such event.
        UsageError: several have an id that begins so.
    """
    return [_exhibit(db, seq, folder, known) for seq in find_numbers(db, ids)]


def _exhibit(db: sqlite3.Connection, seq: int, folder: Path, known: Knowledge) -> Exhibit:
    import zlib

    entry = read_numbered(db, seq, known)
    digest, link, received, batch = db.execute(
        "SELECT digest, link, received, batch FROM entry WHERE seq=?", (entry.seq,)
    ).fetchone()
    body = db.execute("SELECT body FROM batch_body WHERE batch=? AND body IS NOT NULL", (batch,)).fetchone()
    names = [str(picture["file"]) for picture in entry.pictures if picture.get("file")]
    files = [folder / name for name in names]
    originals = [Path(picture["original"]) for picture in entry.pictures if picture["original"]]
    place = {
        "seq": entry.seq,
        "received": received,
        "digest": None if digest is None else digest.hex(),
        "link": None if link is None else link.hex(),
    }
    found = tuple(path for path in dict.fromkeys([*files, *originals]) if path.is_file())
    return Exhibit(entry, place, None if body is None else zlib.decompress(body[0]), found)
