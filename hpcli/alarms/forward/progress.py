"""How far an output has come, in memory: the lowest event that is not settled, and what is to be stored."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from hpcli.alarms.journal.deliveries import SENT, SUSPENDED, WAITING, Mark, Place


@dataclass
class Progress:
    """The progress of an output. Not safe for threads: its owner has a lock.

    Args:
        place: as stored.
        marks: as stored, all of them.

    Attributes:
        seen: number of the last event that was read.
        is_changed: there is something to be stored.
        adopted: number up to which another process gave events up.
        sent: events that were acknowledged in this run.
    """

    place: Place
    marks: Iterable[Mark] = ()
    seen: int = 0
    is_changed: bool = False
    adopted: int = 0
    sent: int = 0
    _open: list[int] = field(default_factory=list)
    _settled: set[int] = field(default_factory=set)
    _ahead: set[int] = field(default_factory=set)
    _stored: set[int] = field(default_factory=set)
    _unsaved: dict[int, Mark] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take over what is stored."""
        self.seen = self.place.position
        for mark in self.marks:
            self._stored.add(mark.seq)
            if mark.state != WAITING:
                self._ahead.add(mark.seq)
        self.marks = ()

    def is_settled(self, seq: int) -> bool:
        """Return whether an event that is read now was settled before."""
        return seq in self._ahead

    def is_unsaved(self, seq: int) -> bool:
        """Return whether something about an event is not on the disk yet."""
        return seq in self._unsaved

    def note_seen(self, seq: int) -> None:
        """Note that all events up to a number are read; those not opened are settled."""
        self.seen = seq
        self.move()

    def adopt(self, position: int) -> None:
        """Take over a position that another process has moved: what waited up to it has expired."""
        self.adopted = position
        self._open = [seq for seq in self._open if seq > position]
        heapq.heapify(self._open)
        self.seen = max(self.seen, position)
        self.move()

    def open(self, seq: int) -> None:
        """Note that an event has to be settled."""
        heapq.heappush(self._open, seq)

    def settle(
        self, seqs: Iterable[int], device: str, now: int, state: str = SENT, error: str | None = None
    ) -> None:
        """Note that events are acknowledged, or given up; `move` then moves the position.

        Args:
            seqs: their numbers.
            device: their device.
            now: epoch milliseconds.
            state: sent, dead or expired.
            error: why they were given up; of those that were sent, what is to be known of that.
        """
        for seq in seqs:
            self.sent += state == SENT
            self._settled.add(seq)
            self._unsaved[seq] = Mark(seq, device or None, state, error=error)
        self.is_changed = True
        if state == SENT and self.place.last != now:
            self.place = replace(self.place, last=now)

    def fail(self, seqs: Iterable[int], device: str, tries: int, due: int, error: str) -> None:
        """Note that events were not taken this time."""
        for seq in seqs:
            self._unsaved[seq] = Mark(seq, device or None, WAITING, tries, due, error)
        self.place = replace(self.place, error=error)
        self.is_changed = True

    def pause(self, *, is_suspended: bool, tries: int, now: int, due: int, error: str) -> None:
        """Note that the output itself cannot send."""
        state = SUSPENDED if is_suspended or self.place.state == SUSPENDED else "ok"
        since = now if self.place.since is None else self.place.since
        self.place = replace(self.place, state=state, tries=tries, due=due, error=error, since=since)
        self.is_changed = True

    def divert(self, now: int, error: str) -> None:
        """Note that the output works, but that not all goes to its first address."""
        since = now if self.place.since is None else self.place.since
        place = replace(self.place, state="ok", tries=0, due=0, error=error, since=since)
        self.is_changed |= place != self.place
        self.place = place

    def resume(self) -> None:
        """Note that the output works."""
        if self.place.tries or self.place.error or self.place.state != "ok":
            self.place = replace(self.place, state="ok", tries=0, due=0, error=None, since=None)
            self.is_changed = True

    def end(self) -> None:
        """Note that the run ended by itself."""
        self.place = replace(self.place, is_clean=True)
        self.is_changed = True

    def changes(self) -> tuple[Place, list[Mark]]:
        """Return what is to be stored."""
        position = self.place.position
        self.is_changed = False
        return self.place, [
            mark
            for seq, mark in self._unsaved.items()
            if mark.state != SENT or mark.error or seq > position or seq in self._stored
        ]

    def note_stored(self, marks: Iterable[Mark]) -> None:
        """Note that marks are on the disk, with a position."""
        for mark in marks:
            self._stored.add(mark.seq)
        stored = {mark.seq: mark for mark in marks}
        position = self.place.position
        for seq, mark in list(self._unsaved.items()):
            if stored.get(seq) == mark or (
                mark.state == SENT and not mark.error and seq <= position and seq not in self._stored
            ):
                del self._unsaved[seq]
                if mark.state == SENT and seq <= position:
                    self._stored.discard(seq)

    def move(self, now: int | None = None) -> None:
        """Move the position to before the lowest event that is not settled."""
        while self._open and self._open[0] in self._settled:
            self._settled.discard(heapq.heappop(self._open))
        position = self._open[0] - 1 if self._open else self.seen
        if position > self.place.position:
            moved = self.place.moved if now is None else now
            self.place = replace(self.place, position=position, moved=moved)
            self.is_changed = True
            self._ahead = {seq for seq in self._ahead if seq > position} if self._ahead else self._ahead
