"""Locks between threads and processes.

On systems with flock(2) this module calls it directly: the library `filelock` does the same, but importing it
costs 8 ms, and every API call takes a lock. On Windows it uses `filelock`.
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
    """A lock; `with` acquires and releases it."""

    def acquire(self) -> object:
        """Take the lock.

        Raises:
            TimeoutError: another thread or process holds it.
            OSError: its file cannot be created or locked.
        """

    def release(self) -> None:
        """Give it back."""

    def __enter__(self) -> Self:
        """Take it."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give it back."""


class KeptFile:
    """A file that stays open between its uses; it is opened again if its path leads to another one meanwhile.

    Args:
        path: where the file is.
        open_file: opens it.
    """

    def __init__(self, path: Path, open_file: Callable[[], int]) -> None:
        self._path = str(path)
        self._open = open_file
        self._number: int | None = None
        self._identity: tuple[int, ...] = ()

    def number(self) -> int:
        """Return its descriptor. Raises OSError."""
        if self._number is not None and self._identity != self._identity_now():
            self.close()
        if self._number is None:
            self._number = self._open()
            self._identity = _identity(os.fstat(self._number))
        return self._number

    def read(self, most: int) -> bytes:
        """Return its beginning. Raises OSError."""
        number = self.number()
        os.lseek(number, 0, os.SEEK_SET)
        return os.read(number, most)

    def write(self, content: bytes) -> None:
        """Write over the beginning of what was read. Raises OSError."""
        number = self.number() if self._number is None else self._number
        os.lseek(number, 0, os.SEEK_SET)
        os.write(number, content)

    def close(self) -> None:
        """Close it until it is used again."""
        if self._number is not None:
            number, self._number = self._number, None
            os.close(number)

    def _identity_now(self) -> tuple[int, ...]:
        try:
            return _identity(os.lstat(self._path))
        except OSError:  # it is gone
            return ()

    def __del__(self) -> None:
        """Close it with its last user."""
        self.close()


def _identity(status: os.stat_result) -> tuple[int, ...]:
    """Return what tells an open file from others, also from that of a parent process, with which it shares locks."""
    return status.st_dev, status.st_ino, os.getpid()


def lock_file(
    path: Path, *, timeout: float, poll: float = 0.05, open_file: Callable[[], int] | None = None
) -> Lock:
    """Return a lock; two locks on one path exclude each other, even within a process.

    Args:
        path: file of the lock, created with mode 0600 and not deleted; its folder must exist.
        timeout: seconds until `TimeoutError` is raised.
        poll: seconds between two attempts.
        open_file: opens the file, where that needs more care; not used on Windows.
    """
    if sys.platform == "win32":
        from filelock import FileLock

        return FileLock(path, timeout=timeout, mode=0o600, poll_interval=poll)
    return _Flock(path, timeout, poll, open_file=open_file)


class _Flock:
    """A lock by flock(2); the system releases it when the process ends, even after a crash."""

    def __init__(
        self,
        path: Path,
        timeout: float,
        poll: float,
        sleep: Callable[[float], None] = time.sleep,
        open_file: Callable[[], int] | None = None,
    ) -> None:
        self._path = path
        self._timeout = timeout
        self._poll = poll
        self._sleep = sleep
        self._open_file = open_file or self._open
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock."""
        descriptor = self._open_file()
        try:
            self._wait(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def _open(self) -> int:
        return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)

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


class KeptLock(_Flock):
    """A lock whose file stays open, for one that is taken often; threads take turns at it."""

    def __init__(self, path: Path, timeout: float, poll: float, open_file: Callable[[], int]) -> None:
        super().__init__(path, timeout, poll)
        self._file = KeptFile(path, open_file)

    def acquire(self) -> None:
        """Take the lock."""
        number = self._file.number()
        self._wait(number)
        self._descriptor = number

    def release(self) -> None:
        """Give it back."""
        import fcntl

        if self._descriptor is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            self._descriptor = None
