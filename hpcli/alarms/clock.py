"""The clocks of the alarm pipeline, in one object that tests can replace."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from hpcli.output.human_units import show_duration
from hpcli.parse import epoch_milliseconds, utc_text

MOST_DIFFERENCE: Final = timedelta(minutes=5)
NO_WITNESS: Final = "The platform has not said what time it is."


def _steady_seconds() -> float:
    """Return seconds that no change of the time of day affects; on Linux they include time asleep."""
    boot_clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_clock is None else time.clock_gettime(boot_clock)


def moment_of(milliseconds: int) -> datetime:
    """Return the time, in UTC, of milliseconds since 1970 as the journal stores them."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def moment_text(milliseconds: int | None) -> str | None:
    """Return a time of the journal as ISO 8601 with Z; None for None."""
    return None if milliseconds is None else utc_text(moment_of(milliseconds))


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of day, and a stopwatch that does not jump with it."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    steady: Callable[[], float] = _steady_seconds

    @property
    def milliseconds(self) -> int:
        """The time of day as the journal stores it: milliseconds since 1970."""
        return epoch_milliseconds(self.now())


@dataclass(slots=True)
class ClockCheck:
    """Whether the ages of alarms can be believed: a clock that is 40 days ahead would empty the journal at once.

    Args:
        clock: of this computer.
        platform_time: the present by the platform's last answer, None if it did not say.
    """

    clock: Clock
    platform_time: Callable[[], datetime | None]
    _seen: tuple[datetime, float] | None = None

    def doubt(self) -> str | None:
        """Return why not, as a sentence, or None; a jump of the clock counts at the first look after it."""
        now, steady = self.clock.now(), self.clock.steady()
        before, self._seen = self._seen, (now, steady)
        theirs = self.platform_time()
        if theirs is None:
            return NO_WITNESS
        ahead = now - theirs
        if abs(ahead) > MOST_DIFFERENCE:
            return difference_words(ahead)
        if before is not None:
            jump = now - before[0] - timedelta(seconds=steady - before[1])
            if abs(jump) > MOST_DIFFERENCE:
                return "This computer's clock has jumped."
        return None


def difference_words(ahead: timedelta) -> str:
    """Return the sentence about a clock that is ahead of the platform's, or behind it."""
    direction = "ahead of" if ahead > timedelta() else "behind"
    return f"This computer's clock is {show_duration(abs(ahead).total_seconds())} {direction} the platform's."
