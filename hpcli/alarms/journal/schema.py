"""The journal as a file: its tables and their versions, its connections, and the meaning of its failures.

SQLite with a write-ahead log and `synchronous=FULL`, so committed data survives a power cut. One process
writes alarms; readers see a consistent state and never hold up the writer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hpcli.alarms.journal.folder import check_file_system, close_to_others, make_private_file
from hpcli.alarms.journal.full_disk import readable_name
from hpcli.alarms.journal.older import show_as_current
from hpcli.errors import LocalError

if TYPE_CHECKING:
    import sqlite3

_APPLICATION: Final = 0x48504A31
"""Marks the file as ours (`PRAGMA application_id`)."""

_MAGIC: Final = b"SQLite format 3\0"

_WAIT_SECONDS: Final = 10.0
"""How long a connection waits for another process that writes (`prune`, `retry-pictures`)."""

_LOG_PAGES: Final = 4000
"""Size of the log (16 MiB): pages of the index of ids, which every batch changes, are copied back less often."""

_CACHE_KIB: Final = 16 * 1024

_MIGRATIONS: Final = (
    """
    CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE batch (
        seq INTEGER PRIMARY KEY, id TEXT, received INTEGER NOT NULL, confirmed INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX batch_id ON batch (id);
    CREATE INDEX batch_open ON batch (received) WHERE confirmed = 0;
    CREATE TABLE entry (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, about INTEGER, batch INTEGER, place INTEGER,
        fingerprint TEXT, received INTEGER NOT NULL, happened INTEGER NOT NULL, type TEXT NOT NULL,
        category TEXT NOT NULL, device TEXT, site TEXT, relation TEXT, unknown TEXT,
        pictures INTEGER NOT NULL DEFAULT 0, repeats INTEGER NOT NULL DEFAULT 0, body TEXT NOT NULL, raw TEXT);
    CREATE INDEX entry_batch ON entry (batch);
    CREATE INDEX entry_happened ON entry (happened);
    CREATE INDEX entry_about ON entry (about) WHERE about IS NOT NULL;
    CREATE INDEX entry_relation ON entry (relation) WHERE relation IS NOT NULL;
    CREATE INDEX entry_unknown ON entry (unknown) WHERE unknown IS NOT NULL;
    CREATE TABLE picture (
        seq INTEGER PRIMARY KEY, entry INTEGER NOT NULL, joined INTEGER, number INTEGER NOT NULL,
        url TEXT NOT NULL, encryption TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'pending',
        due INTEGER, tries INTEGER NOT NULL DEFAULT 0, files TEXT, error TEXT, form TEXT);
    CREATE INDEX picture_entry ON picture (entry);
    CREATE INDEX picture_joined ON picture (joined) WHERE joined IS NOT NULL;
    CREATE INDEX picture_due ON picture (due) WHERE due IS NOT NULL;
    CREATE TABLE output (name TEXT PRIMARY KEY, position INTEGER NOT NULL, is_clean INTEGER NOT NULL);
    CREATE TABLE early (seq INTEGER PRIMARY KEY);
    """,
    """
    ALTER TABLE entry ADD COLUMN priority TEXT;
    ALTER TABLE entry ADD COLUMN state TEXT;
    ALTER TABLE entry ADD COLUMN digest BLOB;
    ALTER TABLE entry ADD COLUMN link BLOB;
    ALTER TABLE picture ADD COLUMN sums TEXT;
    ALTER TABLE picture ADD COLUMN original TEXT;
    ALTER TABLE picture ADD COLUMN original_sum TEXT;
    ALTER TABLE picture ADD COLUMN size INTEGER;
    CREATE INDEX entry_received ON entry (received);
    CREATE TABLE batch_body (
        batch INTEGER PRIMARY KEY, first INTEGER NOT NULL, received INTEGER NOT NULL, body BLOB,
        digest BLOB NOT NULL, link BLOB NOT NULL);
    CREATE TABLE removed (
        first INTEGER PRIMARY KEY, last INTEGER NOT NULL, count INTEGER NOT NULL, before BLOB NOT NULL,
        after BLOB NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL);
    CREATE TABLE hold (entry INTEGER PRIMARY KEY, reason TEXT NOT NULL, until INTEGER, at INTEGER NOT NULL);
    CREATE TABLE erased (entry INTEGER PRIMARY KEY, reason TEXT NOT NULL, at INTEGER NOT NULL);
    CREATE TABLE copy (
        path TEXT NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL);
    CREATE TABLE outage (began INTEGER PRIMARY KEY, ended INTEGER NOT NULL, reason TEXT NOT NULL);
    CREATE TABLE pictures_removed (
        at INTEGER NOT NULL, events INTEGER NOT NULL, files INTEGER NOT NULL, bytes INTEGER NOT NULL,
        reason TEXT NOT NULL);
    CREATE INDEX picture_stored ON picture (entry) WHERE files IS NOT NULL OR original IS NOT NULL;
    CREATE INDEX picture_locked ON picture (entry) WHERE state='locked';
    """,
    """
    ALTER TABLE batch ADD COLUMN is_cut INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE entry ADD COLUMN is_quiet INTEGER NOT NULL DEFAULT 0;
    """,
    """
    CREATE TABLE heard (device TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO heard SELECT device, max(received) FROM entry WHERE device IS NOT NULL GROUP BY device;
    """,
    """
    INSERT INTO fact (name, value) SELECT 'decoded-from', seq + 1 FROM sqlite_sequence WHERE name='entry';
    """,
    """
    CREATE TABLE forward (
        output TEXT PRIMARY KEY, start INTEGER NOT NULL, position INTEGER NOT NULL,
        origin TEXT NOT NULL, routing TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'ok', tries INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL DEFAULT 0,
        error TEXT, last INTEGER, moved INTEGER NOT NULL, longest INTEGER NOT NULL,
        is_clean INTEGER NOT NULL DEFAULT 1) WITHOUT ROWID;
    CREATE TABLE delivery (
        output TEXT NOT NULL, seq INTEGER NOT NULL, device TEXT, state TEXT NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL DEFAULT 0, error TEXT,
        PRIMARY KEY (output, seq)) WITHOUT ROWID;
    CREATE INDEX delivery_state ON delivery (output, state);
    CREATE TABLE forward_note (
        output TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (output, name)) WITHOUT ROWID;
    """,
    """
    CREATE TABLE ack (entry INTEGER PRIMARY KEY, notes TEXT NOT NULL);
    """,
)
"""The steps from version N to version N+1. Times are epoch milliseconds.

`entry` holds events and, with `about`, the `media` lines that follow them; its numbers are never used again.
`body` is the JSON of an event from `received` to `cid`, without braces; `raw` that of the message.
`picture.due` is when to fetch it next, NULL if it is not wanted (any more); `picture.joined` is the
alarm that the pictures of a Linkage message belong to. `early` lists media lines printed ahead of the position.

Since version 2 the entries are a chain, see `chain`: `digest` is that of the raw message and stays when that is
`erased`; `removed` keeps the place of entries that were removed, `batch_body` an answer that could only be read
leniently (zlib; `first` is the entry it comes before). `outage` lists when the reader was
not reading, `copy` the exports and backups with the entries they hold. `picture.files` and `picture.original`, the
file as it was downloaded, are paths relative to the journal's folder where they are below it; `sums` and
`original_sum` are their SHA-256 in hex, `size` their bytes in the journal's own folder of pictures.
`pictures_removed` is the log of pictures that were removed before their events.

Since version 3 `batch.is_cut` marks an answer that was cut off, which is not to be confirmed, and `entry.is_quiet` what
is printed on demand only, the keep-alives of panels.

Since version 4 `heard` has the time of the latest message of each device, which pruning leaves alone.

Since version 5 the fact `decoded-from` is the entry from which on the entries of an older journal have been decoded
again, see `renewal`; it is gone once all have been.

Since version 6 `forward` has a row for each output of `alarms forward`, see `deliveries`: all events up to `position`
are settled; of those up to `start` none was sent. `delivery` has those beyond it that are settled or failed, and
the dead letters; `forward_note` is what an output itself has to remember.

Since version 7 `ack` has the notes that people made on an event, the oldest first, as JSON; see `notes`.
"""

SCHEMA_VERSION: Final = len(_MIGRATIONS)


class JournalFullError(LocalError):
    """The journal cannot be written now because the disk is full or failing; worth a retry."""


def open_for_writing(path: Path, *, upgrades: bool = False) -> sqlite3.Connection:
    """Open the journal for writing; create it if needed.

    Args:
        path: of the file.
        upgrades: bring a journal of an older version up to date; only the holder of the reader's lock may do so.

    Raises:
        LocalError: it cannot be opened, is not a journal, was made by an older or a newer hpcli, or is on a network
            file system.
        JournalFullError: there is no room to create it.
    """
    check_file_system(path)
    check_content(path)
    try:
        make_private_file(path)
    except OSError as error:
        raise LocalError(
            f"The journal {path} cannot be created: {error.strerror}.",
            hint="Choose another file with --journal.",
        ) from error
    with _opening(path, path) as db:
        _check_ours(db, path)
        if not upgrades and 0 < _version(db) < SCHEMA_VERSION:
            raise LocalError(
                f"The journal {path} was made by an older hpcli.",
                hint="Run `hpcli alarms tail` once; it brings the journal up to date.",
            )
        with suppress(OSError):  # a file of another user that we may write
            close_to_others(path)
        db.execute("PRAGMA auto_vacuum=INCREMENTAL")
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("PRAGMA fullfsync=1")  # macOS: fsync alone leaves data in the drive
        db.execute(f"PRAGMA wal_autocheckpoint={_LOG_PAGES}")
        db.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        _migrate(db)
        _name(db)
    return db


@contextmanager
def _opening(path: Path, name: Path | str) -> Iterator[sqlite3.Connection]:
    """Connect, and close the connection only if the block fails; raise its failures as those of the journal.

    Args:
        path: of the journal, for messages.
        name: what is opened, a path or, as text, a URI.
    """
    import sqlite3

    try:
        db = sqlite3.connect(
            name, uri=isinstance(name, str), timeout=_WAIT_SECONDS, isolation_level=None,
            check_same_thread=False,
        )  # fmt: skip
        try:
            yield db
        except BaseException:
            db.close()
            raise
    except sqlite3.Error as error:
        raise translate(error, path) from error


def check_content(path: Path) -> None:
    """Refuse a file that is not a database, before anything is written to it or next to it.

    Raises:
        LocalError: it is not a database, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            beginning = file.read(len(_MAGIC))
    except FileNotFoundError:
        return
    except OSError as error:
        raise LocalError(
            f"The journal {path} cannot be read: {error.strerror}.",
            hint="Choose another file with --journal.",
        ) from error
    if beginning not in (b"", _MAGIC):
        raise LocalError(f"{path} is not an alarm journal.", hint="Choose another file with --journal.")


def _name(db: sqlite3.Connection) -> None:
    """Give the journal an identity of its own, which a restored one does not share."""
    import uuid

    if db.execute("SELECT 1 FROM fact WHERE name='uuid'").fetchone() is None:
        db.execute("INSERT OR IGNORE INTO fact (name, value) VALUES ('uuid', ?)", (uuid.uuid4().hex,))


def open_in_memory() -> sqlite3.Connection:
    """Return a journal in memory that exists as long as its connection (`--no-journal`)."""
    import sqlite3

    db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    _migrate(db)
    return db


def open_for_reading(path: Path, *, is_once: bool = False) -> sqlite3.Connection:
    """Open the journal for reading; this does not disturb a running tail. One of an older version is read as it is.

    Args:
        path: of the file.
        is_once: for a moment, so that it can also be read on a full disk or one that nothing can be written to, where
            no tail can run that changes it meanwhile.

    Raises:
        LocalError: it does not exist, cannot be read, or was made by a newer hpcli.
    """
    file = path.expanduser().resolve()
    if not file.exists():
        raise _missing(path)
    name = f"{file.as_uri()}?mode=ro"
    if is_once:
        name = readable_name(file, name)
    with _opening(path, name) as db:
        _check_ours(db, path)
        version = _version(db)
        if version == 0:
            raise _missing(path)
        if version < SCHEMA_VERSION:
            show_as_current(db, _MIGRATIONS[version:])
    return db


def _missing(path: Path) -> LocalError:
    return LocalError(f"There is no journal {path}.", hint="`hpcli alarms tail` creates it.")


def is_older(path: Path) -> bool:
    """Return whether there is a journal of an older version.

    Raises:
        LocalError: the file is not a journal, cannot be read, or was made by a newer hpcli.
    """
    file = path.expanduser().resolve()
    if not file.exists():
        return False
    check_content(file)
    with _opening(path, f"{file.as_uri()}?mode=ro") as db:
        _check_ours(db, path)
        version = _version(db)
    db.close()
    return 0 < version < SCHEMA_VERSION


def is_journal_there(path: Path) -> bool:
    """Return whether there is a journal; one that a tail is about to create is not there yet.

    Raises:
        LocalError: the file is not a journal, or cannot be read.
    """
    file = path.expanduser().resolve()
    if not file.exists():
        return False
    with _opening(path, readable_name(file, f"{file.as_uri()}?mode=ro")) as db:
        is_new = _version(db) == 0 and not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    db.close()
    return not is_new


def compact(db: sqlite3.Connection) -> None:
    """Return freed space to the disk; call it outside a transaction."""
    db.execute("PRAGMA incremental_vacuum").fetchall()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def translate(error: sqlite3.Error, path: Path | None = None) -> LocalError:
    """Return the error for the user that a failure of SQLite means."""
    import sqlite3

    name = f"The journal {path}" if path else "The journal"
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return JournalFullError(f"{name} cannot be written: the disk is full.", hint="Free some space.")
    if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY):
        return JournalFullError(
            f"{name} cannot be written: {error}.",
            hint="Check the free space on the disk and your right to write.",
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return LocalError(
            f"{name} is damaged or not a journal.",
            hint="Move it away; the next start creates a new one. `sqlite3` may be able to read it.",
        )
    return LocalError(f"{name} cannot be used: {error}.", hint="Check that you may read and write it.")


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _check_ours(db: sqlite3.Connection, path: Path) -> None:
    mark = db.execute("PRAGMA application_id").fetchone()[0]
    if mark != _APPLICATION and db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise LocalError(f"{path} is not an alarm journal.", hint="Choose another file with --journal.")
    version = _version(db)
    if version > SCHEMA_VERSION:
        raise LocalError(f"The journal {path} was made by a newer hpcli.", hint="Update hpcli.")


def _migrate(db: sqlite3.Connection) -> None:
    """Upgrade the tables to this version, all steps or none; another process may do so at the same time."""
    if _version(db) == SCHEMA_VERSION:
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        for step in _MIGRATIONS[_version(db) :]:
            for statement in step.split(";\n"):
                db.execute(statement)
        db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        db.execute(f"PRAGMA application_id={_APPLICATION}")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
