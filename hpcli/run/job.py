"""The targets of a run that changes many: what is done, unknown and left; stopping in between."""

import math
import os
import signal
import sys
import threading
import time
from _thread import interrupt_main
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NamedTuple

from hpcli.errors import ExitCode, HpcliError, InterruptedByUserError, UsageError
from hpcli.run.signals import STOPPING, SignalInterrupt
from hpcli.stop import Stop

PATIENCE: Final = 5.0
"""Seconds that a stop waits for what is under way."""

SAME_PRESS: Final = 0.05
"""Seconds in which a second SIGINT is not another Ctrl-C, but the same one sent twice."""

_MAY_SUCCEED: Final = (ExitCode.CALL_LIMIT, ExitCode.NETWORK, ExitCode.DEVICE)


class Tally(NamedTuple):
    """How far a job came.

    Attributes:
        total: how many targets there are.
        done: how many are done.
        unknown: those of which nobody knows whether they are done.
        left: those that were not begun, or that may succeed when repeated.
        is_interrupted: the user stopped it.
    """

    total: int
    done: int
    unknown: list[str]
    left: list[str]
    is_interrupted: bool


class JobInterruptedError(InterruptedByUserError):
    """The user stopped a job; the tally says how far it came."""


class Job:
    """The targets of a run; only the outermost loop over several counts.

    Args:
        keeps_rest: what is left is written to a file; without it, the same command finds it again.

    Attributes:
        only: the targets to work on when a job is resumed, None for all.
        stop: set by the first Ctrl-C: begin nothing new.
        ends_at: the moment, by `time.monotonic`, from which nobody waits any more for what is under way.
        is_change: the work changes something.
        is_import: the targets are rows of a file.
        has_mistyped: a value of the user was refused, such as a wrong code; it is to be corrected before a repeat.
        says_beforehand: the command itself says how long all its calls take.
    """

    def __init__(self, *, keeps_rest: bool = True) -> None:
        self.only: frozenset[str] | None = None
        self.stop = Stop()
        self.ends_at = math.inf
        self.is_change = True
        self.says_beforehand = False
        self.keeps_rest = keeps_rest
        self.is_import = False
        self.has_mistyped = False
        self._states: dict[str, str] = {}
        self._is_followed = False

    def select(self, targets: Iterable[str]) -> Iterable[str]:
        """Return the targets to work on."""
        return targets if self.only is None else [target for target in targets if target in (self.only or ())]

    @contextmanager
    def following(self, targets: list[str]) -> Iterator["Job | None"]:
        """Follow a loop over several targets one by one, and let the first Ctrl-C stop it between two of them.

        Yields this job, None for the loop over the parts of one target, or where there is only one.

        Raises:
            JobInterruptedError: it was stopped and has ended in time.
            KeyboardInterrupt: it has not, or it was interrupted a second time.
        """
        if self._is_followed or len(targets) < self._fewest or not _is_main_thread():
            yield None
            return
        self._begin_all(targets)
        with _stop_by_signals(self, patience=PATIENCE):
            yield self
        if self.stop.signal is not None:
            raise JobInterruptedError("Interrupted.", signal=self.stop.signal)

    @contextmanager
    def following_parallel(self, targets: list[str] | None, *, is_change: bool) -> Iterator["Job | None"]:
        """Follow work on several targets at once; the first Ctrl-C lets no other one begin.

        Yields this job, None for work on one target or its parts. Whoever hands out the work stops waiting at
        `ends_at` and prints what is done; that the run was interrupted is said at its end.

        Args:
            targets: None where they are not known yet; they are added as they are expected.
            is_change: the work changes something, so that what is under way may have been done.
        """
        is_one = targets is not None and len(targets) < self._fewest
        if self._is_followed or is_one or not _is_main_thread():
            yield None
            return
        self._begin_all(targets or ())
        self.is_change = is_change
        with _stop_by_signals(self, patience=2 * PATIENCE):
            yield self

    def expect(self, target: str) -> None:
        """Note that there is a target."""
        self._states.setdefault(target, "left")

    def begin(self, target: str) -> None:
        """Note that work on a target begins."""
        self._states[target] = "begun"

    def leave(self, target: str) -> None:
        """Note that a target that was begun is to be tried again."""
        self._states[target] = "left"

    def end(self, target: str, error: HpcliError | None = None) -> None:
        """Note what became of a target."""
        if self._states.get(target) == "given up":
            return
        if error is None:
            self._states[target] = "done"
        elif error.may_be_done and self.is_change:
            self._states[target] = "unknown"
        else:
            is_mistyped = isinstance(error, UsageError) and error.code is not None  # such as a wrong code
            self.has_mistyped = self.has_mistyped or is_mistyped
            may_succeed = is_mistyped or error.exit_code in _MAY_SUCCEED
            self._states[target] = "left" if may_succeed else "failed"

    def give_up(self, target: str) -> None:
        """Note that nobody waits for a target any more, and its outcome is not printed."""
        self._states[target] = "given up" if self._states.get(target) != "left" else "left"

    @property
    def targets(self) -> list[str]:
        """All targets that were expected so far."""
        return list(self._states)

    @property
    def tally(self) -> Tally | None:
        """How far it came; None where nothing is left, or where no loop was followed."""
        under_way = ("begun", "given up")
        open_ones = ("unknown", *under_way) if self.is_change else ("unknown",)
        states = self._states
        unknown = [target for target, state in states.items() if state in open_ones]
        begun = () if self.is_change else under_way
        left = [target for target, state in states.items() if state == "left" or state in begun]
        if len(states) < self._fewest or (not unknown and not left):
            return None
        done = sum(state == "done" for state in states.values())
        return Tally(len(states), done, unknown, left, self.stop.signal is not None)

    @property
    def _fewest(self) -> int:
        """How many targets are worth counting: the last one of a job that is resumed is not lost either."""
        return 2 if self.only is None else 1

    def _begin_all(self, targets: Iterable[str]) -> None:
        self._is_followed = True
        self._states = dict.fromkeys(targets, "left")


def _is_main_thread() -> bool:
    """Whether signals are handled in this thread."""
    return threading.current_thread() is threading.main_thread()


@contextmanager
def _stop_by_signals(job: Job, *, patience: float) -> Iterator[None]:
    """Let the first signal set the stop; a second Ctrl-C, or the end of the patience, interrupts.

    timeout(1) and some supervisors send a signal to the process and to its group: it arrives twice, and is one wish.
    """
    stop = job.stop
    timers: list[threading.Timer] = []
    overdue = threading.Event()
    began = 0.0

    def interrupt(number: int) -> None:
        overdue.set()
        _interrupt(number)

    def on_signal(number: int, _frame: FrameType | None) -> None:
        nonlocal began
        now = time.monotonic()
        if stop.signal is None:
            stop.signal = number  # not `set`, whose lock the interrupted code may hold
            began, job.ends_at = now, now + PATIENCE
            timers.append(threading.Timer(patience, interrupt, (number,)))
            timers[0].daemon = True
            timers[0].start()
        elif overdue.is_set() or (number == signal.SIGINT and now >= began + SAME_PRESS):
            raise KeyboardInterrupt if stop.signal == signal.SIGINT else SignalInterrupt(stop.signal)

    old = {number: signal.getsignal(number) for number in STOPPING}
    handled = [number for number, handler in old.items() if handler is not signal.SIG_IGN]
    for number in handled:
        signal.signal(number, on_signal)
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()
        for number in handled:
            signal.signal(number, old[number])


def _interrupt(number: int) -> None:
    """Send a signal to the main thread, which may wait for an answer."""
    if sys.platform == "win32":
        interrupt_main(number)
    else:
        signal.pthread_kill(threading.main_thread().ident or os.getpid(), number)
