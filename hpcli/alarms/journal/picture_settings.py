"""How the last tail saved pictures, for the commands that save some later."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hpcli.alarms.journal.facts import note_fact, read_fact
from hpcli.alarms.journal.picture_paths import journal_folder, real_path, stored_path

if TYPE_CHECKING:
    import sqlite3

_FOLDER: Final = "picture-folder"
_DECRYPT: Final = "decrypt"
_ORIGINALS: Final = "keep-originals"


@dataclass(frozen=True, slots=True)
class PictureSettings:
    """How pictures are saved.

    Attributes:
        folder: where, None where no tail has saved any.
        decrypts: whether they are decrypted.
        keeps_originals: whether each file is kept as it was downloaded.
    """

    folder: Path | None = None
    decrypts: bool = True
    keeps_originals: bool = False


def note_settings(db: sqlite3.Connection, settings: PictureSettings) -> None:
    """Record how a tail saves pictures."""
    if settings.folder is not None:
        note_fact(db, _FOLDER, stored_path(journal_folder(db), str(settings.folder)))
    note_fact(db, _DECRYPT, int(settings.decrypts))
    note_fact(db, _ORIGINALS, int(settings.keeps_originals))


def read_settings(db: sqlite3.Connection) -> PictureSettings:
    """Return how the last tail saved pictures."""
    folder = read_fact(db, _FOLDER)
    return PictureSettings(
        None if folder is None else real_path(journal_folder(db), folder),
        read_fact(db, _DECRYPT) != "0",
        read_fact(db, _ORIGINALS) == "1",
    )
