"""Detect a line that was cut off when the previous run was killed.

A line after half of another is lost for every reader; an empty line between them is harmless.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final, TextIO

from hpcli.alarms.journal.batches import note_fact, read_fact

if TYPE_CHECKING:
    import sqlite3

_FACT: Final = "stdout"


def follows_torn_line(db: sqlite3.Connection, stream: TextIO, *, is_clean: bool) -> bool:
    """Return whether the stream may end in the middle of a line of the last run; store it for the next run.

    Args:
        db: the writing connection.
        stream: where lines go.
        is_clean: the last run ended by itself.
    """
    before = read_fact(db, _FACT)
    name = _name_of(stream)
    note_fact(db, _FACT, name)
    return not is_clean and bool(name) and name == before and not _ends_with_line(stream)


def is_pipe(stream: TextIO) -> bool:
    """Return whether lines go to a pipe or socket, where written data may not have been read."""
    try:
        mode = os.fstat(stream.fileno()).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _name_of(stream: TextIO) -> str:
    """Return what identifies a file, pipe or socket; empty for terminals and other streams."""
    try:
        about = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return ""
    return "" if stat.S_ISCHR(about.st_mode) else f"{about.st_dev}:{about.st_ino}"


def _ends_with_line(stream: TextIO) -> bool:
    """Return whether a file certainly ends with a complete line; the content of a pipe is unknown."""
    number = stream.fileno()
    about = os.fstat(number)
    if not stat.S_ISREG(about.st_mode):
        return False
    if about.st_size == 0:
        return True
    try:
        with open(f"/dev/fd/{number}", "rb") as file:  # noqa: PTH123 - not a path, but the same stream, opened for reading
            return os.pread(file.fileno(), 1, about.st_size - 1) == b"\n"
    except OSError:
        return False
