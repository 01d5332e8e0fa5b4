"""`fleet diff`: files, the present, snapshots and other accounts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from hpcli.fleet.snapshots import Snapshots
from hpcli.local.own_folder import OwnFolder
from tests.commands.fleet.conftest import load, save, site_named
from tests.support.platform_server import Platform, lift_call_limit, start_platform
from tests.support.runner import Run, Runner

PANEL = "Q10254783"


@pytest.fixture
def exported(reads: Run, tmp_path: Path) -> Path:
    """A file of the demo account."""
    file = tmp_path / "fleet.json"
    assert reads("fleet", "export", str(file)).exit_code == 0
    return file


def test_nothing_differs_from_an_export_of_just_now(reads: Run, exported: Path) -> None:
    result = reads("fleet", "diff", str(exported), "now", "--fail-on", "change", "-o", "json")
    assert (result.json, result.exit_code) == ([], 0)


def test_a_change_is_a_row_and_sets_the_exit_code_when_asked(reads: Run, exported: Path) -> None:
    document = load(exported)
    site_named(document, "Bäckerei Grünwald")["devices"][0]["name"] = "Old name"
    line = ("fleet", "diff", str(save(exported.with_name("old.yaml"), document)), "now", "-o", "json")
    assert reads(*line).exit_code == 0
    result = reads(*line, "--fail-on", "change")
    (row,) = result.json
    assert result.exit_code == 10
    assert {"change": "changed", "kind": "device", "target": PANEL, "field": "name"}.items() <= row.items()
    assert (row["before"], row["after"]) == ("Old name", "Bakery alarm panel")
    table = reads(*line[:-1], "plain")
    assert table.lines[1].split("\t")[:4] == ["changed", "device", "Bäckerei Grünwald", PANEL]


def test_what_could_not_be_read_then_is_said(reads: Run, exported: Path) -> None:
    document = load(exported)
    del document["sites"][0]["managers"]
    document["unread"] = [{"site": "Bäckerei Grünwald", "part": "managers", "error": "No."}]
    result = reads("fleet", "diff", str(save(exported, document)), "now")
    assert (result.exit_code, result.lines[1:]) == (0, [])
    assert "The first state is not complete" in result.stderr
    assert "not known on both sides: managers (1)" in result.stderr


def test_snapshots_are_found_by_their_time(reads: Run, home: Path) -> None:
    nothing = reads("fleet", "diff", "@7d", "now")
    assert (nothing.exit_code, "`hpcli fleet snapshot` makes one" in nothing.stderr) == (4, True)
    assert reads("fleet", "snapshot").exit_code == 0
    assert reads("fleet", "diff", "@last", "@today", "-o", "json").json == []
    early = reads("fleet", "diff", "@7d", "now")
    assert (early.exit_code, "The oldest is of" in early.stderr) == (4, True)


def test_the_newest_snapshot_until_a_time_counts(tmp_path: Path) -> None:
    kept, now = Snapshots(OwnFolder(tmp_path, ("snapshots",))), datetime(2026, 11, 28, 12, tzinfo=UTC)
    for days in (9, 8, 2):
        kept.write(
            {"format": "hpcli-fleet", "version": 1, "sites": [], "begun": f"{days}"},
            now - timedelta(days=days),
        )
    assert kept.read_at(now - timedelta(days=7))["begun"] == "8"
    assert kept.read_at(now)["begun"] == "2"
    assert kept.remove_before(now - timedelta(days=8, hours=1)) == 1
    assert len(kept.times()) == 2


def test_another_account_is_compared_by_names(
    hpcli: Runner, demo: Platform, tmp_path: Path, home: Path
) -> None:
    config = lift_call_limit(home / "two")
    with start_platform(tmp_path / "other.db") as other:
        run = partial(hpcli, environment={**demo.environment, **config})
        login = (
            "auth",
            "login",
            "--profile",
            "other",
            "--base-url",
            other.base_url,
            "--app-key",
            other.app_key,
        )
        signed = hpcli(
            *login, "--secret-stdin", "--insecure-storage", stdin=other.secret_key, environment=config
        )
        assert signed.exit_code == 0, signed.stderr
        same = run("fleet", "diff", "now", "profile:other", "-o", "json")
        assert (same.json, same.exit_code) == ([], 0), same.stderr
        other.client().device.update(_device_id(other), "Elsewhere")
        (row,) = run("fleet", "diff", "now", "profile:other", "-o", "json").json
    assert (row["target"], row["after"]) == (PANEL, "Elsewhere")


def _device_id(platform: Platform) -> str:
    return str(platform.client().device.find(PANEL)["id"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"format": "other"}', "has no `format: hpcli-fleet`"),
        ('{"format": "hpcli-fleet", "version": 1, "sites": [{"name": "A", "mangers": []}]}', "'managers'?"),
        ('{"format": "hpcli-fleet", "version": 2, "sites": []}', "made by a newer hpcli"),
        ('{"format": "hpcli-fleet", "version": 1, "sites": [{"name": 5}]}', "sites[0].name"),
        ('{"format": ', "line 1"),
        ("[]", "is not a fleet file"),
    ],
)  # fmt: skip
def test_a_file_of_another_form_is_refused_with_the_place(
    reads: Run, tmp_path: Path, content: str, said: str
) -> None:
    (tmp_path / "fleet.json").write_text(content)
    result = reads("fleet", "diff", str(tmp_path / "fleet.json"), "now")
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
