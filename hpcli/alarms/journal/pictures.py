"""Pictures in the journal: which to fetch, what became of them, and the media lines that report it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hpcli.alarms.clock import moment_of
from hpcli.alarms.event.event import Encryption, Picture, PictureState
from hpcli.alarms.journal.chain import Part, add_link, digest_of
from hpcli.alarms.journal.entries import StoredBody, read_body, store_body
from hpcli.alarms.journal.rows import MEDIA
from hpcli.parse import utc_text
from hpcli.plurals import quantity

if TYPE_CHECKING:
    import sqlite3

_COLUMNS: Final = "p.seq, p.entry, p.number, p.url, p.encryption, p.tries, e.id, e.device, e.body, e.raw"

_SELECT_SHOWN: Final = "SELECT entry, joined, url, encryption, state, files, error FROM picture"


_LINK_LIVES: Final = 7200 * 1000
"""Milliseconds (§3.36)."""


@dataclass(frozen=True, slots=True)
class PictureJob:
    """A picture to be fetched.

    Attributes:
        seq: its number in the journal.
        entry: that of its event.
        number: of the picture in its event, from 1.
        tries: how often it was tried before.
        event_id: the event's id.
        time: the event's time, ISO 8601.
        message: the raw message.
    """

    seq: int
    entry: int
    number: int
    url: str
    encryption: Encryption
    tries: int
    event_id: str
    device: str | None
    time: str
    message: dict[str, Any]


def due_pictures(db: sqlite3.Connection, now: int, busy: Iterable[int], limit: int) -> list[PictureJob]:
    """Return the pictures to fetch now, the longest due first.

    Args:
        db: a connection.
        now: epoch milliseconds.
        busy: numbers of those being fetched.
        limit: the most to return.
    """
    skipped = set(busy)
    # A due time after the link expires was stored before the clock was set back.
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM picture p JOIN entry e ON e.seq=p.entry"  # noqa: S608 - columns above
        " WHERE p.due<=? OR p.due>? ORDER BY p.due, p.seq LIMIT ?",
        (now, now + _LINK_LIVES, limit + len(skipped)),
    )
    return [_job(row) for row in rows if row[0] not in skipped][:limit]


def want_pictures(db: sqlite3.Connection, after: int, now: int) -> None:
    """Mark unrequested pictures of entries after a number as due, and those that failed before as due at once."""
    db.execute("UPDATE picture SET due=? WHERE entry>? AND due IS NULL AND state='pending'", (now, after))
    db.execute("UPDATE picture SET due=? WHERE due>?", (now, now))


def failed_pictures(db: sqlite3.Connection) -> list[PictureJob]:
    """Return the pictures that could not be saved, whether or not they will be retried, the oldest first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM picture p JOIN entry e ON e.seq=p.entry"  # noqa: S608 - columns above
        " WHERE p.state='failed' OR (p.state='pending' AND p.error IS NOT NULL) ORDER BY p.seq"
    )
    return [_job(row) for row in rows]


def _job(row: tuple[Any, ...]) -> PictureJob:
    seq, entry, number, url, encryption, tries, event_id, device, body, raw = row
    time = str(read_body(body).get("time", ""))
    return PictureJob(
        seq, entry, number, url, encryption, tries, event_id, device, time, json.loads(raw) if raw else {}
    )


def note_saved(
    db: sqlite3.Connection,
    seq: int,
    files: Sequence[str],
    form: str,
    now: int,
    *,
    problem: str = "",
    is_told: bool = False,
) -> None:
    """Record where a picture was saved; after the last one, add the `media` line of its event.

    Args:
        db: the writing connection.
        seq: the picture.
        files: where it is, several for a file with several pictures.
        form: the reading of the guide that opened it, or "".
        now: epoch milliseconds.
        problem: why others of its file were not saved; it then counts as failed, with the files that were saved.
        is_told: the caller adds the `media` line, with `tell_of_pictures`.
    """
    db.execute(
        "UPDATE picture SET state=?, due=NULL, files=?, error=?, form=?, tries=tries+1 WHERE seq=?",
        ("failed" if problem else "saved", json.dumps(list(files)), problem or None, form or None, seq),
    )
    if not is_told:
        tell_of_pictures(db, [seq], now)


def note_failed(
    db: sqlite3.Connection, seq: int, error: str, now: int, again: int | None, *, is_told: bool = False
) -> None:
    """Record why a picture was not saved.

    Args:
        db: the writing connection.
        seq: the picture.
        error: why.
        now: epoch milliseconds.
        again: when it is tried again, epoch milliseconds; None if that was the last try.
        is_told: the caller adds the `media` line, or the line is already there.
    """
    state = "failed" if again is None else "pending"
    db.execute(
        "UPDATE picture SET state=?, due=?, error=?, tries=tries+1 WHERE seq=?", (state, again, error, seq)
    )
    if again is None and not is_told:
        tell_of_pictures(db, [seq], now)


def tell_of_pictures(db: sqlite3.Connection, pictures: Iterable[int], now: int) -> None:
    """Add the media lines of the pictures' events and joined alarms of which no picture is due any more."""
    owners: dict[int, None] = {}
    for picture in pictures:
        row = db.execute("SELECT entry, joined FROM picture WHERE seq=?", (picture,)).fetchone()
        owners |= dict.fromkeys(seq for seq in row or () if seq is not None)
    for seq in owners:
        if not has_due_pictures(db, seq):
            add_media_line(db, seq, now)


def has_due_pictures(db: sqlite3.Connection, seq: int) -> bool:
    """Return whether pictures of an event, or joined to it, still have to be fetched."""
    found = db.execute(
        "SELECT 1 FROM picture WHERE (entry=? OR joined=?) AND due IS NOT NULL LIMIT 1", (seq, seq)
    ).fetchone()
    return found is not None


def count_due_pictures(db: sqlite3.Connection, up_to: int, without: Container[int] = ()) -> int:
    """Return how many pictures of events up to a number have to be fetched, without some pictures."""
    rows = db.execute("SELECT seq FROM picture WHERE due IS NOT NULL AND entry<=?", (up_to,))
    return sum(seq not in without for (seq,) in rows)


def add_media_line(db: sqlite3.Connection, seq: int, now: int) -> None:
    """Add the line that follows an event when its pictures are done, or come later than the event."""
    row = db.execute(
        "SELECT happened, category, device, site, body FROM entry WHERE seq=?", (seq,)
    ).fetchone()
    if row is None:
        return
    happened, category, device, site, body = row
    own, media = last_seq(db) + 1, _media_body(db, seq, body, now)
    db.execute(
        "INSERT INTO entry (seq, about, received, happened, type, category, device, site, pictures, body)"
        " VALUES (?, ?, ?, ?, 'media', ?, ?, ?, 1, ?)",
        (own, seq, now, happened, category, device, site, media),
    )
    add_link(db, own, Part("", now, digest_of(None, media)))


def _media_body(db: sqlite3.Connection, seq: int, body: StoredBody, now: int) -> StoredBody:
    fields = read_body(body)
    fields["received"] = utc_text(moment_of(now), "milliseconds")
    fields["type"], fields["name"] = MEDIA, "Pictures"
    fields["text"] = f"{_counted(db, seq)} · {fields['text']}"
    fields["cid"] = None
    return store_body(fields)


def _counted(db: sqlite3.Connection, seq: int) -> str:
    """Return `2 pictures saved, 1 failed`."""
    states = dict(
        db.execute("SELECT state, count(*) FROM picture WHERE entry=? OR joined=? GROUP BY state", (seq, seq))
    )
    total = sum(states.values())
    saved, failed = states.get("saved", 0), states.get("failed", 0)
    if not saved and not failed:
        return quantity(total, "picture")
    parts = [f"{saved} saved" if saved else "", f"{failed} failed" if failed else ""]
    return f"{'Picture' if total == 1 else 'Pictures'}: {', '.join(part for part in parts if part)}"


def pictures_of(db: sqlite3.Connection, seqs: Sequence[int]) -> dict[int, list[Picture]]:
    """Return the pictures of events, and those joined to them, as events show them; each picture of a file counts."""
    found: defaultdict[int, list[Picture]] = defaultdict(list)
    for start in range(0, len(seqs), 400):
        part = seqs[start : start + 400]
        marks = ",".join("?" * len(part))
        rows = db.execute(
            f"{_SELECT_SHOWN} WHERE entry IN ({marks}) OR joined IN ({marks}) ORDER BY seq",
            (*part, *part),
        )
        for entry, joined, *rest in rows:
            for seq in {entry, joined} & set(part):
                found[seq] += _shown(*rest)
    return found


def _shown(
    url: str, encryption: Encryption, state: PictureState, files: str | None, error: str | None
) -> list[Picture]:
    def picture(state: PictureState, file: str | None, error: str | None) -> Picture:
        return {"url": url, "encryption": encryption, "state": state, "file": file, "error": error}

    shown = [picture("saved", name, None) for name in json.loads(files or "[]")]
    if state != "saved":
        shown.append(picture(state, None, error))
    return shown


def last_seq(db: sqlite3.Connection) -> int:
    """Return the largest number that an entry ever had."""
    row = db.execute("SELECT seq FROM sqlite_sequence WHERE name='entry'").fetchone()
    return 0 if row is None else int(row[0])
