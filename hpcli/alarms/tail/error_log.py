"""What polling does about faults: how long it waits, and how it tells without flooding."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from hpcli.errors import HpcliError, LocalError, SignInError, UsageError

SOMEONE_ELSE: Final = "LAP068001"
"""Someone else is reading with this key, or nothing is subscribed (field notes)."""

_BAD_KEY_CODES: Final = frozenset({"LAP300001", "LAP300002", "LAP300003"})
_LONGEST_ASKED: Final = 600.0
_MOST_KINDS: Final = 200


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds to wait after faults.

    Attributes:
        first: after the first fault; each further one in a row doubles it,
        longest: up to this.
        someone_else: shortest and longest wait after LAP068001.
        idle: after a poll that came back at once with nothing new, at most.
    """

    first: float = 0.5
    longest: float = 60.0
    someone_else: tuple[float, float] = (20.0, 30.0)
    idle: float = 1.0

    def seconds_after(self, error: HpcliError, failures: int) -> float:
        """Return how long to wait.

        Args:
            error: the latest fault.
            failures: how many there were in a row, this one included.
        """
        if error.code == SOMEONE_ELSE:
            return random.uniform(*self.someone_else)  # noqa: S311 - jitter, no secret
        if error.retry_after is not None:
            return min(error.retry_after, _LONGEST_ASKED) + random.uniform(0, self.first)  # noqa: S311 - as above
        doubled: float = min(self.longest, self.first * 2.0 ** min(failures - 1, 20))
        return doubled * random.uniform(0.75, 1.25)  # noqa: S311 - as above

    def seconds_idle(self, idle_polls: int) -> float:
        """Return how long to wait after polls in a row that came back at once with nothing new."""
        return 0.0 if idle_polls < 2 else min(self.idle, 0.05 * 2.0 ** min(idle_polls - 2, 10))


def is_final(error: HpcliError) -> bool:
    """Tell whether trying again cannot help: no key, or one the platform does not know. Counts at start only."""
    if isinstance(error, UsageError | LocalError):
        return True
    return isinstance(error, SignInError) and (error.code is None or error.code in _BAD_KEY_CODES)


@dataclass
class _Told:
    text: str
    at: float
    untold: int = 0


@dataclass
class ErrorLog:
    """Tells what goes wrong: the same thing once, then counted and told again after a while.

    Args:
        warn: takes a line for the person.
        clock: seconds that never go back.
        every: seconds until the same thing is told again.
    """

    warn: Callable[[str], None]
    clock: Callable[[], float]
    every: float = 600.0
    _told: dict[object, _Told] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, text: str, kind: object = None) -> None:
        """Tell of something that went wrong.

        Args:
            text: what to say.
            kind: what makes two errors the same; the text where it is None.
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

    def add_error(self, error: HpcliError, text: str | None = None) -> None:
        """Tell of an error; those of one kind and code are the same, whatever they quote."""
        self.add(text or str(error), (type(error), error.code, error.http_status, bool(text)))

    def sum_up(self) -> None:
        """Tell how often things happened that were only counted so far."""
        with self._lock:
            counted = [told for told in self._told.values() if told.untold]
            self._told.clear()
        for told in counted:
            self.warn(_counted(told.text, told.untold))


def _counted(text: str, times: int) -> str:
    return f"{text} ({'once' if times == 1 else f'{times} times'} more)"
