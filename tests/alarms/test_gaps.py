"""Gaps in the reading of the queue, and what a faulty platform does to its pace."""

from __future__ import annotations

from datetime import timedelta

from hpcli.alarms.clock import Clock
from hpcli.alarms.tail.error_log import ErrorLog, Pace
from hpcli.alarms.tail.gaps import GapDetector
from hpcli.errors import CallLimitError, NetworkError, PlatformError
from tests.support.journal_messages import NOW

# Gaps


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


# Faults


def test_pauses_double_up_to_a_minute() -> None:
    pace = Pace()
    pauses = [pace.seconds_after(NetworkError("away"), failures) for failures in range(1, 12)]
    assert 0.25 <= pauses[0] <= 0.75
    assert all(45 <= pause <= 75 for pause in pauses[8:])
    assert pauses[3] > pauses[0]


def test_pauses_are_as_long_as_the_platform_asks() -> None:
    error = CallLimitError("too many")
    error.retry_after = 90.0
    assert 90 <= Pace().seconds_after(error, 1) <= 91


def test_another_reader_is_left_alone_for_a_while() -> None:
    assert 20 <= Pace().seconds_after(PlatformError("busy", code="LAP068001"), 7) <= 30


def test_the_same_complaint_is_told_once_and_then_counted() -> None:
    told: list[str] = []
    hands = Hands()
    error_log = ErrorLog(told.append, lambda: hands.seconds)
    for _ in range(50):
        error_log.add("It is away.")
        error_log.add("It is slow.")
    error_log.add("It is odd.")
    error_log.add("It is odd.")
    assert told == ["It is away.", "It is slow.", "It is odd."]
    hands.pass_by(601)
    error_log.add("It is away.")
    assert told[3] == "It is away. (50 times more)"
    error_log.sum_up()
    assert told[4:] == ["It is slow. (49 times more)", "It is odd. (once more)"]
