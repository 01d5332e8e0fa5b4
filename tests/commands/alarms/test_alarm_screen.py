"""Alarms on a terminal, and their times for programs."""

from __future__ import annotations

import pytest

from tests.support.platform_server import Platform
from tests.support.runner import Result, Runner

pytestmark = pytest.mark.usefixtures("account")


def tail(hpcli: Runner, count: int) -> Result:
    result = hpcli("alarms", "tail", "--limit", str(count), "-o", "ndjson")
    assert result.exit_code == 0, result.stderr
    return result


@pytest.mark.parametrize(("columns", "rows", "names"), [("80", 2, " · Bakery"), ("200", 1, "  Bakery")])
def test_history_on_a_terminal_shows_an_event_whole_in_lines_that_fit(
    hpcli: Runner, platform: Platform, columns: str, rows: int, names: str
) -> None:
    platform.trigger("burglary")
    event = tail(hpcli, 1).rows[0]
    terminal = hpcli.on_terminal("alarms", "history", "--color", "never", environment={"COLUMNS": columns})
    assert terminal.finish() == 0
    lines = terminal.shown.splitlines()
    assert (len(lines), max(map(len, lines)) <= int(columns)) == (rows, True)
    assert all(word in lines[0] for word in (" !! ", "Bäckerei Grünwald", names, "Burglary alarm"))
    assert event["text"] in " · ".join([lines[0], *(line.strip() for line in lines[1:])])


def test_fields_on_a_terminal_are_as_wide_as_their_values(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("burglary")
    event = tail(hpcli, 1).rows[0]
    words = ["alarms", "history", "--fields", "id,device,priority,text"]
    terminal = hpcli.on_terminal(*words, environment={"COLUMNS": "200"})
    assert terminal.finish() == 0
    assert all(event[name] in terminal.shown for name in ("id", "device", "priority", "text"))


@pytest.mark.parametrize("output", ["csv", "plain"])
def test_times_for_programs_have_their_offset(hpcli: Runner, platform: Platform, output: str) -> None:
    platform.trigger("burglary")
    event = tail(hpcli, 1).rows[0]
    assert (
        event["time"].replace("T", " ")[:19] + event["time"][-6:]
        in hpcli("alarms", "history", "-o", output).stdout
    )
