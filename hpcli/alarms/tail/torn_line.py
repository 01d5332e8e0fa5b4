"""Where the output of a run meets that of a killed one before it: possibly in the middle of a line.

A line that is glued to half of another is lost for every reader; an empty line is none.
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
    """Tell whether the stream may end in the middle of a line of the last run; remember it for the next one.

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
    """Tell whether lines go to a pipe or socket, where what was written need not have been read."""
    try:
        mode = os.fstat(stream.fileno()).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _name_of(stream: TextIO) -> str:
    """Return what tells a file, pipe or socket from others; empty for terminals and what is no file."""
    try:
        about = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return ""
    return "" if stat.S_ISCHR(about.st_mode) else f"{about.st_dev}:{about.st_ino}"


def _ends_with_line(stream: TextIO) -> bool:
    """Tell whether a file surely ends with a whole line; into a pipe nobody can look."""
    number = stream.fileno()
    about = os.fstat(number)
    if not stat.S_ISREG(about.st_mode):
        return False
    if about.st_size == 0:
        return True
    try:
        with open(f"/dev/fd/{number}", "rb") as file:  # noqa: PTH123 - it is no path, but the stream once more, to read
            return os.pread(file.fileno(), 1, about.st_size - 1) == b"\n"
    except OSError:
        return False
