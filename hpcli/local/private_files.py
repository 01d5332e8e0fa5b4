"""Files that the user wrote: read without waiting, and those that hold secrets only if other users cannot read them.

Windows has no file modes; there, new files inherit the access list of the user's profile folder, to the same effect.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from hpcli.errors import LocalError, UsageError

_HAS_MODES = os.name == "posix"
_LARGEST = 1 << 20
_LARGEST_TEXT = 16 << 20
# What a shell gives for `<(command)`, and stdin; a named pipe would wait for a writer who may never come.
_OPEN_FILES = ("/dev/fd/", "/proc/self/fd/", "/dev/stdin")


def read_private_file(path: Path, *, group_may_read: bool = False, others_may_read: bool = False) -> str:
    """Return the text of a file that holds secrets.

    Args:
        path: a regular file, a link to one, or `/dev/fd/N`.
        group_may_read: accept mode 0640 as well as 0600.
        others_may_read: accept any mode.

    Raises:
        FileNotFoundError: the file does not exist.
        LocalError: it cannot be read, or other users can read it.
        UsageError: it is not UTF-8 text, or is too long for a file of keys.
    """
    refused = (0 if group_may_read else stat.S_IRGRP) | stat.S_IROTH
    try:
        with _open_without_waiting(path) as file:
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


def read_text_file(path: Path) -> str:
    """Return the text of a file that holds no secrets.

    Args:
        path: a regular file, a link to one, or `/dev/fd/N`.

    Raises:
        OSError: it cannot be read, is something else, or is too large; `strerror` says so.
        UnicodeDecodeError: it is not UTF-8 text.
    """
    with _open_without_waiting(path) as file:
        content = file.read(_LARGEST_TEXT + 1)
    if len(content) > _LARGEST_TEXT:
        raise OSError(errno.EFBIG, "it is too large")
    return content.decode("utf-8-sig")


def unreadable(path: Path, error: OSError | ValueError) -> str:
    """Return the message of a file that `read_text_file`, or what reads its text, could not read."""
    reason = error.strerror if isinstance(error, OSError) else None
    if isinstance(error, UnicodeDecodeError):
        reason = "it is not UTF-8 text"
    return f"{path} cannot be read: {reason or error}."


def _open_without_waiting(path: Path) -> BinaryIO:
    """Open a regular file, or one that is already open, such as the pipe of `<(command)`.

    Raises:
        OSError: it is something else, or cannot be opened.
    """
    is_open_already = str(path).startswith(_OPEN_FILES)
    number = os.open(
        path,
        os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | (0 if is_open_already else getattr(os, "O_NONBLOCK", 0)),
    )
    mode = os.fstat(number).st_mode
    if not (stat.S_ISREG(mode) or (is_open_already and stat.S_ISFIFO(mode))):
        os.close(number)
        raise OSError(errno.EINVAL, "it is not a regular file")
    return os.fdopen(number, "rb")


def _refuse_mode(path: Path, status: os.stat_result, refused: int) -> None:
    """Raise LocalError if a file has one of the mode bits."""
    if status.st_mode & refused:
        raise LocalError(
            f"{path} holds keys, and other users of this computer can read it.",
            hint=f"Remove their access: chmod 600 {path}",
        )
