"""`site list` with the devices of each site: asked for, kept for some minutes, or needed by a condition."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from hpcli.run.account import AccountSession
from hpcli.run.device_counts import Counts, DeviceCounts
from hpcli.run.settings import Settings
from hpcli.sandbox import control
from tests.support.platform_server import Platform
from tests.support.runner import Run

LISTING = "POST /api/hpcgw/v1/device/list"


def listings(platform: Platform) -> int:
    return int(control.statistics(platform.state)["requests"].get(LISTING, 0))


def test_the_name_comes_first_and_the_id_last(run: Run) -> None:
    titles = run("site", "list").lines[0].split("\t")
    assert titles[:5] == ["NAME", "CITY", "DEVICES", "OFFLINE", "HANDOVER"]
    assert titles[-1] == "ID"


def test_the_devices_are_counted_where_that_is_asked(run: Run, platform: Platform) -> None:
    assert run("site", "list").lines[1].split("\t")[:4] == ["Bäckerei Grünwald", "München", "?", "?"]
    assert listings(platform) == 0
    line = run("site", "list", "--devices").lines[1]
    assert line.split("\t")[:4] == ["Bäckerei Grünwald", "München", "5", "1"]
    row = run("site", "list", "--devices", "-o", "json", "--limit", "1").json[0]
    assert (row["devices"], row["offlineDevices"]) == (5, 1)
    assert "devices" not in run("site", "list", "-o", "json", "--limit", "1").json[0]
    assert listings(platform) == 2


@pytest.mark.parametrize(
    "option", ["--where=offline > 0", "--sort=-devices", "--count-by=offline", "--fields=devices"]
)
def test_a_name_of_the_counts_asks_for_them(run: Run, option: str) -> None:
    result = run("site", "list", option)
    assert (result.exit_code, len(result.lines) > 1) == (0, True)
    if "where" in option:
        assert [line.split("\t")[3] for line in result.lines[1:]] == ["1", "1", "1"]


def test_a_list_of_all_devices_is_kept_for_some_minutes(run: Run, platform: Platform) -> None:
    run("device", "list", "--limit", "3")
    assert run("site", "list").lines[1].split("\t")[2] == "?"  # not all were listed
    run("device", "list", "--offline")
    before = listings(platform)
    assert run("site", "list").lines[1].split("\t")[2:4] == ["5", "1"]
    assert run("site", "list").lines[-1].split("\t")[2] == "?"  # without devices, or added a moment ago
    assert listings(platform) == before
    assert run("site", "update", "Bäckerei Grünwald", "--name", "Bäckerei").exit_code == 0
    assert run("site", "list").lines[1].split("\t")[2] == "?"


@pytest.mark.parametrize(
    ("words", "groups", "lines"),
    [
        (
            ("site", "show", "Harbour View Hotel"),
            ["Site", "Place", "People"],
            [
                "TIME ZONE              Europe/London",
                "INSTALLER              Zoë O'Neill",
                "APP ACCESS             on",
            ],
        ),
        (
            ("device", "show", "Q10254783"),
            ["Device", "Place", "Account"],
            [
                "SUB-CATEGORY      AX Pro",
                "ADDED             2023-03-27 08:26:01+02:00",
                "SHARED            no",
            ],
        ),
    ],
    ids=["site", "device"],
)
def test_one_of_them_is_shown_with_everything_that_is_known(
    run: Run, words: tuple[str, ...], groups: list[str], lines: list[str]
) -> None:
    shown = run(*words, "-o", "table").lines
    assert [line for line in shown if not line.startswith(" ")] == groups
    assert set(lines) <= {line.strip() for line in shown}
    (listed,) = [row for row in run(words[0], "list", "-o", "json").json if row["id"] in "".join(shown)]
    assert run(*words, "-o", "json").json == listed


def test_counts_that_are_old_damaged_or_outdated_are_not_used(tmp_path: Path) -> None:
    settings = Settings({"HPCLI_CACHE_DIR": str(tmp_path / "cache"), "HPCLI_STATE_DIR": str(tmp_path)})
    settings.flags["profile"] = "sandbox"
    now = time.time()
    counts = DeviceCounts(AccountSession(settings, print, print), lambda: now)
    assert counts.fresh() is None
    counts.count([{"siteID": "a", "deviceOnlineStatus": 0}, {"siteID": "a"}, {"siteID": "b"}])
    assert counts.fresh() == {"a": Counts(2, 1), "b": Counts(1, 0)}
    now += 299
    assert counts.fresh() is not None
    now += 2
    assert counts.fresh() is None
    now -= 10
    (tmp_path / "changes.db-wal").touch()
    os.utime(tmp_path / "changes.db-wal", (now, now))
    assert counts.fresh() is None
    (tmp_path / "changes.db-wal").unlink()
    (file,) = tmp_path.glob("cache/*/device-counts.json")
    for damaged in ("[]", '{"fetched": "x"}', '{"fetched": 1e9, "sites": {"a": 3}}', "{"):
        file.write_text(damaged)
        assert counts.fresh() is None
