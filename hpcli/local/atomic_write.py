"""Writing a file whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path


def replace_file(path: Path, content: bytes, *, keeps_mode: bool = False) -> None:
    """Write a file under a temporary name and put it in place, so that no half of it is ever seen.

    A symbolic link stays one: its target is replaced, as those who keep their configuration elsewhere expect.

    Args:
        path: the file; its folder must exist.
        content: all of it.
        keeps_mode: a file that is there keeps its mode; otherwise, and for a new file, it is 0600.

    Raises:
        OSError: the file cannot be written; nothing is left behind.
    """
    target = path.resolve()
    # mkstemp creates with mode 0600, whatever the umask.
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if keeps_mode and target.exists():
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        temporary.replace(target)
    finally:  # gone where it was put in place; left where an error or a signal came in between
        with contextlib.suppress(OSError):
            temporary.unlink()
