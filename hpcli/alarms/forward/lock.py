"""One process sends for an output at a time, so that events stay in order."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from hpcli.errors import LocalError
from hpcli.local.atomic_write import replace_file
from hpcli.local.locks import Lock, lock_file
from hpcli.parse import utc_text


class Holder(NamedTuple):
    """Who sends for an output: its process id, and since when; 0 if that is not known."""

    pid: int
    since: str


@dataclass
class OutputLock:
    """The lock of an output; that of a killed process is released.

    Args:
        folder: the account's.
        name: of the output.
    """

    folder: Path
    name: str
    _lock: Lock | None = field(default=None)

    def take(self) -> Holder | None:
        """Take the lock; return who has it if that is another process.

        Raises:
            LocalError: its file cannot be locked.
        """
        lock = lock_file(self._path("lock"), timeout=0)
        try:
            lock.acquire()
        except TimeoutError:
            return self._holder()
        except OSError as error:
            raise LocalError(f"{self._path('lock')} cannot be locked: {error.strerror}.") from error
        self._lock = lock
        known = {"pid": os.getpid(), "since": utc_text(datetime.now(UTC))}
        with suppress(OSError):  # it only serves messages; the lock works without it
            replace_file(self._path("json"), json.dumps(known).encode())
        return None

    def release(self) -> None:
        """Give it back, if it is held here."""
        if self._lock is not None:
            with suppress(OSError):
                self._path("json").unlink()
            self._lock.release()
            self._lock = None

    def find_holder(self) -> Holder | None:
        """Return who holds the lock, None if no process does."""
        if not self._path("lock").exists():
            return None
        other = OutputLock(self.folder, self.name)
        lock = lock_file(self._path("lock"), timeout=0)
        try:
            lock.acquire()
        except TimeoutError:
            return other._holder()
        except OSError:
            return None
        lock.release()
        return None

    def _path(self, end: str) -> Path:
        return self.folder / f"forward-{self.name}.{end}"

    def _holder(self) -> Holder:
        with suppress(OSError, ValueError, KeyError, TypeError):
            kept = json.loads(self._path("json").read_text(encoding="utf-8"))
            return Holder(int(kept["pid"]), str(kept["since"]))
        return Holder(0, "")


def held_elsewhere(name: str, holder: Holder) -> LocalError:
    """Return the error for an output that another process sends for."""
    who = f"hpcli with pid {holder.pid}, since {holder.since}" if holder.pid else "another hpcli"
    return LocalError(f"The output '{name}' is run by {who}.", hint="Stop that process first.")


@contextmanager
def hold_all_outputs(folder: Path) -> Iterator[None]:
    """Let no process send for an output of an account while the block runs.

    Raises:
        LocalError: a process does; the message names output and pid.
    """
    names = [
        path.name.removeprefix("forward-").removesuffix(".lock") for path in folder.glob("forward-*.lock")
    ]
    with ExitStack() as held:
        for name in sorted(names):
            lock = OutputLock(folder, name)
            holder = lock.take()
            if holder is not None:
                raise held_elsewhere(name, holder)
            held.callback(lock.release)
        yield
