"""Events that no pruning removes, and messages that are erased for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hpcli.alarms.event.event import make_body
from hpcli.alarms.journal.entries import read_body, store_body
from hpcli.alarms.journal.retention import remove_pictures
from hpcli.reference.categories import Category

if TYPE_CHECKING:
    import sqlite3


def hold(db: sqlite3.Connection, seqs: Sequence[int], reason: str, until: int | None, now: int) -> None:
    """Keep events, and the Linkage messages with their pictures, whatever their age.

    Args:
        db: the writing connection.
        seqs: numbers of the events.
        reason: why.
        until: epoch milliseconds, None for good.
        now: epoch milliseconds.
    """
    for seq in _with_links(db, seqs):
        db.execute(
            "INSERT OR REPLACE INTO hold (entry, reason, until, at) VALUES (?, ?, ?, ?)",
            (seq, reason, until, now),
        )


def release(db: sqlite3.Connection, seqs: Sequence[int]) -> int:
    """Let events be pruned again; return how many of them were held."""
    held = 0
    for seq in seqs:
        held += db.execute("SELECT count(*) FROM hold WHERE entry=?", (seq,)).fetchone()[0]
    db.executemany("DELETE FROM hold WHERE entry=?", [(seq,) for seq in _with_links(db, seqs)])
    return held


def _with_links(db: sqlite3.Connection, seqs: Sequence[int]) -> list[int]:
    """Return the events, and those whose pictures are joined to them."""
    found = list(seqs)
    for seq in seqs:
        found += [row[0] for row in db.execute("SELECT DISTINCT entry FROM picture WHERE joined=?", (seq,))]
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Erasure:
    """What is to be erased; an empty part matches all.

    Attributes:
        device: serial.
        person: part of the message, such as a name or an employee number.
        before: received before this time, epoch milliseconds.
    """

    device: str | None = None
    person: str | None = None
    before: int | None = None

    @property
    def words(self) -> str:
        """What it is, for the audit; the person is not named, since that name is what goes."""
        parts = [f"device {self.device}" if self.device else "", "one person" if self.person else ""]
        parts.append("by age" if self.before is not None else "")
        return "erased: " + ", ".join(part for part in parts if part)


def find_erasable(db: sqlite3.Connection, erasure: Erasure) -> list[int]:
    """Return the numbers of events and media lines that match, except held ones and those erased already."""
    conditions = [
        "seq NOT IN (SELECT entry FROM erased)",
        "coalesce(about, seq) NOT IN (SELECT entry FROM hold)",
    ]
    values: list[object] = []
    if erasure.device is not None:
        conditions.append("device=?")
        values.append(erasure.device)
    if erasure.before is not None:
        conditions.append("received<?")
        values.append(erasure.before)
    rows = db.execute(
        f"SELECT seq, about, body, raw, notes FROM entry LEFT JOIN ack ON ack.entry=seq"  # noqa: S608 - ours
        f" WHERE {' AND '.join(conditions)} ORDER BY seq",
        values,
    )
    if erasure.person is None:
        return [row[0] for row in rows]
    person, found = erasure.person.casefold(), set[int]()
    for seq, about, body, raw, notes in rows:
        if about in found or person in f"{{{body}}}{_decoded(raw)}{_decoded(notes)}".casefold():
            found.add(seq)
    return sorted(found)


def _decoded(raw: str | None) -> str:
    """Return a raw message, or notes, without the escapes that JSON may have for letters."""
    import json

    return "" if raw is None else json.dumps(json.loads(raw), ensure_ascii=False)


def count_held(db: sqlite3.Connection, erasure: Erasure) -> int:
    """Return how many held events an erasure of a device or of a time leaves alone."""
    return int(
        db.execute(
            "SELECT count(*) FROM entry e JOIN hold h ON h.entry=e.seq WHERE e.about IS NULL"
            " AND (:device IS NULL OR e.device=:device) AND (:before IS NULL OR e.received<:before)",
            {"device": erasure.device, "before": erasure.before},
        ).fetchone()[0]
    )


def erase(db: sqlite3.Connection, seqs: Sequence[int], erasure: Erasure, folder: Path, now: int) -> None:
    """Remove message, text and pictures of entries; their place, id, times and digest stay.

    Args:
        db: the writing connection.
        seqs: numbers of the entries.
        erasure: what they were found by.
        folder: of the pictures.
        now: epoch milliseconds.
    """
    for seq in seqs:
        remove_pictures(db, seq, folder)
        db.execute("DELETE FROM ack WHERE entry=?", (seq,))
        (body,) = db.execute("SELECT body FROM entry WHERE seq=?", (seq,)).fetchone()
        fields = read_body(body)
        empty = make_body(
            received=fields["received"],
            time=fields["time"],
            time_source=fields["timeSource"],
            kind=fields["type"],
            name=fields["name"],
            category=Category(fields["category"], fields.get("priority", "normal")),
            text="Erased",
        )
        db.execute(
            "UPDATE entry SET raw=NULL, body=?, device=NULL, site=NULL, relation=NULL, pictures=0 WHERE seq=?",
            (store_body(empty), seq),
        )
        db.execute(
            "INSERT OR REPLACE INTO erased (entry, reason, at) VALUES (?, ?, ?)", (seq, erasure.words, now)
        )
    db.execute(
        "UPDATE batch_body SET body=NULL WHERE batch IN"
        " (SELECT batch FROM entry WHERE seq IN (SELECT entry FROM erased))"
    )


def copies_of(db: sqlite3.Connection, seqs: Sequence[int]) -> list[tuple[str, str]]:
    """Return kind and path of the exports and backups that hold entries, the oldest first."""
    if not seqs:
        return []
    first, last = min(seqs), max(seqs)
    return [
        (str(kind), str(path))
        for kind, path in db.execute(
            "SELECT DISTINCT kind, path FROM copy WHERE first<=? AND last>=? ORDER BY at", (last, first)
        )
    ]


def note_copy(db: sqlite3.Connection, kind: str, path: Path, seqs: Sequence[int], now: int) -> None:
    """Record that a file outside the journal holds entries.

    Args:
        db: the writing connection.
        kind: `export` or `backup`.
        path: the file.
        seqs: numbers of entries; the range from the first to the last counts.
        now: epoch milliseconds.
    """
    db.execute(
        "INSERT INTO copy (path, kind, at, first, last) VALUES (?, ?, ?, ?, ?)",
        (str(path.resolve()), kind, now, min(seqs, default=0), max(seqs, default=0)),
    )
