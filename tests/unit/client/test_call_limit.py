"""The call limit: its rate, what it learns, and several processes at once."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpcli.client.call_limit import CallLimiter
from hpcli.client.call_pace import Pace, parse_pace
from hpcli.errors import TimeLimitError
from tests.support.forked import Forked

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_700_000_000.0


class Clock:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = NOW

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def limiter(folder: Path, clock: Clock, per_second: float = 5.0) -> CallLimiter:
    return CallLimiter(folder, "id", per_second, clock=clock.time, sleep=clock.sleep)


def starts(limit: CallLimiter, clock: Clock, calls: int) -> list[float]:
    """Make calls one after the other; return when each started, in seconds from the first one's wish."""
    begin, times = clock.now, []
    for _ in range(calls):
        limit.wait()
        times.append(round(clock.now - begin, 6))
    return times


def test_five_calls_start_at_once_and_each_further_one_a_second_after_the_fifth_before_it(
    tmp_path: Path, clock: Clock
) -> None:
    assert starts(limiter(tmp_path, clock), clock, 12) == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2]


def test_calls_slower_than_the_limit_never_wait(tmp_path: Path, clock: Clock) -> None:
    limit = limiter(tmp_path, clock)
    for _ in range(20):
        assert limit.wait() == 0
        clock.now += 0.21


@pytest.mark.parametrize(
    ("per_second", "expected"),
    [
        (1.0, [0, 1, 2, 3]),
        (0.25, [0, 4, 8, 12]),
        (2.5, [0, 0, 0.8, 0.8]),
    ],
)
def test_the_rate_is_adjustable(
    tmp_path: Path, clock: Clock, per_second: float, expected: list[float]
) -> None:
    assert starts(limiter(tmp_path, clock, per_second), clock, 4) == expected


def test_limiters_of_one_account_share_their_calls_and_those_of_others_do_not(
    tmp_path: Path, clock: Clock
) -> None:
    assert starts(limiter(tmp_path, clock), clock, 5) == [0] * 5
    other = CallLimiter(tmp_path, "other", clock=clock.time, sleep=clock.sleep)
    assert other.wait() == 0
    assert limiter(tmp_path, clock).wait() == pytest.approx(1)


def test_a_turn_after_the_time_limit_is_refused_and_not_taken(tmp_path: Path, clock: Clock) -> None:
    limit = limiter(tmp_path, clock)
    starts(limit, clock, 5)
    with pytest.raises(TimeLimitError, match="call limit"):
        limit.wait(0.9)
    assert clock.now == NOW
    assert limit.wait(1.1) == pytest.approx(1)


def test_a_refusal_halves_the_rate_of_all_for_a_minute(tmp_path: Path, clock: Clock) -> None:
    limiter(tmp_path, clock, 4.0).refused()
    assert starts(limiter(tmp_path, clock, 4.0), clock, 6) == [0, 0, 1, 1, 2, 2]
    clock.now = NOW + 60
    assert starts(limiter(tmp_path, clock, 4.0), clock, 6) == [0, 0, 0, 0, 1, 1]


def test_refusals_of_calls_under_way_at_the_same_time_count_once(tmp_path: Path, clock: Clock) -> None:
    limit = limiter(tmp_path, clock, 4.0)
    for _ in range(4):
        limit.refused()
        clock.now += 0.2
    assert starts(limit, clock, 4) == [0, 0, 1, 1]


def test_repeated_refusals_slow_down_to_one_call_in_two_seconds_and_recover_step_by_step(
    tmp_path: Path, clock: Clock
) -> None:
    limit = limiter(tmp_path, clock, 4.0)
    for _ in range(9):
        limit.refused()
        clock.now += 2
    refused_last = clock.now - 2
    assert starts(limit, clock, 3) == [0, 2, 4]
    gaps = []
    for minute in (1, 2, 3):
        clock.now = refused_last + 60 * minute + 1
        gaps.append(starts(limit, clock, 5)[-1])
    assert gaps == [4, 2, 1]


def test_a_rate_that_recovers_lets_nobody_overtake(tmp_path: Path, clock: Clock) -> None:
    limit = CallLimiter(tmp_path, "id", 4.0, clock=clock.time, sleep=lambda _: None)
    limit.refused()
    clock.now += 1
    limit.refused()
    last = clock.now + max(limit.wait() for _ in range(200))
    clock.now += 121
    assert clock.now + limit.wait() >= last


def test_a_rate_below_the_slowest_learned_one_is_kept(tmp_path: Path, clock: Clock) -> None:
    limit = limiter(tmp_path, clock, 0.25)
    limit.refused()
    assert starts(limit, clock, 2) == [0, 4]


def test_all_wait_as_long_as_the_platform_asks_up_to_five_minutes(tmp_path: Path, clock: Clock) -> None:
    limiter(tmp_path, clock).refused(retry_after=12.5)
    assert limiter(tmp_path, clock).wait() == pytest.approx(12.5)
    limiter(tmp_path, clock).refused(retry_after=86400)
    with pytest.raises(TimeLimitError):
        limiter(tmp_path, clock).wait(60)
    assert limiter(tmp_path, clock).wait() == pytest.approx(300)


@pytest.mark.parametrize("step", [-86400.0, -3.0, 86400.0])
def test_a_clock_that_is_set_makes_nobody_wait(tmp_path: Path, clock: Clock, step: float) -> None:
    limit = limiter(tmp_path, clock)
    starts(limit, clock, 5)
    limit.refused(retry_after=200)
    clock.now += step
    assert limit.wait() == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x y z",
        b"1 2 3",
        b"nan 0 0 0",
        b"0 inf 0 0",
        b"0 1e300 0 0",
        b"0 -1 0 0",
        b"1700000000 999999999 1700000000 0",
        b"0 0 9e99 0",
        b"0 0 0 9e99",
        b"0 0 0 0 9e99",
        b"\xff\xff",
        b"[1, 2]",
    ],
)
def test_a_damaged_file_is_started_anew(tmp_path: Path, clock: Clock, content: bytes) -> None:
    limit = limiter(tmp_path, clock)
    limit.wait()
    limit.path.write_bytes(content)
    assert starts(limit, clock, 6) == [0, 0, 0, 0, 0, 1]


@given(
    st.builds(
        Pace,
        written_at=st.floats(0, NOW),
        halvings=st.integers(0, 16),
        refused_at=st.floats(0, NOW),
        paused_until=st.floats(0, NOW + 300),
        slots=st.lists(st.floats(0, NOW + 300), max_size=20).map(tuple),
        arrivals=st.lists(st.floats(0, NOW + 300), max_size=20).map(tuple),
    )
)
def test_a_pace_survives_the_file(pace: Pace) -> None:
    assert parse_pace(pace.as_line() + "8.0 9.0\n", NOW) == pace


@given(
    st.floats(0.1, 100),
    st.lists(st.tuples(st.floats(0, 3), st.booleans()), min_size=5, max_size=60),
)
def test_no_window_ever_holds_more_calls_than_the_rate(
    per_second: float, events: list[tuple[float, bool]]
) -> None:
    now, pace, slots = NOW, Pace(), []
    for idle, was_refused in events:
        now += idle
        if was_refused:
            pace = pace.with_refusal(now, per_second, 0)
        slot = pace.next_slot(now, per_second)
        pace = pace.with_slot(slot, now)
        slots.append(slot)
    assert slots == sorted(slots)
    calls = min(max(1, int(per_second)), 20)
    gaps = [later - earlier for earlier, later in zip(slots, slots[calls:], strict=False)]
    assert all(gap >= calls / per_second - 1e-5 for gap in gaps)


def test_without_a_folder_to_write_the_limit_holds_alone_and_that_is_said_once(
    tmp_path: Path, clock: Clock
) -> None:
    (tmp_path / "file").write_text("not a folder")
    told: list[str] = []
    limit = CallLimiter(tmp_path / "file", "id", clock=clock.time, sleep=clock.sleep, info=told.append)
    assert starts(limit, clock, 6) == [0, 0, 0, 0, 0, 1]
    limit.refused(retry_after=5)
    assert limit.wait() == pytest.approx(5)
    assert len(told) == 1
    assert "HPCLI_CACHE_DIR" in told[0]


def test_threads_of_one_process_take_turns(tmp_path: Path, clock: Clock) -> None:
    limit = CallLimiter(tmp_path, "id", clock=clock.time, sleep=lambda _: None)
    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(lambda _: round(limit.wait(), 6), range(40)))
    assert sorted(waits) == [second for second in range(8) for _ in range(5)]


# Sleeping is left out: each call only records the slot it was given, which may lie far ahead.
_CALLER = """
import sys, time
from pathlib import Path
from hpcli.client.call_limit import CallLimiter
seen = []
def clock():
    seen.append(time.time())
    return seen[-1]
limit = CallLimiter(Path(sys.argv[1]), "id", clock=clock, sleep=lambda seconds: None)
print("ready", flush=True)
sys.stdin.readline()
for _ in range(25):
    wait = limit.wait()
    print(repr(seen[-1] + wait))
"""


def test_several_processes_together_keep_the_rate(tmp_path: Path) -> None:
    callers = [
        Forked(
            [_CALLER, str(tmp_path)],
            module="tests.support.script",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for caller in callers:
        assert caller.stdout is not None
        assert caller.stdout.readline() == "ready\n"
    for caller in callers:
        assert caller.stdin is not None
        caller.stdin.write("go\n")
        caller.stdin.flush()
    slots = sorted(float(word) for caller in callers for word in caller.communicate(timeout=120)[0].split())
    assert len(slots) == 100
    assert all(later - earlier >= 1 - 1e-5 for earlier, later in zip(slots, slots[5:], strict=False))


def test_a_call_that_starts_late_makes_those_behind_it_wait(tmp_path: Path, clock: Clock) -> None:
    limit = limiter(tmp_path, clock)
    went: list[float] = []
    with contextlib.ExitStack() as late:
        turns = [late.enter_context(limit.turn(lambda: 60)) for _ in range(5)]
        clock.now += 0.9  # five processes that wake late, or still import
        for turn in turns:
            turn.begin()
            went.append(clock.now)
    for _ in range(6):
        with limit.turn(lambda: 60) as turn:
            turn.begin()
            went.append(clock.now)
    assert [round(moment - NOW, 3) for moment in went] == [0.9] * 5 + [1.9] * 5 + [2.9]


def test_a_call_counts_as_arriving_until_it_is_answered_but_not_for_ever(
    tmp_path: Path, clock: Clock
) -> None:
    limit = limiter(tmp_path, clock, 1.0)
    went: list[float] = []
    for seconds in (0.1, 30.0, 0.0):
        with limit.turn(lambda: 60) as turn:
            turn.begin()
            went.append(clock.now)
            clock.now += seconds
    with limit.turn(lambda: 60) as turn:
        turn.begin()
    assert [round(moment - NOW, 3) for moment in went] == [0, 1.1, 31.1]
    pace = parse_pace(limit.path.read_text(), clock.now)
    assert [round(moment - NOW, 3) for moment in pace.arrivals] == [0.1, 3.1, 31.1, 32.1]


def test_slow_answers_cost_little_of_the_rate_where_calls_are_out_at_once(
    tmp_path: Path, clock: Clock
) -> None:
    limit = limiter(tmp_path, clock)
    went: list[float] = []
    with contextlib.ExitStack() as unanswered:
        for _ in range(41):
            turn = unanswered.enter_context(limit.turn(lambda: 60))
            turn.begin()
            went.append(clock.now)
            turn.note_sent()
    assert 40 / (went[-1] - went[0]) >= 4.6
    assert all(later - earlier > 1.0 for earlier, later in zip(went, went[5:], strict=False))


def test_a_call_that_is_not_out_yet_holds_up_the_others(tmp_path: Path, clock: Clock) -> None:
    limit = limiter(tmp_path, clock, 1.0)
    with limit.turn(lambda: 60) as slow:
        slow.begin()
        clock.now += 0.8
        slow.note_sent()
        with limit.turn(lambda: 60) as second:
            second.begin()
            assert round(clock.now - NOW, 3) == 1.86


def test_a_call_that_may_not_go_out_in_time_is_not_sent(tmp_path: Path, clock: Clock) -> None:
    limit = limiter(tmp_path, clock, 1.0)
    with limit.turn(lambda: 60) as first:
        clock.now += 5
        with limit.turn(lambda: 60) as second:
            first.begin()
            left = [60.0]
            with limit.turn(lambda: left[0]) as third:
                second.begin()
                left[0] = 0.5
                with pytest.raises(TimeLimitError, match="call limit"):
                    third.begin()


def test_limiters_that_keep_the_file_open_notice_that_it_was_removed_or_replaced(
    tmp_path: Path, clock: Clock
) -> None:
    first, second = limiter(tmp_path, clock), limiter(tmp_path, clock)
    assert starts(first, clock, 3) + starts(second, clock, 3) == [0, 0, 0, 0, 0, 1]
    shutil.rmtree(tmp_path / "id")
    assert starts(first, clock, 3) + starts(second, clock, 3) == [0, 0, 0, 0, 0, 1]
    (tmp_path / "id" / "calls").replace(tmp_path / "id" / "old")
    assert starts(first, clock, 3) + starts(second, clock, 3) == [0, 0, 0, 0, 0, 1]
    second.close()
    assert starts(first, clock, 1) + starts(second, clock, 1) == [0, 0]
    assert starts(first, clock, 3) == [0, 0, 1]


def test_a_call_that_does_not_wait_counts(tmp_path: Path, clock: Clock) -> None:
    limit = limiter(tmp_path, clock)
    for _ in range(5):
        with limit.turn(lambda: 10.0) as turn:
            turn.begin()
    with limit.turn(None) as turn:
        turn.begin()
    assert clock.now == NOW
    assert starts(limiter(tmp_path, clock), clock, 6) == [1, 1, 1, 1, 1, 2]
