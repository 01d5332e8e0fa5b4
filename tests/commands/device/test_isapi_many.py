"""`device isapi` to many devices: a table for people, files with their names, rows for programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpcli.sandbox import control
from tests.support.platform_server import Platform
from tests.support.runner import Run, Runner
from tests.support.terminal import open_terminal

URI = "/ISAPI/System/deviceInfo"
PANEL, OFFLINE = "Q10254783", "F55120761"
ASK = ("device", "isapi", "GET", URI, PANEL, OFFLINE)


def test_a_terminal_shows_a_table_and_tells_failures_once(hpcli: Runner, platform: Platform) -> None:
    terminal = open_terminal(hpcli.program, [*ASK], platform.environment)
    assert terminal.finish() == 9
    assert "RESULT" in terminal.shown
    assert '"deviceSerial"' not in terminal.shown
    assert terminal.shown.count("offline") == 1
    assert "1 answered, 1 failed." in terminal.shown


def test_saved_bodies_are_told_by_file_and_counted(run: Run, tmp_path: Path) -> None:
    files = str(tmp_path / "{serial}.xml")
    result = run(*ASK, "--save", files)
    assert (result.exit_code, result.stdout) == (9, "")
    assert f"Saved {tmp_path / PANEL}.xml." in result.stderr
    assert "Saved 1 file, 1 failed." in result.stderr
    rows = run(*ASK, "--save", files, "-o", "ndjson").rows
    assert rows[0] == {"deviceSerial": PANEL, "status": 200, "file": f"{tmp_path / PANEL}.xml"}
    assert (rows[1]["deviceSerial"], "body" in rows[1]) == (OFFLINE, False)


@pytest.mark.parametrize("serials", [(PANEL,), (PANEL, OFFLINE)])
def test_nothing_is_sent_where_the_answer_could_not_be_saved(
    run: Run, platform: Platform, tmp_path: Path, serials: tuple[str, ...]
) -> None:
    files = tmp_path / "missing" / "{serial}.xml"
    result = run("device", "isapi", "GET", URI, *serials, "--save", str(files))
    assert result.exit_code == 11
    assert f"there is no folder {files.parent}." in result.stderr
    assert control.statistics(platform.state)["requests"] == {}


def test_what_is_only_planned_stands_in_the_order_of_the_devices(run: Run) -> None:
    serials = run("device", "list", "-o", "ids").lines
    time = "<Time><timeMode>NTP</timeMode></Time>"
    plans = run(
        "device", "isapi", "PUT", "/ISAPI/System/time", *serials, "--data", time, "--dry-run", "-o", "json"
    )
    assert [plan["headers"]["X-Devserial"] for plan in plans.json] == serials


def test_fields_are_heeded_without_a_format(run: Run) -> None:
    assert run(*ASK, "--fields", "deviceSerial").lines[1:] == [PANEL, OFFLINE]
    assert [row["deviceSerial"] for row in run(*ASK).rows] == [PANEL, OFFLINE]
