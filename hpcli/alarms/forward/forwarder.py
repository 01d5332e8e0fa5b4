"""One output at work: reads the journal, sends what is due, and notes what was acknowledged."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from hpcli.alarms.clock import Clock
from hpcli.alarms.forward.config import OutputConfig
from hpcli.alarms.forward.journal_notes import JournalNotes
from hpcli.alarms.forward.kind import Sender
from hpcli.alarms.forward.messages import read_messages
from hpcli.alarms.forward.outcome import Outcome, retry
from hpcli.alarms.forward.progress import Progress
from hpcli.alarms.forward.queue import EVENT_PAUSES, Item, Queue
from hpcli.alarms.forward.settlement import ALONE, DOWN_PAUSES, SKIPPED, SUSPENDED_PAUSES, Settlement
from hpcli.alarms.forward.setup import make_setup
from hpcli.alarms.forward.start import start_of
from hpcli.alarms.forward.storms import Storms, read_regions
from hpcli.alarms.journal.deliveries import (
    DEAD,
    EXPIRED,
    SENT,
    WAITING,
    read_asked,
    read_candidate,
    read_candidates,
    read_marks,
    read_place,
    register,
    save_place,
)  # fmt: skip
from hpcli.alarms.journal.facts import read_fact
from hpcli.alarms.journal.pictures import last_seq
from hpcli.alarms.journal.routing import Candidate
from hpcli.alarms.tail.error_log import ErrorLog
from hpcli.backoff import Backoff
from hpcli.errors import LocalError
from hpcli.stop import Stop

if TYPE_CHECKING:
    import sqlite3

    from hpcli.alarms.journal.writer import Journal

_LOOK_SECONDS: Final = 0.2
_SHORT_SECONDS: Final = 0.02
_FULL_SECONDS: Final = 2.0
_RECHECK_SECONDS: Final = 1.0
_END_SECONDS: Final = 5.0
_MOST_WAITING: Final = 100_000
"""Events kept in memory; the rest waits in the journal."""


@dataclass
class Forwarder:
    """Sends the events of a journal to one output until it is stopped.

    Args:
        config: of the output.
        journal: what is sent.
        error_log: shows errors.
        is_once: end when all that is due was sent or has failed.
        environment: of this process, for the commands that are run.
        is_fresh: the settings are new: try at once what an earlier run let wait.
        asked: set when somebody asks the output to look at its settings again.
        down: pauses while the other side cannot be reached.
        suspended: pauses while the configuration is wrong.
        event: pauses of an event that fails.

    Attributes:
        is_asked: somebody has asked for that.
    """

    config: OutputConfig
    journal: Journal
    error_log: ErrorLog
    clock: Clock = field(default_factory=Clock)
    is_once: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    is_fresh: bool = False
    asked: threading.Event = field(default_factory=threading.Event)
    is_asked: bool = False
    down: Backoff = DOWN_PAUSES
    suspended: Backoff = SUSPENDED_PAUSES
    event: Backoff = EVENT_PAUSES
    steady: Callable[[], float] = time.monotonic
    ended: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None
    _stop: Stop = field(default_factory=Stop)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _is_read: bool = False
    _uuid: str = ""
    _maybe_sent: int = 0
    _asked: int = 0
    _idle_at: float = float("inf")
    _threads: list[threading.Thread] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of the output."""
        return self.config.name

    def start(self) -> None:
        """Begin where the last run ended.

        Raises:
            UsageError: the output cannot be used as it is configured.
            LocalError: a file or library is missing, or the journal cannot be written.
        """
        self._queue = Queue(self.config.kind.keeps_order)
        self._storms = Storms(self.config.collapse)
        notes = JournalNotes(self.journal, self.name)
        setup = make_setup(
            self.config,
            notes=notes,
            log=self._say,
            note_link=self._note_link,
            stop=self._stop,
            environment=self.environment,
        )
        self._sender: Sender = self.config.kind.open(setup)
        self.journal.write(self._begin)
        self._threads = [threading.Thread(target=self._feed, name=f"forward {self.name}", daemon=True)]
        self._threads += [
            threading.Thread(target=self._work, args=(number,), name=f"send {self.name}", daemon=True)
            for number in range(self.config.kind.lanes)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def sent(self) -> int:
        """How many events were acknowledged in this run."""
        return self._progress.sent

    def stop(self) -> None:
        """Ask it to end after what is being sent; `join` waits for that."""
        self._stop.set()
        with self._changed:
            self._changed.notify_all()
        self.journal.tell()

    def join(self, seconds: float = _END_SECONDS) -> bool:
        """Wait until it has ended, and note how far it came; return whether nothing was left half done."""
        end = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        self._sender.close()
        for thread in self._threads:
            thread.join(1.0)
        is_whole = not any(thread.is_alive() for thread in self._threads)
        with self._changed:
            if is_whole and not self._queue.is_busy:
                self._progress.end()
        self._save()
        self.ended.set()
        return is_whole

    def _begin(self, db: sqlite3.Connection) -> None:
        """Make or find the place of the output, and take over what is noted about events."""
        now = self.clock.milliseconds
        origin = self.config.origin
        register(
            db, self.name, origin=origin, start=start_of(db, self.name, origin), routing=self.config.routing,
            longest=round(self.config.longest * 1000), now=now,
        )  # fmt: skip
        place = read_place(db, self.name)
        assert place is not None
        marks = read_marks(db, self.name, SENT, WAITING, DEAD, EXPIRED)
        self._progress = Progress(replace(place, is_clean=False), marks)
        self._maybe_sent = 0 if place.is_clean else last_seq(db)
        self._uuid = read_fact(db, "uuid") or ""
        self._asked = read_asked(db, self.name)
        self._waiting = {mark.seq: mark for mark in marks if mark.state == WAITING}
        self._settlement = Settlement(
            self.name, self._queue, self._progress, self.error_log, self.clock, self.down, self.suspended,
            self.event, self.steady,
        )  # fmt: skip
        self._take_revived(db)
        db.execute("UPDATE forward SET is_clean=0 WHERE output=?", (self.name,))

    def _take_revived(self, db: sqlite3.Connection) -> None:
        """Queue dead letters that are to be sent again."""
        position = self._progress.place.position
        for mark in read_marks(db, self.name, WAITING):
            if (
                mark.seq > position
                or mark.seq in self._settlement.again
                or self._progress.is_unsaved(mark.seq)
            ):
                continue
            event = read_candidate(db, mark.seq)
            if event is not None:
                self._settlement.again.add(mark.seq)
                self._queue.add(_item(event, mark.tries))

    def _feed(self) -> None:
        """Read the journal and store the progress, until the end."""
        seen = -1
        next_check = 0.0
        while not self._stop.is_set:
            try:
                self._read_on()
                if self.steady() >= next_check:
                    next_check = self.steady() + _RECHECK_SECONDS
                    self._look_at_changes()
                self._save()
                if self.is_once and self._is_drained():
                    break
            except LocalError as error:
                self.error_log.add(f"{self.name}: {error.message}")
                self._stop.wait(_FULL_SECONDS)
            except Exception as error:  # noqa: BLE001 - whatever it is, the output must go on
                self._say_fault(error)
                self._stop.wait(_FULL_SECONDS)
            seen = self.journal.wait_for_change(seen, _SHORT_SECONDS if self.is_once else _LOOK_SECONDS)
        self._stop.set()
        with self._changed:
            self._changed.notify_all()
        self.ended.set()

    def _is_drained(self) -> bool:
        with self._changed:
            is_paused = self.steady() < self._settlement.paused_until
            if self._settlement.soon:
                return False
            return self._is_read and not self._queue.is_busy and (is_paused or not self._queue.has_ready)

    def _read_on(self) -> None:
        """Queue what is new in the journal."""
        while len(self._queue) < _MOST_WAITING and not self._stop.is_set:
            page, regions, last = self.journal.read(self._next_page)
            after = self._progress.seen
            with self._changed:
                for event in page:
                    self._queue_event(event, regions.get(event.seq))
                if not page:
                    self._queue_storms()
                self._progress.note_seen(page[-1].seq if page else max(after, last))
                self._is_read = not page
                self._changed.notify_all()
            if not page:
                return

    def _next_page(self, db: sqlite3.Connection) -> tuple[list[Candidate], Mapping[int, str], int]:
        page = read_candidates(db, self._progress.seen)
        return page, read_regions(db, page) if self.config.collapse else {}, last_seq(db)

    def _queue_storms(self) -> None:
        """Queue what was kept of storms whose time is over; a run that ends does not wait for that."""
        now = float("inf") if self.is_once else self.clock.milliseconds
        for kept in self._storms.ended(now):
            item = _item(kept[-1])
            self._queue.add(
                item._replace(members=tuple(event.seq for event in kept)) if len(kept) > 1 else item
            )

    def _queue_event(self, event: Candidate, region: str | None) -> None:
        if self._progress.is_settled(event.seq) or self.config.routing.refusal(event) is not None:
            return
        self._progress.open(event.seq)
        if self._storms.keeps(event, region):
            return
        known = self._waiting.pop(event.seq, None)
        is_late = known is not None and not self.is_fresh
        pause = max(0, known.due - self.clock.milliseconds) / 1000 if known and is_late else 0
        due = self.steady() + min(pause, self.event.longest) if pause else 0.0
        self._queue.add(_item(event, known.tries if known else 0), due)

    def _look_at_changes(self) -> None:
        """Notice `alarms forward retry`: dead letters wait again, and everything is tried at once."""
        place, asked = self.journal.read(lambda db: (read_place(db, self.name), read_asked(db, self.name)))
        with self._changed:
            mine = self._progress
            if place is None:
                self.error_log.add(f"{self.name}: the output was removed; it ends.")
                self._stop.set()
                return
            if asked != self._asked:
                self._asked, self.is_asked = asked, True
                self._settlement.resume()
                self.asked.set()
            if place.position > mine.place.position:
                mine.adopt(place.position)
            self.journal.read(self._take_revived)
            self._changed.notify_all()

    def _save(self) -> None:
        """Store the progress."""
        with self._changed:
            if not self._progress.is_changed:
                return
            place, marks = self._progress.changes()
        try:
            self.journal.write(lambda db: save_place(db, self.name, place, marks))
        except LocalError:
            self._progress.is_changed = True
            raise
        with self._changed:
            self._progress.note_stored(marks)

    def _work(self, lane: int) -> None:
        """Send, until the end."""
        while not self._stop.is_set:
            batch = self._next_batch(lane)
            if not batch:
                continue
            outcomes = self._send(batch)
            with self._changed:
                try:
                    self._settlement.note(batch, outcomes)
                except Exception as error:  # noqa: BLE001 - what was not noted is sent again by the next run
                    self._say_fault(error)
                self._queue.release(batch)
                self._changed.notify_all()

    def _next_batch(self, lane: int) -> list[Item]:
        """Return what is to be sent next; empty after a moment without anything."""
        if lane == 0 and self.steady() >= self._idle_at:
            self._idle()  # a link test must not wait for the end of a storm
        now = self.steady()
        with self._changed:
            if now >= self._settlement.paused_until and not (
                self._progress.place.tries and self._queue.is_busy
            ):
                most = 1 if self._progress.place.tries else self.config.most
                batch = self._queue.take(now, most)
                if batch:
                    return batch
        idle = self._idle() if lane == 0 else None
        with self._changed:
            left = self._settlement.paused_until - self.steady()
            if not self._stop.is_set and (left > 0 or self._queue.is_busy or not self._queue.has_ready):
                self._changed.wait(min(_LOOK_SECONDS, idle or _LOOK_SECONDS, left if left > 0 else 1.0))
        return []

    def _idle(self) -> float | None:
        """Let the output do what is to be done between events; return the seconds until the next time."""
        try:
            seconds = self._sender.idle()
        except Exception as error:  # noqa: BLE001 - whatever it is, the output must go on
            self._say_fault(error)
            seconds = _RECHECK_SECONDS
        self._idle_at = float("inf") if seconds is None else self.steady() + seconds
        return seconds

    def _send(self, batch: Sequence[Item]) -> list[Outcome]:
        """Send a batch and return what became of each event; a fault of hpcli itself is an outcome too."""
        try:
            messages = self.journal.read(lambda db: read_messages(db, batch, self._uuid, self._maybe_sent))
            wanted = list(messages.values())
            outcome = self._sender.send(wanted) if wanted else SKIPPED
        except LocalError as error:
            return [retry(error.message)] * len(batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others must be sent
            return [retry(f"a fault of hpcli ({type(error).__name__}: {error})")] * len(batch)
        if outcome.kind == "refused" and len(wanted) > 1 and not outcome.parts:
            outcome = ALONE
        by_seq = {message.seq: outcome.of(index) for index, message in enumerate(wanted)}
        # What the journal no longer has is settled.
        return [by_seq.get(item.seq, SKIPPED) for item in batch]

    def _note_link(self, outcome: Outcome) -> None:
        with self._changed:
            self._settlement.note_link(outcome)

    def _say_fault(self, error: Exception) -> None:
        self.error_log.add(f"{self.name}: a fault of hpcli ({type(error).__name__}: {error}); going on.")

    def _say(self, line: str) -> None:
        self.error_log.add(f"{self.name}: {line}")


def _item(event: Candidate, tries: int = 0) -> Item:
    return Item(event.seq, event.device or "", event.priority == "critical", tries)
