"""`file:/PATH/{date}.ndjson`: lines in a file of the day, acknowledged when they are on the disk."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Final

from hpcli.alarms.forward.kind import Message, OutputKind, Setup
from hpcli.alarms.forward.outcome import DONE, Outcome, down, misconfigured
from hpcli.errors import LocalError, UsageError

_DATE: Final = "{date}"
_BINARY: Final = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def _pattern(setup: Setup) -> str:
    if len(setup.to) > 1:
        raise UsageError("file: has no back-up.", hint="Make an output for each file.")
    text = setup.to[0].rest.removeprefix("//")
    if not Path(text).is_absolute():
        raise UsageError(f"'{text}' is not a whole path.", hint="Write file:/var/log/hpcli/{date}.ndjson")
    if "{" in text.replace(_DATE, ""):
        raise UsageError(f"'{text}': only {_DATE} is replaced.")
    return text


def _check(setup: Setup) -> None:
    folder = Path(_pattern(setup).replace(_DATE, "2026-11-22")).parent
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.", hint="Create it first.")


def _probe(setup: Setup) -> None:
    """Check that the file of today can be written, by making an unnamed file beside it.

    Raises:
        LocalError: it cannot.
    """
    import tempfile

    path = Path(_pattern(setup).replace(_DATE, f"{datetime.now().astimezone():%Y-%m-%d}"))
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise LocalError(f"{path.parent} cannot be written: {error.strerror}.") from error
    if path.is_dir() or (path.exists() and not os.access(path, os.W_OK)):
        raise LocalError(f"{path} cannot be written: it is {'a folder' if path.is_dir() else 'read-only'}.")


@dataclass
class FileSender:
    """Appends lines to the file of the day on which each event was received, by this computer's clock."""

    setup: Setup
    _path: Path | None = None
    _file: int | None = None
    _known: set[Path] = field(default_factory=set)

    def send(self, batch: Sequence[Message]) -> Outcome:
        """Write events and wait until they are on the disk."""
        pattern = _pattern(self.setup)
        parts: list[Outcome] = []
        has_days = _DATE in pattern  # else no event needs to be read
        for day, messages in groupby(batch, lambda one: _day(one.event["received"]) if has_days else ""):
            lines = [message.line.encode() + b"\n" for message in messages]
            path = Path(pattern.replace(_DATE, day))
            try:
                self._write(path, b"".join(lines))
            except OSError as error:
                self.close()
                text = f"{path} cannot be written: {error.strerror}"
                is_wrong = isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError)
                parts += [misconfigured(text) if is_wrong else down(text)] * (len(batch) - len(parts))
                return Outcome("down", text, parts=tuple(parts))
            parts += [DONE] * len(lines)
        return DONE

    def idle(self) -> float | None:
        """There is nothing to do."""
        return None

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            with suppress(OSError):
                os.close(self._file)
        self._file = self._path = None

    def _write(self, path: Path, data: bytes) -> None:
        """Append data as a whole; what a full disk took of it is taken back."""
        file = self._open(path)
        size = os.fstat(file).st_size
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(file, rest) :]
            os.fsync(file)
        except OSError:
            with suppress(OSError):
                os.ftruncate(file, size)
            raise

    def _open(self, path: Path) -> int:
        """Open a file, if another is open or it was moved away; end a line that a killed run left."""
        if self._file is not None and self._path == path and _is_there(self._file, path):
            return self._file
        self.close()
        is_new = not path.exists()
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | _BINARY, 0o600)
        self._path, self._file = path, file
        size = os.fstat(file).st_size
        if size:
            os.lseek(file, size - 1, os.SEEK_SET)
            if os.read(file, 1) != b"\n":
                os.write(file, b"\n")
        if is_new:
            _sync_folder(path.parent)
        return file


def _day(received: str) -> str:
    return f"{datetime.fromisoformat(received).astimezone():%Y-%m-%d}"


def _is_there(file: int, path: Path) -> bool:
    """Return whether a path still leads to the open file: a log may be rotated by others."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except OSError:
        return False


def _sync_folder(folder: Path) -> None:
    """Have the name of a new file on the disk too; Windows has no call for it."""
    if os.name != "posix":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


OUTPUT: Final = OutputKind(
    schemes=("file",),
    acknowledged_by="fsync",
    open=FileSender,
    check=_check,
    probe=_probe,
    most=500,
    keeps_order=True,
)
