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


@pytest.mark.parametrize(("columns", "is_whole"), [("80", False), ("200", True)])
def test_history_on_a_terminal_is_a_line_an_event_that_fits(
    hpcli: Runner, platform: Platform, columns: str, *, is_whole: bool
) -> None:
    platform.trigger("burglary")
    event = tail(hpcli, 1).rows[0]
    terminal = hpcli.on_terminal("alarms", "history", "--color", "never", environment={"COLUMNS": columns})
    assert terminal.finish() == 0
    (line,) = terminal.shown.splitlines()
    assert len(line) <= int(columns)
    assert (event["text"] in line) is is_whole
    assert all(word in line for word in (" !! ", "Bäckerei", " · Bakery" if not is_whole else "  Bakery"))


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
