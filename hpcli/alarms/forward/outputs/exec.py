"""`exec:COMMAND`: a command for each event, which acknowledges it by exit code 0."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from hpcli.alarms.event.event import Event
from hpcli.alarms.forward.kind import Message, OutputKind, Setup
from hpcli.alarms.forward.outcome import DONE, Outcome, misconfigured, refused, retry
from hpcli.errors import LocalError, UsageError
from hpcli.masking import quote_line

_REFUSED: Final = 65
"""EX_DATAERR of sysexits.h: this event will never be taken."""

_NOT_RUNNABLE: Final = {78: "configuration error (78)", 126: "not executable (126)", 127: "not found (127)"}
_FIELDS: Final = ("id", "type", "category", "priority", "state", "device")
_LONGEST: Final = 200
_LONGEST_LINE: Final = 2000
_MOST_BYTES: Final = 1 << 16
_MOST_LINES: Final = 20
_DRAIN_SECONDS: Final = 0.5


def _words(setup: Setup) -> list[str]:
    if len(setup.to) > 1:
        raise UsageError("exec: has no back-up.", hint="Give one command; it may try several ways itself.")
    try:
        words = shlex.split(setup.to[0].rest)
    except ValueError as error:
        raise UsageError(f"The command cannot be split into words: {error}.") from error
    if not words or "\0" in setup.to[0].rest:
        raise UsageError("exec: needs a command.", hint="Write exec:/usr/local/bin/notify --level 2")
    return words


def _check(setup: Setup) -> None:
    _words(setup)


def _probe(setup: Setup) -> None:
    """Check that the program is there.

    Raises:
        LocalError: it does not exist, or cannot be run.
    """
    import shutil

    name = _words(setup)[0]
    if shutil.which(name, path=setup.environment.get("PATH", os.defpath)) is not None:
        return
    program = Path(name)
    if program.name == name:
        raise LocalError(f"There is no program {name} in PATH.", hint="Give its full path.")
    raise LocalError(
        f"{name} is not a program that can be run." if program.exists() else f"There is no program {name}.",
        hint=f"Make it executable: chmod +x {name}" if program.is_file() else None,
    )


@dataclass
class ExecSender:
    """Runs the command; each event gets a process of its own, at most one at a time for a device."""

    setup: Setup
    _running: set[subprocess.Popen[bytes]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_closed: bool = False

    def send(self, batch: Sequence[Message]) -> Outcome:
        """Run the command with an event on its stdin."""
        (message,) = batch
        try:
            given = _file_with(message.line.encode() + b"\n")
        except OSError as error:
            return retry(f"no temporary file can be written for the command: {error.strerror}")
        with given:
            return self._run(given, message.event)

    def idle(self) -> float | None:
        """There is nothing to do."""
        return None

    def close(self) -> None:
        """End what still runs."""
        with self._lock:
            self._is_closed = True
            running = list(self._running)
        for process in running:
            _end(process)

    def _run(self, given: IO[bytes], event: Event) -> Outcome:
        words = _words(self.setup)
        try:
            process = subprocess.Popen(  # noqa: S603 - the user's own command, split without a shell
                words, stdin=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                env=_environment(self.setup.environment, event), start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            return misconfigured(f"{words[0]} cannot be run: {error.strerror}")
        with self._lock:
            self._running.add(process)
            is_late = self._is_closed
        try:
            if is_late:
                _end(process)
            return self._wait(process, words[0])
        finally:
            with self._lock:
                self._running.discard(process)

    def _wait(self, process: subprocess.Popen[bytes], name: str) -> Outcome:
        assert process.stdout is not None
        reading = threading.Thread(target=self._log, args=(process.stdout, name), daemon=True)
        reading.start()
        try:
            code = process.wait(self.setup.seconds)
        except subprocess.TimeoutExpired:
            _end(process)
            process.wait()
            reading.join(_DRAIN_SECONDS)
            return retry(f"{name} did not end within {self.setup.seconds:g} s")
        # A process that the command left behind may hold the pipe for ever.
        reading.join(_DRAIN_SECONDS)
        return _outcome(name, code)

    def _log(self, output: IO[bytes], name: str) -> None:
        """Show what the command prints; of much only the beginning."""
        with output, suppress(OSError, ValueError):
            for number, line in enumerate(iter(lambda: output.readline(_MOST_BYTES), b"")):
                text = line.decode(errors="replace").strip()
                if text and number < _MOST_LINES:
                    self.setup.log(f"{name}: {quote_line(text, _LONGEST_LINE)}")


def _file_with(content: bytes) -> IO[bytes]:
    """Return a temporary file at its beginning: a command that reads nothing cannot hold its writer up."""
    given = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        given.write(content)
        given.seek(0)
    except OSError:
        with suppress(OSError):  # what could not be written cannot be flushed either
            given.close()
        raise
    return given


def _outcome(name: str, code: int) -> Outcome:
    if code == 0:
        return DONE
    if code == _REFUSED:
        return refused(f"{name} ended with {code}")
    if code in _NOT_RUNNABLE:
        return misconfigured(f"{name}: {_NOT_RUNNABLE[code]}")
    how = f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
    return retry(f"{name} {how}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a command with all that it started."""
    with suppress(OSError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)


def _environment(own: Mapping[str, str], event: Event) -> dict[str, str]:
    """Return the environment of the command: without our settings and secrets, with fields of the event."""
    kept = {name: value for name, value in own.items() if not name.upper().startswith("HPCLI_")}
    return kept | {f"HPCLI_EVENT_{name.upper()}": _clean(event[name]) for name in _FIELDS}


def _clean(value: object) -> str:
    """Return a field without controls: it comes from a device."""
    text = "" if value is None else str(value)
    return "".join(one if one.isprintable() else "?" for one in text)[:_LONGEST]


OUTPUT: Final = OutputKind(
    schemes=("exec",),
    acknowledged_by="exit code 0",
    open=ExecSender,
    check=_check,
    probe=_probe,
    lanes=4,
)
