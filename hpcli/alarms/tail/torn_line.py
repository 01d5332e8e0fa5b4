"""Detect a line that was cut off when the previous run was killed.

A line after half of another is lost for every reader; an empty line between them is harmless.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final, TextIO

from hpcli.alarms.journal.facts import note_fact, read_fact

if TYPE_CHECKING:
    import sqlite3

_FACT: Final = "stdout"


def follows_torn_line(db: sqlite3.Connection, stream: TextIO, *, is_clean: bool) -> bool:
    """Return whether the stream may end in the middle of a line; store which stream it is for the next run.

    A file does if its last byte says so, whoever wrote it. A pipe, and a file that cannot be read, may if the last run
    wrote to it too and did not end by itself.

    Args:
        db: the writing connection.
        stream: where lines go.
        is_clean: the last run ended by itself.
    """
    before = read_fact(db, _FACT)
    name = _name_of(stream)
    note_fact(db, _FACT, name)
    is_whole = ends_with_line(stream) if name else True
    return (not is_clean and name == before) if is_whole is None else not is_whole


def _name_of(stream: TextIO) -> str:
    """Return what identifies a file, pipe or socket; empty for terminals and other streams."""
    try:
        about = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return ""
    return "" if stat.S_ISCHR(about.st_mode) else f"{about.st_dev}:{about.st_ino}"


def ends_with_line(stream: TextIO) -> bool | None:
    """Return whether a file ends with a complete line; None if that is unknown, as of a pipe."""
    number = stream.fileno()
    about = os.fstat(number)
    if not stat.S_ISREG(about.st_mode):
        return None
    if about.st_size == 0:
        return True
    try:
        with open(f"/dev/fd/{number}", "rb") as file:  # noqa: PTH123 - not a path, but the same stream, opened for reading
            return os.pread(file.fileno(), 1, about.st_size - 1) == b"\n"
    except OSError:
        return None
