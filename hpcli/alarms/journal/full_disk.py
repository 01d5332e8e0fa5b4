"""Read the journal on a full disk, or on one that nothing can be written to.

Readers of a write-ahead log share a small file with the writer, which the first of them makes. Where there is no room
for it no tail can run either, and the journal can be read as a file that nobody changes.
"""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path
from typing import Final

_WAIT_SECONDS: Final = 10.0


def readable_name(file: Path, name: str) -> str:
    """Return the URI under which a journal can be read for a moment.

    Args:
        file: the journal.
        name: its usual URI, read-only.
    """
    if _can_share(name) or not _is_log_empty(file):
        return name
    return f"{name}&immutable=1"


def _can_share(name: str) -> bool:
    """Return whether the shared file is there or can be made; any other error is for the one who opens the journal."""
    import sqlite3

    try:
        with closing(sqlite3.connect(name, uri=True, timeout=_WAIT_SECONDS)) as db:
            db.execute("PRAGMA user_version").fetchone()
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        return code not in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
    return True


def _is_log_empty(file: Path) -> bool:
    """Return whether all of a journal is in its file, after trying to copy back what a killed tail left beside it."""
    import sqlite3

    log = file.with_name(f"{file.name}-wal")
    if log.exists() and log.stat().st_size:
        name = f"{file.as_uri()}?mode=rw"
        with suppress(sqlite3.Error), closing(sqlite3.connect(name, uri=True, timeout=_WAIT_SECONDS)) as db:
            db.execute("PRAGMA locking_mode=EXCLUSIVE")  # needs no shared file; closing copies back
            db.execute("PRAGMA user_version").fetchone()
    return not log.exists() or not log.stat().st_size
