"""A clock of this computer that is far off: no alarm or picture is removed, and one token serves many calls."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hpcli.client.transport import Transport
from tests.support.inside import InsideRunner
from tests.support.platform_server import Platform
from tests.support.runner import Runner
from tests.support.transports import requests_to

FAKETIME = "/usr/bin/faketime"
# The names of older and newer versions: only the time of day is wrong, stopwatches are right.
_STEADY = ("DONT_FAKE_MONOTONIC=1", "FAKETIME_DONT_FAKE_MONOTONIC=1")


@pytest.mark.parametrize("days", [40, -40])
def test_prune_refuses_and_removes_nothing(
    hpcli: Runner, platform: Platform, account: None, days: int
) -> None:
    platform.trigger("motion", count=2)
    read = hpcli("alarms", "tail", "--limit", "2", "--for", "20s", "-o", "ids")
    assert len(read.lines) == 2
    off = InsideRunner(now=lambda: datetime.now(UTC) + timedelta(days=days))
    older = "7d" if days > 0 else "0"
    for more in (("--yes",), ("--dry-run",)):
        result = off("alarms", "prune", "--older", older, *more)
        if days > 0:
            assert result.exit_code == 11
            assert "ahead of the platform's. Nothing was removed." in result.stderr
        else:
            assert "no events that old" in result.stderr
    assert hpcli("alarms", "history", "-o", "ids").lines == read.lines


def test_prune_waits_for_a_platform_that_confirms_the_clock(
    hpcli: Runner, platform: Platform, account: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.trigger("motion")
    read = hpcli("alarms", "tail", "--limit", "1", "--for", "20s", "-o", "ids")
    prune = ("alarms", "prune", "--older", "0", "--yes")
    platform.configure(faults={"LAP000000@site/search": 1.0})
    refused = hpcli(*prune)
    assert (
        refused.exit_code,
        "Nothing was removed: age counts only" in refused.stderr,
    ) == (
        1,
        True,
    )
    platform.configure(faults={})
    with monkeypatch.context() as patch:
        patch.setattr(Transport, "platform_time", lambda _self: None)
        silent = hpcli(*prune)
    assert (silent.exit_code, "has not said what time it is. Nothing was removed." in silent.stderr) == (
        11,
        True,
    )
    assert hpcli("alarms", "history", "-o", "ids").lines == read.lines
    assert "Removed 1 event" in hpcli(*prune).stderr


@pytest.mark.skipif(not Path(FAKETIME).exists(), reason="faketime is not installed")
@pytest.mark.process
def test_a_process_with_a_wrong_clock_keeps_its_alarms_and_its_token(
    hpcli: Runner, platform: Platform, account: None
) -> None:
    platform.trigger("door", picture="plain", count=2)
    read = hpcli("alarms", "tail", "--decrypt", "--limit", "2", "--for", "20s", "-o", "ids").lines
    assert len(read) == 2
    before = requests_to(platform, "token/get")
    command = ["env", *_STEADY, FAKETIME, "-f", "+410d", str(hpcli.program)]
    tail = subprocess.run(
        [*command, "alarms", "tail", "--for", "3s"], capture_output=True, text=True, check=False, timeout=60
    )
    assert tail.returncode == 0, tail.stderr
    assert "removed for their age" in tail.stderr
    assert hpcli("alarms", "history", "-o", "ids").lines[:2] == read  # a gap may follow
    (picture,) = hpcli("alarms", "show", read[0], "-o", "json").json["pictures"]
    assert Path(picture["file"]).exists()
    for _ in range(2):
        done = subprocess.run([*command, "site", "list", "-o", "ids"], capture_output=True, check=False)
        assert done.returncode == 0
    assert requests_to(platform, "token/get") - before <= 1
