"""How long the journal keeps pictures: 30 days by default, less if they and the messages take too much room."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from hpcli.alarms.journal.retention import (
    Retention,
    Write,
    needed_entries,
    own_files,
    passed_by_outputs,
    picture_bytes,
    remove_files,
    used_bytes,
)
from hpcli.output.human_units import show_duration, show_size
from hpcli.plurals import quantity

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

_CHUNK: Final = 200


class Removed(NamedTuple):
    """Pictures that were removed: files, and their bytes."""

    files: int = 0
    size: int = 0


def prune_pictures(write: Write, keep: Retention, now: int) -> Removed:
    """Remove old pictures, and the oldest beyond the size, from events that stay; in small steps.

    Args:
        write: makes a change.
        keep: what is kept.
        now: epoch milliseconds.

    Raises:
        LocalError: the journal cannot be written.
    """
    if keep.pictures is None:
        return Removed()
    while write(partial(_measure_chunk, folder=keep.pictures)):
        pass
    by_age = _prune_all(write, keep, now, "") if keep.picture_seconds is not None else Removed()
    by_size = (
        _prune_all(write, keep, now, "the journal was too large") if keep.size is not None else Removed()
    )
    return Removed(by_age.files + by_size.files, by_age.size + by_size.size)


def removed_words(events: int, pictures: Removed) -> str:
    """Return `Removed 2 events and 3 files of pictures (1.2 MiB)`."""
    parts = [quantity(events, "event")] if events or not pictures.files else []
    if pictures.files:
        parts.append(f"{quantity(pictures.files, 'file')} of pictures ({show_size(pictures.size)})")
    return f"Removed {' and '.join(parts)}"


def count_old_pictures(db: sqlite3.Connection, keep: Retention, now: int) -> int:
    """Return how many pictures are too old, whether or not something still needs them."""
    if keep.picture_seconds is None:
        return 0
    row = db.execute(
        "SELECT count(*) FROM picture p JOIN entry e ON e.seq=p.entry WHERE e.received<?"
        " AND ((p.files IS NOT NULL AND p.files<>'[]') OR p.original IS NOT NULL)",
        (now - round(keep.picture_seconds * 1000),),
    ).fetchone()
    return int(row[0])


def _prune_all(write: Write, keep: Retention, now: int, reason: str) -> Removed:
    """Remove pictures for their age, or with a reason for their size."""
    files, size = 0, 0
    after: int | None = 0
    while after is not None:
        removed, after = write(partial(_prune_chunk, keep=keep, now=now, after=after, reason=reason))
        files, size = files + removed.files, size + removed.size
    return Removed(files, size)


def _prune_chunk(
    db: sqlite3.Connection, keep: Retention, now: int, after: int, reason: str
) -> tuple[Removed, int | None]:
    """Remove some of the oldest pictures; return what went, and the picture to continue after, None at the end."""
    excess = None
    if reason:
        excess = used_bytes(db) + picture_bytes(db) - (keep.size or 0)
        if excess <= 0:
            return Removed(), None
    last = passed_by_outputs(db) if reason else min(passed_by_outputs(db), _last_old(db, keep, now))
    rows = db.execute(
        "SELECT seq, entry, files, original FROM picture WHERE (files IS NOT NULL OR original IS NOT NULL)"
        " AND seq>? AND entry<=? ORDER BY seq LIMIT ?",
        (after, last, _CHUNK),
    ).fetchall()
    needed = needed_entries(db, now) if rows else set()
    removed, events = Removed(), set[int]()
    words = reason or f"older than {show_duration(keep.picture_seconds or 0)}"
    for seq, entry, files, original in rows:
        if excess is not None and removed.size >= excess:
            break
        paths = [] if entry in needed else own_files(db, files, original, keep.pictures)
        if paths:
            gone = _remove(db, seq, paths, words)
            removed = Removed(removed.files + gone.files, removed.size + gone.size)
            events.add(entry)
    if removed.files:
        db.execute(
            "INSERT INTO pictures_removed (at, events, files, bytes, reason) VALUES (?, ?, ?, ?, ?)",
            (now, len(events), *removed, words),
        )
    return removed, rows[-1][0] if len(rows) == _CHUNK else None


def _last_old(db: sqlite3.Connection, keep: Retention, now: int) -> int:
    """Return the last entry whose pictures are too old.

    An entry is at least as new as those before it: one that came while the clock was behind looks too old.
    """
    oldest = now - round((keep.picture_seconds or 0) * 1000)
    row = db.execute("SELECT seq FROM entry WHERE received>=? ORDER BY seq LIMIT 1", (oldest,)).fetchone()
    if row is None:
        row = db.execute("SELECT coalesce(max(seq), 0) + 1 FROM entry").fetchone()
    return int(row[0]) - 1


def _remove(db: sqlite3.Connection, seq: int, paths: list[Path], reason: str) -> Removed:
    size = sum(_size(path) for path in paths)
    remove_files(paths)
    db.execute(
        "UPDATE picture SET state='removed', files=NULL, original=NULL, size=NULL, error=? WHERE seq=?",
        (f"removed: {reason}", seq),
    )
    return Removed(len(paths), size)


def _measure_chunk(db: sqlite3.Connection, folder: Path) -> int:
    """Note the size of pictures of the first edition, which kept none; return how many were measured."""
    rows = db.execute(
        "SELECT seq, files, original FROM picture WHERE size IS NULL"
        " AND (files IS NOT NULL OR original IS NOT NULL) LIMIT ?",
        (_CHUNK,),
    ).fetchall()
    for seq, files, original in rows:
        paths = own_files(db, files, original, folder)
        db.execute("UPDATE picture SET size=? WHERE seq=?", (sum(_size(path) for path in paths), seq))
    return len(rows)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
