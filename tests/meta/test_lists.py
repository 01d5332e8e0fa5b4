"""Which verbs print lists, and what they all can do."""

from __future__ import annotations

import json

import pytest

from tests.support.command_tree import commands
from tests.support.runner import Run

OPTIONS = {"--where", "--sort", "--count-by", "--limit"}


def test_every_verb_that_is_called_list_prints_one() -> None:
    others = [name for name, command in commands().items() if name.endswith(" list") and not command["lists"]]
    assert others == []


def test_every_list_can_be_filtered_sorted_counted_and_cut() -> None:
    lists = {name: command for name, command in commands().items() if command["lists"]}
    assert len(lists) >= 30
    for name, command in lists.items():
        assert {flag for option in command["options"] for flag in option["flags"]} >= OPTIONS, name


def test_the_order_is_where_count_sort_limit(run: Run) -> None:
    arguments = (
        "--where",
        "category != camera",
        "--count-by",
        "deviceCategory",
        "--sort=-count,deviceCategory",
    )
    rows = run("device", "list", *arguments, "--limit", "2", "-o", "json").json
    assert [row["count"] for row in rows] == sorted((row["count"] for row in rows), reverse=True)
    assert len(rows) == 2
    assert "Camera" not in {row["deviceCategory"] for row in rows}


def test_rows_that_no_condition_can_compare_are_counted_in_one_notice(run: Run) -> None:
    name = "sharedInfo.shareState"
    empty = run("site", "list", "--where", f'{name} = ""', "-o", "ids").lines
    result = run("site", "list", "--where", f"{name} > 1", "-o", "json")
    assert len(empty) == 3
    notices = [json.loads(line)["notice"] for line in result.stderr.splitlines()]
    assert notices == [f"3 sites have no {name} and were left out; --where '{name} = \"\"' shows them."]


def test_a_limit_counts_the_rows_that_hold(run: Run) -> None:
    rows = run("device", "list", "--where", "state=offline", "--limit", "2", "-o", "ndjson").rows
    assert [row["deviceOnlineStatus"] for row in rows] == [0, 0]


def test_fields_are_picked_after_the_rows(run: Run) -> None:
    result = run("device", "list", "--sort", "deviceName", "--fields", "deviceSerial", "-o", "json")
    names = run("device", "list", "-o", "json").json
    expected = min(names, key=lambda row: row["deviceName"].casefold())["deviceSerial"]
    assert result.json[0] == {"deviceSerial": expected}


@pytest.mark.parametrize("option", [("--where", "nme=x"), ("--sort", "nme"), ("--count-by", "nme")])
def test_an_unknown_name_is_wrong_usage_and_lists_all(run: Run, option: tuple[str, str]) -> None:
    result = run("site", "list", *option)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "siteName" in result.stderr


@pytest.mark.parametrize("limit", ["0", "-1", "x"])
def test_a_limit_is_a_whole_number_from_1(run: Run, limit: str) -> None:
    assert run("customer", "list", "Harbour View Hotel", f"--limit={limit}").exit_code == 2


def test_door_events_are_searched_by_the_device_where_it_can(run: Run) -> None:
    found = run("access", "events", "C94115305", "--where", "name~berg", "--since", "30d", "-o", "ndjson")
    assert found.exit_code == 0, found.stderr
    assert {"Berg" in row["name"] for row in found.rows} == {True}
