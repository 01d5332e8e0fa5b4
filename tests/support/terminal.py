"""A real terminal for the commands that ask: a pty, what is typed into it, what it showed."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.forked import Forked

_PATIENCE = 60.0


@dataclass
class Terminal:
    """A program that runs on a pty; stdout may be left to a pipe."""

    process: subprocess.Popen[bytes]
    master: int
    shown: str = ""

    def wait_for(self, text: str) -> None:
        """Read until the program has shown `text`."""
        while text not in self.shown:
            if not self._read():
                raise AssertionError(f"{text!r} was never shown: {self.shown!r}")

    def end_when_it_serves(self) -> None:
        """Send SIGTERM once the program has shown something and would end cleanly; one that ended is left alone."""
        while not self.shown and self._read():
            pass
        while self.process.poll() is None and not _catches(self.process.pid, signal.SIGTERM):
            time.sleep(0.01)  # between two looks; nothing tells of it
        self.process.terminate()

    def type(self, text: str) -> None:
        """Type a text."""
        os.write(self.master, text.encode())

    def finish(self) -> int:
        """Read to the end and return the exit code."""
        while self._read():
            pass
        code = self.process.wait(_PATIENCE)
        os.close(self.master)
        return code

    def finish_answering(self, answers: Mapping[str, str]) -> int:
        """Read to the end, typing an answer whenever its question (a regular expression) is shown."""
        seen = 0
        while self._read():
            for question, answer in answers.items():
                found = re.search(question, self.shown[seen:])
                if found:
                    seen = len(self.shown)
                    self.type(found.expand(answer))
        return self.finish()

    def _read(self) -> bool:
        ready, _, _ = select.select([self.master], [], [], _PATIENCE)
        assert ready, f"nothing happened for {_PATIENCE} s: {self.shown!r}"
        try:
            data = os.read(self.master, 65536)
        except OSError:  # the other end is closed: Linux says EIO
            return False
        self.shown += data.decode("utf-8", "replace")
        return bool(data)


def _catches(process: int, number: int) -> bool:
    """Return whether a process has a handler for a signal (Linux)."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    caught = re.search(r"^SigCgt:\s*(\w+)$", status, re.MULTILINE)
    return caught is not None and bool(int(caught[1], 16) >> (number - 1) & 1)


def open_terminal(
    program: Path, arguments: Sequence[str], environment: Mapping[str, str] | None = None
) -> Terminal:
    """Start a program with a terminal as stdin, stdout and stderr."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [str(program), *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**os.environ, **(environment or {})},
        start_new_session=True,
        # Ctrl-C is sent by a controlling terminal only; no threads run while a test starts its program.
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - see above
    )
    os.close(slave)
    return Terminal(process, master)


def open_forked_terminal(
    arguments: Sequence[str], environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> Terminal:
    """Start `hpcli`, without a new interpreter, with a terminal as stdin, stdout and stderr.

    Args:
        arguments: those of `hpcli`.
        environment: variables beside those of this process.
        folder: by default the current one.
    """
    master, slave = pty.openpty()
    process = Forked(
        arguments,
        terminal=True,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**os.environ, **(environment or {})},
        cwd=folder,
    )
    os.close(slave)
    return Terminal(process, master)
