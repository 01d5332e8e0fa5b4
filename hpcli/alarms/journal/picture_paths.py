"""Paths of pictures in the journal: relative to its folder, so that a journal can be moved with its pictures."""

from __future__ import annotations

from pathlib import Path
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

    Journals of the first edition store absolute paths. After such a journal was moved or copied, the file is below
    the folder of pictures beside it; a path of the same account's folder means that one even if both are there.
    """
    path = Path(stored)
    if folder is None:
        return path
    if not path.is_absolute():
        return folder / path
    if PICTURES not in path.parts:
        return path
    at = _place_of_pictures(path)
    beside = folder.joinpath(*path.parts[at:])
    is_of_account = path.parts[at - 1] == folder.name
    return beside if beside.exists() and (is_of_account or not path.exists()) else path


def relative_path(folder: Path | None, stored: str, account: str | None) -> str:
    """Return the path that the journal stores from now on for one that the first edition stored.

    A file of the account's own folder of pictures is relative even if it is no longer there.

    Args:
        folder: of the journal.
        stored: as the first edition stored it.
        account: whose journal it is.
    """
    path = Path(stored)
    if folder is not None and path.is_absolute() and PICTURES in path.parts:
        owner = path.parts[_place_of_pictures(path) - 1]
        if owner == folder.name or (owner == account and not path.exists()):
            return Path(*path.parts[_place_of_pictures(path) :]).as_posix()
    return stored_path(folder, str(real_path(folder, stored)))


def _place_of_pictures(path: Path) -> int:
    return len(path.parts) - 1 - path.parts[::-1].index(PICTURES)
