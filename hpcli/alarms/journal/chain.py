"""The chain of the journal: which entries there were, and in what order, can be checked against a head kept elsewhere.

Each entry's link is SHA-256 over

    the link before (32 bytes; zeros before the first)
    the length of its id in bytes, 4 bytes big-endian, and the id in UTF-8 (empty for a media line)
    when it was received, milliseconds since 1970, 8 bytes big-endian
    SHA-256 of its raw message, or of its body where there is no raw message

Entries that are removed keep their place as a range with the links before and after it, so that the rest can still be
checked. An answer of the queue that could only be read leniently is a link of its own before its entries, with the
id `batch:N`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import sqlite3

START: Final = bytes(32)
_HEAD: Final = "chain-head"
_UPDATE: Final = "UPDATE entry SET digest=?, link=? WHERE seq=?"


class Head(NamedTuple):
    """The end of the chain: the number of the last entry, and its link."""

    seq: int
    link: bytes


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of a check of the chain.

    Attributes:
        entries: how many entries were checked.
        removed: how many entries are missing by a record of their removal.
        uncovered: how many entries are older than the chain.
        broken: number of the entry at which it breaks, None where it is whole.
        problem: what is wrong there.
        head: the last link that was right.
    """

    entries: int
    removed: int
    uncovered: int
    broken: int | None
    problem: str | None
    head: Head


Part = tuple[str, int, bytes]
"""What a link is made of: id, when it was received, digest."""


def digest_of(raw: str | None, body: str) -> bytes:
    """Return the digest of an entry: of its raw message, or of its body where there is none."""
    return sha256((body if raw is None else raw).encode()).digest()


def digest_of_answer(body: bytes) -> bytes:
    """Return the digest of an answer of the queue."""
    return sha256(body).digest()


def next_link(link: bytes, part: Part) -> bytes:
    """Return the link of what follows a link."""
    event_id, received, digest = part
    name = event_id.encode()
    return sha256(
        link + len(name).to_bytes(4, "big") + name + received.to_bytes(8, "big", signed=True) + digest
    ).digest()


def read_head(db: sqlite3.Connection) -> Head:
    """Return the end of the chain as the journal keeps it."""
    row = db.execute("SELECT value FROM fact WHERE name=?", (_HEAD,)).fetchone()
    if row is None:
        return Head(0, START)
    seq, _, link = str(row[0]).partition(" ")
    return Head(int(seq), bytes.fromhex(link))


def write_head(db: sqlite3.Connection, head: Head) -> None:
    """Store the end of the chain."""
    value = f"{head.seq} {head.link.hex()}"
    db.execute("INSERT OR REPLACE INTO fact (name, value) VALUES (?, ?)", (_HEAD, value))


def extend(db: sqlite3.Connection, first: int, parts: Sequence[Part]) -> list[bytes]:
    """Chain entries that are about to be written, in the same transaction; return the link of each.

    Args:
        db: the writing connection.
        first: number of the first of them; the others follow.
        parts: what their links are made of.
    """
    if not parts:
        return []
    link = read_head(db).link
    links = []
    for part in parts:
        link = next_link(link, part)
        links.append(link)
    write_head(db, Head(first + len(parts) - 1, link))
    return links


def add_link(db: sqlite3.Connection, seq: int, part: Part) -> None:
    """Chain an entry that was written just now."""
    (link,) = extend(db, seq, [part])
    db.execute(_UPDATE, (part[2], link, seq))


def add_body(db: sqlite3.Connection, batch: int, first: int, received: int, body: bytes) -> None:
    """Keep the answer that brought a batch, and chain it before the entries of the batch.

    Args:
        db: the writing connection.
        batch: number of the batch.
        first: number that the batch's first entry has or will have.
        received: epoch milliseconds.
        body: the answer as it came.
    """
    head = read_head(db)
    digest = digest_of_answer(body)
    link = next_link(head.link, (f"batch:{batch}", received, digest))
    db.execute(
        "INSERT INTO batch_body (batch, first, received, body, digest, link) VALUES (?, ?, ?, ?, ?, ?)",
        (batch, first, received, zlib.compress(body), digest, link),
    )
    write_head(db, Head(head.seq, link))


def note_removed(db: sqlite3.Connection, seqs: Iterable[int], reason: str, now: int) -> None:
    """Keep the place of entries that are about to be removed, and remove the answers that came before them.

    Args:
        db: the writing connection.
        seqs: their numbers; those older than the chain are kept as a range before its start.
        reason: why, such as `older than 400 days`.
        now: epoch milliseconds.
    """
    ordered = sorted(set(seqs))
    older = [seq for seq in ordered if _has(db, seq, "link IS NULL")]
    if older:
        _keep_range(db, _Range(older[0], older[-1], len(older), START, START), reason, now)
    for first, last, count in _runs(db, ordered):
        before = _link_before(db, first)
        after = db.execute("SELECT link FROM entry WHERE seq=?", (last,)).fetchone()[0]
        db.execute("DELETE FROM batch_body WHERE first BETWEEN ? AND ?", (first, last))
        _keep_range(db, _Range(first, last, count, before, after), reason, now)


class _Range(NamedTuple):
    first: int
    last: int
    entries: int
    before: bytes
    after: bytes


def _runs(db: sqlite3.Connection, seqs: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Yield first, last and count of each run of neighbours among chained entries."""
    run: list[int] = []
    for seq in seqs:
        if not _has(db, seq, "link IS NOT NULL"):
            continue
        if run and seq != run[-1] + 1:
            yield run[0], run[-1], len(run)
            run = []
        run.append(seq)
    if run:
        yield run[0], run[-1], len(run)


def _has(db: sqlite3.Connection, seq: int, condition: str) -> bool:
    query = f"SELECT 1 FROM entry WHERE seq=? AND {condition}"  # noqa: S608 - the conditions above
    return db.execute(query, (seq,)).fetchone() is not None


def _link_before(db: sqlite3.Connection, seq: int) -> bytes:
    """Return the link before an entry, and before the answers that came with it."""
    row = db.execute(
        "SELECT link FROM ("
        " SELECT * FROM (SELECT seq AS place, 1 AS kind, link FROM entry"
        "  WHERE seq<:seq AND link IS NOT NULL ORDER BY seq DESC LIMIT 1)"
        " UNION ALL SELECT * FROM (SELECT last, 1, after FROM removed WHERE last<:seq ORDER BY last DESC LIMIT 1)"
        " UNION ALL SELECT first, 0, link FROM batch_body WHERE first<:seq"
        ") ORDER BY place DESC, kind DESC LIMIT 1",
        {"seq": seq},
    ).fetchone()
    return START if row is None else bytes(row[0])


def _keep_range(db: sqlite3.Connection, gone: _Range, reason: str, now: int) -> None:
    """Write a range of removed entries, as one with its neighbours that went for the same reason."""
    columns = "SELECT first, last, count, before, after FROM removed WHERE reason=? AND"
    earlier = db.execute(f"{columns} after=? AND last<?", (reason, gone.before, gone.first)).fetchone()
    if earlier is not None:
        one = _Range(*earlier)
        gone = _Range(one.first, gone.last, one.entries + gone.entries, one.before, gone.after)
    later = db.execute(f"{columns} before=? AND first>?", (reason, gone.after, gone.last)).fetchone()
    if later is not None:
        one = _Range(*later)
        gone = _Range(gone.first, one.last, gone.entries + one.entries, gone.before, one.after)
    db.execute("DELETE FROM removed WHERE first BETWEEN ? AND ?", (gone.first, gone.last))
    db.execute(
        "INSERT INTO removed (first, last, count, before, after, reason, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*gone, reason, now),
    )


class _Item(NamedTuple):
    """One thing in the chain: an entry, an answer, or a range of removed entries."""

    seq: int
    kind: int
    part: Part | None
    link: bytes
    before: bytes | None
    entries: int
    problem: str | None


def check_chain(db: sqlite3.Connection) -> Checked:
    """Check every link.

    Args:
        db: a connection, inside a transaction.
    """
    uncovered = int(db.execute("SELECT count(*) FROM entry WHERE link IS NULL").fetchone()[0])
    link, seq, entries, removed = START, 0, 0, 0

    def result(broken: int | None, problem: str | None) -> Checked:
        return Checked(entries, removed, uncovered, broken, problem, Head(seq, link))

    for item in _items(db):
        expected = item.before if item.part is None else next_link(link, item.part)
        if item.problem is not None:
            return result(item.seq, item.problem)
        if expected != (link if item.part is None else item.link):
            return result(item.seq, "an entry before it is missing or was changed, or its id or time was")
        link, seq = item.link, seq if item.kind == _ANSWER else item.seq
        if item.kind == _ENTRY:
            entries += 1
        removed += item.entries
    head = read_head(db)
    if head.link != link:
        return result(seq + 1, f"the last entries are missing: the journal's own head is entry {head.seq}")
    return result(None, None)


_ANSWER, _ENTRY, _REMOVED = 0, 1, 2


def _items(db: sqlite3.Connection) -> Iterator[_Item]:
    """Yield all of the chain in its order."""
    import heapq

    answers = (
        _Item(first, _ANSWER, (f"batch:{batch}", received, digest), link, None, 0,
              _answer_problem(body, digest))
        for batch, first, received, body, digest, link in db.execute(
            "SELECT batch, first, received, body, digest, link FROM batch_body ORDER BY first, batch")
    )  # fmt: skip
    entries = (
        _Item(seq, _ENTRY, (event_id or "", received, digest), link, None, 0,
              None if erased or digest == digest_of(raw, body) else "its message was changed")
        for seq, event_id, received, raw, body, digest, link, erased in db.execute(
            "SELECT e.seq, e.id, e.received, e.raw, e.body, e.digest, e.link, x.entry FROM entry e"
            " LEFT JOIN erased x ON x.entry=e.seq WHERE e.link IS NOT NULL ORDER BY e.seq")
    )  # fmt: skip
    ranges = (
        _Item(last, _REMOVED, None, after, before, count, None)
        for last, count, before, after in db.execute(
            "SELECT last, count, before, after FROM removed ORDER BY last")
    )  # fmt: skip
    yield from heapq.merge(answers, entries, ranges, key=lambda item: item[:2])


def _answer_problem(body: bytes | None, digest: bytes) -> str | None:
    if body is None:
        return None
    try:
        is_right = sha256(zlib.decompress(body)).digest() == digest
    except zlib.error:
        is_right = False
    return None if is_right else "the answer that brought it was changed"


def link_at(db: sqlite3.Connection, seq: int) -> bytes | None:
    """Return the link of an entry that is there, or was the last of a removed range; else None."""
    row = db.execute(
        "SELECT link FROM entry WHERE seq=:seq AND link IS NOT NULL"
        " UNION ALL SELECT after FROM removed WHERE last=:seq",
        {"seq": seq},
    ).fetchone()
    return None if row is None else bytes(row[0])
