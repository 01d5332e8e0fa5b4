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
    temporary: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        temporary = Path(name)
        with os.fdopen(number, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    except OSError as error:
        raise LocalError(
            f"{path} cannot be written: {error.strerror}.", hint="Is there room, and a right to write?"
        ) from error
    finally:  # gone where it was put in place; left where a signal came in between
        if temporary is not None:
            temporary.unlink(missing_ok=True)
