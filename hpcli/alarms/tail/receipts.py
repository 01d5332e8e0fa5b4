"""Which entries the reader of the output has taken: the position that is stored."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hpcli.alarms.tail.unread import Reader

_SETTLE_SECONDS: Final = 0.3
"""How long a reader must outlive what it took: one that ends (head -1) took more than it used."""


@dataclass
class Receipts:
    """Compares what was written with what was taken.

    Args:
        written: returns the number of bytes that the system took so far.
        reader: the reader of a pipe or socket; None where written is taken.

    Attributes:
        position: number of the last entry that was taken, and with it all before.
    """

    written: Callable[[], int]
    reader: Reader | None = None
    clock: Callable[[], float] = time.monotonic
    position: int = 0
    _marks: deque[tuple[int, int]] = field(default_factory=deque)
    _taken: int = 0
    _unsettled: tuple[int, float] | None = None

    def start(self, position: int) -> None:
        """Start after a position."""
        self.position = self._taken = position

    def note(self, seq: int, end: int) -> None:
        """Note that the bytes of an entry, and of all before it, end at an offset of what is written."""
        if self._marks and self._marks[-1][0] == end:
            self._marks.pop()
        self._marks.append((end, seq))

    def look(self) -> bool:
        """Move the position on, while the reader is there; return whether it moved."""
        self._count()
        before, now = self.position, self.clock()
        if self.reader is None:
            self.position = self._taken
            return self.position != before
        if self._unsettled is not None and now >= self._unsettled[1] + _SETTLE_SECONDS:
            self.position, self._unsettled = self._unsettled[0], None
        if self._unsettled is None and self._taken != self.position:
            self._unsettled = self._taken, now
        return self.position != before

    def is_complete(self) -> bool:
        """Return whether everything is taken, as far as the system can tell."""
        self._count()
        return not self._marks or (self.reader is not None and not self.reader.can_tell)

    def close(self) -> None:
        """Move the position to what is taken, with the reader still there at a regular end."""
        self._count()
        if self._marks and self.reader is not None and not self.reader.can_tell:
            self._taken = self._marks[-1][1]
        self.position = self._taken

    def _count(self) -> None:
        if not self._marks:
            return
        unread = 0 if self.reader is None else self.reader.count_unread()
        if unread is None:
            return
        taken = self.written() - unread
        while self._marks and self._marks[0][0] <= taken:
            self._taken = self._marks.popleft()[1]
