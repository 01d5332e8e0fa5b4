"""What the journal keeps: 400 days or 5 GiB by default, and everything that an output or a picture still needs."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hpcli.alarms.journal.chain import note_removed
from hpcli.alarms.journal.deliveries import settled_up_to
from hpcli.alarms.journal.picture_paths import journal_folder, real_path
from hpcli.output.human_units import show_duration

if TYPE_CHECKING:
    import sqlite3

_CHUNK: Final = 500
_ABANDONED_MS: Final = 24 * 3600 * 1000
_KNOWN_FOR_REPEATS: Final = 1000


@dataclass(frozen=True, slots=True)
class Retention:
    """What is kept.

    Attributes:
        seconds: age at which an event is removed.
        size: largest size in bytes of the journal and its pictures; the oldest beyond it are removed. None for any.
        pictures: folder whose pictures are removed with their events or before; others belong to the user.
        picture_seconds: age at which pictures are removed; None for that of their events.
    """

    seconds: float
    size: int | None = None
    pictures: Path | None = None
    picture_seconds: float | None = None


Write = Callable[[Callable[["sqlite3.Connection"], Any]], Any]
"""Makes a change in a transaction of its own: `Journal.write`."""


def prune(write: Write, keep: Retention, now: int) -> int:
    """Remove old entries, in small steps that hold up no other process.

    Args:
        write: makes a change.
        keep: what is kept.
        now: epoch milliseconds.

    Returns:
        The number of events removed.

    Raises:
        LocalError: the journal cannot be written.
    """
    total, after, is_over = 0, (0, 0), False
    while not is_over:
        removed, after, is_over = write(partial(_prune_chunk, keep=keep, now=now, after=after))
        total += removed
    if total:
        write(_forget_batches)
    return total


def count_old(db: sqlite3.Connection, keep: Retention, now: int) -> int:
    """Return how many events are too old, whether or not something still needs them."""
    row = db.execute(
        "SELECT count(*) FROM entry WHERE about IS NULL AND received<?", (now - round(keep.seconds * 1000),)
    ).fetchone()
    return int(row[0])


def used_bytes(db: sqlite3.Connection) -> int:
    """Return how many bytes of the file are in use."""
    pages, free, size = (
        int(db.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    used: int = (pages - free) * size
    return used


def _prune_chunk(
    db: sqlite3.Connection, keep: Retention, now: int, after: tuple[int, int]
) -> tuple[int, tuple[int, int], bool]:
    """Remove some of the oldest entries; return the number of events, where to continue, and whether that was all.

    An entry is at least as new as those before it: one that came while the clock was behind looks too old.

    Args:
        db: the journal.
        keep: what is kept.
        now: epoch milliseconds.
        after: the last entry looked at, and the newest time of receipt up to it.
    """
    last, newest = after
    is_too_large = keep.size is not None and used_bytes(db) > _room_for_messages(db, keep.size)
    rows = db.execute(
        "SELECT seq, received, about FROM entry WHERE seq>? AND seq<=? ORDER BY seq LIMIT ?",
        (last, passed_by_outputs(db), _CHUNK),
    ).fetchall()
    oldest = now - round(keep.seconds * 1000)
    newest_until = list(accumulate((entry[1] for entry in rows), max, initial=newest))[1:]
    old = [
        entry for entry, received in zip(rows, newest_until, strict=True) if is_too_large or received < oldest
    ]
    needed = needed_entries(db, now) if old else set()
    gone = [(seq, about) for seq, _, about in old if seq not in needed]
    reason = "the journal was too large" if is_too_large else f"older than {show_duration(keep.seconds)}"
    _remove(db, [seq for seq, _ in gone], keep.pictures, reason, now)
    is_over = len(rows) < _CHUNK or not old
    reached = (rows[-1][0], newest_until[-1]) if rows else after
    return sum(about is None for _, about in gone), reached, is_over


def passed_by_outputs(db: sqlite3.Connection) -> int:
    """Return the number of the last entry that every output has passed."""
    printed = db.execute("SELECT min(position) FROM output").fetchone()[0]
    claims = [place for place in (printed, settled_up_to(db)) if place is not None]
    return min(claims, default=0)


def _room_for_messages(db: sqlite3.Connection, size: int) -> int:
    """Return the bytes left beside pictures that must stay; half of all at least, or they would take every message."""
    return max(size - picture_bytes(db), size // 2)


def picture_bytes(db: sqlite3.Connection) -> int:
    """Return the bytes of the pictures in the journal's own folder."""
    return int(db.execute("SELECT coalesce(sum(size), 0) FROM picture").fetchone()[0])


def needed_entries(db: sqlite3.Connection, now: int) -> set[int]:
    """Return the entries that stay whatever their age: held ones, and those whose pictures are pending."""
    return _with_due_pictures(db, now) | _held(db, now)


def _with_due_pictures(db: sqlite3.Connection, now: int) -> set[int]:
    """Return the entries whose own or joined pictures still have to be fetched, without abandoned ones."""
    rows = db.execute("SELECT entry, joined FROM picture WHERE due>?", (now - _ABANDONED_MS,)).fetchall()
    return {seq for row in rows for seq in row if seq is not None}


def _held(db: sqlite3.Connection, now: int) -> set[int]:
    """Return the entries that are held, with their media lines."""
    rows = db.execute("SELECT entry FROM hold WHERE until IS NULL OR until>?", (now,)).fetchall()
    held = [int(row[0]) for row in rows]
    return {*held, *_media_lines(db, held)}


def _remove(
    db: sqlite3.Connection, seqs: list[int], folder: Path | None, reason: str | None = None, now: int = 0
) -> None:
    """Remove entries with their media lines and pictures; with a reason, the chain keeps their place."""
    marks = [(seq,) for seq in seqs]
    if reason is not None:
        note_removed(db, [*seqs, *_media_lines(db, seqs)], reason, now)
    for seq in seqs:
        remove_pictures(db, seq, folder)
    db.executemany("DELETE FROM ack WHERE entry=?", marks)
    outputs = "SELECT output FROM forward"
    db.executemany(f"DELETE FROM delivery WHERE output IN ({outputs}) AND seq=? AND state='noted'", marks)  # noqa: S608 - the query above
    db.executemany("DELETE FROM entry WHERE about=?", marks)
    db.executemany("DELETE FROM entry WHERE seq=?", marks)


def remove_pictures(db: sqlite3.Connection, seq: int, folder: Path | None) -> None:
    """Remove the pictures of an entry from the journal, and their files from the folder."""
    rows = db.execute("SELECT files, original FROM picture WHERE entry=?", (seq,)).fetchall()
    for files, original in rows:
        remove_files(own_files(db, files, original, folder))
    if rows:
        db.execute("DELETE FROM picture WHERE entry=?", (seq,))


def _media_lines(db: sqlite3.Connection, seqs: list[int]) -> list[int]:
    found: list[int] = []
    for seq in seqs:
        found += [line for (line,) in db.execute("SELECT seq FROM entry WHERE about=?", (seq,))]
    return found


def own_files(
    db: sqlite3.Connection, files: str | None, original: str | None, folder: Path | None
) -> list[Path]:
    """Return the files of a picture that are in the journal's own folder, and what a killed process left beside them.

    Args:
        db: the journal.
        files: as stored.
        original: as stored.
        folder: the journal's own folder of pictures.
    """
    names = [*json.loads(files or "[]"), *([original] if original else [])]
    if folder is None or not names:
        return []
    home, own = journal_folder(db), folder.resolve()
    paths = [real_path(home, name) for name in names]
    beside = [path.with_suffix(".enc") for path in paths]
    paths += [path for path in dict.fromkeys(beside) if path not in paths and path.is_file()]
    return [path for path in paths if path.resolve().is_relative_to(own)]


def remove_files(paths: list[Path]) -> None:
    """Remove files, and folders that become empty."""
    for path in paths:
        with suppress(OSError):  # already deleted, or its day's folder still has other pictures
            path.unlink()
            path.parent.rmdir()


def _forget_batches(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM batch WHERE seq < (SELECT coalesce(min(batch), 0) FROM entry)")


def forget_printed(db: sqlite3.Connection, position: int) -> None:
    """Remove what is printed from a journal in memory; keep the latest, to recognise repeats."""
    gone = db.execute(
        "SELECT seq FROM entry WHERE seq<=? AND seq NOT IN (SELECT entry FROM picture WHERE due IS NOT NULL)"
        " AND seq NOT IN (SELECT joined FROM picture WHERE due IS NOT NULL AND joined IS NOT NULL)",
        (position - _KNOWN_FOR_REPEATS,),
    ).fetchall()
    _remove(db, [seq for (seq,) in gone], None)
    _forget_batches(db)
