"""What was probably meant."""

from __future__ import annotations

import pytest

from hpcli.reference.choices import did_you_mean, nearest, refuse_word


def test_the_nearest_names_come_first_whatever_their_case() -> None:
    assert nearest("SITES", ["device", "site", "Sites"], most=2) == ["Sites", "site"]


def test_nothing_is_near_what_resembles_nothing() -> None:
    assert nearest("xyz", ["site", "device"]) == []


def test_a_higher_cutoff_wants_more_likeness() -> None:
    assert nearest("sit", ["site"], cutoff=0.8) == ["site"]
    assert nearest("st", ["site"], cutoff=0.8) == []


@pytest.mark.parametrize(
    ("names", "question"),
    [([], ""), (["a"], "Did you mean --a? "), (["a", "b"], "Did you mean --a or --b? ")],
)
def test_the_question_names_all_that_may_be_meant(names: list[str], question: str) -> None:
    assert did_you_mean(names, "--{}") == question


def test_a_refused_word_names_the_likely_ones_and_where_the_list_is() -> None:
    error = refuse_word("jsn", ["json", "table"], more="`hpcli help output` shows them.")
    assert error.message == "'jsn' is not one of: json, table."
    assert error.hint == "Did you mean 'json'? `hpcli help output` shows them."


def test_none_is_never_meant() -> None:
    assert refuse_word("non", ["none", "all"]).hint is None
