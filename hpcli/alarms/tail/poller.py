"""The loop that reads the queue: poll, commit, confirm. No fault ends it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from hpcli.alarms.clock import MOST_DIFFERENCE, Clock
from hpcli.alarms.event.accounts import Accounts
from hpcli.alarms.event.cid import CATALOGUE, CidCodes
from hpcli.alarms.journal.batches import (
    Kept,
    keep_batch,
    keep_own,
    note_confirmed,
    note_outage,
    open_batches,
)
from hpcli.alarms.journal.facts import note_fact
from hpcli.alarms.journal.rows import make_rows
from hpcli.alarms.journal.schema import JournalFullError
from hpcli.alarms.journal.writer import Journal
from hpcli.alarms.tail.cut_answers import CUT_OFF, CutAnswers
from hpcli.alarms.tail.error_log import ErrorLog
from hpcli.alarms.tail.faults import SOMEONE_ELSE, is_final, seconds_after, seconds_idle
from hpcli.alarms.tail.gaps import GapDetector
from hpcli.alarms.tail.reader_state import OUTAGE_SECONDS, ReaderState
from hpcli.errors import HpcliError, NetworkError, PlatformError
from hpcli.parse import epoch_milliseconds, utc_text

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from hpcli.alarms.event.sites import Sites
    from hpcli.client.queue_answer import Batch
    from hpcli.stop import Stop

_QUICK_SECONDS: Final = 1.0
_FULL_PAUSE: Final = 2.0
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
        subscribe: sets the subscription again; None if none is known.
        check_subscription: has the subscription compared with the device list, without waiting for it.
        sites: finds the sites of devices.
        account_numbers: returns the account numbers of devices.
        codes: what CID codes mean.
        platform_time: the present by the platform's last answer, None if it did not say.
        wants_pictures: have the pictures fetched.
        wait_printed: waits until entries up to a number are printed and returns whether they are
            (`--no-journal`); None confirms at once.
        cut_answers: counts answers that were cut off.

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
    clock: Clock = field(default_factory=Clock)
    subscribe: Subscriber | None = None
    check_subscription: Callable[[], None] = lambda: None
    sites: Sites | None = None
    account_numbers: Callable[[], Accounts] = Accounts
    codes: CidCodes = CATALOGUE
    platform_time: Callable[[], datetime | None] = lambda: None
    wants_pictures: bool = False
    wait_printed: Callable[[int], bool] | None = None
    cut_answers: CutAnswers = field(default_factory=CutAnswers)
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

    def run(self) -> None:
        """Poll until `stop` is set.

        Raises:
            SignInError: the platform does not know the key, before anything was read.
            LocalError: the journal is damaged.
        """
        self._unsettled = self.journal.read(lambda db: open_batches(db, self.clock.milliseconds))
        while not self.stop.is_set:
            try:
                self._poll_once()
            except HpcliError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, alarms must go on being read
                name = type(error).__name__
                self.error_log.add(
                    f"Reading alarms failed for a fault of hpcli ({name}); trying again.", name
                )
                fault = NetworkError(f"Reading alarms failed for a fault of hpcli ({name}).")
                self._note_failure(fault)
                self.stop.wait(seconds_after(fault, self._failures))

    @property
    def status(self) -> str:
        """What a service manager shows."""
        last = self.gap_detector.last
        known = "never" if last is None else utc_text(last)
        if self._failing_since is None:
            return f"Reading alarms; the platform last answered at {known}."
        return f"Trying again: the platform does not answer as it should; last answer: {known}."

    def look_at_state(self) -> bool:
        """Note for how long polls have failed; return whether that makes a new line."""
        since, error = self._failing_since, self._last_error
        failing = 0.0 if since is None else self.clock.steady() - since
        words = None if error is None else error.message
        return self.state.update(failing, self.clock.now(), self.gap_detector.last, words)

    def _step(self, seconds: float = 0.0) -> None:
        self.alive_until = time.monotonic() + seconds + _STEP_SECONDS

    def _poll_once(self) -> None:
        self._step()
        self._subscribe_again()
        with self.hand:
            self._settle()
        started = time.monotonic()
        try:
            batch = self.source.poll()
        except HpcliError as error:
            if not self.stop.is_set:  # at the end connections are closed under the waiting call
                self._back_off(error)
            return
        batch = self.cut_answers.take(batch)
        with self.hand:
            is_idle = self._take(batch)
        if not batch.is_whole:
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
        kept = self._keep(batch)
        if kept is None:
            return True
        self.journal.tell(kept.entries)
        if self.wait_printed is not None:
            self.alive_until = float("inf")  # waiting for a slow reader of stdout is not a stall
        is_safe = self.wait_printed is None or self.wait_printed(kept.last)
        if batch.id is not None and batch.is_whole and is_safe:
            self._unsettled.append(batch.id)
            self._settle()
        return kept.new == 0

    def _note_success(self) -> None:
        if self._failing_since is not None:
            seconds = self.clock.steady() - self._failing_since
            if seconds >= OUTAGE_SECONDS:
                self.error_log.warn(f"Reading alarms again after {seconds / 60:.0f} min.")
        self._failures, self._failing_since, self._has_read = 0, None, True
        self.state.update(0.0, self.clock.now(), self.gap_detector.last)
        self._is_subscription_due |= self._has_subscribing_failed
        self._has_resubscribed = self._has_subscribing_failed = False
        gap = self.gap_detector.note_poll()
        if gap is not None:
            self.journal.write_later("gap", lambda db: keep_own(db, gap))
        outage = self.gap_detector.outage
        if outage is not None:
            self.journal.write_later(f"outage {outage.began}", lambda db: note_outage(db, outage))

    def _keep(self, batch: Batch) -> Kept | None:
        """Commit a batch as soon as there is room; return None if the tail ends before."""
        received = self.clock.now()
        now = epoch_milliseconds(received)
        accounts, present = self.account_numbers(), self._true_time(received)
        rows = [
            row
            for place, message in enumerate(batch.messages)
            for row in make_rows(
                message,
                received=received,
                sites=self.sites,
                accounts=accounts,
                present=present,
                problem=batch.problems.get(place),
                report=self.error_log.add,
                codes=self.codes,
            )
        ]

        def keep(db: sqlite3.Connection) -> Kept:
            return keep_batch(
                db,
                batch.id,
                rows,
                now=now,
                wants_pictures=self.wants_pictures,
                answer=batch.body,
                is_cut=not batch.is_whole,
            )

        while True:
            try:
                return self.journal.write(keep)
            except JournalFullError as error:
                self.error_log.add(f"{error.message} Alarms wait on the platform until there is space.")
            self._step()
            if self.stop.wait(_FULL_PAUSE):
                return None

    def _true_time(self, received: datetime) -> datetime | None:
        """Return the present by the platform's clock, if it differs so much that this computer's must be wrong."""
        theirs = self.platform_time()
        return theirs if theirs is not None and abs(received - theirs) > MOST_DIFFERENCE else None

    def _settle(self) -> None:
        """Confirm the stored batches that may be unconfirmed, including those of a run that was killed.

        Only then is it certain that an equal message is new, not a repeat.
        """
        while self._unsettled and not self.stop.is_set:
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
            del self._unsettled[0]

    def _back_off(self, error: HpcliError) -> None:
        if not self._has_read and is_final(error):
            raise error
        self._note_failure(error)
        if error.code == SOMEONE_ELSE:
            if not self._has_resubscribed:
                self.check_subscription()
            self._is_subscription_due, self._has_resubscribed = not self._has_resubscribed, True
            self.error_log.add(
                "The platform says that another program is reading alarms with this key, or that nothing is"
                f" subscribed. ({SOMEONE_ELSE}) Trying again every 20 to 30 s."
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
