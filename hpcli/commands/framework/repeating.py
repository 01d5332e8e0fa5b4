"""Commands that repeat their work until they are stopped (`--every`)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Generic, TypeVar

from hpcli.backoff import Backoff
from hpcli.errors import CallLimitError, DryRun, HpcliError, NetworkError, UsageError
from hpcli.parse import parse_duration
from hpcli.stop import Stop

Result = TypeVar("Result")

_AFTER_FAILURE = Backoff((15.0,))
_PATIENCE = 2.0
_LOOK = 0.1


@dataclass
class Repeater(Generic[Result]):
    """Repeats some work at an interval and survives its errors.

    Until the work has succeeded once, a refusal ends the command, because the call itself is wrong. Errors that
    may pass by themselves (network, platform down, call limit) never end it.

    Args:
        work: may take long; a stop does not wait for it.
        every: seconds between two starts; after a failure at most 15.
        what: name of the work in messages, such as `The heartbeat`.
        warn: takes a line for the user.
        clock: monotonic seconds.
    """

    work: Callable[[], Result]
    every: float
    what: str
    warn: Callable[[str], None]
    clock: Callable[[], float] = monotonic
    _has_succeeded: bool = False
    _is_failing: bool = False

    def run(self, stop: Stop) -> Iterator[Result]:
        """Yield the result of each success until the stop is set.

        Raises:
            HpcliError: the first try was refused.
        """
        while not stop.is_set:
            began = self.clock()
            result = self._try(stop)
            if result is not None:
                yield result[0]
            stop.wait(max(0.0, began + self._pause() - self.clock()))

    def _pause(self) -> float:
        return min(self.every, _AFTER_FAILURE.seconds_after(1)) if self._is_failing else self.every

    def _try(self, stop: Stop) -> tuple[Result] | None:
        """Do the work in a thread; return its result, None if it failed or a stop abandoned it."""
        results: list[Result] = []
        errors: list[Exception] = []

        def attempt() -> None:
            try:
                results.append(self.work())
            except (HpcliError, DryRun) as error:
                errors.append(error)

        thread = threading.Thread(target=attempt, daemon=True)
        thread.start()
        while thread.is_alive() and not stop.is_set:
            thread.join(_LOOK)
        thread.join(_PATIENCE if stop.is_set else None)
        if errors:
            self._note(errors[0])
        elif results:
            self._note_success()
            return (results[0],)
        return None

    def _note(self, error: Exception) -> None:
        may_pass = isinstance(error, NetworkError | CallLimitError)
        if isinstance(error, DryRun | UsageError) or (not self._has_succeeded and not may_pass):
            raise error
        if not self._is_failing:
            self.warn(f"{self.what} failed: {error} Retrying.")
        self._is_failing = True

    def _note_success(self) -> None:
        if self._is_failing:
            self.warn(f"{self.what} works again.")
        self._is_failing, self._has_succeeded = False, True


def parse_interval(text: str) -> float:
    """Return the seconds of `--every`.

    Raises:
        UsageError: the text is not a duration, or is shorter than a second.
    """
    seconds = parse_duration(text).total_seconds()
    if seconds < 1:
        raise UsageError(f"--every {text} is too short; the minimum is 1s.")
    return seconds
