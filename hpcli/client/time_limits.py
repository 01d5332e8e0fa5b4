"""One thread that ends what is over its time: a thread for each request costs more than the request's own work."""

from __future__ import annotations

import os
import threading
import time
from typing import Protocol


class Limited(Protocol):
    """Something that may last until a moment of the monotonic clock."""

    ends_at: float

    def cut(self) -> None:
        """End it now; must not raise, and must not wait."""


class TimeLimits:
    """Ends everything that is still going on when its time is up.

    The thread begins with the first of them. It sleeps until the earliest moment that it knows, though that request has
    long been answered: so it is woken only for one that ends earlier.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition(threading.Lock())
        self._running: set[Limited] = set()
        self._wakes_at = float("inf")
        self._thread: threading.Thread | None = None

    def begin(self, limited: Limited) -> None:
        """Watch this from now on."""
        with self._changed:
            self._running.add(limited)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="time-limits", daemon=True)
                self._thread.start()
            elif limited.ends_at < self._wakes_at:
                self._changed.notify()

    def end(self, limited: Limited) -> None:
        """Watch it no longer."""
        with self._changed:
            self._running.discard(limited)

    def _run(self) -> None:
        while True:
            for limited in self._wait_for_due():
                limited.cut()

    def _wait_for_due(self) -> list[Limited]:
        with self._changed:
            now = time.monotonic()
            due = [limited for limited in self._running if limited.ends_at <= now]
            self._running.difference_update(due)
            if not due:
                self._wakes_at = min((limited.ends_at for limited in self._running), default=float("inf"))
                left = self._wakes_at - now
                self._changed.wait(None if left == float("inf") else min(left, threading.TIMEOUT_MAX))
            return due


_limits = TimeLimits()


def time_limits() -> TimeLimits:
    """Return those of this process."""
    return _limits


def _begin_anew() -> None:
    global _limits  # noqa: PLW0603 - a forked child has none of its parent's threads
    _limits = TimeLimits()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)
