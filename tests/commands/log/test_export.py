"""The log of changes in the case file of an alarm."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tests.support.platform_server import Platform
from tests.support.runner import Runner


@pytest.mark.usefixtures("account")
def test_a_case_file_has_the_changes_of_its_device_that_day(
    hpcli: Runner, platform: Platform, tmp_path: Path
) -> None:
    platform.trigger("burglary")
    event = hpcli("alarms", "tail", "--limit", "1", "--for", "20s", "-o", "ndjson").rows[0]
    device = event["device"]["serial"] if isinstance(event["device"], dict) else event["device"]
    other = "F55121300" if device != "F55121300" else "Q10254783"
    for serial in (device, other):
        assert hpcli("device", "update", serial, "--name", f"New {serial}").exit_code == 0
    done = hpcli("alarms", "export", event["id"], "--to", str(tmp_path / "case.zip"))
    assert done.exit_code == 0, done.stderr
    changes = json.loads(zipfile.ZipFile(tmp_path / "case.zip").read("changes.json"))
    assert [change["sent"]["deviceName"] for change in changes] == [f"New {device}"]
