"""What commands share that run until they are stopped."""

from __future__ import annotations

import contextlib
import math
import signal
import threading
import time
from _thread import start_new_thread
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import FrameType

from hpcli.errors import InterruptedByUserError

_CLEAN = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)  # Windows has no SIGHUP, others no SIGBREAK


_SLICE_SECONDS = 0.5


@dataclass
class Stop:
    """Tells a service that it is to end.

    Attributes:
        signal: the first signal that came, or None.
    """

    signal: int | None = None
    _event: threading.Event = field(default_factory=threading.Event)
    _others: list[threading.Event] = field(default_factory=list)

    @property
    def is_set(self) -> bool:
        """Whether the service is to end."""
        return self.signal is not None or self._event.is_set()

    def set(self, number: int | None = None) -> None:
        """Ask the service to end."""
        self.signal = self.signal or number
        for event in (self._event, *self._others):
            event.set()

    def set_too(self, event: threading.Event) -> None:
        """Have another event set when the end comes, for who waits for more than the end."""
        self._others.append(event)
        if self.is_set:
            event.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end, or for some seconds; return whether the end has come.

        The wait is cut into slices, so that signals are seen on every system.
        """
        end = math.inf if seconds is None else time.monotonic() + seconds
        while not self._event.wait(min(_SLICE_SECONDS, max(0.0, end - time.monotonic()))):
            if self.is_set or time.monotonic() >= end:
                return self.is_set
        return True


@contextlib.contextmanager
def until_stopped() -> Iterator[Stop]:
    """Give a `Stop` that SIGTERM, SIGHUP and SIGINT set; a SIGINT after that leaves at once.

    Once they have come, SIGTERM and SIGHUP stay without effect: timeout(1) and some supervisors send them to
    the process and to its group, so that the second would kill what is being closed.

    Raises:
        InterruptedByUserError: at the end, where it was SIGINT; the others end cleanly.
    """
    stop = Stop()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if stop.is_set and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.signal = stop.signal or number
        # What the signal interrupts may hold the lock of the event, or one that Thread.start takes: waiting for
        # it here would be for ever. Where there can be no thread, waits notice the end after a slice.
        with contextlib.suppress(RuntimeError):
            start_new_thread(stop.set, (number,))

    old = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, *_CLEAN)}
    try:
        yield stop
    finally:
        for number, handler in old.items():
            signal.signal(number, signal.SIG_IGN if stop.signal and number in _CLEAN else handler)
    if stop.signal == signal.SIGINT:
        raise InterruptedByUserError("Stopped.")


@contextlib.contextmanager
def signals_as_interrupts() -> Iterator[None]:
    """Let SIGTERM and SIGHUP arrive as Ctrl-C does, so that what must be undone is undone."""

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    old = {number: signal.signal(number, on_signal) for number in _CLEAN}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
