"""A clock of this computer that is far off: no alarm or picture is removed, and one token serves many calls."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

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
