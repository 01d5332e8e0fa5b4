"""Store alarm pictures as files: private, named by event, complete or not there at all."""

from __future__ import annotations

import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, BinaryIO

from hpcli.errors import LocalError

PRIVATE_FOLDER = 0o700
_PART = ".part"
_COMPARED = 1 << 20


@dataclass(slots=True)
class PictureFile:
    """A picture while it is written.

    Attributes:
        path: where it will be; after the `with` block of `new_picture`, where it is.
        size: bytes written so far.
    """

    path: Path
    _file: BinaryIO
    size: int = 0
    _digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def write(self, data: bytes | memoryview, /) -> int:
        """Write all of the data."""
        self._digest.update(data)
        self.size += len(data)
        return self._file.write(data)

    @property
    def sha256(self) -> str:
        """SHA-256 of what was written, in hex."""
        return self._digest.hexdigest()


def sha256_of(file: IO[bytes]) -> str:
    """Return the SHA-256 of a file in hex."""
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(_COMPARED):
        digest.update(chunk)
    return digest.hexdigest()


def picture_path(folder: Path, *, time: str, serial: str, event_id: str, number: int, extension: str) -> Path:
    """Return `FOLDER/2026-11-22/SERIAL_143012_EVENTID_1.jpg`, safe for any serial and id.

    Args:
        folder: what `--pictures` says.
        time: the event's `time`, ISO 8601; its own date and clock time are used, whatever the zone.
        serial: the device's serial.
        event_id: the event's `id`.
        number: of the picture in its event, from 1.
        extension: without the dot.
    """
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        day, clock = "undated", "000000"
    else:
        day, clock = f"{moment:%Y-%m-%d}", f"{moment:%H%M%S}"
    name = f"{_safe(serial, 'unknown', 40)}_{clock}_{_safe(event_id, 'event', 80)}_{number}"
    return folder / day / f"{name}.{_safe(extension, 'bin', 8)}"


@contextmanager
def new_picture(path: Path, *, is_durable: bool = True) -> Iterator[PictureFile]:
    """Write a picture to a temporary file that becomes `path` if the block ends well and vanishes if not.

    A different picture with that name is kept, and the new one becomes `NAME-2.jpg`; an equal one is stored once.

    Args:
        path: the file wanted; missing folders are made, readable by this user alone.
        is_durable: wait until the bytes are on the disk.

    Raises:
        LocalError: it cannot be written (no room, no permission, …).
    """
    temporary: Path | None = None
    try:
        make_private_folders(path.parent)
        number, name = tempfile.mkstemp(prefix=".", suffix=_PART, dir=path.parent)
        temporary = Path(name)
        with _held(number):
            with os.fdopen(number, "wb") as file:
                picture = PictureFile(path, file)
                yield picture
                file.flush()
                if is_durable:
                    os.fsync(number)
            picture.path = _publish(temporary, path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise LocalError(
            f"Cannot write the picture {path}: {reason}.", hint="Free some space or choose another folder."
        ) from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()


def remove_leftovers(folder: Path, *, before: float) -> None:
    """Remove what a killed process left unfinished in the day folders of `folder`.

    Args:
        folder: what `--pictures` says; it may be missing.
        before: if locks do not show which files are being written (Windows), only files last written before this
            time, in seconds since 1970.
    """
    for part in folder.glob(f"*/.*{_PART}"):
        # It may vanish or belong to another user: then leave it.
        with suppress(OSError):
            if _is_abandoned(part, before):
                part.unlink()


@contextmanager
def _held(number: int) -> Iterator[None]:
    """Mark a file as being written, with a lock that ends with its process."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    held = os.dup(number)
    try:
        with suppress(OSError):  # a file system without locks: the file may look like a leftover
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(held)


def _is_abandoned(path: Path, before: float) -> bool:
    """Return whether no process is writing a file; OSError if one is, or if that is unknown."""
    if sys.platform == "win32":
        return path.stat().st_mtime < before
    import fcntl

    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return True


def make_private_folders(folder: Path) -> None:
    """Create a folder and its missing parents, all readable by this user only.

    Raises:
        OSError: it cannot be created.
    """
    for missing in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
        missing.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)


def _publish(temporary: Path, path: Path) -> Path:
    """Give a finished file its name, or the next free one, and return it."""
    number = 1
    while True:
        wanted = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
        if rename_to_free_name(temporary, wanted) or _has_same_bytes(temporary, wanted):
            return wanted
        number += 1


def rename_to_free_name(temporary: Path, wanted: Path) -> bool:
    """Rename a file unless the name is taken; atomic if the file system has hard links."""
    try:
        os.link(temporary, wanted)
    except FileExistsError:
        return False
    except OSError:
        # exFAT and some network file systems have no hard links.
        if wanted.exists():
            return False
        temporary.replace(wanted)
    return True


def _has_same_bytes(one: Path, other: Path) -> bool:
    if not other.is_file() or one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as first, other.open("rb") as second:
        while chunk := first.read(_COMPARED):
            if chunk != second.read(_COMPARED):
                return False
    return True


def _safe(text: str, otherwise: str, longest: int) -> str:
    """Return text as part of a file name: letters, digits and dashes of ASCII, never empty, never long.

    The result is never a name that Windows reserves (CON, NUL, …), because it is only one part of the file name.
    """
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:longest] or otherwise
