"""Locks between threads and processes.

Where the system has flock(2) it is called here: the library `filelock` does the same there, but importing it
takes 8 ms, and every call of the platform takes a lock. On Windows it is `filelock`.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from types import TracebackType


class Lock(Protocol):
    """A lock; `with` takes it and gives it back."""

    def acquire(self) -> object:
        """Take the lock.

        Raises:
            TimeoutError: another one holds it.
            OSError: its file cannot be made or locked.
        """

    def release(self) -> None:
        """Give it back."""

    def __enter__(self) -> Self:
        """Take it."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give it back."""


def lock_file(path: Path, *, timeout: float, poll: float = 0.05) -> Lock:
    """Return a lock; two of them exclude each other within a process too.

    Args:
        path: the lock's own file, made with mode 0600; its folder must exist. It stays.
        timeout: seconds until `TimeoutError` is raised.
        poll: seconds between two looks at a lock that is held.
    """
    if sys.platform == "win32":
        from filelock import FileLock

        return FileLock(path, timeout=timeout, mode=0o600, poll_interval=poll)
    return _Flock(path, timeout, poll)


class _Flock:
    """A lock of flock(2); the end of the process gives it back, however it ends."""

    def __init__(
        self, path: Path, timeout: float, poll: float, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._path = path
        self._timeout = timeout
        self._poll = poll
        self._sleep = sleep
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._wait(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def _wait(self, descriptor: int) -> None:
        import fcntl

        deadline = time.monotonic() + self._timeout
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() >= deadline:
                    raise TimeoutError(errno.ETIMEDOUT, "locked by another", str(self._path)) from error
                self._sleep(self._poll)
            else:
                return

    def release(self) -> None:
        """Give it back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        """Take it."""
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give it back."""
        self.release()
