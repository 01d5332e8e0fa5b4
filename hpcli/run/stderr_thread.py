"""Write to stderr in a separate thread, so that a paused terminal or a full disk blocks nothing else."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

_MOST_WAITING: Final = 1000


@dataclass
class StderrThread:
    """Writes lines in order; drops those that cannot be written.

    Args:
        write: takes a line; may block or raise OSError.
    """

    write: Callable[[str], None]
    _lines: deque[str] = field(default_factory=lambda: deque(maxlen=_MOST_WAITING))
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _is_closing: bool = False
    _thread: threading.Thread | None = None

    def warn(self, line: str) -> None:
        """Queue a line; after `close` it is dropped, since what ends then may complain about that end."""
        with self._changed:
            if self._is_closing:
                return
            self._lines.append(line)
            self._changed.notify_all()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="stderr", daemon=True)
                self._thread.start()

    def close(self, seconds: float) -> bool:
        """Wait until all lines are written, for some seconds at most; return whether they are."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        if self._thread is None:
            return True
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._lines or self._is_closing)
                if not self._lines:
                    return
                line = self._lines.popleft()
            with suppress(OSError, ValueError):  # stderr cannot be written; ValueError: the stream is closed
                self.write(line)
