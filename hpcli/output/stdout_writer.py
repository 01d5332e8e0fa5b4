"""Write data to stdout and turn its failures into typed errors."""

import errno
import os
import sys
from contextlib import suppress
from typing import TextIO

from hpcli.errors import HpcliError, LocalError, OutputClosedError


class Sink:
    """Writes text to a stream and flushes it, so that each row is visible before the next one is fetched.

    Args:
        stream: a text stream that leaves line ends alone.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._encoding = getattr(stream, "encoding", None) or "utf-8"

    def write(self, text: str) -> None:
        """Write and flush a text.

        Raises:
            OutputClosedError: the reader closed the stream.
            LocalError: the disk is full, or writing failed otherwise.
        """
        try:
            self._stream.write(text if text.isascii() else _fit_encoding(text, self._encoding))
            self._stream.flush()
        except (OSError, ValueError) as error:
            raise self._failure(error) from error

    def write_bytes(self, data: bytes) -> None:
        """Write and flush bytes unchanged. Raises like `write`."""
        binary = getattr(self._stream, "buffer", None)
        if binary is None:
            self.write(data.decode("utf-8", "replace"))
            return
        try:
            self._stream.flush()
            binary.write(data)
            binary.flush()
        except (OSError, ValueError) as error:
            raise self._failure(error) from error

    def _failure(self, error: OSError | ValueError) -> HpcliError:
        abandon(self._stream)
        if not isinstance(error, OSError):  # "I/O operation on closed file"
            return OutputClosedError("The output was closed.")
        # Windows reports a pipe without a reader as EINVAL.
        if error.errno == errno.EPIPE or (error.errno == errno.EINVAL and sys.platform == "win32"):
            return OutputClosedError("The output was closed by its reader.")
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return LocalError(
                "The output cannot be written: the disk is full.", hint="Free some space and try again."
            )
        return LocalError(f"The output cannot be written: {error.strerror or error}.")


def abandon(stream: TextIO) -> None:
    """Redirect a stream to the null device, so that its last flush does not raise."""
    with suppress(OSError, ValueError):
        number = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)


def _fit_encoding(text: str, encoding: str) -> str:
    r"""Escape characters missing in the encoding as `\uNNNN`, which is valid in JSON and readable elsewhere."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(c if _is_encodable(c, encoding) else _as_utf16_escapes(c) for c in text)
    return text


def _is_encodable(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _as_utf16_escapes(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
