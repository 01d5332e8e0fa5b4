"""Write pages whole: where the disk is full, wait for room and go on where the write ended."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TextIO

from hpcli.alarms.tail.torn_line import ends_with_line
from hpcli.output.stdout_writer import OutputFullError

if TYPE_CHECKING:
    from hpcli.alarms.tail.receipts import Receipts

_FULL_SECONDS: Final = 1.0
"""Pause before the next try after the disk was full."""

Piece = tuple[int, bytes]
"""The number of an entry, and what is printed of it."""


class Target(Protocol):
    """What bytes are written to: `lines.EventLines`."""

    @property
    def written(self) -> int:
        """The number of bytes that the system took so far."""

    def put(self, data: bytes) -> None:
        """Write bytes; a failure leaves in `written` how many of them the system took."""


@dataclass
class PageWriter:
    """Writes pages and notes which entries are whole, even if the write fails.

    Args:
        target: takes the bytes.
        receipts: notes what is whole.
        stream: what the target writes to.
        wait: waits some seconds; returns True if the output shall give up.
        warn: shows a warning to the user.
        kept: where the alarms are that are not printed, for the warning.
    """

    target: Target
    receipts: Receipts
    stream: TextIO | None
    wait: Callable[[float], bool]
    warn: Callable[[str], None]
    kept: str = "in the journal"

    def write(self, page: Sequence[Piece]) -> None:
        """Write a page; return when all its bytes are written.

        Raises:
            OutputFullError: there was no room, and the output shall not wait.
            OutputClosedError: the output was closed by its reader.
            LocalError: writing failed otherwise.
        """
        left, done = list(page), 0
        is_told = False
        size: int | None = None
        while left:
            full: OutputFullError | None = None
            before = self.target.written
            start = before - done
            try:
                self.target.put(b"".join([text for _, text in left])[done:])
            except OutputFullError as error:
                full = error
            finally:
                left, done = self._note_whole(left, start)
            if full is not None:
                if self.target.written != before:  # else it may have been emptied since it was measured
                    size = _size(self.stream)
                if not is_told:
                    self.warn(f"{full.message} Alarms wait {self.kept} until there is room.")
                is_told = True
                if self.wait(_FULL_SECONDS):
                    raise full
                if done and _size(self.stream) != size:
                    left, done = self._again(left)

    def _note_whole(self, page: list[Piece], start: int) -> tuple[list[Piece], int]:
        """Note what is written whole; return the rest, and how many bytes of its first piece are written."""
        written = self.target.written
        if self.receipts.reader is None and page and written == start + sum([len(text) for _, text in page]):
            self.receipts.note(page[-1][0], written)  # without a reader all that is written is taken
            return [], 0
        for index, (seq, text) in enumerate(page):
            end = start + len(text)
            if end > written:
                return page[index:], written - start
            if text:  # else the line of a later entry stands for it
                self.receipts.note(seq, end)
            start = end
        return [], 0

    def _again(self, page: list[Piece]) -> tuple[list[Piece], int]:
        """Return what to write where the file became another meanwhile: emptied, or written to by another program.

        The half of a line in it is worth nothing: the line is written again.
        """
        (seq, text), *others = page
        is_whole = self.stream is not None and ends_with_line(self.stream)
        return [(seq, text if is_whole else b"\n" + text), *others], 0


def _size(stream: TextIO | None) -> int | None:
    """Return the size of a file; None for other streams."""
    if stream is None:
        return None
    about = os.fstat(stream.fileno())
    return about.st_size if stat.S_ISREG(about.st_mode) else None
