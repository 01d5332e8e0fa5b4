"""What follows from the outcome of a sending: settled, again later, a dead letter, or the whole output pauses."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from hpcli.alarms.clock import Clock
from hpcli.alarms.forward.outcome import Outcome, misconfigured, retry
from hpcli.alarms.forward.progress import Progress
from hpcli.alarms.forward.queue import EVENT_PAUSES, Item, Queue
from hpcli.alarms.journal.deliveries import DEAD, SENT, SUSPENDED
from hpcli.alarms.tail.error_log import ErrorLog
from hpcli.backoff import Backoff

DOWN_PAUSES: Final = Backoff((0.5,), growth=2.0, longest=30.0, jitter=0.2, longest_asked=3600.0)
"""Pauses of an output whose other side cannot be reached."""

SUSPENDED_PAUSES: Final = Backoff((5.0,), growth=2.0, longest=300.0, jitter=0.2, longest_asked=3600.0)
"""Pauses between the tries of a suspended output."""

_REFUSED_IN_A_ROW: Final = 3

ALONE: Final = retry("one event of the batch was refused")
"""The batch was refused as a whole: its events are sent one by one."""

SKIPPED: Final = Outcome("done")
"""The event is no longer in the journal; nothing was sent."""


@dataclass
class Settlement:
    """Notes outcomes. Not safe for threads: its owner has a lock.

    Args:
        name: of the output.
        queue: what waits.
        progress: what is settled.
        error_log: shows errors.
        down: pauses while the other side cannot be reached.
        suspended: pauses while the configuration is wrong.
        event: pauses of an event that fails.

    Attributes:
        paused_until: nothing is sent before, by `steady`.
        again: dead letters that are being sent again.
        soon: events whose tries go on, where nothing is decided yet.
    """

    name: str
    queue: Queue
    progress: Progress
    error_log: ErrorLog
    clock: Clock = field(default_factory=Clock)
    down: Backoff = DOWN_PAUSES
    suspended: Backoff = SUSPENDED_PAUSES
    event: Backoff = EVENT_PAUSES
    steady: Callable[[], float] = time.monotonic
    paused_until: float = 0.0
    again: set[int] = field(default_factory=set)
    soon: set[int] = field(default_factory=set)
    _refused: int = 0

    def note(self, batch: Sequence[Item], outcomes: Sequence[Outcome]) -> None:
        """Note what became of a batch, with an outcome for each event."""
        now = self.clock.milliseconds
        failed: list[tuple[Item, Outcome]] = []
        self.soon.difference_update(item.seq for item in batch)
        for item, outcome in zip(batch, outcomes, strict=True):
            if outcome is SKIPPED:
                self._skip(item, now)
            elif outcome.kind == "done":
                self._note_working(outcome, now)
                self._refused = 0
                self._settle(item, now, SENT, outcome.remark or None)
            elif outcome.kind == "refused" and (
                outcome.is_known_here or self.progress.place.state != SUSPENDED
            ):
                self._give_up(item, outcome, now)
            else:
                failed.append((item, outcome))
        self.progress.move(now)
        for item, outcome in reversed(failed):
            self._put_back(item, outcome, now)
        for outcome in outcomes:
            if outcome.kind in ("down", "misconfigured") and not outcome.is_of_one:
                self.paused_until = self.steady() + self._pause(outcome, now)
                return

    def _put_back(self, item: Item, outcome: Outcome, now: int) -> None:
        """Let an event wait that was not settled."""
        again = item._replace(tries=item.tries + 1)
        if outcome is ALONE:
            self.queue.put_back([item._replace(is_alone=True)])
        elif outcome.wait is not None:
            self.queue.put_back([item], self.steady() + outcome.wait)
        elif outcome.is_of_one:
            self.queue.put_back([again], self.steady() + self._pause(outcome, now))
        elif outcome.kind in ("retry", "refused"):
            self._fail(item, outcome, now)
        else:
            self.queue.put_back([again])

    def note_link(self, outcome: Outcome) -> None:
        """Note what a link test says of the other side; events are sent all the same."""
        if self.progress.place.state == SUSPENDED:
            return
        if outcome.kind == "done" and (outcome.error or self.progress.place.since is not None):
            self._note_working(outcome, self.clock.milliseconds)
        elif outcome.kind == "down":
            self._pause(outcome, self.clock.milliseconds)

    def _note_working(self, outcome: Outcome, now: int) -> None:
        """Note that events are taken, and whether by the first address."""
        if outcome.error:
            self.progress.divert(now, outcome.error)
            return
        has_failed = self.progress.place.since is not None
        self.progress.resume()
        if has_failed:
            self.error_log.end(self.name, f"{self.name}: works again.")

    def resume(self) -> None:
        """Let all be tried at once, after somebody asked for it."""
        self.progress.resume()
        self.paused_until, self._refused = 0.0, 0
        self.queue.make_due()

    def _skip(self, item: Item, now: int) -> None:
        """Settle what was not sent, unless another process has given it up already."""
        if item.seq > self.progress.adopted or item.seq in self.again:
            self._settle(item, now)

    def _settle(self, item: Item, now: int, state: str = SENT, error: str | None = None) -> None:
        self.progress.settle(item.seqs, item.device, now, state, error)
        self.again.difference_update(item.seqs)

    def _give_up(self, item: Item, outcome: Outcome, now: int) -> None:
        """Make an event a dead letter; three in a row suspend the output, as the fault must be another one."""
        self._settle(item, now, DEAD, outcome.error)
        self.error_log.add(
            f"{self.name}: an event was refused and is a dead letter now: {outcome.error}",
            (self.name, "refused", outcome.error),
        )
        self._refused += not outcome.is_known_here
        if self._refused >= _REFUSED_IN_A_ROW and not outcome.is_known_here:
            why = misconfigured(f"{self._refused} events in a row were refused: {outcome.error}")
            self.paused_until = self.steady() + self._pause(why, now)

    def _fail(self, item: Item, outcome: Outcome, now: int) -> None:
        """Let the device of an event wait."""
        pause = self.event.seconds_after(item.tries + 1, outcome.retry_after)
        if outcome.is_soon:
            self.soon.add(item.seq)
            pause = pause if self.queue.has_ready else 0.0
        self.progress.fail(item.seqs, item.device, item.tries + 1, now + round(pause * 1000), outcome.error)
        again = item._replace(tries=item.tries + 1)
        self.queue.put_back([again], self.steady() + pause if pause else 0.0)
        self.error_log.add(
            f"{self.name}: an event was not taken and is sent again: {outcome.error}",
            (self.name, "retry", outcome.error),
        )
        if outcome.kind == "refused":
            self.paused_until = self.steady() + self._pause(misconfigured(outcome.error), now)

    def _pause(self, outcome: Outcome, now: int) -> float:
        """Note that the output cannot send; return the seconds to wait."""
        tries = self.progress.place.tries + 1
        is_suspended = outcome.kind == "misconfigured"
        policy = self.suspended if is_suspended or self.progress.place.state == SUSPENDED else self.down
        pause = policy.seconds_after(tries, outcome.retry_after)
        self.progress.pause(
            is_suspended=is_suspended,
            tries=tries,
            now=now,
            due=now + round(pause * 1000),
            error=outcome.error,
        )
        what = "suspended; nothing is dropped" if is_suspended else "cannot be reached"
        self.error_log.add(f"{self.name}: {what}: {outcome.error}", (self.name, outcome.kind, outcome.error))
        return pause
