"""Files with the targets that a command left: one a line, fit for `@FILE`."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from hpcli.errors import LocalError
from hpcli.local.own_folder import OwnFolder, unusable

_FOLDER: Final = "rest"
_UNKNOWN: Final = "# unknown: "
_KEPT_SECONDS: Final = 30 * 86400.0


def write_rest(state: Path, name: str, left: Iterable[str], unknown: Iterable[str]) -> Path:
    """Write the targets that are left; return the file. Files of more than 30 days are removed.

    Args:
        state: the state folder.
        name: of the file, without its ending.
        left: targets.
        unknown: targets of which nobody knows whether they are done; they become comments.

    Raises:
        LocalError: it cannot be written.
    """
    folder = OwnFolder(state, (_FOLDER,))
    lines = [*left, *(f"{_UNKNOWN}{target}" for target in unknown)]
    file = folder.path / f"{name}.txt"
    try:
        folder.replace(file.name, "".join(f"{line}\n" for line in lines).encode())
    except OSError as error:
        raise unusable(file, error, "written") from error
    _remove_old(folder)
    return file


def read_rest(file: Path) -> tuple[list[str], list[str]]:
    """Return the targets that are left and those that are unknown.

    Raises:
        LocalError: the file is gone, or cannot be read.
    """
    try:
        text = OwnFolder(file.parent.parent, (_FOLDER,)).read(file.name).decode()
    except OSError as error:
        raise unusable(file, error, "read", "Such files are kept for 30 days.") from error
    except UnicodeDecodeError as error:
        raise LocalError(f"{file} cannot be read: it is not text.") from error
    lines = [line for line in text.splitlines() if line]
    unknown = [line.removeprefix(_UNKNOWN) for line in lines if line.startswith(_UNKNOWN)]
    return [line for line in lines if not line.startswith("# ")], unknown


def remove_rest(file: Path) -> None:
    """Remove a file of which nothing is left; one that cannot be removed stays until it is old."""
    with contextlib.suppress(OSError):
        OwnFolder(file.parent.parent, (_FOLDER,)).remove(file.name)


def _remove_old(folder: OwnFolder) -> None:
    with contextlib.suppress(OSError):
        for file in folder.path.iterdir():
            if file.lstat().st_mtime < time.time() - _KEPT_SECONDS:
                folder.remove(file.name)
