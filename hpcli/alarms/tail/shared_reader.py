"""Bring what another machine read into this machine's journal, from where its outputs print and forward it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from hpcli.alarms.clock import Clock, moment_of
from hpcli.alarms.journal.batches import note_confirmed
from hpcli.alarms.journal.facts import note_fact, read_fact
from hpcli.alarms.lease.stream import Assembly, Position
from hpcli.errors import HpcliError

if TYPE_CHECKING:
    from hpcli.alarms.journal.writer import Journal
    from hpcli.alarms.lease.shared_queue import SharedQueue
    from hpcli.alarms.lease.stream import Shared
    from hpcli.alarms.tail.error_log import ErrorLog
    from hpcli.alarms.tail.keeper import BatchKeeper

_POSITION: Final = "lease-stream"
_PAUSE_SECONDS: Final = 1.0
_END_SECONDS: Final = 5.0


@dataclass
class SharedReader:
    """Reads the stream of an account in a thread of its own.

    Args:
        shared: the stream, and the lease.
        journal: has the position too.
        keeper: stores the batches.
        error_log: shows errors.
        clock: its stopwatch.
    """

    shared: SharedQueue
    journal: Journal
    keeper: BatchKeeper
    error_log: ErrorLog
    clock: Clock = field(default_factory=Clock)
    _ending: threading.Event = field(default_factory=threading.Event)
    _assembly: Assembly = field(init=False)
    _position: Position = field(init=False)
    _last_poll: int = 0

    def __post_init__(self) -> None:
        """Begin where the run before ended."""
        self._assembly = Assembly(self.shared.stream.journal)
        self._position = Position.read(self.journal.read(lambda db: read_fact(db, _POSITION)))

    @contextmanager
    def running(self) -> Iterator[None]:
        """Read while the block runs."""
        thread = threading.Thread(target=self._run, name="shared", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ending.set()
            thread.join(_END_SECONDS)

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                self._read_once()
                self._note_poll()
            except HpcliError as error:
                self.error_log.add_error(
                    error, f"Alarms that other machines read cannot be had now: {error.message}"
                )
                self._ending.wait(_PAUSE_SECONDS)
            except Exception as error:  # noqa: BLE001 - whatever it is, reading has to go on
                name = type(error).__name__
                self.error_log.add(
                    f"Taking over alarms failed for a fault of hpcli ({name}); retrying.", name
                )
                self._ending.wait(_PAUSE_SECONDS)

    def _read_once(self) -> None:
        begin, frames = self.shared.stream.read(self._position)
        if begin != self._position:  # another stream has taken the place of the one before
            self._position, self._assembly = begin, Assembly(self.shared.stream.journal)
        now = self.clock.steady()
        for frame in frames:
            found = self._assembly.add(frame, now)
            self._position = Position(begin.created, frame.seq)
            self._take(found)
        while (late := self._assembly.overdue(now)) is not None:
            self._take(late)

    def _take(self, found: Shared | None) -> None:
        """Store a batch of another machine, or that it was confirmed, and how far the stream is read."""
        done = Position(self._position.created, self._assembly.done)
        if found is not None and found.is_confirmed:
            if found.batch.id is not None:
                confirmed = partial(note_confirmed, batch_id=found.batch.id)
                self.journal.write_later(f"confirmed {found.batch.id}", confirmed)
        elif found is not None and not found.is_own:
            kept = self.keeper.keep(
                found.batch,
                received=moment_of(found.received),
                also=lambda db: note_fact(db, _POSITION, done),
            )
            if kept is not None:
                self.journal.tell(kept.entries)
            return
        self.journal.write_later(_POSITION, lambda db: note_fact(db, _POSITION, done))

    def _note_poll(self) -> None:
        """Note when the holder last read the queue, so that time spent waiting is not reported as a gap."""
        lease = self.shared.lease
        known = lease.last_poll or 0
        if lease.state == "waiting" and known > self._last_poll:
            self._last_poll = known
            self.journal.write_later("last-poll", lambda db: note_fact(db, "last-poll", known))
