"""Words with an order of their own: priorities, signal strengths, weekdays; and those without one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hpcli.commands.alarms.proof_tables import counts_view
from hpcli.commands.alarms.tables import TYPES, events_view
from hpcli.commands.framework.device_table import DEVICES
from hpcli.errors import UsageError
from hpcli.output.conditions import parse_condition
from hpcli.output.row_filter import counted_rows, matching, parse_sort, sorted_rows
from hpcli.output.table_spec import Column, View

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
SIGNALS = View("signal", "name", (Column("NAME", "name"),), codes=lambda: {"name": "signalStrengthWord"})
PRIORITIES = [{"priority": one, "n": at} for at, one in enumerate(("normal", "critical", "low", "high"))]


@pytest.mark.parametrize("view", [events_view(utc=True), counts_view(["priority"]), TYPES])
@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("priority >= high", ["critical", "high"]), ("priority > normal", ["critical", "high"]),
        ("priority < high", ["normal", "low"]), ("priority <= LOW", ["low"]), ("priority == critical", ["critical"]),
    ],
)  # fmt: skip
def test_words_with_an_order_are_compared_by_it(view: View, condition: str, found: list[str]) -> None:
    rows = matching(PRIORITIES, [parse_condition(condition)], view, NOW)
    assert [row["priority"] for row in rows] == found


def test_words_with_an_order_are_sorted_by_it() -> None:
    view = counts_view(["priority", "weekday"])
    down = sorted_rows([*PRIORITIES, {}], parse_sort("-priority"), view)
    assert [row.get("priority") for row in down] == ["critical", "high", "normal", "low", None]
    counted, counts = counted_rows(PRIORITIES, ["priority"], events_view(utc=True))
    assert [row["priority"] for row in sorted_rows(counted, parse_sort("priority"), counts)][::3] == [
        "low",
        "critical",
    ]
    days = [{"weekday": day} for day in ("Friday", "Monday", "Sunday")]
    assert [row["weekday"] for row in sorted_rows(days, parse_sort("weekday"), view)] == [
        "Monday",
        "Friday",
        "Sunday",
    ]


def test_codes_with_an_order_are_compared_by_it_in_any_word() -> None:
    rows = [{"name": one} for one in ("strong", "weak", "noSignal", "middle")]
    found = matching(rows, [parse_condition("name < medium")], SIGNALS, NOW)
    assert [row["name"] for row in found] == ["weak", "noSignal"]
    assert sorted_rows(rows, parse_sort("name"), SIGNALS)[0] == {"name": "noSignal"}
    counted, counts = counted_rows(rows, ["name"], SIGNALS)
    assert [row["name"] for row in sorted_rows(counted, parse_sort("name"), counts)][::3] == [
        "noSignal",
        "strong",
    ]


@pytest.mark.parametrize(
    ("condition", "view", "problem"),
    [
        ("state > offline", DEVICES, "no order"), ("category <= panel", DEVICES, "no order"),
        ("deviceCategory >= x", DEVICES, "no order"), ("category > burglary", events_view(utc=True), "no order"),
        ("priority >= hgh", events_view(utc=True), "'hgh' is not"),
    ],
)  # fmt: skip
def test_words_without_an_order_are_not_compared(condition: str, view: View, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        matching([], [parse_condition(condition)], view, NOW)
    assert list(matching([], [parse_condition("deviceCategory >= 3")], DEVICES, NOW)) == []
