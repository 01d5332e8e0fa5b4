"""`alarms tail` where what it writes goes astray: readers that leave, folders that take no picture."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.platform_server import Platform
from tests.support.runner import Runner

# What one process left unread, the next prints.
pytestmark = [pytest.mark.usefixtures("account"), pytest.mark.forked]


def test_pictures_that_cannot_be_written_are_told_not_waited_for_and_fetched_later(
    hpcli: Runner, platform: Platform, tmp_path: Path
) -> None:
    platform.trigger("door", picture="plain", count=2)
    folder = tmp_path / "pictures"
    folder.write_text("a file, no folder")
    result = hpcli("alarms", "tail", "--pictures", str(folder), "--limit", "2", "-o", "ndjson")
    assert "Waiting for" not in result.stderr
    assert result.exit_code == 11
    assert result.stderr.count(f"Pictures cannot be written to {folder}") >= 1
    assert "2 pictures could not be written on this computer; the alarms are complete." in result.stderr
    assert [event["type"] for event in result.rows] == ["ACSEvent", "ACSEvent"]
    shown = hpcli("alarms", "show", result.rows[0]["id"], "-o", "json").json["pictures"][0]
    assert shown["state"] == "pending"
    assert shown["error"].startswith(f"Pictures cannot be written to {folder}")
    assert hpcli("alarms", "retry-pictures").exit_code == 11
    folder.unlink()
    again = hpcli("alarms", "retry-pictures", "-o", "json")
    assert again.exit_code == 0, again.stderr
    assert [row["state"] for row in again.json] == ["saved", "saved"]


def test_a_later_tail_fetches_what_could_not_be_written(
    hpcli: Runner, platform: Platform, tmp_path: Path
) -> None:
    platform.trigger("door", picture="plain")
    folder = tmp_path / "pictures"
    folder.write_text("a file, no folder")
    hpcli("alarms", "tail", "--pictures", str(folder), "--limit", "1")
    folder.unlink()
    later = hpcli("alarms", "tail", "--pictures", str(folder), "--for", "0", "-o", "ndjson")
    assert later.exit_code == 0, later.stderr
    assert [picture["state"] for row in later.rows for picture in row["pictures"]] == ["saved"]


def test_what_a_reader_left_unread_is_printed_by_the_next_run(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("burglary", count=3)
    command = f'"{hpcli.program}" alarms tail -o plain | head -n 1'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.count("\n") == 1
    assert len(hpcli("alarms", "tail", "--for", "0", "-o", "ids").lines) == 3
