"""What `zipfile` raises for archives that it cannot read."""

import zlib
from typing import Final
from zipfile import BadZipFile


def _lzma_errors() -> tuple[type[Exception], ...]:
    try:
        from lzma import LZMAError
    except ImportError:  # this Python was built without it, and refuses such archives
        return ()
    return (LZMAError,)


BROKEN_ARCHIVE: Final[tuple[type[Exception], ...]] = (
    BadZipFile, zlib.error, *_lzma_errors(), EOFError, KeyError, OSError, RuntimeError, ValueError
)  # fmt: skip
"""KeyError: a file is not in it. RuntimeError: it is encrypted, or, as NotImplementedError, of an unknown compression.
OSError: bz2 cannot unpack it."""
