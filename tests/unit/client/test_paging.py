"""The one loop over pages."""

from __future__ import annotations

from typing import Any

import pytest

from hpcli.client.paging import Page, count_of, identify, read_rows
from hpcli.errors import ProtocolError


def rows_of(*pages: Page, **options: Any) -> tuple[list[Any], list[int]]:
    """Return the rows of pages, and the numbers that were asked for; numbers beyond the last page repeat it."""
    asked: list[int] = []

    def fetch(number: int) -> Page:
        asked.append(number)
        return pages[min(number, len(pages)) - 1]

    return list(read_rows(fetch, **options)), asked


def test_pages_end_where_the_platform_says_so_even_if_one_is_short() -> None:
    assert rows_of(Page(["a"], 3), Page(["b", "c"], 3), Page(["d"], 3)) == (["a", "b", "c", "d"], [1, 2, 3])


def test_pages_end_at_an_empty_page() -> None:
    assert rows_of(Page(["a"]), Page([]), Page(["b"])) == (["a"], [1, 2])


def test_pages_end_at_a_repeated_first_row_whatever_else_changed_in_it() -> None:
    assert rows_of(Page([{"id": "1", "n": 1}], 9), Page([{"id": "1", "n": 2}], 9)) == (
        [{"id": "1", "n": 1}],
        [1, 2],
    )


def test_rows_without_identity_may_repeat() -> None:
    assert rows_of(Page(["a"], 2), Page(["a"], 2), identity=None) == (["a", "a"], [1, 2])


def test_no_page_is_fetched_before_its_rows_are_wanted() -> None:
    asked: list[int] = []

    def fetch(number: int) -> Page:
        asked.append(number)
        return Page([number], 5)

    rows = read_rows(fetch)
    assert next(rows) == 1
    assert asked == [1]


def test_pages_that_come_round_again_end() -> None:
    rows = [Page([{"id": name}]) for name in "abc"]
    found, asked = rows_of(*rows, rows[0], *rows)
    assert ([row["id"] for row in found], asked) == (["a", "b", "c"], [1, 2, 3, 4])


def test_a_total_counts_though_an_empty_page_has_none() -> None:
    said: list[str] = []
    rows_of(Page(["a", "b"], 0, 3), Page([]), info=said.append)
    assert said == ["The platform sent 2 rows of 3."]


def test_rows_that_are_counted_and_not_sent_are_not_nothing() -> None:
    with pytest.raises(ProtocolError, match="counts 5 rows but sends none"):
        rows_of(Page([], 1, 5))


@pytest.mark.parametrize(("total", "told"), [(3, ["The platform sent 2 rows of 3."]), (2, []), (0, [])])
def test_missing_rows_are_told(total: int, told: list[str]) -> None:
    said: list[str] = []
    rows_of(Page(["a", "b"], 1, total), info=said.append)
    assert said == told


def test_a_row_is_identified_by_its_ids_or_by_itself() -> None:
    assert identify({"deviceSerial": "Q1", "online": 1}) == identify({"deviceSerial": "Q1", "online": 0})
    assert identify({"name": "x"}) != identify({"name": "y"})
    assert identify("text") == "text"


@pytest.mark.parametrize(("value", "number"), [(3, 3), ("12", 12), (None, 0), ("many", 0), ([], 0)])
def test_counts_that_cannot_be_read_are_zero(value: object, number: int) -> None:
    assert count_of(value) == number
