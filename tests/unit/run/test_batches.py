"""A change whose call takes a list: one call, and halves only where an item may be to blame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from hpcli.errors import (
    CallLimitError,
    ConflictError,
    DryRun,
    HpcliError,
    NetworkError,
    NotFoundError,
    PermissionDeniedError,
    PlatformError,
    SignInError,
)
from hpcli.run.batches import MOST_ALIKE, attempt_batches
from hpcli.run.job import Job

UNKNOWN = NotFoundError("No such person.", code="LAP000003")


def lost() -> HpcliError:
    error = PlatformError("No usable answer.", code="LAP500001")
    error.may_be_done = True
    return error


def tried(
    targets: Sequence[str], refuse: Callable[[Sequence[str]], HpcliError | None], **more: Any
) -> tuple[list[str], list[str]]:
    """The calls that were sent, and the targets with what became of them."""
    calls: list[str] = []

    def send(some: Sequence[str]) -> None:
        calls.append("".join(some))
        error = refuse(some)
        if error is not None:
            raise error

    made = list(attempt_batches(targets, send, [], **more))
    return calls, [outcome.target + ("+" if error is None else "-") for outcome, error in made]


def test_one_call_goes_out_for_a_list() -> None:
    assert tried("abcde", lambda _: None) == (["abcde"], ["a+", "b+", "c+", "d+", "e+"])
    assert tried("abcde", lambda _: None, size=2)[0] == ["ab", "cd", "e"]


def test_the_item_that_is_to_blame_is_found_by_halves() -> None:
    calls, made = tried("abcdefgh", lambda some: UNKNOWN if "f" in some else None)
    assert calls == ["abcdefgh", "abcd", "efgh", "ef", "e", "f", "gh"]
    assert made == ["a+", "b+", "c+", "d+", "e+", "f-", "g+", "h+"]


@pytest.mark.parametrize(
    "error",
    [
        SignInError("No.", code="LAP500004"),
        PermissionDeniedError("No.", code="LAP008002"),
        CallLimitError("No.", code="LAP500007"),
        NetworkError("No."),
        PlatformError("Another server answered."),
        lost(),
    ],
    ids=lambda error: error.kind,
)
def test_a_refusal_of_the_whole_is_not_split(error: HpcliError) -> None:
    assert tried("abcd", lambda _: error) == (["abcd"], ["a-", "b-", "c-", "d-"])


def test_what_the_first_call_may_have_done_counts_as_done_in_a_half_only() -> None:
    there = ConflictError("Already there.", code="LAP064003")

    def is_done(_target: str, error: HpcliError) -> bool:
        return error is there

    assert tried("ab", lambda some: there if "a" in some else None, is_done=is_done)[1] == ["a+", "b+"]
    assert tried("a", lambda _: there, is_done=is_done)[1] == ["a-"]


def test_refusals_that_are_all_alike_end_it() -> None:
    targets = [chr(65 + number) for number in range(32)]
    calls, made = tried(targets, lambda _: UNKNOWN)
    assert sum(len(call) == 1 for call in calls) == MOST_ALIKE
    assert made == [f"{target}-" for target in targets]
    calls, _ = tried(targets, lambda some: None if some == ["A"] else UNKNOWN)
    assert sum(len(call) == 1 for call in calls) == len(targets)


def test_a_planned_call_is_one_plan() -> None:
    plans: list[dict[str, Any]] = []

    def send(some: Sequence[str]) -> None:
        raise DryRun({"some": list(some)})

    assert list(attempt_batches("ab", send, plans)) == []
    assert plans == [{"some": ["a", "b"]}]


def test_a_job_knows_what_is_left_of_a_batch() -> None:
    job = Job()
    tried(
        "abcd", lambda some: CallLimitError("No.", code="LAP500007") if "c" in some else None, size=2, job=job
    )
    assert job.tally is not None
    assert job.tally[:4] == (4, 2, [], ["c", "d"])
