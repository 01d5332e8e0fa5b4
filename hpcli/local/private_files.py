"""Files and folders that only their owner can read.

Windows has no file modes; there, new files inherit the access list of the user's profile folder, to the same effect.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from hpcli.errors import LocalError, UsageError

_HAS_MODES = os.name == "posix"
_LARGEST = 1 << 20


def make_private_folder(path: Path, *, is_ours: bool = False) -> None:
    """Create a folder with mode 0700.

    Args:
        path: an existing folder keeps its mode,
        is_ours: unless only hpcli uses it.

    Raises:
        OSError: the folder cannot be created.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if is_ours and _HAS_MODES and path.stat().st_mode & 0o077:
        path.chmod(0o700)


def read_private_file(path: Path, *, group_may_read: bool = False, others_may_read: bool = False) -> str:
    """Return the text of a file that holds secrets.

    Args:
        path: file, pipe or `/dev/fd/N`.
        group_may_read: accept mode 0640 as well as 0600.
        others_may_read: accept any mode.

    Raises:
        FileNotFoundError: the file does not exist.
        LocalError: it cannot be read, or other users can read it.
        UsageError: it is not UTF-8 text, or is too long for a file of keys.
    """
    refused = (0 if group_may_read else stat.S_IRGRP) | stat.S_IROTH
    try:
        with path.open("rb") as file:
            if _HAS_MODES and not others_may_read:
                _refuse_mode(path, os.fstat(file.fileno()), refused)
            content = file.read(_LARGEST + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise LocalError(f"{path} cannot be read: {error.strerror}.") from error
    if len(content) > _LARGEST:
        raise UsageError(f"{path} is too long for a file of keys.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # `from None`: the decoder's error contains the content.
        raise UsageError(f"{path} is not UTF-8 text.") from None


def _refuse_mode(path: Path, status: os.stat_result, refused: int) -> None:
    """Raise LocalError if a file has one of the mode bits."""
    if status.st_mode & refused:
        raise LocalError(
            f"{path} holds keys, and other users of this computer can read it.",
            hint=f"Remove their access: chmod 600 {path}",
        )
