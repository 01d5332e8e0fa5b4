"""The clocks of the alarm pipeline, in one object that tests can replace."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from hpcli.parse import epoch_milliseconds


def _steady_seconds() -> float:
    """Return seconds that no change of the time of day affects; on Linux they include time asleep."""
    boot_clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_clock is None else time.clock_gettime(boot_clock)


def moment_of(milliseconds: int) -> datetime:
    """Return the time, in UTC, of milliseconds since 1970 as the journal stores them."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of day, and a stopwatch that does not jump with it."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    steady: Callable[[], float] = _steady_seconds

    @property
    def milliseconds(self) -> int:
        """The time of day as the journal stores it: milliseconds since 1970."""
        return epoch_milliseconds(self.now())
