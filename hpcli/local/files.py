"""Writing files the user asked for: whole or not at all."""

from pathlib import Path

from hpcli.errors import LocalError
from hpcli.local.atomic_write import replace_file


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under a temporary name and put it in place, so that no half of it is ever seen.

    A new file is only its owner's (0600); one that is there keeps its mode, and a symbolic link its target.
    What is no regular file, `/dev/stdout` say, is written to as it is. Its folder must be there: a typing
    error makes none.

    Raises:
        LocalError: it cannot be written; nothing is left behind.
    """
    try:
        target = path.expanduser().resolve()
        _check_place(path, target)
        if target.exists() and not target.is_file():
            target.write_bytes(data)
        else:
            replace_file(target, data, keeps_mode=True)
    except (OSError, RuntimeError) as error:  # RuntimeError: `~user` of somebody who is not there
        reason = error.strerror if isinstance(error, OSError) else error
        raise LocalError(
            f"{path} cannot be written: {reason}.", hint="Is there room, and a right to write?"
        ) from error


def check_place(path: Path) -> None:
    """Refuse a file that cannot be written, before what is to be written costs anything.

    Raises:
        LocalError: it is a folder, or its folder is not there.
    """
    try:
        _check_place(path, path.expanduser().resolve())
    except RuntimeError as error:
        raise LocalError(f"{path} cannot be written: {error}.") from error


def _check_place(path: Path, target: Path) -> None:
    if target.is_dir():
        raise LocalError(f"{path} cannot be written: it is a folder.", hint="Name a file in it.")
    if not target.parent.exists():
        raise LocalError(
            f"{path} cannot be written: there is no folder {target.parent}.", hint="Make the folder first."
        )
