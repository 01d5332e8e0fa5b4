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
