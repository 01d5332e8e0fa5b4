"""Ask how much of what was written the reader of a pipe or socket has not taken.

A write to a pipe is done when the kernel has the bytes. Where the reader then dies, up to 64 KiB that it never saw are
gone, so the position in the journal must follow the reader and not the writes.
"""

from __future__ import annotations

import os
import select
import stat
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol, TextIO

_PIPE_BYTES: Final = 64 * 1024
"""What a pipe holds where the system does not say it."""

_PROBE: Final = b"abc"


class Reader(Protocol):
    """The reader of a pipe or socket."""

    @property
    def can_tell(self) -> bool:
        """Whether `count_unread` is measured; else it is the most that can be unread."""

    def count_unread(self) -> int | None:
        """Return the number of written bytes that it may not have taken; None if that is unknown now."""


@dataclass(frozen=True)
class PipeReader:
    """The reader of a pipe whose write end tells the unread bytes, also when the reader is gone.

    Bytes that other programs wrote to the same pipe count too, so less is believed to be taken, never more.
    """

    number: int
    can_tell: bool = True

    def count_unread(self) -> int | None:
        """Return the bytes in the pipe."""
        return _ask(self.number, "FIONREAD")


@dataclass(frozen=True)
class SilentPipeReader:
    """The reader of a pipe that does not tell the unread bytes: the last pipe-full may be unread."""

    capacity: int
    can_tell: bool = False

    def count_unread(self) -> int | None:
        """Return the bytes that fit into the pipe."""
        return self.capacity


@dataclass(frozen=True)
class SocketReader:
    """The other side of a socket: it has taken everything when the send queue is empty."""

    number: int
    can_tell: bool = True

    def count_unread(self) -> int | None:
        """Return 0 if the send queue is empty, else None: its size counts more than our bytes."""
        waiting = _ask(self.number, "TIOCOUTQ")
        # Looked at in this order: a Unix socket drops what is unread when the other side closes.
        return 0 if waiting == 0 and not _is_gone(self.number) else None


def find_reader(stream: TextIO | None) -> Reader | None:
    """Return the reader behind a stream; None where a write is all there is: a file or a terminal."""
    try:
        number = -1 if stream is None else stream.fileno()
        mode = os.fstat(number).st_mode
    except (OSError, ValueError):
        return None
    if stat.S_ISSOCK(mode):
        return SocketReader(number) if _ask(number, "TIOCOUTQ") is not None else SilentPipeReader(_PIPE_BYTES)
    if stat.S_ISFIFO(mode):
        return PipeReader(number) if tells_unread() else SilentPipeReader(_capacity(number))
    return None


def tells_unread() -> bool:
    """Return whether the write end of a pipe tells the unread bytes on this system, tried with a pipe of our own."""
    reader, writer = os.pipe()
    try:
        os.write(writer, _PROBE)
        counts = [_ask(writer, "FIONREAD")]
        os.read(reader, 1)
        counts.append(_ask(writer, "FIONREAD"))
    finally:
        os.close(reader)
    try:
        counts.append(_ask(writer, "FIONREAD"))
    finally:
        os.close(writer)
    left = len(_PROBE) - 1
    return counts == [len(_PROBE), left, left]


def is_reader_gone(stream: TextIO) -> bool:
    """Return whether the reader of a pipe or socket has gone, without writing to it; False if that is unknown."""
    try:
        return _is_gone(stream.fileno())
    except (OSError, ValueError):
        return False


def _is_gone(number: int) -> bool:
    if not hasattr(select, "poll"):
        return False
    signs = select.POLLERR | (select.POLLHUP if stat.S_ISSOCK(os.fstat(number).st_mode) else 0)
    watch = select.poll()
    watch.register(number, 0)
    return any(event & signs for _, event in watch.poll(0))


def _ask(number: int, request: str) -> int | None:
    """Return the number that a request to a descriptor gives; None where it is refused or unknown."""
    try:
        import fcntl
        import termios
    except ImportError:  # Windows
        return None
    with suppress(OSError, AttributeError):
        answer = bytearray(4)
        fcntl.ioctl(number, getattr(termios, request), answer)
        return int.from_bytes(answer, sys.byteorder)
    return None


def _capacity(number: int) -> int:
    """Return the bytes that a pipe holds at most."""
    with suppress(ImportError, OSError, AttributeError):
        import fcntl

        return fcntl.fcntl(number, fcntl.F_GETPIPE_SZ)
    return _PIPE_BYTES
