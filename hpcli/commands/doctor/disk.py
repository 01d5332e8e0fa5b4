"""Whether hpcli can write its files, and has the room."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from hpcli.commands.doctor.finding import Finding
from hpcli.errors import LocalError
from hpcli.run.settings import Settings

_LEAST_ROOM = 100 * 1024**2


def check_write_access(settings: Settings) -> Finding:
    """Check that the folders for config, cache and state can be written.

    Raises:
        LocalError: one cannot be written, or too little is free.
    """
    for folder in (settings.config_dir, settings.cache_dir, settings.state_dir):
        _try_to_write(folder)
    from hpcli.alarms.journal.folder import check_file_system

    check_file_system(settings.state_dir / "journal.db")
    free = shutil.disk_usage(_nearest(settings.state_dir)).free
    if free < _LEAST_ROOM:
        raise LocalError(
            f"Only {free // 1024**2} MiB are free for {settings.state_dir}.", hint="Free some space."
        )
    return Finding("write access", "ok", f"config, cache, state; {free / 1024**3:.0f} GiB free")


def _try_to_write(folder: Path) -> None:
    """Write and remove a file in a folder, or check that the folder could be created.

    Raises:
        LocalError: neither is possible.
    """
    nearest = _nearest(folder)
    try:
        if not nearest.is_dir():
            raise NotADirectoryError(0, f"{nearest} is not a folder")
        if nearest == folder.absolute():
            tempfile.TemporaryFile(dir=folder).close()
        elif not os.access(nearest, os.W_OK | os.X_OK):
            raise PermissionError(0, "Permission denied")
    except OSError as error:
        raise LocalError(
            f"{folder} cannot be written: {error.strerror}.",
            hint="Make it writable, or choose another with HPCLI_CONFIG_DIR, HPCLI_CACHE_DIR, HPCLI_STATE_DIR.",
        ) from error


def _nearest(folder: Path) -> Path:
    """Return the path, or the nearest one above that exists."""
    whole = folder.absolute()
    return next(path for path in (whole, *whole.parents) if path.exists())
