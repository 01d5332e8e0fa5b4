"""Gaps in the reading of the queue."""

from __future__ import annotations

from datetime import timedelta

from hpcli.alarms.clock import Clock
from hpcli.alarms.tail.gaps import GapDetector
from tests.support.journal_messages import NOW


class Hands:
    """A clock and a stopwatch that a test moves."""

    def __init__(self) -> None:
        self.time, self.seconds = NOW, 0.0

    def pass_by(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        self.seconds += seconds

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.time, lambda: self.seconds)


def test_a_gap_longer_than_the_platform_keeps_messages_is_an_event() -> None:
    hands = Hands()
    detector = GapDetector(hands.clock, None)
    assert detector.note_poll() is None
    hands.pass_by(7200)
    assert detector.note_poll() is None
    hands.pass_by(7201)
    gap = detector.note_poll()
    assert gap is not None
    assert gap.type == "gap"
    assert "2 h" in gap.body


def test_a_gap_since_an_earlier_run_is_an_event() -> None:
    assert GapDetector(Hands().clock, NOW - timedelta(hours=3)).note_poll() is not None
    assert GapDetector(Hands().clock, NOW - timedelta(hours=1)).note_poll() is None


def test_a_clock_that_jumps_is_no_gap() -> None:
    hands = Hands()
    detector = GapDetector(hands.clock, NOW)
    detector.note_poll()
    hands.time += timedelta(days=3)
    assert detector.note_poll() is None
    hands.time -= timedelta(days=9)
    assert detector.note_poll() is None
