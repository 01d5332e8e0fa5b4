"""The loop that reads the queue: poll, commit, confirm. No fault ends it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from hpcli.alarms.clock import Clock, moment_of
from hpcli.alarms.journal.batches import keep_own, note_confirmed, note_outage, open_batches
from hpcli.alarms.journal.facts import note_fact, read_fact
from hpcli.alarms.journal.writer import Journal
from hpcli.alarms.tail.cut_answers import CUT_OFF, TAKEN_AS_WHOLE, CutAnswers
from hpcli.alarms.tail.error_log import ErrorLog
from hpcli.alarms.tail.faults import SOMEONE_ELSE, is_final, seconds_after, seconds_idle
from hpcli.alarms.tail.gaps import GapDetector
from hpcli.alarms.tail.reader_state import OUTAGE_SECONDS, ReaderState
from hpcli.errors import HpcliError, NetworkError, PlatformError
from hpcli.parse import epoch_milliseconds, utc_text

if TYPE_CHECKING:
    from hpcli.alarms.lease.shared_queue import SharedQueue
    from hpcli.alarms.tail.keeper import BatchKeeper
    from hpcli.alarms.turns import Turns
    from hpcli.client.queue_answer import Batch
    from hpcli.stop import Stop

_QUICK_SECONDS: Final = 1.0
_WAITING_SECONDS: Final = 0.2
_TAKE_OVER_SECONDS: Final = 40.0
"""A dead reader's long poll holds the queue for up to 20 s (Guide §3.34)."""

_TAKE_OVER_PAUSE: Final = 2.0
_AFTER_KILL: Final = (
    "The last tail was killed while it waited for alarms; the platform lets this one read in up to 40 s."
)
_REPEATS_SECONDS: Final = 60.0
"""How long after another reader what comes may be what it could not confirm."""

_STEP_SECONDS: Final = 300.0
"""No step of the loop takes so long: a call with its retries, or a commit."""


class Source(Protocol):
    """The source of alarms: `client.alarms.AlarmCalls`."""

    def poll(self) -> Batch:
        """Wait for a batch and return it."""

    def confirm(self, batch_id: str) -> None:
        """Confirm a batch."""

    def subscribe(self, serials: Sequence[str] | None) -> None:
        """Subscribe to devices, or to all (None)."""


class Subscriber(Protocol):
    """Sets the subscription again."""

    def __call__(self) -> None:
        """Subscribe; raises HpcliError."""


@dataclass
class Poller:
    """Reads the queue until it is stopped.

    Args:
        source: the platform.
        journal: stores batches before they are confirmed.
        stop: ends the loop.
        gap_detector: notices gaps.
        error_log: shows errors.
        keeper: decodes and stores batches.
        clock: the time.
        subscribe: sets the subscription again; None if none is known.
        check_subscription: has the subscription compared with the device list, without waiting for it.
        wait_printed: waits until entries up to a number are printed and returns whether they are
            (`--no-journal`); None confirms at once.
        turns: decides when this machine reads; None if it is the only one.
        shared: the messages for all machines of a lease; None without one.
        cut_answers: counts answers that were cut off.
        follows_killed: the reader before was killed, so that its poll may still hold the queue.

    Attributes:
        alive_until: until when, by `time.monotonic`, it is certainly at work or in a pause of its own.
        hand: held while a batch is processed, from its arrival to its confirmation.
        state: whether the platform can be read, as lines among the events.
    """

    source: Source
    journal: Journal
    stop: Stop
    gap_detector: GapDetector
    error_log: ErrorLog
    keeper: BatchKeeper
    clock: Clock = field(default_factory=Clock)
    subscribe: Subscriber | None = None
    check_subscription: Callable[[], None] = lambda: None
    wait_printed: Callable[[int], bool] | None = None
    turns: Turns | None = None
    shared: SharedQueue | None = None
    cut_answers: CutAnswers = field(default_factory=CutAnswers)
    follows_killed: bool = False
    hand: threading.Lock = field(default_factory=threading.Lock)
    alive_until: float = field(default_factory=lambda: time.monotonic() + _STEP_SECONDS)
    state: ReaderState = field(default_factory=ReaderState)
    _last_error: HpcliError | None = None
    _failures: int = 0
    _failing_since: float | None = None
    _idle_polls: int = 0
    _unsettled: list[str] = field(default_factory=list)
    _has_read: bool = False
    _is_subscription_due: bool = True
    _has_resubscribed: bool = False
    _has_subscribing_failed: bool = False
    _turn: float | None = None
    _began: float = 0.0
    _is_wait_told: bool = False
    _repeats_until: float = float("-inf")

    def run(self) -> None:
        """Poll until `stop` is set.

        Raises:
            SignInError: the platform does not know the key, before anything was read.
            LocalError: the journal is damaged.
        """
        self._began = self.clock.steady()
        if self.turns is None:
            self._unsettled = self._open_batches()
        while not self.stop.is_set:
            try:
                self._poll_once()
            except HpcliError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, alarms must go on being read
                name = type(error).__name__
                self.error_log.add(f"Reading alarms failed for a fault of hpcli ({name}); retrying.", name)
                fault = NetworkError(f"Reading alarms failed for a fault of hpcli ({name}).")
                self._note_failure(fault)
                self.stop.wait(seconds_after(fault, self._failures))

    def _open_batches(self) -> list[str]:
        """Return the batches that may be unconfirmed."""
        if self.shared is not None:
            return []  # the stream may not have them: the platform sends them again
        return self.journal.read(lambda db: open_batches(db, self.clock.milliseconds))

    @property
    def status(self) -> str:
        """What a service manager shows."""
        if self.turns is not None and not self._is_reader:
            return self.turns.words
        last = self.gap_detector.last
        known = "never" if last is None else utc_text(last)
        if self._failing_since is None:
            return f"Reading alarms; the platform last answered at {known}."
        return f"Retrying: the platform does not answer as it should; last answer: {known}."

    def look_at_state(self) -> bool:
        """Note for how long polls have failed; return whether that makes a new line."""
        since, error = self._failing_since, self._last_error
        if self.turns is not None and not self._is_reader:
            since, error = self.turns.failing
        failing = 0.0 if since is None else self.clock.steady() - since
        words = None if error is None else error.message
        return self.state.update(failing, self.clock.now(), self.gap_detector.last, words)

    def _step(self, seconds: float = 0.0) -> None:
        self.alive_until = time.monotonic() + seconds + _STEP_SECONDS

    def _poll_once(self) -> None:
        self._step()
        if not self._may_read():
            return
        self._subscribe_again()
        with self.hand:
            self._settle()
        started = time.monotonic()
        try:
            batch = self.source.poll()
        except HpcliError as error:
            # At the end, and that of a lease, connections are closed under the waiting call.
            if not self.stop.is_set and self._is_reader:
                self._back_off(error)
            return
        taken = self.cut_answers.take(batch)
        if taken.is_whole and not batch.is_whole:
            self.error_log.warn(TAKEN_AS_WHOLE)
        batch = taken
        with self.hand:
            is_idle = self._take(batch)
        if not batch.is_whole:
            if self._is_reader:  # else it is the end of the lease that cut it off
                self._back_off(CUT_OFF)
            return
        is_quick = time.monotonic() - started < _QUICK_SECONDS
        self._idle_polls = self._idle_polls + 1 if is_idle and is_quick else 0
        self.stop.wait(seconds_idle(self._idle_polls))

    def _take(self, batch: Batch) -> bool:
        """Store and confirm a batch; return whether it contained nothing new."""
        if batch.is_whole:
            self._note_success()
        if not batch.messages:
            now = self.clock.milliseconds
            self.journal.write_later("poll", lambda db: note_fact(db, "last-poll", now))
            return True
        received = self.clock.now()
        may_repeat = self.clock.steady() < self._repeats_until
        kept = self.keeper.keep(batch, received=received, may_repeat=may_repeat, step=self._step)
        if kept is None:
            return True
        self.journal.tell(kept.entries)
        if self.wait_printed is not None:
            self.alive_until = float("inf")  # waiting for a slow reader of stdout is not a stall
        is_safe = self.wait_printed is None or self.wait_printed(kept.last)
        is_safe = is_safe and batch.is_whole and self._share(batch, epoch_milliseconds(received))
        if batch.id is not None and is_safe:
            self._unsettled.append(batch.id)
            self._settle()
        return kept.new == 0

    @property
    def _is_reader(self) -> bool:
        """Whether this machine may read and confirm, at this moment."""
        return self.turns is None or self.turns.holds

    @property
    def _is_taking_over(self) -> bool:
        """Whether the poll of the reader before may still hold the queue."""
        if self.turns is None:
            return self.follows_killed and self.clock.steady() - self._began < _TAKE_OVER_SECONDS
        return self.clock.steady() - self.turns.held_since < _TAKE_OVER_SECONDS

    def _may_read(self) -> bool:
        """Return whether this machine is the reader; if not, wait a moment."""
        turns = self.turns
        if turns is None:
            return True
        if not turns.may_poll():
            self._end_turn(turns)
            self.stop.wait(_WAITING_SECONDS)
            return False
        if self._turn != turns.held_since:
            self._begin_turn(turns)
        return True

    def _begin_turn(self, turns: Turns) -> None:
        self._turn = turns.held_since
        known = int(self.journal.read(lambda db: read_fact(db, "last-poll")) or 0)
        away = (self.clock.milliseconds - known) / 1000 if known else None
        if turns.may_repeat(away):
            self._repeats_until = self.clock.steady() + _REPEATS_SECONDS
        last = max(known, turns.last_poll or 0)
        self.gap_detector.begin_anew(moment_of(last) if last else None, turns.elsewhere)
        self._unsettled = self._open_batches()
        self._is_subscription_due = True

    def _end_turn(self, turns: Turns) -> None:
        if self._turn is not None:
            with self.hand:
                self._settle()
        turns.end_turn()
        self._turn, self._failing_since = None, None
        self._unsettled.clear()

    def _share(self, batch: Batch, received: int) -> bool:
        """Give a batch to the other machines; return whether it may be confirmed."""
        if self.shared is None:
            return True

        def report(error: HpcliError) -> None:
            self._step()
            self.error_log.add_error(
                error, f"Alarms are stored here, and confirmed once the stream has them too: {error.message}"
            )

        return self.shared.publish(batch, received, self.stop, report)

    def _note_success(self) -> None:
        if self._failing_since is not None:
            seconds = self.clock.steady() - self._failing_since
            if seconds >= OUTAGE_SECONDS:
                self.error_log.warn(f"Reading alarms again after {seconds / 60:.0f} min.")
        self._failures, self._failing_since, self._has_read = 0, None, True
        if self.turns is not None:
            self.turns.note_answer(self.clock.milliseconds)
        self.state.update(0.0, self.clock.now(), self.gap_detector.last)
        self._is_subscription_due |= self._has_subscribing_failed
        self._has_resubscribed = self._has_subscribing_failed = False
        gap = self.gap_detector.note_poll()
        if gap is not None:
            self.journal.write_later("gap", lambda db: keep_own(db, gap))
        outage = self.gap_detector.outage
        if outage is not None:
            self.journal.write_later(f"outage {outage.began}", lambda db: note_outage(db, outage))

    def _settle(self) -> None:
        """Confirm the stored batches that may be unconfirmed, including those of a run that was killed.

        Only then is it certain that an equal message is new, not a repeat.
        """
        while self._unsettled and self._is_reader and not self.stop.is_set:
            batch_id = self._unsettled[0]
            try:
                self.source.confirm(batch_id)
            except PlatformError as error:
                # A batch that the platform does not know (any more) may come again with another id.
                self.error_log.add_error(error, f"The platform refused the confirmation of a batch: {error}")
            except HpcliError as error:
                self.error_log.add(f"A batch of alarms is stored, but could not be confirmed yet: {error}")
                return
            else:
                self.journal.write_later(f"confirmed {batch_id}", partial(note_confirmed, batch_id=batch_id))
                if self.shared is not None:
                    self.shared.stream.confirm(batch_id, self.clock.milliseconds)
            del self._unsettled[0]

    def _back_off(self, error: HpcliError) -> None:
        if not self._has_read and is_final(error):
            raise error
        if error.code == SOMEONE_ELSE and self.turns is not None and self.turns.note_other():
            self._repeats_until = self.clock.steady() + _REPEATS_SECONDS
        if error.code == SOMEONE_ELSE and self._is_taking_over:
            if self.turns is None and not self._is_wait_told:
                self._is_wait_told = True
                self.error_log.warn(_AFTER_KILL)
            self.stop.wait(_TAKE_OVER_PAUSE)
            return
        self._note_failure(error)
        if error.code == SOMEONE_ELSE:
            if not self._has_resubscribed:
                self.check_subscription()
            self._is_subscription_due, self._has_resubscribed = not self._has_resubscribed, True
            self.error_log.add(
                "The platform says that another program is reading alarms with this key, or that nothing is"
                f" subscribed. ({SOMEONE_ELSE}) Retrying every 20 to 30 s."
            )
        else:
            self.error_log.add_error(error)
        seconds = seconds_after(error, self._failures)
        self._step(seconds)
        self.stop.wait(seconds)

    def _note_failure(self, error: HpcliError) -> None:
        self._failures, self._last_error = self._failures + 1, error
        if self._failing_since is None:
            self._failing_since = self.clock.steady()

    def _subscribe_again(self) -> None:
        """Subscribe at the start and once after LAP068001; show a failure, and try again after the next success."""
        if not self._is_subscription_due or self.subscribe is None:
            return
        self._is_subscription_due = False
        try:
            self.subscribe()
        except HpcliError as error:
            if not self._has_read and is_final(error):
                raise
            self.error_log.add_error(error, f"The subscription could not be set again: {error}")
            self._has_subscribing_failed = True
        self.check_subscription()
