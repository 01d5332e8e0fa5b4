"""Upgrades that are followed: a live line each on a terminal, a line a step in a pipe; Ctrl-C lets them go on."""

from __future__ import annotations

import re
import signal
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hpcli.commands.device.upgrade_follow import make_upgrade
from tests.support.platform_server import Platform
from tests.support.runner import Run, Runner

PANEL, RECORDER, FORMATTING, OFFLINE = "Q10254783", "Q10254801", "M11820046", "F55120761"
BOTH = f"{PANEL},{RECORDER}"


@pytest.fixture
def run(run: Run) -> Run:
    return partial(run, "device", "upgrade")


def test_an_upgrade_began_when_the_log_says_not_when_somebody_looks() -> None:
    now = datetime(2026, 11, 28, 12, tzinfo=UTC)
    changes: list[dict[str, Any]] = [{"outcome": "failed", "began": 0}]
    log = SimpleNamespace(read=lambda _query: changes)
    run = SimpleNamespace(now=lambda: now, clock=lambda: 1000.0, changes=SimpleNamespace(log=log))
    lookups = SimpleNamespace(known_device=lambda _serial: {"deviceName": "NVR"})
    ctx: Any = SimpleNamespace(run=run, lookups=lookups, settings=SimpleNamespace(is_sandbox=False))
    assert make_upgrade(ctx, "E1", 1000.0).row(1001.0)["time"] == "over 1 s", (
        "not known to be of this computer"
    )
    changes.append({"outcome": "done", "began": (now.timestamp() - 60) * 1000})
    assert make_upgrade(ctx, "E1", 1000.0).row(1001.0)["time"] == "1 min 1 s"


def test_a_pipe_gets_a_line_a_step_and_each_device_its_outcome(run: Run, platform: Platform) -> None:
    platform.configure(task_seconds=0.5)
    result = run("start", f"{BOTH},{FORMATTING},{OFFLINE}", "--yes", "--wait", "-o", "json")
    outcomes = {row["target"]: row for row in result.json}
    assert [row["ok"] for row in outcomes.values()] == [True, True, False, False]
    assert outcomes[PANEL]["data"]["statue"] == 7
    assert outcomes[FORMATTING]["error"]["code"] == "EVZ20016"
    assert result.exit_code == 9
    said = f"{PANEL}: Done, 100 % (V1.2.9 build 230412 → V1.3.0 build 240315)."
    assert said in result.stderr
    assert f"{RECORDER} has the new firmware." in result.stderr


def test_progress_is_followed_to_the_end(run: Run, platform: Platform) -> None:
    platform.configure(task_seconds=0.3)
    assert run("start", BOTH, "--yes").exit_code == 0
    rows = run("progress", BOTH, "--wait", "-o", "json").json
    assert [(row["target"], row["statue"], row["progress"]) for row in rows] == [
        (PANEL, 7, 100),
        (RECORDER, 7, 100),
    ]
    alone = run("progress", PANEL, "--wait")
    assert alone.lines[1].startswith(f"{PANEL}\tDone\t100 %")


def test_what_is_not_done_in_time_goes_on_and_says_how_to_follow_it(run: Run, platform: Platform) -> None:
    platform.configure(task_seconds=600)
    result = run("start", BOTH, "--yes", "--wait", "--wait-timeout", "0s", "-o", "json")
    assert result.exit_code == 7
    assert {row["error"]["kind"] for row in result.json} == {"timeout"}
    assert f"device upgrade progress {PANEL} --wait" in result.json[0]["error"]["hint"]


@pytest.mark.parametrize("serials", [BOTH, PANEL])
def test_ctrl_c_lets_upgrades_go_on_and_says_how_to_follow_them(
    hpcli: Runner, platform: Platform, serials: str
) -> None:
    platform.configure(task_seconds=600)
    words = ["device", "upgrade", "start", serials, "--wait", "--yes", "--color", "never"]
    terminal = hpcli.on_terminal(*words, environment=platform.environment | {"COLUMNS": "120"})
    terminal.wait_for("build 220607" if "," in serials else "build 230412")
    terminal.type("\x03")
    assert terminal.finish() == -signal.SIGINT
    followed = re.search(r"hpcli device upgrade progress (\S+) --wait", terminal.shown.replace("\r\n", " "))
    assert followed is not None, terminal.shown
    if "," not in serials:
        assert followed[1] == PANEL
        return
    assert "2 upgrades go on in the background" in terminal.shown
    assert "is upgrading;" not in terminal.shown  # once for all is enough
    file = Path(followed[1].removeprefix("@"))
    assert file.read_text() == f"{PANEL}\n{RECORDER}\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert (
        hpcli("device", "upgrade", "progress", followed[1], environment=platform.environment).exit_code == 0
    )
