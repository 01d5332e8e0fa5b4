"""Pictures in the journal: which to fetch, what became of them, and the media lines that report it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hpcli.alarms.clock import moment_of
from hpcli.alarms.event.event import Body, Encryption, Picture, PictureState, pending_picture
from hpcli.alarms.journal.chain import add_link, digest_of
from hpcli.alarms.journal.entries import StoredBody, read_body, store_body
from hpcli.alarms.journal.picture_paths import journal_folder, real_path, stored_path
from hpcli.alarms.journal.renewal import IS_OLD, current_body
from hpcli.alarms.journal.rows import MEDIA
from hpcli.parse import utc_text
from hpcli.plurals import quantity

if TYPE_CHECKING:
    import sqlite3

_COLUMNS: Final = (
    "p.seq, p.entry, p.number, p.url, p.encryption, p.tries, e.id, e.device, e.body, e.raw, p.original_sum, p.original,"
    " p.files"
)

_SELECT_SHOWN: Final = (
    "SELECT entry, joined, url, encryption, state, files, sums, original, original_sum, error FROM picture"
)

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
        body: the event's lasting fields, as stored.
        raw: JSON of the message.
        original_sum: SHA-256 in hex of the file as it was downloaded before.
        original: that file, None if it has to be fetched.
        files: what of it was saved before.
    """

    seq: int
    entry: int
    number: int
    url: str
    encryption: Encryption
    tries: int
    event_id: str
    device: str | None
    body: StoredBody
    raw: str | None
    original_sum: str | None = None
    original: Path | None = None
    files: tuple[Path, ...] = ()

    @property
    def time(self) -> str:
        """The event's time, ISO 8601."""
        return str(read_body(self.body).get("time", ""))

    @property
    def message(self) -> Any:
        """The raw message."""
        return json.loads(self.raw) if self.raw else {}


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a picture whose file was downloaded.

    Attributes:
        files: where it is; several for a file with several pictures.
        sums: SHA-256 of each, in hex.
        form: the interpretation of the guide that opened it, empty if it was not encrypted.
        problem: why other pictures of its file could not be saved, empty if all were saved.
        is_locked: those need another key.
        original: the file as it was downloaded, None if it is not kept.
        original_sum: SHA-256 of the file as it was downloaded.
        size: bytes of all files in the journal's own folder; 0 elsewhere.
        superseded: files that are not needed any more once this is recorded.
    """

    files: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()
    form: str = ""
    problem: str = ""
    is_locked: bool = False
    original: str | None = None
    original_sum: str | None = None
    size: int = 0
    superseded: tuple[Path, ...] = ()

    @property
    def state(self) -> PictureState:
        """The picture's state."""
        return "saved" if not self.problem else "locked" if self.is_locked else "failed"


class DuePicture(NamedTuple):
    """A picture that may be fetched now.

    Attributes:
        seq: its number.
        entry: that of its event.
        device: serial, empty if unknown.
        is_urgent: its alarm is critical or high.
        due: since when.
    """

    seq: int
    entry: int
    device: str
    is_urgent: bool
    due: int


def due_pictures(db: sqlite3.Connection, now: int) -> list[DuePicture]:
    """Return the pictures that may be fetched now, the longest due first."""
    # A due time after the link expires was stored before the clock was set back.
    rows = db.execute(
        "SELECT p.seq, p.entry, coalesce(e.device, a.device, ''),"
        " coalesce(e.priority, '') IN ('critical', 'high') OR coalesce(a.priority, '') IN ('critical', 'high'), p.due"
        " FROM picture p JOIN entry e ON e.seq=p.entry LEFT JOIN entry a ON a.seq=p.joined"
        " WHERE p.due<=? OR p.due>? ORDER BY p.due, p.seq",
        (now, now + _LINK_LIVES),
    )
    return [
        DuePicture(seq, entry, device, bool(is_urgent), due) for seq, entry, device, is_urgent, due in rows
    ]


def find_jobs(db: sqlite3.Connection, pictures: Iterable[int]) -> list[PictureJob]:
    """Return what is known of pictures, in their order; those that are not there any more are left out."""
    folder = journal_folder(db)
    query = f"SELECT {_COLUMNS} FROM picture p JOIN entry e ON e.seq=p.entry WHERE p.seq=?"  # noqa: S608 - columns above
    rows = (db.execute(query, (seq,)).fetchone() for seq in pictures)
    return [_job(row, folder) for row in rows if row is not None]


def want_pictures(db: sqlite3.Connection, after: int, now: int) -> None:
    """Mark unrequested pictures of entries after a number as due, and those that failed before as due at once."""
    db.execute("UPDATE picture SET due=? WHERE entry>? AND due IS NULL AND state='pending'", (now, after))
    db.execute("UPDATE picture SET due=? WHERE due>?", (now, now))


def retryable_pictures(db: sqlite3.Connection, since: int) -> list[int]:
    """Return the pictures that are not saved and that no tail is about to fetch, the oldest first.

    Args:
        db: a connection.
        since: pictures of older events that nobody ever asked for are left out, epoch milliseconds.
    """
    rows = db.execute(
        "SELECT p.seq FROM picture p JOIN entry e ON e.seq=p.entry WHERE p.state IN ('failed', 'locked')"
        " OR (p.state='pending' AND (p.error IS NOT NULL OR (p.due IS NULL AND e.received>=?))) ORDER BY p.seq",
        (since,),
    )
    return [seq for (seq,) in rows]


def locked_pictures(db: sqlite3.Connection, device: str | None = None) -> list[int]:
    """Return the pictures that wait for a key, of one device or of all, the oldest first."""
    rows = db.execute(
        "SELECT p.seq FROM picture p JOIN entry e ON e.seq=p.entry WHERE p.state='locked'"
        " AND (:device IS NULL OR e.device=:device) ORDER BY p.seq",
        {"device": device},
    )
    return [seq for (seq,) in rows]


def locked_devices(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return the devices with locked pictures: [{device, site, pictures, oldest}], the most pictures first."""
    rows = db.execute(
        "SELECT e.device, max(e.site), count(*), min(e.received) FROM picture p JOIN entry e ON e.seq=p.entry"
        " WHERE p.state='locked' GROUP BY e.device ORDER BY 3 DESC, 1"
    )
    return [
        {"device": device, "site": _site(site), "pictures": count, "oldest": utc_text(moment_of(oldest))}
        for device, site, count, oldest in rows
    ]


def _site(stored: str | None) -> dict[str, str] | None:
    """Return a site as events show it."""
    if stored is None:
        return None
    site_id, _, name = stored.partition("\n")
    return {"id": site_id, "name": name}


def _job(row: tuple[Any, ...], folder: Path | None) -> PictureJob:
    seq, entry, number, url, encryption, tries, event_id, device, body, raw, digest, original, files = row
    kept = None if original is None else real_path(folder, original)
    saved = tuple(real_path(folder, name) for name in json.loads(files or "[]"))
    return PictureJob(
        seq, entry, number, url, encryption, tries, event_id, device, body, raw, digest, kept, saved
    )


def note_original(db: sqlite3.Connection, seq: int, path: str, digest: str) -> None:
    """Record the file of a picture as it was downloaded, so that it is not fetched again."""
    db.execute(
        "UPDATE picture SET original=?, original_sum=? WHERE seq=?",
        (stored_path(journal_folder(db), path), digest, seq),
    )


def note_saved(db: sqlite3.Connection, seq: int, saved: Saved, now: int, *, is_told: bool = False) -> None:
    """Record what became of a downloaded picture; after the last one, add the `media` line of its event.

    Args:
        db: the writing connection.
        seq: the picture.
        saved: what became of it.
        now: epoch milliseconds.
        is_told: the caller adds the `media` line, with `tell_of_pictures`.
    """
    folder = journal_folder(db)
    files = json.dumps([stored_path(folder, path) for path in saved.files])
    original = None if saved.original is None else stored_path(folder, saved.original)
    db.execute(
        "UPDATE picture SET state=?, due=NULL, files=?, sums=?, error=?, form=?, original=?,"
        " original_sum=coalesce(?, original_sum), size=?, tries=tries+1 WHERE seq=?",
        (saved.state, files, json.dumps(list(saved.sums)), saved.problem or None, saved.form or None, original,
         saved.original_sum, saved.size, seq),
    )  # fmt: skip
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
    """Return how many pictures of events up to a number, and joined to those, have to be fetched; without some."""
    rows = db.execute(
        "SELECT seq FROM picture WHERE due IS NOT NULL AND (entry<=? OR joined<=?)", (up_to, up_to)
    )
    return sum(seq not in without for (seq,) in rows)


def add_media_line(db: sqlite3.Connection, seq: int, now: int) -> None:
    """Add the line that follows an event when its pictures are done, or come later than the event."""
    row = db.execute(
        f"SELECT happened, device, site, body, raw, received, {IS_OLD} FROM entry e WHERE seq=?",  # noqa: S608 - ours
        (seq,),
    ).fetchone()
    if row is None:
        return
    happened, device, site, body, *message, is_old = row
    fields = read_body(current_body(body, *message) if is_old else body)
    own, media = last_seq(db) + 1, _media_body(db, seq, fields, now)
    db.execute(
        "INSERT INTO entry (seq, about, received, happened, type, category, device, site, pictures, body)"
        " VALUES (?, ?, ?, ?, 'media', ?, ?, ?, 1, ?)",
        (own, seq, now, happened, fields["category"], device, site, media),
    )
    add_link(db, own, ("", now, digest_of(None, media)))


def _media_body(db: sqlite3.Connection, seq: int, fields: Body, now: int) -> StoredBody:
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
    parts = [f"{states[state]} {state}" for state in ("saved", "locked", "failed") if states.get(state)]
    if not parts:
        return quantity(total, "picture")
    return f"{'Picture' if total == 1 else 'Pictures'}: {', '.join(parts)}"


def pictures_of(db: sqlite3.Connection, seqs: Sequence[int]) -> dict[int, list[Picture]]:
    """Return the pictures of events, and those joined to them, as events show them; each picture of a file counts."""
    found: defaultdict[int, list[Picture]] = defaultdict(list)
    folder = journal_folder(db)
    for start in range(0, len(seqs), 400):
        part = seqs[start : start + 400]
        marks = ",".join("?" * len(part))
        rows = db.execute(
            f"{_SELECT_SHOWN} WHERE entry IN ({marks}) OR joined IN ({marks}) ORDER BY seq",
            (*part, *part),
        )
        for entry, joined, *rest in rows:
            for seq in {entry, joined} & set(part):
                found[seq] += _shown(folder, *rest)
    return found


def _shown(
    folder: Path | None,
    url: str,
    encryption: Encryption,
    state: PictureState,
    files: str | None,
    sums: str | None,
    original: str | None,
    original_sum: str | None,
    error: str | None,
) -> list[Picture]:
    """Return the pictures of a file, with paths as this computer has them now."""
    names, digests = json.loads(files or "[]"), json.loads(sums or "[]")
    common = pending_picture(url, encryption)
    common["original"] = None if original is None else str(real_path(folder, original))
    common["originalSha256"] = original_sum
    if state == "removed":
        return [{**common, "state": state, "sha256": digest, "error": error} for digest in digests or [None]]
    shown: list[Picture] = [
        {**common, "state": "saved", "file": str(real_path(folder, name)), "sha256": digest}
        for name, digest in zip_longest(names, digests[: len(names)])
    ]
    if state != "saved":
        shown.append({**common, "state": state, "error": error})
    return shown


def last_seq(db: sqlite3.Connection) -> int:
    """Return the largest number that an entry ever had."""
    row = db.execute("SELECT seq FROM sqlite_sequence WHERE name='entry'").fetchone()
    return 0 if row is None else int(row[0])
