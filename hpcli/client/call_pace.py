"""The pace of the calls of an account, as a value: what has started and arrived, and when the next call may."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

MOST_SLOTS: Final = 20
"""Calls that a window holds at most, however high the rate is."""

_SLOWEST = 0.5
_MOST_HALVINGS = 16
_RECOVERY_SECONDS = 60.0
# Calls under way at the first refusal are refused for the same reason: they count as one.
_SAME_REFUSAL_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 300.0
_FARTHEST_AHEAD_SECONDS = 3600.0
# A larger step back means that the clock was set; computers that share a folder may differ by less.
_CLOCK_STEP_SECONDS = 2.0


class Pace(NamedTuple):
    """What the processes of an account share; times are epoch seconds.

    Args:
        written_at: when it was last changed.
        halvings: how often the rate was halved at the latest refusal.
        refused_at: when that was.
        paused_until: what the platform asked for with Retry-After.
        slots: when the latest calls start or started, in order; some may lie ahead.
        arrivals: when the latest calls that started have arrived at the latest, in order.
    """

    written_at: float = 0.0
    halvings: int = 0
    refused_at: float = 0.0
    paused_until: float = 0.0
    slots: tuple[float, ...] = ()
    arrivals: tuple[float, ...] = ()

    def halvings_at(self, now: float) -> int:
        """Return how often the rate is halved now: once less for each minute without a refusal."""
        return max(0, self.halvings - int((now - self.refused_at) / _RECOVERY_SECONDS))

    def next_slot(self, now: float, per_second: float) -> float:
        """Return when the next call may start.

        No window holds more than a whole number of calls: 5 a second at rate 5, 2 in 0.8 seconds at rate 2.5,
        1 in 2 seconds at rate 0.5. A leaky bucket with a burst of 5 would let 9 into the first second.
        """
        calls, window = self._window(now, per_second)
        slots = self.slots
        earliest = max((now, self.paused_until, *slots[-1:]))
        return earliest if len(slots) < calls else max(earliest, slots[-calls] + window)

    def next_start(self, now: float, per_second: float) -> float:
        """Return when a call that has its slot may really start: no earlier than the calls before it allow."""
        calls, window = self._window(now, per_second)
        earliest = max(now, self.paused_until)
        return earliest if len(self.arrivals) < calls else max(earliest, self.arrivals[-calls] + window)

    def _window(self, now: float, per_second: float) -> tuple[int, float]:
        """Return how many calls may start within how many seconds."""
        rate = max(per_second / 2 ** self.halvings_at(now), min(per_second, _SLOWEST))
        calls = min(max(1, int(rate)), MOST_SLOTS)
        return calls, calls / rate

    def with_slot(self, slot: float, now: float) -> Pace:
        """Return this with one more call."""
        return self._replace(written_at=now, slots=tuple(sorted((*self.slots, slot)))[-MOST_SLOTS:])

    def with_start(self, slot: float, now: float, arrival: float) -> Pace:
        """Return this with a call that starts now, maybe later than its slot, and arrives by some moment."""
        return self._replace(
            written_at=now,
            slots=_exchanged(self.slots, slot, max(slot, now)),
            arrivals=tuple(sorted((*self.arrivals, arrival)))[-MOST_SLOTS:],
        )

    def with_arrival(self, thought: float, arrival: float, now: float) -> Pace:
        """Return this with a call arrived by another moment than was thought."""
        return self._replace(written_at=now, arrivals=_exchanged(self.arrivals, thought, arrival))

    def arrived_by(self, latest: float) -> Pace:
        """Return this as it is if all calls have arrived by some moment."""
        return self._replace(arrivals=tuple(min(arrival, latest) for arrival in self.arrivals))

    def without_arrival(self, arrival: float | None) -> Pace:
        """Return this without a call that has not gone out."""
        if arrival not in self.arrivals:
            return self
        place = self.arrivals.index(arrival)  # another call may have the same moment
        return self._replace(arrivals=self.arrivals[:place] + self.arrivals[place + 1 :])

    def with_refusal(self, now: float, per_second: float, pause: float) -> Pace:
        """Return this slowed down."""
        paused_until = max(self.paused_until, now + min(pause, _LONGEST_PAUSE_SECONDS))
        paused = self._replace(written_at=now, paused_until=paused_until)
        if now - self.refused_at < _SAME_REFUSAL_SECONDS:
            return paused
        most = math.ceil(math.log2(max(per_second / _SLOWEST, 1.0)))
        return paused._replace(halvings=min(self.halvings_at(now) + 1, most), refused_at=now)

    def as_line(self) -> str:
        """Return the line that `parse_pace` reads, with its end."""
        times = (self.written_at, self.halvings, self.refused_at, self.paused_until, *self.slots)
        return f"{' '.join(map(repr, times))} | {' '.join(map(repr, self.arrivals))}\n"


def _exchanged(times: tuple[float, ...], old: float, new: float) -> tuple[float, ...]:
    """Return times in order with one of them in the place of another; unchanged where that is not there."""
    found = list(times)
    if old in found:
        found.remove(old)
        found.append(new)
    return tuple(sorted(found))


def parse_pace(text: str, now: float) -> Pace:
    """Return what the first line of a file says; a new pace where it is damaged or the clock was set back since.

    Behind it may stand the end of a longer line of before.
    """
    try:
        planned, _, arrived = text.partition("\n")[0].partition("|")
        written_at, halvings, refused_at, paused_until, *slots = map(float, planned.split())
        arrivals = tuple(map(float, arrived.split()))
        pace = Pace(written_at, int(halvings), refused_at, paused_until, tuple(slots), arrivals)
    except (ValueError, OverflowError):
        return Pace()
    return believable(pace, now)


def believable(pace: Pace, now: float) -> Pace:
    """Return the pace, or a new one where it makes no sense, as after the clock was set back."""
    is_sound = pace.written_at < now + _CLOCK_STEP_SECONDS and 0 <= pace.halvings <= _MOST_HALVINGS
    times = (pace.paused_until, pace.refused_at, *pace.slots, *pace.arrivals)
    is_near = all(map((now + _FARTHEST_AHEAD_SECONDS).__gt__, times))
    return pace if is_sound and is_near else Pace()
