"""What polling does about faults: its pauses, and what it says about them."""

from __future__ import annotations

from hpcli.alarms.tail.error_log import ErrorLog
from hpcli.alarms.tail.faults import seconds_after
from hpcli.errors import CallLimitError, NetworkError, PlatformError


def test_pauses_double_up_to_a_minute() -> None:
    pauses = [seconds_after(NetworkError("away"), failures) for failures in range(1, 12)]
    assert 0.25 <= pauses[0] <= 0.75
    assert all(45 <= pause <= 75 for pause in pauses[8:])
    assert pauses[3] > pauses[0]


def test_pauses_are_as_long_as_the_platform_asks() -> None:
    error = CallLimitError("too many")
    error.retry_after = 90.0
    assert 90 <= seconds_after(error, 1) <= 91


def test_another_reader_is_left_alone_for_a_while() -> None:
    assert 20 <= seconds_after(PlatformError("busy", code="LAP068001"), 7) <= 30


def test_the_same_complaint_is_told_once_and_then_counted() -> None:
    told: list[str] = []
    seconds = 0.0
    error_log = ErrorLog(told.append, lambda: seconds)
    for _ in range(50):
        error_log.add("It is away.")
        error_log.add("It is slow.")
    error_log.add("It is odd.")
    error_log.add("It is odd.")
    assert told == ["It is away.", "It is slow.", "It is odd."]
    seconds += 601
    error_log.add("It is away.")
    assert told[3] == "It is away. (50 times more)"
    error_log.sum_up()
    assert told[4:] == ["It is slow. (49 times more)", "It is odd. (once more)"]


def test_a_fault_of_the_platform_is_told_with_what_happens_next() -> None:
    told: list[str] = []
    error_log = ErrorLog(told.append, lambda: 0.0)
    for text in (None, "The platform refused it."):
        error_log.add_error(NetworkError("The connection broke off."), text)
    assert told == ["The connection broke off. Retrying.", "The platform refused it."]
