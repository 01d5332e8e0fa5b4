"""Pauses between tries."""

from __future__ import annotations

import pytest

from hpcli.backoff import Backoff


def test_pauses_follow_the_steps_and_grow_from_the_last_one_up_to_the_longest() -> None:
    backoff = Backoff((0.0, 0.5), growth=2.0, longest=3.0)
    assert [backoff.seconds_after(failures) for failures in range(1, 7)] == [0.0, 0.5, 1.0, 2.0, 3.0, 3.0]


def test_a_pause_that_does_not_grow_stays_the_same() -> None:
    assert [Backoff((2.0,)).seconds_after(failures) for failures in (1, 2, 9)] == [2.0, 2.0, 2.0]


def test_jitter_spreads_pauses_around_the_limit() -> None:
    backoff = Backoff((10.0,), growth=2.0, longest=20.0, jitter=0.25)
    pauses = [backoff.seconds_after(9) for _ in range(200)]
    assert all(15.0 <= pause <= 25.0 for pause in pauses)
    assert min(pauses) < 20.0 < max(pauses)


@pytest.mark.parametrize(("asked", "seconds"), [(None, 4.0), (1.0, 4.0), (90.0, 90.0), (1000.0, 600.0)])
def test_a_pause_is_at_least_as_long_as_asked_within_bounds(asked: float | None, seconds: float) -> None:
    assert Backoff((4.0,), longest_asked=600.0).seconds_after(1, asked) == seconds


def test_endless_failures_stay_within_numbers() -> None:
    assert Backoff((1.0,), growth=2.0, longest=60.0).seconds_after(10**6) == 60.0
