"""Whole HTTP answers only (RFC 9112): nothing that was cut off or contradicts itself.

`http.client` takes the end of a connection for the end of the headers, the first of two lengths for the true one, and
`-1` for the size of a chunk. Here an answer is read strictly and within limits, or refused.
"""

from __future__ import annotations

import http.client
import io
import re
from typing import IO, Any, Final

LARGEST_HEAD: Final = 64 << 10
"""Bytes that the headers, or the trailers, of one answer may have."""

_MOST_FIELDS: Final = 99  # `http.client` takes no more either, and would call it another error
_MOST_INTERIM: Final = 100
_LONGEST_SIZE_LINE: Final = 1024
_SWITCHING: Final = 101

_STATUS_LINE: Final = re.compile(rb"HTTP/1\.[01] [1-9][0-9][0-9](?: [^\x00\r\n]*)?")
_FIELD: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:([^\x00\r\n]*)")
_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")
_LENGTH: Final = re.compile(r"[0-9]{1,18}")


class BadMessageError(http.client.HTTPException):
    """What came is not one whole HTTP answer; the text says why, to go on from `The answer `."""


class CutOffError(BadMessageError):
    """The connection ended before the message did."""


class WholeResponse(http.client.HTTPResponse):
    """An HTTP answer that must be whole; reading it raises BadMessageError where it is not."""

    def begin(self) -> None:
        """Read the status line and the headers, behind any 1xx answers."""
        if getattr(self, "headers", None) is not None:
            return
        body = self.fp
        self.fp = io.BufferedReader(io.BytesIO(_read_head(body)))
        try:
            super().begin()
        finally:
            self.fp = body
        self._check_framing()

    def _check_framing(self) -> None:
        """Find out where the body ends, by one rule only."""
        codings = self.headers.get_all("Transfer-Encoding", [])
        lengths = {
            part.strip() for value in self.headers.get_all("Content-Length", []) for part in value.split(",")
        }
        if codings and lengths:
            raise BadMessageError("contradicts itself: it has a length and comes in chunks as well.")
        if len(lengths) > 1:
            raise BadMessageError("contradicts itself: it names different lengths.")
        if lengths:
            self._set_length(lengths.pop())
        if codings:
            self._set_chunked(codings)

    def _set_length(self, text: str) -> None:
        if not _LENGTH.fullmatch(text):
            raise BadMessageError("has a length that is not a number.")
        del self.headers["Content-Length"]
        self.headers["Content-Length"] = text
        if self.length != 0:  # it is 0 for a status that has no body
            self.length = int(text)

    def _set_chunked(self, codings: list[str]) -> None:
        if self.version < 11 or [coding.strip().lower() for coding in codings] != ["chunked"]:
            raise BadMessageError("comes in a transfer coding that was not asked for.")
        # The chunks are read here; from `http.client` and urllib3 on they are a plain stream.
        del self.headers["Transfer-Encoding"]
        self.chunked = False
        if self.length != 0:
            self.fp = io.BufferedReader(_ChunkStream(self.fp))


class _ChunkStream(io.RawIOBase):
    """The content of a body that comes in chunks (RFC 9112 §7.1)."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self._left = 0
        self._has_begun = self._has_ended = False

    def readable(self) -> bool:
        """Whether it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read some of the present chunk; 0 after the last one and its trailers."""
        if not self._left and not self._has_ended:
            self._next_chunk()
        if self._has_ended:
            return 0
        size: int = self._source.readinto1(memoryview(buffer)[: self._left])
        if not size:
            raise CutOffError
        self._left -= size
        return size

    def close(self) -> None:
        """Close the connection's stream as well."""
        super().close()
        self._source.close()

    def _next_chunk(self) -> None:
        if self._has_begun and _line(self._source, 2) not in (b"\r\n", b"\n"):
            raise BadMessageError("is broken: a chunk is longer than its size.")
        self._has_begun = True
        found = _SIZE.fullmatch(_line(self._source, _LONGEST_SIZE_LINE))
        if found is None:
            raise BadMessageError("is broken: a chunk has no size.")
        self._left = int(found[1], 16)
        if not self._left:
            _read_fields(self._source)
            self._has_ended = True


def _read_head(source: io.BufferedReader) -> bytes:
    """Return the status line and the headers of the final answer, each in one line, with the blank line."""
    for _ in range(_MOST_INTERIM):
        if not source.peek(1):
            raise http.client.RemoteDisconnected("no answer came")
        status = _line(source, LARGEST_HEAD).rstrip(b"\r\n")
        if not _STATUS_LINE.fullmatch(status):
            raise BadMessageError("is not HTTP.")
        fields = _read_fields(source)
        number = int(status[9:12])
        if number == _SWITCHING:
            raise BadMessageError("changes to a protocol that was not asked for.")
        if number >= 200:
            return b"\r\n".join((status, *fields, b"", b""))
    raise BadMessageError("never comes: the server keeps saying that it will.")


def _read_fields(source: IO[bytes]) -> list[bytes]:
    """Return header lines without their ends, unfolded, up to the blank line, which is read too."""
    fields: list[bytes] = []
    size = 0
    while line := _line(source, LARGEST_HEAD).rstrip(b"\r\n"):
        size += len(line)
        if size > LARGEST_HEAD or len(fields) >= _MOST_FIELDS:
            raise BadMessageError("has too many headers, or too large ones.")
        found = _FIELD.fullmatch(line)
        if found:
            fields.append(found[1] + b": " + found[2].strip())
        elif line[:1] in (b" ", b"\t") and fields and not re.search(rb"[\x00\r]", line):
            fields[-1] += b" " + line.strip()
        else:
            raise BadMessageError("is broken: one of its headers is not a header.")
    return fields


def _line(source: IO[bytes], longest: int) -> bytes:
    """Return a line with its end."""
    line = source.readline(longest + 1)
    if line.endswith(b"\n"):
        return line
    if len(line) > longest:
        raise BadMessageError("is broken: one of its lines has no end.")
    raise CutOffError
