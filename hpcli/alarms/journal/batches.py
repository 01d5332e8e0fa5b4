"""Write batches to the journal: what is new, what is a repeat, which pictures belong to which alarm."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from hpcli.alarms.journal.chain import Part, add_body, add_link, digest_of, digest_of_answer, extend
from hpcli.alarms.journal.entries import Entry
from hpcli.alarms.journal.facts import note_fact, read_fact
from hpcli.alarms.journal.pictures import add_media_line, last_seq
from hpcli.alarms.journal.repeats import NEW, Stored, match_repeats
from hpcli.alarms.journal.rows import Row
from hpcli.errors import LocalError
from hpcli.parse import epoch_milliseconds

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

_REDELIVERED_WITHIN: Final = 3 * 3600 * 1000
"""Milliseconds after which the platform no longer repeats an unconfirmed batch: it keeps one for two hours (§3.34)."""

_LINKAGE: Final = "Linkage"
_LONGEST_END: Final = 9
"""Most digits of a number after an id; an id with more is the platform's own."""

_PARAMETERS: Final = 500
_WITH_IDS: Final = "SELECT seq, id, fingerprint, raw, place FROM entry WHERE id IN"
_OPEN: Final = (
    "SELECT seq, id, fingerprint, raw, place FROM entry WHERE batch IN"
    " (SELECT seq FROM batch WHERE id=? UNION SELECT seq FROM batch WHERE confirmed=0 AND received>?)"
)
_COLUMNS: Final = (
    "INSERT INTO entry (seq, batch, place, pictures, digest, link, id, fingerprint, received, happened, type,"
    " category, device, site, relation, unknown, priority, state, is_quiet, body, raw) VALUES "
)
"""From `id` on as in a `Row`."""

_VALUES: Final = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_TOGETHER: Final = 100
"""Rows of one statement: one for each takes half as long again, and other threads may run while SQLite works."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The result of writing a batch.

    Attributes:
        new: number of messages that were new.
        repeats: number of messages that the journal already had.
        last: largest `seq` of the journal now.
        has_pictures: there are pictures to be fetched.
        entries: the new messages as a reader of the journal would get them; empty where pictures belong to them.
    """

    new: int
    repeats: int
    last: int
    has_pictures: bool
    entries: tuple[Entry, ...] = ()


def keep_batch(
    db: sqlite3.Connection,
    batch_id: str | None,
    rows: Sequence[Row],
    *,
    now: int,
    wants_pictures: bool,
    answer: bytes | None = None,
    is_cut: bool = False,
    may_repeat: bool = False,
) -> Kept:
    """Write a batch; call it inside a transaction.

    Args:
        db: the writing connection.
        batch_id: the platform's batchId, None if there is none.
        rows: its messages in order.
        now: epoch milliseconds.
        wants_pictures: fetch the pictures.
        answer: the platform's answer, where it could only be read leniently.
        is_cut: the answer was cut off, so that the batch must not be confirmed.
        may_repeat: another machine may have read it: what is new here counts as a repeat too.
    """
    batch_id = None if batch_id is None else _storable(batch_id)
    batch = db.execute(
        "INSERT INTO batch (id, received, is_cut) VALUES (?, ?, ?)", (batch_id, now, int(is_cut))
    ).lastrowid
    matches = match_repeats(rows, _candidates(db, batch_id, rows, now))
    first = last_seq(db) + 1
    places = [place for place, match in enumerate(matches) if match == NEW]
    fresh = _with_free_ids(db, [rows[place] for place in places])
    numbered = list(enumerate(fresh, first))
    if answer is not None and batch is not None and not _has_body(db, batch_id, answer):
        add_body(db, batch, first, now, answer)
    parts = [_part(row) for row in fresh]
    links = extend(db, first, parts)
    _insert(
        db,
        [
            (seq, batch, place, len(row.pictures), part[2], link, *row[:-1])
            for place, (seq, row), part, link in zip(places, numbered, parts, links, strict=True)
        ],
    )
    if may_repeat:
        db.execute("UPDATE entry SET repeats=1 WHERE seq>=?", (first,))
    db.executemany(
        "UPDATE entry SET repeats=repeats+1, batch=?, place=? WHERE seq=?",
        [(batch, place, seq) for place, seq in enumerate(matches) if seq],
    )
    has_pictures = _keep_pictures(db, numbered, due=now if wants_pictures else None)
    note_fact(db, "last-poll", now)
    note_fact(db, "last-message", now)
    db.executemany(
        "INSERT OR REPLACE INTO heard (device, at) VALUES (?, ?)",
        [(device, now) for device in {row.device for row in rows} if device is not None],
    )
    is_plain = not has_pictures and all(row.relation is None for row in fresh)
    entries = _as_read(numbered, batch_id, repeats=int(may_repeat)) if is_plain else ()
    return Kept(len(fresh), len(rows) - len(fresh), last_seq(db), has_pictures and wants_pictures, entries)


def _insert(db: sqlite3.Connection, entries: Sequence[tuple[Any, ...]]) -> None:
    for start in range(0, len(entries), _TOGETHER):
        some = entries[start : start + _TOGETHER]
        db.execute(_insert_of(len(some)), tuple(chain.from_iterable(some)))


@lru_cache(maxsize=_TOGETHER)
def _insert_of(rows: int) -> str:
    """Return the statement that writes a number of rows."""
    return _COLUMNS + ", ".join([_VALUES] * rows)


def _as_read(numbered: Iterable[tuple[int, Row]], batch_id: str | None, *, repeats: int) -> tuple[Entry, ...]:
    """Return new messages without pictures as `queries.read_page` would."""
    return tuple(
        Entry(seq, row.id, None, row.type, row.category, row.device, row.site, row.happened, batch_id, repeats,
              row.body, row.raw, is_quiet=row.is_quiet)
        for seq, row in numbered
    )  # fmt: skip


def _has_body(db: sqlite3.Connection, batch_id: str | None, answer: bytes) -> bool:
    """Return whether the same answer is kept already: a batch comes again until it is confirmed."""
    known = db.execute(
        "SELECT 1 FROM batch_body AS kept JOIN batch ON batch.seq=kept.batch WHERE batch.id IS ? AND kept.digest=?",
        (batch_id, digest_of_answer(answer)),
    )
    return known.fetchone() is not None


def keep_own(db: sqlite3.Connection, row: Row) -> None:
    """Write an event of this program itself, such as a gap, unless it is already there."""
    seq = last_seq(db) + 1
    insert = _insert_of(1).replace("INSERT", "INSERT OR IGNORE", 1)
    if db.execute(insert, (seq, None, 0, 0, None, None, *row[:-1])).rowcount:
        add_link(db, seq, _part(row))


def _part(row: Row) -> Part:
    return row.id, row.received, digest_of(row.raw, row.body)


def claim_journal(db: sqlite3.Connection, account_id: str) -> None:
    """Make an account the owner of the journal.

    Raises:
        LocalError: it belongs to another one.
    """
    owner = read_fact(db, "account")
    if owner not in (None, account_id):
        raise LocalError("This journal belongs to another account.", hint="Use one journal for each account.")
    note_fact(db, "account", account_id)


def _storable(text: str) -> str:
    """Return a text that SQLite can store, without the lone surrogates that JSON may contain."""
    return text.encode("utf-8", "backslashreplace").decode()


def note_confirmed(db: sqlite3.Connection, batch_id: str) -> None:
    """Record that a batch is confirmed to the platform."""
    db.execute("UPDATE batch SET confirmed=1 WHERE id=?", (_storable(batch_id),))


def open_batches(db: sqlite3.Connection, now: int) -> list[str]:
    """Return the ids of the batches that are whole, may be unconfirmed and may come again, the oldest first."""
    rows = db.execute(
        "SELECT id, min(seq) FROM batch WHERE confirmed=0 AND is_cut=0 AND received>? AND id IS NOT NULL"
        " GROUP BY id ORDER BY 2",
        (now - _REDELIVERED_WITHIN,),
    )
    return [row[0] for row in rows]


def note_outage(db: sqlite3.Connection, outage: tuple[datetime, datetime, str]) -> None:
    """Record a time in which the queue was not read: when it began and ended, and why."""
    began, ended, reason = outage
    db.execute(
        "INSERT OR REPLACE INTO outage (began, ended, reason) VALUES (?, ?, ?)",
        (epoch_milliseconds(began), epoch_milliseconds(ended), reason),
    )


def _candidates(
    db: sqlite3.Connection, batch_id: str | None, rows: Sequence[Row], now: int
) -> Iterable[Stored]:
    """Return the rows that messages of this batch may repeat."""
    given = [row.id for row in rows if row.fingerprint is None]
    known = {row[0]: _stored(row, is_open=False) for row in _select_in(db, _WITH_IDS, given)}
    reopened = db.execute(_OPEN, (batch_id, now - _REDELIVERED_WITHIN))
    return (known | {row[0]: _stored(row, is_open=True) for row in reopened}).values()


def _stored(row: tuple[Any, ...], *, is_open: bool) -> Stored:
    seq, event_id, fingerprint, raw, place = row
    return Stored(seq, event_id, fingerprint, raw, place, is_open)


def _select_in(db: sqlite3.Connection, query: str, values: Sequence[str]) -> Iterable[tuple[Any, ...]]:
    """Run `query (?, …)` over any number of values."""
    for start in range(0, len(values), _PARAMETERS):
        part = values[start : start + _PARAMETERS]
        yield from db.execute(f"{query} ({','.join('?' * len(part))})", part)


def _with_free_ids(db: sqlite3.Connection, rows: Sequence[Row]) -> Sequence[Row]:
    """Return new messages with unique ids; an id that is already used gets `-2`, `-3`."""
    wanted = [row.id for row in rows]
    taken = {found for (found,) in _select_in(db, "SELECT id FROM entry WHERE id IN", wanted)}
    if not taken and len(set(wanted)) == len(wanted):
        return rows
    named: list[Row] = []
    for row in rows:
        name = _free_id(db, row.id, taken) if row.id in taken else row.id
        taken.add(name)
        named.append(row._replace(id=name))
    return named


def _free_id(db: sqlite3.Connection, base: str, taken: Iterable[str]) -> str:
    """Return `base-N`, with the first number after those of the journal and of this batch."""
    stored = db.execute("SELECT id FROM entry WHERE id>? AND id<?", (f"{base}-", f"{base}."))
    ends = [
        name.removeprefix(f"{base}-")
        for name in [*(row[0] for row in stored), *taken]
        if name.startswith(f"{base}-")
    ]
    numbers = [int(end) for end in ends if end.isdecimal() and len(end) <= _LONGEST_END]
    return f"{base}-{max(numbers, default=1) + 1}"


def _keep_pictures(db: sqlite3.Connection, numbered: Sequence[tuple[int, Row]], *, due: int | None) -> bool:
    """Write the pictures of new messages and join those of Linkage messages to their alarms."""
    pictures = [
        (seq, number, url, encryption, due)
        for seq, row in numbered
        for number, (url, encryption) in enumerate(row.pictures, 1)
    ]
    db.executemany(
        "INSERT INTO picture (entry, number, url, encryption, due) VALUES (?, ?, ?, ?, ?)", pictures
    )
    first = numbered[0][0] if numbered else 0
    for seq, row in numbered:
        if row.relation is not None:
            _join(db, seq, row, first, is_fetched=due is not None)
    return bool(pictures)


def _join(db: sqlite3.Connection, seq: int, row: Row, first: int, *, is_fetched: bool) -> None:
    """Join a Linkage message and its alarm, whichever came first (field notes, "The alarm queue")."""
    if row.type == _LINKAGE:
        alarms = db.execute(
            "SELECT seq FROM entry WHERE relation=? AND type<>? AND about IS NULL", (row.relation, _LINKAGE)
        )
        for (alarm,) in alarms.fetchall():
            db.execute("UPDATE picture SET joined=? WHERE entry=?", (alarm, seq))
            db.execute("UPDATE entry SET pictures=pictures+? WHERE seq=?", (len(row.pictures), alarm))
            if alarm < first and row.pictures and not is_fetched:
                add_media_line(db, alarm, row.received)
        return
    links = db.execute(
        "SELECT seq FROM entry WHERE relation=? AND type=? AND about IS NULL", (row.relation, _LINKAGE)
    )
    for (link,) in links.fetchall():
        count = db.execute(
            "UPDATE picture SET joined=? WHERE entry=? AND joined IS NULL", (seq, link)
        ).rowcount
        db.execute("UPDATE entry SET pictures=pictures+? WHERE seq=?", (count, seq))
