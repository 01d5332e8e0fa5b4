"""`hpcli log undo`: the value before is set again, if the value is still the one that was sent."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from hpcli.client import Client
from tests.support.platform_server import Platform, lift_call_limit, start_platform
from tests.support.runner import Run, Runner

HOTEL, BAKERY, PANEL, CAMERA = "Harbour View Hotel", "Bäckerei Grünwald", "Q10254783", "F55121300"
MARIA = "maria.gruenwald@baeckerei.example"
LUKASZ = "lukasz@nordlicht.example"
REVERSIBLE = [
    (("site", "update", HOTEL, "--street", "Citadel Road 5", "--name", "Hotel"), ("site", "show", "{site}")),
    (("device", "update", PANEL, "--name", "Shop"), ("device", "show", PANEL)),
    (("site", "assign", HOTEL, "--installer", LUKASZ), ("site", "managers", HOTEL)),
    (("customer", "permit", BAKERY, MARIA, "--device", f"{PANEL}:arm"), ("customer", "show", BAKERY, MARIA)),
    (("site", "app-access", BAKERY, "off"), ("site", "show", BAKERY)),
]


def last(run: Run) -> str:
    return str(run("log", "list", "-o", "json").json[0]["id"])


@pytest.mark.parametrize(("change", "look"), REVERSIBLE, ids=lambda words: " ".join(words[:2]))
def test_a_change_is_undone_and_done_again(
    run: Run, client: Client, change: tuple[str, ...], look: tuple[str, ...]
) -> None:
    site = next(str(row["id"]) for row in client.site.list() if row["siteName"] == HOTEL)
    look = tuple(word.format(site=site) for word in look)
    before = run(*look, "-o", "json").json
    assert run(*change, "--yes").exit_code == 0
    after = run(*look, "-o", "json").json
    assert after != before
    first = last(run)
    undone = run("log", "undo", first, "--yes")
    assert undone.exit_code == 0, undone.stderr
    assert run(*look, "-o", "json").json == before
    assert run("log", "list", "-o", "json").json[0]["undoes"] == int(first)
    again = run("log", "undo", last(run), "--yes")
    assert again.exit_code == 0, again.stderr
    assert run(*look, "-o", "json").json == after


def test_the_mode_of_a_clock_is_set_back(run: Run) -> None:
    before = run("device", "time", PANEL, "-o", "json").json["timeMode"]
    other = "manual" if before == "NTP" else "ntp"
    assert run("device", "time", PANEL, "--mode", other, "--yes").exit_code == 0
    undone = run("log", "undo", last(run), "--yes")
    assert undone.exit_code == 0, undone.stderr
    assert run("device", "time", PANEL, "-o", "json").json["timeMode"] == before


@pytest.mark.parametrize("mode", ["manual", "ntp"])
def test_a_change_of_the_mode_keeps_the_zone(run: Run, mode: str) -> None:
    run("device", "time", PANEL, "--mode", "manual" if mode == "ntp" else "ntp", "--yes")
    zone = run("device", "time", PANEL, "-o", "json").json["timeZone"]
    assert zone == "CST-1:00:00"  # without the summer time of its site
    assert run("device", "time", PANEL, "--mode", mode, "--yes").exit_code == 0
    assert run("device", "time", PANEL, "-o", "json").json["timeZone"] == zone


@pytest.mark.parametrize("options", [("--set", "now", "--mode", "manual"), ("--zone", "America/New_York")])
def test_the_zone_of_a_clock_is_named_and_set_back(run: Run, options: tuple[str, ...]) -> None:
    zone = run("device", "time", PANEL, "-o", "json").json["timeZone"]
    assert run("device", "time", PANEL, *options, "--yes").exit_code == 0
    change = last(run)
    after = run("device", "time", PANEL, "-o", "json").json["timeZone"]
    assert f"timeZone {zone} → {after}" in run("log", "show", change).stdout
    undone = run("log", "undo", change, "--yes")
    assert undone.exit_code == 0, undone.stderr
    clock = run("device", "time", PANEL, "-o", "json").json
    assert (clock["timeZone"], clock["timeMode"]) == (zone, "NTP")


def test_an_ntp_server_is_shown_named_and_set_back(run: Run) -> None:
    def server() -> str:
        return str(run("device", "time", PANEL, "-o", "json").json["ntpServer"])

    first = server()
    assert first in run("device", "time", PANEL).stdout
    done = run("device", "time", PANEL, "--ntp", "10.1.1.1:1123/15", "--yes")
    assert f"set the NTP server to 10.1.1.1:1123 (before: {first})" in done.stderr
    assert server() == "10.1.1.1:1123"
    change = last(run)
    assert (
        f"NTP server {first} → 10.1.1.1:1123; interval 60 minutes → 15 minutes"
        in run("log", "show", change).stdout
    )
    undone = run("log", "undo", change, "--yes")
    assert undone.exit_code == 0, undone.stderr
    assert server() == first


def test_what_was_undone_already_is_named_and_the_rest_is_undone(run: Run) -> None:
    run("device", "update", PANEL, "--name", "One")
    first = last(run)
    run("log", "undo", first, "--yes")
    undoer = last(run)
    run("device", "update", CAMERA, "--name", "Two")
    second = last(run)
    undone = run("log", "undo", first, second, "--yes")
    assert undone.exit_code == 0, undone.stderr
    assert f"= {first}  was undone already, by change {undoer}" in undone.stderr
    assert "--force" not in undone.stderr
    assert run("log", "undo", first, second, "--yes").exit_code == 0
    run("log", "undo", undoer, "--yes")  # `first` stands again
    assert run("log", "undo", first, "--yes").stderr.count("Undid") == 1


def test_no_line_of_a_refused_plan_looks_like_something_done(run: Run) -> None:
    run("device", "update", PANEL, "--name", "One")
    first = last(run)
    run("device", "update", PANEL, "--name", "Two")
    run("device", "update", CAMERA, "--name", "Three")
    refused = run("log", "undo", first, last(run), "--yes")
    assert refused.exit_code == 2
    assert "Three →" not in refused.stderr
    assert "Nothing was undone." in refused.stderr
    assert f"hint: Leave out {first}, or" in refused.stderr


def test_a_value_that_changed_since_is_left_alone(run: Run) -> None:
    run("device", "update", PANEL, "--name", "One")
    first = last(run)
    run("device", "update", PANEL, "--name", "Two")
    refused = run("log", "undo", first, "--yes")
    assert refused.exit_code == 2
    assert "has changed since" in refused.stderr
    assert run("log", "undo", first, "--yes", "--force").exit_code == 0
    assert run("device", "show", PANEL, "-o", "json").json["deviceName"] == "Bakery alarm panel"


def test_the_newest_is_undone_first(run: Run) -> None:
    run("device", "update", PANEL, "--name", "One")
    first = last(run)
    run("device", "update", PANEL, "--name", "Two")
    undone = run("log", "undo", first, last(run), "--yes")
    assert undone.exit_code == 0, undone.stderr
    assert run("device", "show", PANEL, "-o", "json").json["deviceName"] == "Bakery alarm panel"


@pytest.mark.parametrize(
    "command",
    [("panel", "disarm", PANEL, "all"), ("device", "output", "set", PANEL, "1", "high"), ("device", "delete", CAMERA)],
    ids=lambda words: " ".join(words[:3]),
)  # fmt: skip
def test_nothing_physical_is_undone(run: Run, command: tuple[str, ...]) -> None:
    run(*command, "--yes")
    refused = run("log", "undo", last(run), "--yes", "--force")
    assert refused.exit_code == 2
    assert "can be undone" in refused.stderr


def test_events_for_the_centre_need_force_because_nobody_can_read_them(run: Run) -> None:
    run("arc", "set-events", CAMERA, "--cctv", "motion", "--yes")
    assert "is not in the log" in run("log", "undo", last(run), "--yes", "--force").stderr
    run("arc", "set-events", CAMERA, "--cctv", "video-loss", "--yes")
    number = last(run)
    assert "--force" in run("log", "undo", number, "--yes").stderr
    assert run("log", "undo", number, "--yes", "--force").exit_code == 0
    events = [change["sent"]["CCTVEventList"] for change in run("log", "list", "-o", "json").json]
    assert events[0] == events[2] != events[1]


def test_it_asks_and_a_dry_run_shows_the_call(run: Run) -> None:
    run("device", "update", PANEL, "--name", "One")
    number = last(run)
    asked = run("log", "undo", number)
    assert asked.exit_code == 2
    assert "One → Bakery alarm panel" in asked.stderr
    plan = run("log", "undo", number, "--dry-run", "-o", "json").json
    assert plan[0]["body"]["deviceName"] == "Bakery alarm panel"
    assert last(run) == number


def test_a_change_of_another_account_is_refused(run: Run, hpcli: Runner, home: Path, tmp_path: Path) -> None:
    run("device", "update", PANEL, "--name", "One")
    number = last(run)
    with start_platform(tmp_path / "other.db") as other:
        environment = {**other.environment, **lift_call_limit(home / "no-limit-there")}
        elsewhere: Run = partial(hpcli, environment=environment)
        elsewhere("device", "update", PANEL, "--name", "One")
        refused = elsewhere("log", "undo", number, "--yes")
        assert refused.exit_code == 2
        assert "another account" in refused.stderr
        assert elsewhere("device", "show", PANEL, "-o", "json").json["deviceName"] == "One"


def test_numbers_are_checked(run: Run, platform: Platform) -> None:
    assert platform.base_url
    assert run("log", "undo", "x", "--yes").exit_code == 2
    assert run("log", "undo", "12", "--yes").exit_code == 4
