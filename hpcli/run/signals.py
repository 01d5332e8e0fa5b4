"""Turn signals into a request to stop, or into an interrupt."""

from __future__ import annotations

import contextlib
import signal
from _thread import start_new_thread
from collections.abc import Iterator
from types import FrameType

from hpcli.errors import InterruptedByUserError
from hpcli.stop import Stop

_CLEAN = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)  # Windows has no SIGHUP, others no SIGBREAK


@contextlib.contextmanager
def until_stopped() -> Iterator[Stop]:
    """Yield a `Stop` that SIGTERM, SIGHUP and SIGINT set; a second SIGINT ends the process at once.

    Further SIGTERM and SIGHUP signals are ignored: timeout(1) and some supervisors send them to the process and
    to its group, and the second one would interrupt the shutdown.

    Raises:
        InterruptedByUserError: at the end, after SIGINT; the other signals end cleanly.
    """
    stop = Stop()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if stop.is_set and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.signal = stop.signal or number
        # The interrupted code may hold the lock of the event, or one that Thread.start takes, so waiting here
        # could block for ever. If no thread can be started, waits notice the stop after a slice.
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
    """Treat SIGTERM and SIGHUP like Ctrl-C, so that clean-up code runs."""

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    old = {number: signal.signal(number, on_signal) for number in _CLEAN}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
