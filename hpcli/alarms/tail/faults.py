"""Which faults end polling, and how long it waits after the others."""

from __future__ import annotations

from typing import Final

from hpcli.backoff import Backoff
from hpcli.errors import HpcliError, LocalError, SignInError, UsageError

SOMEONE_ELSE: Final = "LAP068001"
"""Another program is reading with this key, or nothing is subscribed (field notes)."""

_BAD_KEY_CODES: Final = frozenset({"LAP300001", "LAP300002", "LAP300003"})

_AFTER_FAULT: Final = Backoff((0.5,), growth=2.0, longest=60.0, jitter=0.25, longest_asked=600.0)
_AFTER_SOMEONE_ELSE: Final = Backoff((25.0,), jitter=0.2)
_AFTER_IDLE_POLL: Final = Backoff((0.0, 0.05), growth=2.0, longest=1.0)


def is_final(error: HpcliError) -> bool:
    """Return whether a retry cannot help: there is no key, or the platform does not know it. For the start only."""
    if isinstance(error, UsageError | LocalError):
        return True
    return isinstance(error, SignInError) and (error.code is None or error.code in _BAD_KEY_CODES)


def seconds_after(error: HpcliError, failures: int) -> float:
    """Return how long to wait after a fault; a pause that the platform asks for replaces our own.

    Args:
        error: the latest fault.
        failures: how many there were in a row, this one included.
    """
    if error.code == SOMEONE_ELSE:
        return _AFTER_SOMEONE_ELSE.seconds_after(1)
    if error.retry_after is not None:
        return _AFTER_FAULT.seconds_after(1, error.retry_after)
    return _AFTER_FAULT.seconds_after(failures)


def seconds_idle(polls: int) -> float:
    """Return how long to wait after consecutive polls that returned at once with nothing new."""
    return _AFTER_IDLE_POLL.seconds_after(polls) if polls else 0.0
