"""`device isapi` to many devices: a table for people, files with their names, rows for programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpcli.sandbox import control
from tests.support.platform_server import Platform
from tests.support.runner import Run, Runner

URI = "/ISAPI/System/deviceInfo"
PANEL, OFFLINE = "Q10254783", "F55120761"
ASK = ("device", "isapi", "GET", URI, PANEL, OFFLINE)


def test_a_terminal_shows_a_table_and_tells_failures_once(hpcli: Runner, platform: Platform) -> None:
    terminal = hpcli.on_terminal(*ASK, environment=platform.environment)
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
    assert rows[0] == {
        "target": PANEL, "deviceSerial": PANEL, "status": 200, "file": f"{tmp_path / PANEL}.xml",
    }  # fmt: skip
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


NTP = (
    "device",
    "isapi",
    "PUT",
    "/ISAPI/System/time",
    "--data",
    "<Time><timeMode>NTP</timeMode></Time>",
    "--yes",
)


def test_the_answer_to_a_change_is_printed_if_it_cannot_be_saved(run: Run) -> None:
    result = run(*NTP, PANEL, "--save", "/dev/full")
    assert result.exit_code == 11
    assert "statusCode" in result.stdout
    said, error = result.stderr.splitlines()[-3:-1]
    assert said == f"{PANEL}: the device answered HTTP 200 to the PUT:"
    assert error == "error: /dev/full cannot be written: No space left on device."


def test_a_file_that_cannot_be_written_leaves_no_other_device_out(run: Run, tmp_path: Path) -> None:
    other = "Q10254801"
    (tmp_path / PANEL).symlink_to("/dev/full")
    result = run(*NTP, PANEL, other, "--save", str(tmp_path / "{serial}"))
    assert result.exit_code == 9
    assert f"{PANEL}: answered HTTP 200, but " in result.stderr
    assert "Saved 1 file, 1 failed." in result.stderr
    assert (tmp_path / other).read_text()
    (row,) = result.rows
    assert (row["deviceSerial"], row["status"], row["error"]["kind"]) == (PANEL, 200, "local")
    assert "ResponseStatus" in row["body"]


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
