"""The queue of alarm messages: batches that come again until they are confirmed, and one reader at a time."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from typing import Any, NamedTuple

from hpcli.sandbox.state.store import Settings, Store

LARGEST_BATCH = 100
PICTURE_HOST = "https://pictures.stand-in.invalid"
"""Placeholder in stored messages for the address of the serving process, which is known only at delivery."""

_LEASE_SECONDS = 30.0


class Message(NamedTuple):
    """One message as it waits in the queue: its device, `JSON` or `XML`, and the alarm data as text."""

    serial: str
    format: str
    body: str


class Batch(NamedTuple):
    """A batch: messages that are confirmed together, rows of (seq, serial, format, body), oldest first."""

    id: str
    rows: list[tuple[int, str, str, str]]


def enqueue(store: Store, messages: Iterable[Message], now: float) -> list[str]:
    """Put messages on the queue; return their ids."""
    with store.transaction():
        before = _last_seq(store)
        store.db.executemany(
            "INSERT INTO message (serial, format, body, made) VALUES (?, ?, ?, ?)",
            ((*message, now) for message in messages),
        )
        return [message_id(seq) for seq in range(before + 1, _last_seq(store) + 1)]


def message_id(seq: int) -> str:
    """Return the id of a message, as later editions send it in `messageId`."""
    return f"m{seq:010d}"


def next_batch(store: Store, settings: Settings, now: float) -> Batch | None:
    """Return the batch to send now, None if there is nothing.

    An unconfirmed batch comes again, with the same id and messages, as soon as it is old enough; it goes
    before new messages. Messages that are too old are deleted (Guide §3.34: two hours).
    """
    if not _has_work(store, settings, now):
        return None
    with store.transaction():
        oldest = now - settings.keep_seconds
        store.db.execute("DELETE FROM message WHERE made<=?", (oldest,))
        store.db.execute("DELETE FROM batch WHERE sent<=?", (oldest,))
        batch_id = _unconfirmed(store, settings, now) or _cut_batch(store)
        if batch_id is None:
            return None
        store.db.execute(
            "INSERT INTO batch (id, sent) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET sent=excluded.sent",
            (batch_id, now),
        )
        rows = store.db.execute(
            "SELECT seq, serial, format, body FROM message WHERE batch=? ORDER BY seq", (batch_id,)
        )
        return Batch(batch_id, rows.fetchall())


def confirm(store: Store, batch_id: str) -> bool:
    """Delete a batch; return whether it ever existed. Confirming twice does no harm."""
    with store.transaction():
        known = store.db.execute("UPDATE batch SET confirmed=1 WHERE id=?", (batch_id,)).rowcount
        store.db.execute("DELETE FROM message WHERE batch=?", (batch_id,))
    return known > 0


def waiting(store: Store) -> int:
    """Return the number of messages that are not confirmed yet."""
    return int(store.db.execute("SELECT count(*) FROM message").fetchone()[0])


def take_mark(store: Store, holder: str, settings: Settings, now: float) -> bool:
    """Become the only reader of the queue; return False if another one is reading.

    The mark is a lease: it outlives a killed server by half a minute at most.
    """
    with store.transaction():
        store.db.execute("DELETE FROM reader WHERE until<=?", (now,))
        until = now + max(_LEASE_SECONDS, settings.poll_seconds + 5)
        taken = store.db.execute("INSERT OR IGNORE INTO reader VALUES (1, ?, ?)", (holder, until))
        return taken.rowcount > 0


def release_mark(store: Store, holder: str) -> None:
    """Stop reading; the mark of another reader stays."""
    store.db.execute("DELETE FROM reader WHERE holder=?", (holder,))


def wire_form(row: tuple[int, str, str, str], settings: Settings, base_url: str) -> dict[str, Any]:
    """Return a message as `mq/messages` sends it: JSON as object or as text (errata row 131), XML as text."""
    seq, serial, kind, body = row
    text = body.replace(PICTURE_HOST, base_url)
    form = settings.json_alarm_data
    data: Any = text
    if kind == "JSON" and (form == "object" or (form == "mixed" and seq % 2 == 0)):
        data = json.loads(text)
    elif kind == "JSON" and form == "nested":
        data = json.dumps(text)
    message = {"formatType": kind, "deviceSerial": serial, "alarmData": data}
    if settings.message_ids:
        message |= {"messageId": message_id(seq), "accountNumber": ""}
    return message


def _last_seq(store: Store) -> int:
    row = store.db.execute("SELECT seq FROM sqlite_sequence WHERE name='message'").fetchone()
    return 0 if row is None else int(row[0])


def _has_work(store: Store, settings: Settings, now: float) -> bool:
    new = store.db.execute("SELECT 1 FROM message WHERE batch IS NULL LIMIT 1").fetchone()
    return new is not None or _unconfirmed(store, settings, now) is not None


def _unconfirmed(store: Store, settings: Settings, now: float) -> str | None:
    row = store.db.execute(
        "SELECT id FROM batch WHERE confirmed=0 AND sent<=? ORDER BY rowid LIMIT 1",
        (now - settings.redeliver_seconds,),
    ).fetchone()
    return None if row is None else str(row[0])


def _cut_batch(store: Store) -> str | None:
    """Make the oldest messages that are in no batch a batch."""
    batch_id = secrets.token_hex(16)
    taken = store.db.execute(
        "UPDATE message SET batch=? WHERE seq IN"
        " (SELECT seq FROM message WHERE batch IS NULL ORDER BY seq LIMIT ?)",
        (batch_id, LARGEST_BATCH),
    )
    return batch_id if taken.rowcount else None
