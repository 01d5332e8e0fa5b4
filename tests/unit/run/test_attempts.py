"""Several targets of one change: each is tried, one exit code for the whole."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from hpcli.errors import (
    DryRun,
    HpcliError,
    InterruptedByUserError,
    NotFoundError,
    PlatformError,
    SomeFailedError,
)
from hpcli.run.attempts import attempt_each, raise_failures
from hpcli.run.job import Job, JobInterruptedError

MISSING_A, MISSING_B = NotFoundError("No site 'a'."), NotFoundError("No site 'b'.")


def test_each_target_is_tried_and_planned_ones_are_kept_apart() -> None:
    def change(target: str) -> Any:
        match target:
            case "planned":
                raise DryRun({"url": "x"})
            case "missing":
                raise MISSING_A
        return {"id": target}

    plans: list[dict[str, Any]] = []
    made = [
        outcome
        for outcome, _ in attempt_each(["missing", "planned", "good"], change, plans, lambda d: d["id"])
    ]
    assert [(o.target, o.ok, o.new_id) for o in made] == [("missing", False, None), ("good", True, "good")]
    assert plans == [{"url": "x"}]


def test_an_answer_no_ends_it_for_all_that_follow() -> None:
    tried: list[str] = []

    def change(target: str) -> None:
        tried.append(target)
        raise InterruptedByUserError("Nothing was changed.")

    with pytest.raises(InterruptedByUserError):
        list(attempt_each(["a", "b"], change, []))
    assert tried == ["a"]


@pytest.mark.parametrize(
    ("errors", "exit_code"),
    [
        ([None, None], 0),
        ([], 0),
        ([MISSING_A], 4),
        ([MISSING_A, MISSING_B], 4),
        ([MISSING_A, None], 9),
        ([MISSING_A, PlatformError("No.")], 9),
        ([PlatformError("No.", code="LAP1"), PlatformError("No.", code="LAP2")], 9),
    ],
)
def test_failing_alike_has_its_own_code(errors: list[HpcliError | None], exit_code: int) -> None:
    if exit_code == 0:
        raise_failures(errors)
        return
    with pytest.raises(SomeFailedError if exit_code == 9 else HpcliError) as caught:
        raise_failures(errors)
    assert caught.value.exit_code == exit_code


def test_what_is_sent_with_another_target_is_reported_after_a_stop() -> None:
    job, sent = Job(), {"b", "c"}

    def change(target: str) -> None:
        if target == "b":
            job.stop.signal = signal.SIGINT

    made: list[str] = []

    def take() -> None:
        attempts = attempt_each("abcd", change, [], job=job, is_under_way=sent.__contains__)
        made.extend(outcome.target for outcome, _ in attempts)

    with pytest.raises(JobInterruptedError):
        take()
    assert made == ["a", "b", "c"]
    assert job.tally is not None
    assert job.tally.left == ["d"]
