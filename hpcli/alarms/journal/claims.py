"""When an output loses its claim on old events: it has stood still for `max-wait`, or there is hardly room left."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hpcli.alarms.journal.deliveries import (
    EXPIRED,
    Mark,
    candidates_after,
    read_forwarded,
    read_settled,
    save_place,
)
from hpcli.alarms.journal.pictures import last_seq
from hpcli.alarms.journal.retention import Retention, used_bytes
from hpcli.alarms.journal.routing import read_routing
from hpcli.output.human_units import show_duration
from hpcli.plurals import quantity

if TYPE_CHECKING:
    import sqlite3

    from hpcli.alarms.journal.deliveries import Forwarded

_FULL: Final = 0.9
_STANDING_MS: Final = 3_600_000
"""An output that has moved within an hour frees room by itself."""

_PART: Final = 10
"""The share of the waiting events that is given up at a time: a tenth."""


def expire_claims(
    write: Callable[[Callable[[sqlite3.Connection], Any]], Any],
    keep: Retention,
    now: int,
    folder: Path | None,
) -> list[str]:
    """Turn events that keep the journal from shrinking into dead letters; return a sentence for each output.

    Args:
        write: makes a change in a transaction of its own.
        keep: what the journal keeps.
        now: epoch milliseconds.
        folder: of the journal; None for one in memory.
    """
    found: list[str] = write(lambda db: _expire(db, now, is_tight=_is_tight(db, keep, folder)))
    return found


def _is_tight(db: sqlite3.Connection, keep: Retention, folder: Path | None) -> bool:
    if keep.size is not None and used_bytes(db) >= keep.size * _FULL:
        return True
    if folder is None:
        return False
    disk = shutil.disk_usage(folder)
    return disk.used >= (disk.used + disk.free) * _FULL


def _expire(db: sqlite3.Connection, now: int, *, is_tight: bool) -> list[str]:
    lines = []
    for one in read_forwarded(db):
        place = one.place
        reason, end = None, place.position
        if one.waiting and now - place.moved > place.longest:
            reason = f"it waited for over {show_duration(place.longest / 1000)}"
            end = _last_before(db, now - place.longest)
        elif one.waiting and is_tight and now - place.moved > _STANDING_MS:
            reason = "the disk or the journal is nearly full"
            end = place.position + max(1, (last_seq(db) - place.position) // _PART)
        if reason is None or end <= place.position:
            continue
        count = _give_up(db, one, end, reason)
        if count:
            lines.append(
                f"The output {one.name} has not moved; {quantity(count, 'event')} expired, as {reason}."
                f" `hpcli alarms forward retry {one.name}` sends what the journal still has."
            )
    return lines


def _last_before(db: sqlite3.Connection, moment: int) -> int:
    row = db.execute("SELECT max(seq) FROM entry WHERE received<?", (moment,)).fetchone()
    return int(row[0] or 0)


def _give_up(db: sqlite3.Connection, one: Forwarded, end: int, reason: str) -> int:
    """Mark what waits up to a number as expired, and move the output there."""
    from dataclasses import replace

    text = db.execute("SELECT routing FROM forward WHERE output=?", (one.name,)).fetchone()[0]
    routing, settled = read_routing(text), read_settled(db, one.name)
    marks = []
    for event in candidates_after(db, one.place.position):
        if event.seq > end:
            break
        if event.seq not in settled and routing.refusal(event) is None:
            marks.append(Mark(event.seq, event.device, EXPIRED, error=f"expired: {reason}"))
    save_place(db, one.name, replace(one.place, position=end), marks)
    return len(marks)
