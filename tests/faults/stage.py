"""Where the walks take place: a proxy, a fresh state and a home for every run, time that passes by waiting only."""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from hpcli.cli import main
from tests.contract.occasions import prepare
from tests.faults.operations import Facts, facts_of
from tests.faults.wrong import Wrong
from tests.support.inside import Streams, exit_code_of
from tests.support.platform_server import lift_call_limit
from tests.support.proxy import Arrival, Proxy

TIMEOUT = 2.0
"""Seconds for `--timeout`, where nothing else is asked for."""
HUNG_SECONDS = 40.0
SERVICES = frozenset({"mqMessages", "mqOffset"})
"""They go on after any failure, until their own time is over."""

FORMS: dict[str, tuple[str, ...]] = {
    "plain": ("-o", "plain"),
    "json": ("-o", "json"),
    "table": ("-o", "table", "-vv"),
}


@dataclass(frozen=True)
class Outcome:
    """What a run left behind.

    Attributes:
        seconds: how long it took, skipped waits included.
        stray: what was written past the streams of the run, such as the end of a thread.
        arrivals: what the proxy got.
    """

    exit_code: int
    stdout: str
    stderr: str
    stray: str
    seconds: float
    arrivals: tuple[Arrival, ...]
    is_hung: bool = False

    def sent(self, operation: str) -> list[Arrival]:
        """Return the requests of one operation."""
        return [arrival for arrival in self.arrivals if arrival.operation == operation]


class _Time:
    """A clock on which waits between calls are over at once."""

    def __init__(self) -> None:
        self._skipped = 0.0
        self._lock = threading.Lock()

    def __call__(self) -> float:
        return time.monotonic() + self._skipped

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._skipped += max(0.0, seconds)


class Stage:
    """One stand-in behind a proxy, for one run after the other.

    Args:
        folder: for the state and the homes.
        timeout: seconds for `--timeout` of each run.
    """

    def __init__(self, folder: Path, timeout: float = TIMEOUT) -> None:
        self._folder = folder
        self._timeout = timeout
        self._first = folder / "first"
        self._first.mkdir(parents=True)
        self._number = 0
        lift_call_limit(self._first / "config")
        self.proxy = Proxy(self._first / "platform.db")
        self.proxy.platform.configure(poll_seconds=0.2, answer_seconds=0, task_seconds=0.001)
        self._state = folder / "signed-in.db"
        signed_in = self._main(["site", "list"], self._first)
        assert signed_in.exit_code == 0, signed_in.stderr
        with (
            contextlib.closing(sqlite3.connect(self._first / "platform.db")) as source,
            contextlib.closing(sqlite3.connect(self._state)) as copy,
        ):
            source.backup(copy)

    def close(self) -> None:
        """Stop the proxy."""
        self.proxy.close()

    def line(self, name: str, home: Path) -> list[str]:
        """Return a command line, or that for an operation, with what it needs made before."""
        line = name if " " in name else facts_of(name).line
        words = shlex.split(prepare(line, self.proxy.platform, home))
        return [*words, *(("--for", "1s") if name in SERVICES else ())]

    def run(self, name: str, form: str, wrong: Wrong | None = None, *, spoilt: str | None = None) -> Outcome:
        """Run a command line, or that for an operation, in a fresh home, with the answers of a call spoilt.

        Args:
            name: the operation, or the command line.
            form: one of `FORMS`.
            wrong: what is wrong with the answers.
            spoilt: the operation whose answers are; that of the command without it.
        """
        self._number += 1
        home = self._folder / f"run-{self._number}"
        shutil.copytree(self._first, home, ignore=shutil.ignore_patterns("platform.db*"))
        shutil.copy(self._state, home / "platform.db")
        self.proxy.use(home / "platform.db")
        try:
            words = self.line(name, home)
            self.proxy.forget()
            if wrong is not None:
                self._spoil(facts_of(spoilt or name), wrong, home)
            options = ["--yes", "--timeout", f"{self._timeout:g}", *FORMS[form]]
            return self._main([*words, *options], home)
        finally:
            self.proxy.hang_up()  # before the state that it serves is gone
            shutil.rmtree(home, ignore_errors=True)

    def _spoil(self, facts: Facts, wrong: Wrong, home: Path) -> None:
        if not wrong.area_refuses:
            calls = None if wrong.calls is None else set(wrong.calls)
            self.proxy.spoil(wrong.spoiler, operation=facts.name, calls=calls)
            if facts.name != "tokenGet":
                return
        else:
            self.proxy.refuse_area()
        shutil.rmtree(home / "cache", ignore_errors=True)  # the token in it would be used

    def _main(self, arguments: list[str], home: Path) -> Outcome:
        streams, clock, stray = Streams(b""), _Time(), io.StringIO()
        environment = {**os.environ, **self._variables(home)}
        run = streams.run(environment, sleep=clock.sleep, clock=clock)
        started, is_hung, code = clock(), False, -1
        with contextlib.redirect_stdout(stray), contextlib.redirect_stderr(stray):
            try:
                with _guard(HUNG_SECONDS):
                    code = exit_code_of(lambda: main(arguments, run), streams.stderr)
            except _HungError:
                is_hung = True
        result = streams.result(code)
        return Outcome(
            code,
            result.stdout,
            result.stderr,
            stray.getvalue(),
            clock() - started,
            tuple(self.proxy.arrivals),
            is_hung,
        )

    def _variables(self, home: Path) -> dict[str, str]:
        return {
            **self.proxy.platform.environment,
            **{f"HPCLI_{name.upper()}_DIR": str(home / name) for name in ("config", "cache", "state")},
        }


class _HungError(BaseException):
    """Passes the command's boundary."""


@contextlib.contextmanager
def _guard(seconds: float) -> Iterator[None]:
    """End what takes far too long; tried again each second, as an exception is lost where nobody can catch it."""

    def on_alarm(_number: int, _frame: FrameType | None) -> None:
        raise _HungError

    old: Any = signal.signal(signal.SIGALRM, on_alarm)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
