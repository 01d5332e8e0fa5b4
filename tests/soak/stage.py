"""What a soak runs on: the stand-in in a process of its own, a home, and tails that may die at any instant."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, ClassVar, Self

from hpcli.sandbox import APP_KEY, SECRET_KEY, control
from tests.support.forked import Forked

_HPCLI = (sys.executable, "-m", "hpcli")
_PATIENCE = 120.0


@dataclass
class Stage:
    """A stand-in and the home of the tails that read it; use it in a `with` statement.

    Args:
        folder: everything goes below it.
        settings: of the stand-in, see `hpcli.sandbox.state.store.Settings`.

    Attributes:
        starts_python: whether each process is a new interpreter; forks are quicker, but never killed while they import.
    """

    starts_python: ClassVar[bool] = True
    folder: Path
    settings: Mapping[str, Any] = field(default_factory=dict)
    base_url: str = ""
    _platform: subprocess.Popen[str] | None = None

    @property
    def state(self) -> Path:
        """The stand-in's file."""
        return self.folder / "platform.db"

    @property
    def start_seconds(self) -> float:
        """About what a tail needs until it polls."""
        return 0.25 if self.starts_python else 0.05

    @property
    def journal(self) -> Path:
        """The journal of the tails."""
        return self.folder / "journal.db"

    @property
    def out(self) -> Path:
        """What all tails printed, one behind the other."""
        return self.folder / "out.ndjson"

    @property
    def errors(self) -> Path:
        """What all tails said on stderr."""
        return self.folder / "err.txt"

    def __enter__(self) -> Self:
        """Start the stand-in."""
        self.folder.mkdir(parents=True, exist_ok=True)
        control.configure(self.state, poll_seconds=0.5, stall_seconds=1.0, **self.settings)
        self.start_platform()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the stand-in."""
        self.stop_platform()

    def start_platform(self) -> None:
        """Serve, at the address of before if there was one."""
        port = self.base_url.rpartition(":")[2] or "0"
        self._platform = self._start(
            ("sandbox", "serve", "--state", str(self.state), "--port", port),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self.environment,
            text=True,
        )
        assert self._platform.stdout is not None
        self.base_url = self._platform.stdout.readline().strip().partition("=")[2]
        assert self.base_url.startswith("http"), "the stand-in did not start"

    def stop_platform(self) -> None:
        """Kill the stand-in: connections are refused until it is started again."""
        if self._platform is not None:
            self._platform.kill()
            self._platform.wait()
            assert self._platform.stdout is not None
            self._platform.stdout.close()
            self._platform = None

    def processor_seconds(self) -> float:
        """Return the processor time that the stand-in has used (Linux)."""
        assert self._platform is not None
        fields = (
            Path(f"/proc/{self._platform.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        )
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def configure(self, **settings: Any) -> None:
        """Change settings of the stand-in."""
        control.configure(self.state, **settings)

    @property
    def environment(self) -> dict[str, str]:
        """Variables of every process of this stage; nothing of the person's home."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.upper().startswith(("HPCLI_", "XDG_"))
        }
        return kept | {
            "HOME": str(self.folder / "home"),
            "HPCLI_BASE_URL": self.base_url,
            "HPCLI_APP_KEY": APP_KEY,
            "HPCLI_SECRET_KEY": SECRET_KEY,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "PYTHONWARNINGS": "error",
            "HPCLI_DEBUG": "1",
        }

    def start_tail(
        self,
        *options: str,
        journal: Path | None = None,
        stdout: IO[Any] | int | None = None,
        stderr: IO[Any] | int | None = None,
        before: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a tail; without other orders what it says is added to `out` and `errors`."""
        arguments = ["alarms", "tail", "-o", "ndjson", "--journal", str(journal or self.journal), *options]
        with self.out.open("ab") as out, self.errors.open("ab") as errors:
            return self._start(
                arguments,
                before,
                stdin=subprocess.DEVNULL,
                stdout=out if stdout is None else stdout,
                stderr=errors if stderr is None else stderr,
                env={**self.environment, **(environment or {})},
            )

    def _start(
        self, arguments: Sequence[str], before: Sequence[str] = (), *, env: dict[str, str], **more: Any
    ) -> subprocess.Popen[Any]:
        if self.starts_python or before or "LD_PRELOAD" in env:
            return subprocess.Popen([*before, *_HPCLI, *arguments], env=env, **more)
        return Forked(arguments, env=env, **more)

    @contextmanager
    def tail(self, *options: str, ends_with: int = 0, **more: Any) -> Iterator[subprocess.Popen[bytes]]:
        """Run a tail while the block runs, end it with SIGTERM and check its exit code."""
        process = self.start_tail(*options, **more)
        try:
            yield process
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            code = process.wait(timeout=_PATIENCE)
            assert code == ends_with, f"the tail ended with {code}: {self.errors.read_text()[-2000:]}"
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def wait_until(is_so: Callable[[], bool], what: str, seconds: float = _PATIENCE, every: float = 0.05) -> None:
    """Wait for something to become true; fail if it does not."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(every)  # between two looks; the assert above bounds them
