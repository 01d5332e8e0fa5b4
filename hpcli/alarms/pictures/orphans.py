"""Originals that a killed process left beside their pictures: recorded as saved, but not removed yet."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hpcli.alarms.journal.picture_paths import journal_folder, real_path
from hpcli.alarms.pictures.files import sha256_of

if TYPE_CHECKING:
    import sqlite3

_NAME: Final = re.compile(r"[A-Za-z0-9-]+_\d{6}_[A-Za-z0-9-]+_\d+(-\d+)?\.enc")
"""What `picture_path` calls an original; a number follows where the name was taken."""

Read = Callable[[Callable[["sqlite3.Connection"], Any]], Any]
"""Reads the journal in a transaction of its own: `Journal.read`."""


def remove_orphans(read: Read, folder: Path) -> None:
    """Remove originals in the day folders of a folder whose pictures are all here, and which no picture names.

    A file of another journal or of the user is left alone: only one whose bytes and name are those of the original of
    a picture that is saved is removed.

    Raises:
        LocalError: the journal is damaged.
    """
    found = [path for path in folder.resolve().glob("*/*.enc") if _NAME.fullmatch(path.name)]
    if not found:
        return
    named: set[Path] = read(_originals)
    for path in found:
        if path in named or path.is_symlink():
            continue
        with suppress(OSError):  # it vanished, or cannot be read
            with path.open("rb") as file:
                digest = sha256_of(file)
            if any(_are_pictures_of(path, files) for files in read(partial(_saved, digest=digest))):
                path.unlink()


def _originals(db: sqlite3.Connection) -> set[Path]:
    """Return the originals that are kept."""
    folder = journal_folder(db)
    rows = db.execute("SELECT original FROM picture WHERE original IS NOT NULL")
    return {real_path(folder, stored).resolve() for (stored,) in rows}


def _saved(db: sqlite3.Connection, digest: str) -> list[list[Path]]:
    """Return the files of each picture that is saved without its original, which had this SHA-256."""
    folder = journal_folder(db)
    rows = db.execute(
        "SELECT files FROM picture WHERE original_sum=? AND original IS NULL AND state='saved'", (digest,)
    )
    return [[real_path(folder, name).resolve() for name in json.loads(files or "[]")] for (files,) in rows]


def _are_pictures_of(original: Path, files: list[Path]) -> bool:
    """Return whether files have the name of an original, and are all there."""
    return bool(files) and all(
        file.parent == original.parent and _event(file) == _event(original) and file.is_file()
        for file in files
    )


def _event(path: Path) -> str:
    """Return a name up to the number of the picture in its event, without the number of another file of that name."""
    *parts, last = path.stem.split("_")
    return "_".join((*parts, last.partition("-")[0]))
