"""Write output files completely or not at all."""

from pathlib import Path

from hpcli.errors import LocalError
from hpcli.local.atomic_write import replace_file


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under a temporary name and rename it, so that no partial file is ever visible.

    A new file gets mode 0600; an existing one keeps its mode, and a symbolic link its target. A path that is not
    a regular file, such as `/dev/stdout`, is written directly. The folder must exist; it is not created, since
    the path may contain a typing error.

    Raises:
        LocalError: the file cannot be written; nothing is left behind.
    """
    try:
        target = path.expanduser().resolve()
        _check_place(path, target)
        if target.exists() and not target.is_file():
            target.write_bytes(data)
        else:
            replace_file(target, data, keeps_mode=True)
    except (OSError, RuntimeError) as error:  # RuntimeError: `~user` of an unknown user
        reason = error.strerror if isinstance(error, OSError) else error
        raise LocalError(
            f"{path} cannot be written: {reason}.", hint="Check free space and permissions."
        ) from error


def check_place(path: Path) -> None:
    """Refuse a file that cannot be written, before its content is fetched.

    Raises:
        LocalError: it is a folder, or its folder does not exist.
    """
    try:
        _check_place(path, path.expanduser().resolve())
    except RuntimeError as error:
        raise LocalError(f"{path} cannot be written: {error}.") from error


def _check_place(path: Path, target: Path) -> None:
    if target.is_dir():
        raise LocalError(f"{path} cannot be written: it is a folder.", hint="Give a file in it.")
    if not target.parent.exists():
        raise LocalError(
            f"{path} cannot be written: there is no folder {target.parent}.", hint="Create the folder first."
        )
