"""Writing files the user asked for: whole or not at all."""

import os
import tempfile
from pathlib import Path

from hpcli.errors import LocalError


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under a temporary name and put it in place, so that no half of it is ever seen.

    Raises:
        LocalError: it cannot be written; nothing is left behind.
    """
    target = path.expanduser()
    temporary: str | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        number, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        with os.fdopen(number, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(target)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise LocalError(
            f"{path} cannot be written: {error.strerror}.", hint="Is there room, and a right to write?"
        ) from error
