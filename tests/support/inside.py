"""Runs the command inside this process, by the same boundary as the entry point, and sees that it leaves no trace."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # behind `signal`, without an enum for each of 128 handlers
import contextlib
import io
import locale
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from types import FrameType
from typing import Any

from hpcli.cli import main
from hpcli.run.context import Run
from tests.support.runner import Result, Runner

_SIGNALS = sorted(map(int, signal.valid_signals()))


class InsideRunner(Runner):
    """Runs `hpcli.cli.main`; stdout and stderr of this process must stay untouched.

    Args:
        now: the clock of this computer as the command sees it; the real one without it.
    """

    def __init__(self, now: Callable[[], datetime] | None = None) -> None:
        super().__init__()
        self.now = now

    def _run(
        self, arguments: Sequence[str], stdin: bytes, environment: Mapping[str, str], timeout: float
    ) -> Result:
        streams = Streams(stdin)
        past_the_run = io.StringIO()
        with (
            _variables(environment),
            _time_limit(timeout),
            contextlib.redirect_stdout(past_the_run),
            contextlib.redirect_stderr(past_the_run),
            no_traces(),
        ):
            more = {"now": self.now} if self.now else {}
            run = streams.run(dict(os.environ), **more)
            exit_code = exit_code_of(lambda: main(list(arguments), run), streams.stderr)
        assert not past_the_run.getvalue(), f"written past the run's streams: {past_the_run.getvalue()}"
        return streams.result(exit_code)


class Streams:
    """Streams as a process has them whose input and output are pipes, but kept in memory."""

    def __init__(self, stdin: bytes) -> None:
        self.stdin = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
        self.stdout = _output()
        self.stderr = _output()

    def run(self, environment: Mapping[str, str], **more: Any) -> Run:
        """Return a run with these streams."""
        return Run(environment, self.stdin, self.stdout, self.stderr, leave=_leave, **more)

    def result(self, exit_code: int) -> Result:
        """Return what was written."""
        return Result(_written(self.stdout), _written(self.stderr), exit_code)


def _output() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace", newline="\n")


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()


class _LeftError(BaseException):
    """Stands for `os._exit`."""


def _leave(exit_code: int) -> None:
    raise _LeftError(exit_code)


def exit_code_of(run: Callable[[], int], stderr: io.TextIOWrapper) -> int:
    """Return the exit code that a process would have ended with; show a traceback where Python would."""
    try:
        return run()
    except _LeftError as left:
        return int(left.args[0])
    except Exception:  # noqa: BLE001 - Python's own boundary
        stderr.write(traceback.format_exc())
        return 1


@contextlib.contextmanager
def no_traces() -> Iterator[None]:
    """Fail where something is otherwise after the block than before it that a process would take with it.

    Raises:
        AssertionError: names what was left.
    """
    before = _traces()
    yield
    after = _traces()
    for name, value in before.items():
        assert after[name] == value, f"{name} was left changed: {value!r} became {after[name]!r}"


def _traces() -> dict[str, object]:
    return {
        "the environment": dict(os.environ),
        "the handlers of signals": {number: _signal.getsignal(number) for number in _SIGNALS},
        "the threads that keep a process alive": {
            thread for thread in threading.enumerate() if not thread.daemon
        },
        "the working directory": os.getcwd(),  # noqa: PTH109 - compared, not used
        "the locale": locale.setlocale(locale.LC_ALL),
        "sys.argv": list(sys.argv),
    }


@contextlib.contextmanager
def _variables(added: Mapping[str, str]) -> Iterator[None]:
    """Add variables to the environment: libraries look there, and the C library takes its time zone from it."""
    before = {name: os.environ.get(name) for name in added}
    os.environ.update(added)
    time.tzset()
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        time.tzset()


class _TookTooLongError(BaseException):
    """Passes the command's boundary, which turns every `Exception` into an exit code."""


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Fail where the block takes longer; a wait of the main thread is interrupted."""

    def on_alarm(_number: int, _frame: FrameType | None) -> None:
        raise _TookTooLongError

    old = signal.signal(signal.SIGALRM, on_alarm)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except _TookTooLongError as error:
        raise AssertionError(f"the command took longer than {seconds:g} s") from error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
