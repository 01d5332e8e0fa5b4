"""The state file as a file: made for this user alone, and never a link, a FIFO, or a file of somebody else.

`hpcli.local` has the same rules for the files of the command line; the stand-in imports nothing of it.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from pathlib import Path

from hpcli.errors import LocalError

_CLOSE_ON_EXEC = getattr(os, "O_CLOEXEC", 0)


def make_private(path: Path) -> None:
    """Create the file and its folders if they are not there: the file with mode 0600, the folders with 0700.

    Raises:
        LocalError: it cannot be made or used, or is not a regular file of this user.
    """
    try:
        _make_folders(path.parent)
        _create(path)
        # Not opened again: closing it would give up the locks that SQLite holds on it in this process.
        found = path.lstat()
    except OSError as error:
        raise unusable(path, error.strerror or str(error)) from error
    if not stat.S_ISREG(found.st_mode):
        raise unusable(path, "it is not a regular file")
    if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
        raise unusable(path, "it belongs to another user")


def _create(path: Path) -> None:
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | _CLOSE_ON_EXEC, 0o600))


def _make_folders(folder: Path) -> None:
    """Make the folders that are missing, each for this user alone; `mkdir` gives its mode to the last one only."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)


def unusable(path: Path, reason: str) -> LocalError:
    """Return the error of a state file that cannot be read or written."""
    return LocalError(
        f"The sandbox's state {path} cannot be used: {reason}.",
        hint="Free some space, correct its folder, or let HPCLI_STATE_DIR name another one.",
    )


def reason_of(error: sqlite3.Error) -> str:
    """Return why SQLite could not do something, without the full stop."""
    return str(error).rstrip(".") or type(error).__name__
