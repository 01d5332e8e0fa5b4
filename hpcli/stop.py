"""The request to stop that a long-running command waits for."""

from __future__ import annotations

import math
import threading
import time

_SLICE_SECONDS = 0.5


class Stop:
    """A request to stop, shared by the threads of a service.

    Attributes:
        signal: the first signal received, or None.
    """

    def __init__(self) -> None:
        self.signal: int | None = None
        self._event = threading.Event()
        self._others: list[threading.Event] = []

    @property
    def is_set(self) -> bool:
        """Whether the service has been asked to stop."""
        return self.signal is not None or self._event.is_set()

    def set(self, number: int | None = None) -> None:
        """Ask the service to stop."""
        self.signal = self.signal or number
        for event in (self._event, *self._others):
            event.set()

    def set_too(self, event: threading.Event) -> None:
        """Set another event too, for a thread that waits for more than the stop."""
        self._others.append(event)
        if self.is_set:
            event.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the stop, or for some seconds; return whether a stop was requested.

        The wait is split into slices, so that signals are noticed on every system.
        """
        end = math.inf if seconds is None else time.monotonic() + seconds
        while not self._event.wait(min(_SLICE_SECONDS, max(0.0, end - time.monotonic()))):
            if self.is_set or time.monotonic() >= end:
                return self.is_set
        return True
