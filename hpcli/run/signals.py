"""Turn signals into a request to stop, or into an interrupt; let the process die by a signal."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from _thread import interrupt_main, start_new_thread
from collections.abc import Iterator
from types import FrameType
from typing import Any, NoReturn

from hpcli.errors import InterruptedByUserError
from hpcli.stop import Stop

_CLEAN = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)  # Windows has no SIGHUP, others no SIGBREAK


STOPPING = (signal.SIGINT, *_CLEAN)
"""The signals that ask a command to stop."""


_AGAIN_SECONDS = 0.05


class SignalInterrupt(KeyboardInterrupt):
    """Another signal than Ctrl-C asks the command to clean up and end."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def signal_of(interrupt: KeyboardInterrupt) -> int:
    """Return the signal that an interrupt stands for."""
    return interrupt.number if isinstance(interrupt, SignalInterrupt) else signal.SIGINT


def die_by(number: int) -> NoReturn:
    """Let this process die by a signal, so that a shell loop or a supervisor sees it.

    A shell stops a loop if a command in it died by SIGINT; it goes on after the exit code 130 (POSIX leaves this open,
    but all shells do it).
    """
    if sys.platform != "win32":
        signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
        os.kill(os.getpid(), number)
        # Still alive: the kernel spares PID 1, as in a container.
    os._exit(128 + signal.SIGINT if sys.platform == "win32" else 128 + number)


@contextlib.contextmanager
def until_stopped(*, is_service: bool = True) -> Iterator[Stop]:
    """Yield a `Stop` that SIGTERM, SIGHUP and SIGINT set; a second SIGINT ends the process at once.

    Further SIGTERM and SIGHUP signals are ignored: timeout(1) and some supervisors send them to the process and
    to its group, and the second one would interrupt the shutdown. A SIGHUP that nohup(1) ignores stays ignored.

    Args:
        is_service: Ctrl-C ends it with 130; anything else dies by SIGINT, so that a shell loop around it stops.

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

    old = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, *_unless_ignored())}
    try:
        yield stop
    finally:
        for number, handler in old.items():
            signal.signal(number, signal.SIG_IGN if stop.signal and number in _CLEAN else handler)
    if stop.signal == signal.SIGINT:
        raise InterruptedByUserError("Stopped.", signal=None if is_service else signal.SIGINT)


def _send_to_main(number: signal.Signals) -> None:
    """Send a signal to the main thread; a real one, where there are such, also ends a call that waits."""
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, number)
    else:
        interrupt_main(number)


class _Interrupts:
    """Raises signals in the main thread, once more where Python lost one: in a clean-up of its own (`__del__`).

    A signal that comes while the loss is reported, or just before the main thread begins to wait, would be lost or
    late again, so it is sent until it was raised.
    """

    def __init__(self) -> None:
        self._is_raised = False
        self._first: int | None = None
        self._is_over = threading.Event()
        self._lock = threading.Lock()
        self._old_hook = sys.unraisablehook

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """Raise the first signal; the others do not count."""
        if self._first is None and not self._is_reporting(frame):
            self._first, self._is_raised = number, True
            raise SignalInterrupt(number)

    def on_ctrl_c(self, number: int, frame: FrameType | None) -> None:
        """Raise what Python does."""
        if not self._is_reporting(frame):
            self._is_raised = True
            signal.default_int_handler(number, frame)

    def on_unraisable(self, lost: sys.UnraisableHookArgs) -> None:
        """Send a signal again that was lost."""
        if not isinstance(lost.exc_value, KeyboardInterrupt):
            self._old_hook(lost)
            return
        self._first, self._is_raised = None, False
        with contextlib.suppress(RuntimeError):
            start_new_thread(self._send, (signal.Signals(signal_of(lost.exc_value)),))

    def end(self) -> None:
        """Send nothing more, and let Python report again what it loses."""
        with self._lock:
            self._is_over.set()
        sys.unraisablehook = self._old_hook

    def _send(self, number: signal.Signals) -> None:
        while not self._is_raised:
            with self._lock:  # afterwards it would have its usual effect
                if self._is_over.is_set():
                    return
                _send_to_main(number)
            self._is_over.wait(_AGAIN_SECONDS)

    def _is_reporting(self, frame: FrameType | None) -> bool:
        """Return whether a frame is within the report of a loss."""
        while frame is not None and frame.f_code is not _Interrupts.on_unraisable.__code__:
            frame = frame.f_back
        return frame is not None


@contextlib.contextmanager
def signals_as_interrupts() -> Iterator[None]:
    """Treat SIGTERM and SIGHUP like Ctrl-C, so that clean-up code runs; only the first one counts.

    A SIGHUP that nohup(1) ignores stays ignored. Outside the main thread, which gets the signals, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    interrupts = _Interrupts()
    sys.unraisablehook = interrupts.on_unraisable
    handlers: dict[int, Any] = dict.fromkeys(_unless_ignored(), interrupts.on_signal)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        handlers[signal.SIGINT] = interrupts.on_ctrl_c
    old = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        interrupts.end()
        for number, handler in old.items():
            if signal.getsignal(number) is not signal.SIG_IGN:  # else it is ignored until the process ends
                signal.signal(number, handler)


def _unless_ignored() -> list[int]:
    return [number for number in _CLEAN if signal.getsignal(number) is not signal.SIG_IGN]
