"""Asking many at once: bounded, in order, each by itself."""

from __future__ import annotations

import itertools
import os
import signal
import threading
from collections.abc import Iterator

import pytest

from hpcli.errors import DeviceOfflineError
from hpcli.run.job import Job
from hpcli.run.parallel import fan_out
from tests.support.waiting import wait_for


def test_replies_come_in_the_order_of_the_items_whatever_is_done_first() -> None:
    second_is_done = threading.Event()

    def work(number: int) -> int:
        if number == 0:
            assert second_is_done.wait(20)
        if number == 1:
            second_is_done.set()
        return number * 10

    assert [(r.item, r.result) for r in fan_out(range(5), work, at_once=2)] == [(n, n * 10) for n in range(5)]


def test_no_more_than_asked_are_under_way() -> None:
    lock = threading.Lock()
    under_way: list[int] = []
    most = 0
    all_in = threading.Barrier(3)

    def work(number: int) -> None:
        nonlocal most
        with lock:
            under_way.append(number)
            most = max(most, len(under_way))
        all_in.wait(20)  # passes only where three are under way together
        with lock:
            under_way.remove(number)

    assert len(list(fan_out(range(9), work, at_once=3))) == 9
    assert most == 3


def test_endless_input_is_taken_only_as_far_as_it_is_worked_on() -> None:
    taken: list[int] = []

    def noted() -> Iterator[int]:
        for number in itertools.count():
            taken.append(number)
            yield number

    replies = fan_out(noted(), str, at_once=2)
    assert [reply.result for reply in itertools.islice(replies, 3)] == ["0", "1", "2"]
    assert len(taken) <= 7


def test_an_error_of_one_stands_beside_the_results_of_the_others() -> None:
    def work(number: int) -> int:
        if number == 1:
            raise DeviceOfflineError("The device is offline.")
        return number

    replies = list(fan_out(range(3), work, at_once=8))
    assert [reply.result for reply in replies] == [0, None, 2]
    assert isinstance(replies[1].error, DeviceOfflineError)


def test_a_fault_of_the_program_is_no_reply() -> None:
    def work(_number: int) -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(fan_out(range(3), work, at_once=1))


def test_what_waits_is_not_begun_after_the_end() -> None:
    begun: list[int] = []
    first, go_on = threading.Event(), threading.Event()

    def work(number: int) -> None:
        begun.append(number)
        if number == 0:
            return
        first.set()
        assert go_on.wait(20)

    replies = fan_out(range(20), work, at_once=1)
    next(replies)
    assert first.wait(20)
    replies.close()
    go_on.set()
    for thread in threading.enumerate():
        if thread.name == "fan-out":
            thread.join(20)
    assert len(begun) == 2


def stopped_while_one_hangs(*, is_change: bool) -> tuple[list[str], Job]:
    """Work on six items, three at once, of which `b` never ends; a signal comes while `c` is under way."""
    job, never = Job(), threading.Event()

    def work(item: str) -> str:
        if item == "b":
            never.wait(20)
        if item == "c":
            os.kill(os.getpid(), signal.SIGINT)
        if item in "cdef":
            wait_for(lambda: job.stop.is_set)
        return item

    with job.following_parallel(list("abcdef"), is_change=is_change) as followed:
        replies = fan_out("abcdef", work, at_once=3, job=followed)
        done = [reply.item for reply in replies]
    never.set()
    return done, job


@pytest.mark.parametrize(("is_change", "unknown"), [(True, ["b"]), (False, [])])
def test_a_stop_yields_what_is_done_and_waits_no_longer_than_it_may(
    monkeypatch: pytest.MonkeyPatch,
    is_change: bool,  # noqa: FBT001 - a parameter of the test
    unknown: list[str],
) -> None:
    monkeypatch.setattr("hpcli.run.job.PATIENCE", 0.3)
    before = signal.getsignal(signal.SIGINT)
    done, job = stopped_while_one_hangs(is_change=is_change)
    assert signal.getsignal(signal.SIGINT) is before
    tally = job.tally
    assert tally is not None
    assert done[:2] == ["a", "c"]
    assert tally.unknown == unknown
    assert sorted([*done, *tally.unknown, *tally.left]) == list("abcdef")
    assert (tally.total, tally.done, tally.is_interrupted) == (6, len(done), True)
    assert tally.left, "nothing was left to begin"


def test_targets_that_arrive_while_the_work_goes_on_are_counted_too() -> None:
    job = Job()

    def work(_item: str) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        wait_for(lambda: job.stop.is_set)

    with job.following_parallel(None, is_change=False) as followed:
        done = [reply.item for reply in fan_out(iter("abcdefgh"), work, at_once=1, job=followed)]
    assert job.tally is not None
    assert job.tally.total == 8
    assert [*done, *job.tally.left] == list("abcdefgh")


def test_many_items_are_worked_on_by_as_many_threads_as_may_work_at_once() -> None:
    threads = {reply.result for reply in fan_out(range(20), lambda _: threading.current_thread(), at_once=3)}
    assert len(threads) <= 3
