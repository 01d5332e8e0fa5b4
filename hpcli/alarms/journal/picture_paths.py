"""Paths of pictures in the journal: relative to its folder, so that a journal can be moved with its pictures."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3

PICTURES: Final = "pictures"
"""Name of the folder beside the journal where pictures are saved by default."""


def journal_folder(db: sqlite3.Connection) -> Path | None:
    """Return the folder of an open journal, None for one in memory."""
    for _number, name, file in db.execute("PRAGMA database_list"):
        if name == "main" and file:
            return Path(file).resolve().parent
    return None


def stored_path(folder: Path | None, path: str) -> str:
    """Return the path that the journal stores.

    Args:
        folder: of the journal.
        path: absolute; one outside the folder stays as it is.
    """
    if folder is not None:
        real = Path(path).resolve()
        if real.is_relative_to(folder):
            return real.relative_to(folder).as_posix()
    return path


def real_path(folder: Path | None, stored: str) -> Path:
    """Return where a file of the journal is.

    Journals of the first edition store absolute paths. If such a file is not there, it is looked for below the
    folder of pictures beside the journal, where it is after the journal was moved.
    """
    path = Path(stored)
    if folder is None:
        return path
    if not path.is_absolute():
        return folder / path
    if path.exists():
        return path
    moved = _beside(folder, path)
    return moved if moved is not None and moved.exists() else path


def _beside(folder: Path, path: PurePath) -> Path | None:
    parts = path.parts
    if PICTURES not in parts:
        return None
    last = len(parts) - 1 - parts[::-1].index(PICTURES)
    return folder.joinpath(*parts[last:])
