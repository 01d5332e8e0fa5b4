"""Write a file completely or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path


def replace_file(path: Path, content: bytes, *, keeps_mode: bool = False) -> None:
    """Write a file under a temporary name and rename it, so that no partial file is ever visible.

    A symbolic link stays; its target is replaced, for users who keep their configuration elsewhere.

    Args:
        path: the file; its folder must exist.
        content: the whole content.
        keeps_mode: an existing file keeps its mode; otherwise, and for a new file, the mode is 0600.

    Raises:
        OSError: the file cannot be written; nothing is left behind.
    """
    target = path.resolve()
    # mkstemp creates files with mode 0600, regardless of the umask.
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
    finally:  # already renamed on success; still there after an error or a signal
        with contextlib.suppress(OSError):
            temporary.unlink()
