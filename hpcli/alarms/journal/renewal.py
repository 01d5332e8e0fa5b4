"""Decode the entries of the first edition again, which had other categories and neither priority nor state.

An entry keeps its number, id and time of receipt. Those that still wait to be decoded again have no priority and are
older than the chain; reading decodes them as well. The user's own meanings of CID codes count for all entries.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hpcli.alarms.clock import moment_of
from hpcli.alarms.decode.decode import Receipt
from hpcli.alarms.event.accounts import NO_ACCOUNTS, Accounts
from hpcli.alarms.event.cid import CATALOGUE, CidCodes
from hpcli.alarms.event.event import Body, make_body
from hpcli.alarms.event.json_codec import decode
from hpcli.alarms.event.sites import Site, Sites
from hpcli.alarms.journal.entries import Entry, StoredBody, read_body, store_body
from hpcli.alarms.journal.facts import note_fact, read_fact
from hpcli.alarms.journal.picture_paths import journal_folder, relative_path
from hpcli.alarms.journal.rows import Row, make_rows
from hpcli.reference.categories import CATEGORIES, OTHER, category_of

if TYPE_CHECKING:
    import sqlite3

IS_OLD: Final = "e.priority IS NULL AND e.link IS NULL"
"""Condition of SQL for a table `entry e`: those of the first edition that wait to be decoded again."""

_PROGRESS: Final = "decoded-from"
_FOLDER: Final = "picture-folder"
_CHUNK: Final = 100
_NEW_NAMES: Final = {"intrusion": "burglary"}
_MARK_OF_CID: Final = '"cid":{'


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What messages are decoded with.

    Attributes:
        codes: what CID codes mean.
        sites: finds the site of a device where the entry has none.
        accounts: account numbers of devices.
    """

    codes: CidCodes = CATALOGUE
    sites: Sites | None = None
    accounts: Accounts = NO_ACCOUNTS


NOTHING: Final = Knowledge()


def read_as_current(entry: Entry, received: int, known: Knowledge, *, is_old: bool) -> Entry:
    """Return an entry as this version decodes it.

    Args:
        entry: as stored.
        received: epoch milliseconds.
        known: what it is decoded with.
        is_old: it waits to be decoded again.
    """
    if not is_old:
        return _with_own_code(entry, received, known) if known.codes.own else entry
    row = _decode_again(entry.body, entry.raw, received, known)
    if row is None:
        body = _complete(entry.body)
        return entry._replace(category=body["category"], body=store_body(body))
    return entry._replace(
        type=row.type, category=row.category, device=row.device, site=row.site, happened=row.happened,
        body=row.body, is_quiet=row.is_quiet,
    )  # fmt: skip


def current_body(body: StoredBody, raw: str | None, received: int, known: Knowledge = NOTHING) -> StoredBody:
    """Return the body of an entry that waits to be decoded again, as this version decodes it."""
    row = _decode_again(body, raw, received, known)
    return store_body(_complete(body)) if row is None else row.body


def renew_chunk(db: sqlite3.Connection, known: Knowledge) -> bool:
    """Decode some entries again, the newest first; return whether others wait. Call it inside a transaction."""
    progress = read_fact(db, _PROGRESS)
    if progress is None:
        return False
    rows = db.execute(
        f"SELECT seq, about, received, body, raw, {IS_OLD} FROM entry e WHERE seq<?"  # noqa: S608 - ours
        " ORDER BY seq DESC LIMIT ?",
        (int(progress), _CHUNK),
    ).fetchall()
    home = _Home(journal_folder(db), read_fact(db, "account"))
    for seq, about, received, body, raw, is_old in rows:
        if is_old:
            _renew(db, seq, about, (body, raw, received), known)
            _move_pictures(db, seq, home)
    if rows:
        note_fact(db, _PROGRESS, rows[-1][0])
    else:
        _move_folder(db, home)
        db.execute("DELETE FROM fact WHERE name=?", (_PROGRESS,))
    return bool(rows)


def count_old(db: sqlite3.Connection) -> int:
    """Return how many events come before those that have been decoded again."""
    progress = read_fact(db, _PROGRESS)
    query = "SELECT count(*) FROM entry WHERE about IS NULL AND seq<?"
    return 0 if progress is None else int(db.execute(query, (int(progress),)).fetchone()[0])


def _renew(
    db: sqlite3.Connection,
    seq: int,
    about: int | None,
    stored: tuple[StoredBody, str | None, int],
    known: Knowledge,
) -> None:
    row = None if about is not None else _decode_again(*stored, known)
    if row is not None:
        db.execute(
            "UPDATE entry SET happened=?, type=?, category=?, device=?, site=?, unknown=?, priority=?, state=?,"
            " is_quiet=?, body=? WHERE seq=?",
            (row.happened, row.type, row.category, row.device, row.site, row.unknown, row.priority, row.state,
             row.is_quiet, row.body, seq),
        )  # fmt: skip
        return
    body = _complete(stored[0])
    if about is not None and not db.execute("SELECT 1 FROM erased WHERE entry=?", (seq,)).fetchone():
        body = _media_again(db, about, body, known)
    db.execute(
        "UPDATE entry SET category=?, priority=?, state=?, body=? WHERE seq=?",
        (body["category"], body["priority"], body["state"], store_body(body), seq),
    )


def _media_again(db: sqlite3.Connection, about: int, media: Body, known: Knowledge) -> Body:
    """Return the fields of a media line, with what is now known of its event."""
    event = db.execute(
        f"SELECT body, raw, received, {IS_OLD} FROM entry e WHERE seq=?",  # noqa: S608 - ours
        (about,),
    ).fetchone()
    if event is None:
        return media
    body, raw, received, is_old = event
    fields = read_body(current_body(body, raw, received, known) if is_old else body)
    counts, _, _ = media["text"].partition(" · ")
    fields["received"], fields["type"], fields["name"] = media["received"], media["type"], media["name"]
    fields["text"], fields["cid"] = f"{counts} · {fields['text']}", None
    return fields


def _decode_again(body: StoredBody, raw: str | None, received: int, known: Knowledge) -> Row | None:
    """Return what this version makes of a message; None where it is not there or cannot be read."""
    if raw is None:
        return None
    try:
        message, _ = decode(raw)
        then = _SiteThen(read_body(body), known.sites)
    except (ValueError, RecursionError):
        return None
    receipt = Receipt(moment_of(received), then, known.accounts, codes=known.codes)
    return make_rows(message, receipt)[0]


@dataclass(frozen=True, slots=True)
class _SiteThen:
    """Where a device was, and in which zone its clock was read, when an entry was written."""

    body: Body
    now: Sites | None

    def site_of(self, serial: str) -> Site | None:
        present = None if self.now is None else self.now.site_of(serial)
        then = self.body["site"]
        if then is None:
            return present
        is_same = present is not None and present.id == then["id"]
        zone = present.time_zone if present is not None and is_same else None
        if self.body["timeSource"] == "site-zone":
            zone = datetime.fromisoformat(self.body["time"]).tzinfo
        return Site(then["id"], then["name"], zone, present is not None and present.is_panel)


def _complete(stored: StoredBody) -> Body:
    """Return the fields of an entry without a message: its category by its new name, and what was added since."""
    old: dict[str, Any] = {**read_body(stored)}
    name = _NEW_NAMES.get(old["category"], old["category"])
    return make_body(
        received=old["received"],
        time=old["time"],
        time_source=old["timeSource"],
        kind=old["type"],
        name=old["name"],
        category=category_of(name) if name in CATEGORIES else OTHER,
        text=old["text"],
        state=old.get("state", "new"),
        device=old["device"],
        channel=old["channel"],
        channel_name=old["channelName"],
        site=old["site"],
        cid=old["cid"],
    )


def _with_own_code(entry: Entry, received: int, known: Knowledge) -> Entry:
    """Return an entry whose code the user's own table has, with what that says."""
    if _MARK_OF_CID not in entry.body or entry.raw is None:
        return entry
    fields = read_body(entry.body)
    code = fields["cid"]["code"] if fields["cid"] else None
    if not isinstance(code, int) or not {code, code + 1000, code + 3000} & set(known.codes.own):
        return entry
    row = _decode_again(entry.body, entry.raw, received, known)
    if row is None:
        return entry
    again = read_body(row.body)
    fields["category"], fields["priority"], fields["state"] = (
        again["category"],
        again["priority"],
        again["state"],
    )
    fields["text"], fields["cid"] = again["text"], again["cid"]
    return entry._replace(category=row.category, body=store_body(fields))


class _Home(NamedTuple):
    """Where a journal is, and whose it is."""

    folder: Path | None
    account: str | None

    def relative(self, stored: str) -> str:
        return relative_path(self.folder, stored, self.account)


def _move_pictures(db: sqlite3.Connection, entry: int, home: _Home) -> None:
    """Make the paths of an entry's pictures relative where they are below the account's folder of pictures."""
    for seq, files in db.execute(
        "SELECT seq, files FROM picture WHERE entry=? AND files IS NOT NULL", (entry,)
    ).fetchall():
        names = json.dumps([home.relative(name) for name in json.loads(files)])
        db.execute("UPDATE picture SET files=? WHERE seq=?", (names, seq))


def _move_folder(db: sqlite3.Connection, home: _Home) -> None:
    name = read_fact(db, _FOLDER)
    if name is not None:
        note_fact(db, _FOLDER, home.relative(name))
