"""The journal as one file, made while a tail runs, and made a journal again."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from hpcli.alarms.clock import moment_of
from hpcli.alarms.event.event import make_body
from hpcli.alarms.event.identity import fingerprint_of
from hpcli.alarms.journal.batches import claim_journal, keep_own
from hpcli.alarms.journal.chain import read_head
from hpcli.alarms.journal.facts import note_fact, read_fact
from hpcli.alarms.journal.rows import Row, make_own_row
from hpcli.alarms.journal.schema import open_for_reading, open_for_writing
from hpcli.alarms.tail.gaps import make_gap
from hpcli.errors import LocalError
from hpcli.local.archives import BROKEN_ARCHIVE
from hpcli.parse import epoch_milliseconds, utc_text
from hpcli.reference.categories import category_of

if TYPE_CHECKING:
    import sqlite3

RESTORE: Final = "restore"
"""Type of the event that says that the journal was replaced by a backup."""

_JOURNAL, _FACTS, _PICTURES = "journal.db", "backup.json", "pictures/"
_SKIPPED: Final = 1_000_000
"""Numbers left out after a restore: those that were given after the backup are never given again."""

_PAGES: Final = 1000

_NOT_A_BACKUP: Final[tuple[type[Exception], ...]] = (*BROKEN_ARCHIVE, TypeError)


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds.

    Attributes:
        made: when it was made, ISO 8601.
        account: whose alarms they are; None for a journal that never had an account.
        events: how many.
        head: number and link of the last entry.
    """

    made: str
    account: str | None
    events: int
    head: dict[str, Any]


def write_backup(journal: Path, pictures: Path, target: Path, now: datetime) -> Backup:
    """Write the journal and its pictures to a file, which appears whole or not at all.

    Args:
        journal: the journal; a tail may be writing it.
        pictures: folder of its pictures.
        target: the file.
        now: the current time.

    Raises:
        LocalError: the journal cannot be read, or the file not written.
    """
    import sqlite3

    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup.") as name:
            copy, archive = Path(name) / _JOURNAL, Path(name) / "backup.zip"
            backup = _copy_journal(journal, copy, now)
            with zipfile.ZipFile(archive, "x", zipfile.ZIP_DEFLATED, allowZip64=True) as out:
                out.writestr(_FACTS, json.dumps(_as_json(backup), indent=2) + "\n")
                out.write(copy, _JOURNAL)
                for file in sorted(pictures.rglob("*")) if pictures.is_dir() else ():
                    if file.is_file() and not file.is_symlink():
                        out.write(file, _PICTURES + file.relative_to(pictures).as_posix())
            archive.chmod(0o600)
            with archive.open("rb") as written:
                os.fsync(written.fileno())
            archive.replace(target)
    except sqlite3.Error as error:
        raise LocalError(f"{target} cannot be written: {error}.", hint="Is there enough space?") from error
    except OSError as error:
        raise LocalError(f"{target} cannot be written: {error.strerror or error}.") from error
    return backup


def _copy_journal(journal: Path, copy: Path, now: datetime) -> Backup:
    import sqlite3

    with closing(open_for_reading(journal)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target, pages=_PAGES)
        head = read_head(target)
        events = target.execute("SELECT count(*) FROM entry WHERE about IS NULL").fetchone()[0]
        account = read_fact(target, "account")
        target.execute("PRAGMA journal_mode=DELETE")
    return Backup(utc_text(now), account, int(events), {"seq": head.seq, "link": head.link.hex()})


def _as_json(backup: Backup) -> dict[str, Any]:
    return {"made": backup.made, "account": backup.account, "events": backup.events, "head": backup.head}


@contextmanager
def opened_backup(path: Path) -> Iterator[tuple[Backup, zipfile.ZipFile]]:
    """Open a backup for reading.

    Raises:
        LocalError: it cannot be read, or is not a backup.
    """
    if path.exists() and not path.is_file():
        raise LocalError(f"{path} is not a file.", hint="`hpcli alarms backup FILE` makes one.")
    try:
        with zipfile.ZipFile(path) as archive:
            facts = json.loads(archive.read(_FACTS))
            archive.getinfo(_JOURNAL)
            backup = Backup(str(facts["made"]), facts["account"], int(facts["events"]), dict(facts["head"]))
            yield backup, archive
    except OSError as error:
        raise LocalError(f"{path} cannot be read: {error.strerror or error}.") from error
    except _NOT_A_BACKUP as error:
        raise LocalError(
            f"{path} is not a backup of alarms, or it is damaged.",
            hint="`hpcli alarms backup FILE` makes one.",
        ) from error


def restore(archive: zipfile.ZipFile, folder: Path, account: str, now: datetime) -> Path | None:
    """Make a backup the journal of an account; the caller holds the reader's lock.

    Args:
        archive: an opened backup.
        folder: the account's.
        account: id of the account.
        now: the current time.

    Returns:
        Where the journal before is kept, None if there was none.

    Raises:
        LocalError: the backup belongs to another account, is damaged, or there is no room.
    """
    journal = folder / _JOURNAL
    with tempfile.TemporaryDirectory(dir=folder, prefix=".restore.") as name:
        fresh = Path(name) / _JOURNAL
        with archive.open(_JOURNAL) as source, fresh.open("xb") as target:
            shutil.copyfileobj(source, target)
        fresh.chmod(0o600)
        _begin_anew(fresh, account, now)
        kept = _move_away(journal, now)
        fresh.replace(journal)
    _unpack_pictures(archive, folder / "pictures")
    return kept


def _begin_anew(journal: Path, account: str, now: datetime) -> None:
    """Give a restored journal an identity of its own, and note that time is missing in it."""
    with closing(open_for_writing(journal, upgrades=True)) as db:
        if db.execute("PRAGMA quick_check").fetchone()[0] != "ok":
            raise LocalError("The backup is damaged.", hint="Try an earlier one.")
        db.execute("BEGIN IMMEDIATE")
        claim_journal(db, account)
        note_fact(db, "uuid", uuid.uuid4().hex)
        db.execute(
            "UPDATE forward SET is_clean=0"
        )  # what waits may have been sent since: it goes again, marked
        db.execute("UPDATE sqlite_sequence SET seq=seq+? WHERE name='entry'", (_SKIPPED,))
        for row in _missing_time(db, now):
            keep_own(db, row)
        db.execute("COMMIT")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _missing_time(db: sqlite3.Connection, now: datetime) -> Iterator[Row]:
    last = read_fact(db, "last-poll")
    moment = utc_text(now, "milliseconds")
    text = "The alarms of this account were restored from a backup"
    yield make_own_row(
        make_body(
            received=moment, time=moment, time_source="received", kind=RESTORE, name="Restored",
            category=category_of("fault"), text=text,
        ),
        fingerprint_of({"deviceSerial": None, "alarmData": f"{RESTORE} {epoch_milliseconds(now)}"}),
        now,
    )  # fmt: skip
    if last is not None:
        since = moment_of(int(last))
        missing = f"Alarms read after {utc_text(since)} are missing: the backup is from before them"
        yield make_gap(since, now, text=missing)


def _move_away(journal: Path, now: datetime) -> Path | None:
    """Keep the journal that is replaced, under another name; return where."""
    if not journal.exists():
        return None
    with closing(open_for_writing(journal, upgrades=True)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = journal.with_name(f"journal-before-{now:%Y%m%d-%H%M%S}.db")
    journal.replace(kept)
    return kept


def _unpack_pictures(archive: zipfile.ZipFile, folder: Path) -> None:
    for info in archive.infolist():
        name = PurePosixPath(info.filename.removeprefix(_PICTURES))
        is_inside = info.filename.startswith(_PICTURES) and not name.is_absolute() and ".." not in name.parts
        path = folder / name
        if info.is_dir() or not is_inside or path.exists():
            continue
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with archive.open(info) as source, open(path, "xb", opener=_private) as target:
            shutil.copyfileobj(source, target)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
