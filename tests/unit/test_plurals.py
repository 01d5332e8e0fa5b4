"""One of a thing or several."""

from __future__ import annotations

import pytest

from hpcli.plurals import counted, listed, quantity


@pytest.mark.parametrize(("count", "words"), [(0, "0 events"), (1, "1 event"), (2, "2 events")])
def test_a_quantity_of_one_is_singular(count: int, words: str) -> None:
    assert quantity(count, "event") == words


def test_numbers_are_listed_behind_what_they_count() -> None:
    assert (listed([3], "zone"), listed([3, 6], "zone")) == ("zone 3", "zones 3, 6")


def test_one_target_is_named_and_of_many_the_first_five() -> None:
    assert counted(["Q1"], "device") == "Q1"
    assert counted(["Q1", "Q2"], "device") == "2 devices (Q1, Q2)"
    many = [f"Q{number}" for number in range(11)]
    assert counted(many, "device") == f"11 devices ({', '.join(many[:5])}, …)"
