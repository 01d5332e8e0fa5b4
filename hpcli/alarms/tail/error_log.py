"""Show errors of the tail to the user without repeating them too often."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from hpcli.errors import HpcliError

_MOST_KINDS: Final = 200


@dataclass
class _Told:
    text: str
    at: float
    untold: int = 0


@dataclass
class ErrorLog:
    """Shows errors: the same one once, then counts it and shows the count after a while.

    Args:
        warn: shows a line to the user.
        clock: seconds that never go back.
        every: seconds until the same error is shown again.
    """

    warn: Callable[[str], None]
    clock: Callable[[], float]
    every: float = 600.0
    _told: dict[object, _Told] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, text: str, kind: object = None) -> None:
        """Show that something went wrong, or count it.

        Args:
            text: what to say.
            kind: errors of equal kind are the same; None for the text.
        """
        key = text if kind is None else kind
        with self._lock:
            now = self.clock()
            known = self._told.get(key)
            if known is not None and now - known.at < self.every:
                known.untold += 1
                return
            again = known.untold if known else 0
            if known is None and len(self._told) >= _MOST_KINDS:
                self._told.pop(next(iter(self._told)))
            self._told[key] = _Told(text, now)
        self.warn(_counted(text, again + 1) if again else text)

    def end(self, name: str, text: str) -> None:
        """Show that errors are over, and their next one at once; where both alternate, the error stays the last line.

        Args:
            name: that their kinds begin with.
            text: what to say.
        """
        with self._lock:
            known = self._told.get(text)
            if known is not None and self.clock() - known.at < self.every:
                return
            for kind in [one for one in self._told if isinstance(one, tuple) and one[0] == name]:
                del self._told[kind]
        self.add(text)

    def add_error(self, error: HpcliError, text: str | None = None) -> None:
        """Show an error, without a text that what failed is tried again.

        Errors with equal kind and code are the same, even if their texts differ.
        """
        self.add(text or f"{error} Retrying.", (type(error), error.code, error.http_status, bool(text)))

    def sum_up(self) -> None:
        """Show how often errors happened that were only counted so far."""
        with self._lock:
            counted = [told for told in self._told.values() if told.untold]
            self._told.clear()
        for told in counted:
            self.warn(_counted(told.text, told.untold))


def _counted(text: str, times: int) -> str:
    return f"{text} ({'once' if times == 1 else f'{times} times'} more)"
