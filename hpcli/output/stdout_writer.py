"""Write data to stdout and turn its failures into typed errors."""

import errno
import os
import select
import sys
from contextlib import suppress
from typing import Protocol, TextIO

from hpcli.errors import HpcliError, LocalError, OutputClosedError

_FULL = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file has reached its largest size",
}


class OutputFullError(LocalError):
    """There is no room for the output; what was not written can be written later."""


class _RawStream(Protocol):
    """A stream of bytes without a buffer: a write may take part of them, or none (None)."""

    def write(self, data: memoryview, /) -> int | None: ...


class Sink:
    """Writes text to a stream at once, so that each row is visible before the next one is fetched.

    It writes past the stream's buffer: after a failure nothing is left in it that a later flush would write, and
    `written` says how far the write came. Python's own streams write the rest of a short write (a full disk takes part
    of the bytes) only if they have a buffer, which PYTHONUNBUFFERED takes away.

    Args:
        stream: a text stream that leaves line ends alone.

    Attributes:
        written: the number of bytes that the system took so far.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._encoding = getattr(stream, "encoding", None) or "utf-8"
        self.written = 0

    def encode(self, text: str) -> bytes:
        """Return a text as it is written."""
        if text.isascii():
            return text.encode("ascii")
        try:
            return text.encode(self._encoding)
        except UnicodeEncodeError:
            return _fit_encoding(text, self._encoding).encode(self._encoding, "backslashreplace")

    def write(self, text: str) -> None:
        """Write a text.

        Raises:
            OutputClosedError: the reader closed the stream.
            OutputFullError: the disk is full; `written` says what it took.
            LocalError: writing failed otherwise.
        """
        self.write_bytes(self.encode(text))

    def write_bytes(self, data: bytes) -> None:
        """Write bytes unchanged. Raises like `write`."""
        try:
            raw = _raw_stream(self._stream)
            if raw is None:
                self._stream.write(data.decode(self._encoding, "replace"))
                self._stream.flush()
                self.written += len(data)
                return
            self._stream.flush()
            left = memoryview(data)
            while left:
                taken = raw.write(left)
                if taken is None:
                    _wait_until_writable(self._stream)
                    continue
                self.written += taken
                left = left[taken:]
        except (OSError, ValueError) as error:
            raise self._failure(error) from error

    def _failure(self, error: OSError | ValueError) -> HpcliError:
        if not isinstance(error, OSError):  # "I/O operation on closed file"
            return OutputClosedError("The output was closed.")
        # Windows reports a pipe without a reader as EINVAL.
        if error.errno in {errno.EPIPE, errno.ECONNRESET} or (
            error.errno == errno.EINVAL and sys.platform == "win32"
        ):
            return OutputClosedError("The output was closed by its reader.")
        if error.errno in _FULL:
            return OutputFullError(
                f"The output cannot be written: {_FULL[error.errno]}.", hint="Free some space and try again."
            )
        return LocalError(f"The output cannot be written: {error.strerror or error}.")


def _raw_stream(stream: TextIO) -> _RawStream | None:
    """Return the stream of bytes under a text stream; None if it has none (a StringIO)."""
    buffer = getattr(stream, "buffer", None)
    raw: _RawStream | None = getattr(buffer, "raw", buffer)
    return raw


def _wait_until_writable(stream: TextIO) -> None:
    """Wait for room in a pipe that another program made non-blocking."""
    select.select([], [stream.fileno()], [])


def abandon(stream: TextIO) -> None:
    """Redirect a stream to the null device, so that its last flush does not raise."""
    with suppress(OSError, ValueError):
        number = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)
        os.close(nowhere)


def _fit_encoding(text: str, encoding: str) -> str:
    r"""Escape characters missing in the encoding as `\uNNNN`, which is valid in JSON and readable elsewhere."""
    return "".join(c if _is_encodable(c, encoding) else _as_utf16_escapes(c) for c in text)


def _is_encodable(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _as_utf16_escapes(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
