"""Write a file completely or not at all."""

from __future__ import annotations

import stat
from pathlib import Path

from hpcli.local.own_folder import open_place, replace_in


def replace_file(path: Path, content: bytes, *, keeps_mode: bool = False) -> None:
    """Write a file under a temporary name and rename it, so that no partial file is ever visible.

    A link is replaced, never followed: another user may have put it there. Whoever wants its target resolves it first.

    Args:
        path: the file; its folder must exist.
        content: the whole content.
        keeps_mode: an existing file keeps its mode; otherwise, and for a new file, the mode is 0600.

    Raises:
        OSError: the file cannot be written; nothing is left behind.
    """
    mode = 0o600
    if keeps_mode and path.is_file() and not path.is_symlink():
        mode = stat.S_IMODE(path.stat().st_mode)
    with open_place(path.parent) as place:
        replace_in(place, path.name, content, mode)
