"""Tells a person things from a thread of its own: a terminal on hold or a full disk stops nothing else."""

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
    """Passes lines on, in order; what cannot be said is dropped.

    Args:
        say: takes a line; may block or raise OSError.
    """

    say: Callable[[str], None]
    _lines: deque[str] = field(default_factory=lambda: deque(maxlen=_MOST_WAITING))
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _is_closing: bool = False
    _thread: threading.Thread | None = None

    def tell(self, line: str) -> None:
        """Have a line said soon."""
        with self._changed:
            self._lines.append(line)
            self._changed.notify_all()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="stderr", daemon=True)
                self._thread.start()

    def close(self, seconds: float) -> bool:
        """Wait until all is said, for some seconds at most; return whether it is."""
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
            with suppress(OSError, ValueError):  # nobody listens (any more); ValueError: the stream is closed
                self.say(line)
