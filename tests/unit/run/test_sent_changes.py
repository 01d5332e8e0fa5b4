"""What the log says of a call once its targets are looked at one by one."""

from __future__ import annotations

import threading

import pytest

from hpcli.errors import HpcliError, NetworkError, PlatformError, UnconfirmedError, UsageError
from hpcli.run.sent_changes import SentChanges, Settled

REFUSED = UsageError("Wrong code.", code="EVZ20010")


def settled(
    outcome: str, error: HpcliError | None, *items: HpcliError | None
) -> tuple[str, str | None, list[str]]:
    """Outcome, code and failed items of a call of targets 0, 1, …, where these are settled in turn."""
    sent = SentChanges()
    change = sent.add(1, [str(number) for number in range(len(items))])
    change.outcome, change.error = outcome, error
    last: Settled | None = None
    for number, item in enumerate(items):
        last = sent.settle(str(number), item) or last
    if last is None:
        return outcome, error.code if error else None, []
    return last.outcome, last.code, [one.name for one in last.items]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ((None, None), ("done", None, [])),
        ((None, REFUSED), ("partial", "EVZ20010", ["1"])),
        ((REFUSED, None), ("partial", "EVZ20010", ["0"])),
        ((REFUSED, REFUSED), ("failed", "EVZ20010", ["0", "1"])),
        ((REFUSED,), ("failed", "EVZ20010", ["0"])),
        ((UnconfirmedError("Nothing."),), ("unknown", None, ["0"])),
    ],
)
def test_an_answer_of_success_with_refused_items_is_not_done(
    items: tuple[HpcliError | None, ...], expected: tuple[str, str | None, list[str]]
) -> None:
    assert settled("done", None, *items) == expected


def test_a_failure_after_the_call_does_not_undo_it() -> None:
    assert settled("done", None, NetworkError("Cannot look it up."), None) == ("done", None, [])


def test_what_was_gone_before_is_done() -> None:
    gone = PlatformError("Gone.", code="LAP006009")
    assert settled("failed", gone, None) == ("done", None, [])


def test_a_target_without_a_name_in_the_call_belongs_to_the_last_one_of_its_thread() -> None:
    sent = SentChanges()
    sent.add(1, ["Q10254783"]).outcome = "done"
    other = threading.Thread(target=lambda: setattr(sent.add(2, ["Q19323594"]), "outcome", "done"))
    other.start()
    other.join()
    area = sent.settle("1", PlatformError("Not armed."))
    assert area is not None
    assert (area.number, area.outcome) == (1, "failed")
    assert sent.settle("2", PlatformError("Not sent at all.")) is None
    by_name = sent.settle("q19323594", PlatformError("Refused."))
    assert by_name is not None
    assert by_name.number == 2


def test_each_part_of_a_device_belongs_to_its_own_call_however_many_were_sent_before() -> None:
    sent = SentChanges()
    for number, part in ((1, "1"), (2, "2"), (3, "all")):
        sent.add(number, ["Q10254783"], [part]).outcome = "done" if part == "1" else "failed"
    assert sent.settle("1", None) is None
    refused = sent.settle("2", PlatformError("A zone is open."))
    assert refused is not None
    assert (refused.number, refused.outcome, refused.message) == (2, "failed", "A zone is open.")
    done = sent.settle("all", None)
    assert done is not None
    assert (done.number, done.outcome) == (3, "done")
    assert sent.settle("2", PlatformError("Of another panel, not sent.")) is None


def test_a_zone_that_was_tried_alone_belongs_to_that_call() -> None:
    sent = SentChanges()
    for number, zones in ((1, ["3", "6"]), (2, ["3"]), (3, ["6"])):
        sent.add(number, ["Q10254783"], zones).outcome = "failed"
    settled = [sent.settle("3", PlatformError("Armed.")), sent.settle("6", None)]
    assert [(one.number, one.outcome) for one in settled if one] == [(2, "failed"), (3, "done")]
