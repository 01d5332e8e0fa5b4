"""Runs the command and keeps what it did: inside this process, as a fork, or as a new process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpcli.sandbox import SECRET_KEY
from tests.support.forked import Forked
from tests.support.terminal import Terminal, open_forked_terminal, open_terminal

_INSTALLED = Path(sys.executable).with_name("hpcli")
SECRETS = (SECRET_KEY,)
"""Texts that no command may print, but those that are asked to."""


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    stdout: str
    stderr: str
    exit_code: int

    @property
    def json(self) -> Any:
        """Stdout as JSON."""
        return json.loads(self.stdout)

    @property
    def rows(self) -> list[Any]:
        """Stdout as NDJSON."""
        return [json.loads(line) for line in self.stdout.splitlines()]

    @property
    def error(self) -> dict[str, Any]:
        """The error that is the last line of stderr with -o json."""
        return dict(json.loads(self.stderr.splitlines()[-1])["error"])

    @property
    def lines(self) -> list[str]:
        """The lines of stdout."""
        return self.stdout.splitlines()


Run = Callable[..., Result]
"""The command with some of its arguments set, such as the platform it talks to."""


class Runner(ABC):
    """Runs `hpcli` with arguments; the environment is that of the test.

    Args:
        program: the installed command; the one beside this Python without it.
    """

    def __init__(self, program: Path = _INSTALLED) -> None:
        self.program = program

    def __call__(
        self,
        *arguments: str,
        stdin: str | None = None,
        environment: Mapping[str, str] | None = None,
        prints_secrets: bool = False,
        timeout: float = 120,
    ) -> Result:
        """Run to the end; fail where a secret was printed or a traceback shown."""
        result = self._run(arguments, (stdin or "").encode(), dict(environment or {}), timeout)
        assert "Traceback (most recent call last)" not in result.stderr, result.stderr
        if not prints_secrets:
            for secret in SECRETS:
                assert secret not in result.stdout + result.stderr, "a secret was printed"
        return result

    def start(
        self, *arguments: str, environment: Mapping[str, str] | None = None, **streams: Any
    ) -> subprocess.Popen[str]:
        """Start as a process and leave running; the test ends it."""
        captured = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return self._start(
            arguments, **{**captured, **streams}, env={**os.environ, **(environment or {})}, text=True
        )

    def on_terminal(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Terminal:
        """Start as a process whose streams are a terminal."""
        return open_forked_terminal(arguments, environment)

    def _start(self, arguments: Sequence[str], **more: Any) -> subprocess.Popen[Any]:
        return Forked(arguments, **more)

    @abstractmethod
    def _run(
        self, arguments: Sequence[str], stdin: bytes, environment: Mapping[str, str], timeout: float
    ) -> Result: ...


class ForkRunner(Runner):
    """Runs the command as a process of its own, forked from one that has imported it."""

    def _run(
        self, arguments: Sequence[str], stdin: bytes, environment: Mapping[str, str], timeout: float
    ) -> Result:
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        with self._start(arguments, **pipes, env={**os.environ, **environment}) as process:
            try:
                stdout, stderr = process.communicate(stdin, timeout)
            except BaseException:
                process.kill()
                raise
        return Result(stdout.decode(), stderr.decode(), process.returncode)


class ProcessRunner(ForkRunner):
    """Runs the installed command as a new process."""

    def on_terminal(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Terminal:
        """Start as a process whose streams are a terminal."""
        return open_terminal(self.program, arguments, environment)

    def _start(self, arguments: Sequence[str], **more: Any) -> subprocess.Popen[Any]:
        return subprocess.Popen([str(self.program), *arguments], **more)
