"""Make what is sent from what the journal has."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from hpcli.alarms.event.safe_json import safe_json
from hpcli.alarms.forward.kind import Message
from hpcli.alarms.journal.entries import Entry, event_of, line_of
from hpcli.alarms.journal.queries import read_by_numbers

if TYPE_CHECKING:
    import sqlite3

    from hpcli.alarms.forward.queue import Item


def read_messages(
    db: sqlite3.Connection, batch: Sequence[Item], journal: str, maybe_sent: int
) -> dict[int, Message]:
    """Return the messages of a batch by the number of their item; those the journal no longer has are missing.

    Args:
        db: the journal.
        batch: what is sent.
        journal: its UUID.
        maybe_sent: number of the last event that an earlier run may have sent.
    """
    entries = read_by_numbers(db, [seq for item in batch for seq in item.seqs])
    by_seq = {entry.seq: entry for entry in entries}
    found = {}
    for item in batch:
        line = _line(item, by_seq, redelivered=item.tries > 0 or item.seqs[0] <= maybe_sent)
        if line is not None:
            found[item.seq] = Message(item.seq, line, journal, item.tries, item.members)
    return found


def _line(item: Item, entries: Mapping[int, Entry], *, redelivered: bool) -> str | None:
    there = [entries[seq] for seq in item.seqs if seq in entries]
    if not there:
        return None
    redelivered |= any(entry.repeats for entry in there)
    if len(there) == 1:
        return line_of(there[0], redelivered=redelivered).rstrip("\n")
    return _summary(there, redelivered=redelivered)


def _summary(entries: Sequence[Entry], *, redelivered: bool) -> str:
    """Return the event that stands for several equal ones: the last of them, with their number, times and ids."""
    ids = [entry.id for entry in entries]
    first, last = (event_of(entry, redelivered=redelivered) for entry in (entries[0], entries[-1]))
    mark = hashlib.sha256("\n".join(ids).encode("utf-8", "backslashreplace")).hexdigest()[:16]
    more = {"count": len(ids), "first": first["time"], "last": last["time"], "ids": ids}
    return safe_json({**last, "id": f"storm-{mark}", "text": f"{last['text']} (×{len(ids)})", **more})
