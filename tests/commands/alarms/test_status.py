"""`hpcli alarms status`: what it shows, and which problems its checks find."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hpcli.alarms.journal.schema import open_for_writing
from hpcli.sandbox import APP_KEY, DEFAULT_DEVICE
from tests.support.platform_server import Platform
from tests.support.runner import Result, Runner
from tests.support.tail_process import PATIENCE
from tests.support.waiting import wait_for

pytestmark = pytest.mark.usefixtures("account")

CAMERA = "F55122045"
CHECKS = "reader,poll=3m,waiting=100,subscription,silent=25h,pictures,disk"


def status(hpcli: Runner, *arguments: str) -> dict[str, Any]:
    return dict(hpcli("alarms", "status", *arguments, "-o", "json").json)


def tail(hpcli: Runner, limit: int, *arguments: str) -> Result:
    return hpcli("alarms", "tail", "--limit", str(limit), "-o", "ndjson", *arguments)


def change(home: Path, *statements: str) -> None:
    """Change the account's journal."""
    (path,) = (home / ".local/state/hpcli/alarms").glob("*/journal.db")
    with closing(open_for_writing(path)) as db:
        for statement in statements:
            db.execute(statement)


def notices(result: Result) -> list[str]:
    """The lines about problems, without the error at the end."""
    return [line for line in result.stderr.splitlines() if not line.startswith("error:")]


@contextmanager
def running_tail(hpcli: Runner, *arguments: str) -> Iterator[list[str]]:
    """Run a tail while the block runs; the list then has the lines of its stderr."""
    said: list[str] = []
    process = hpcli.start("alarms", "tail", "-o", "ndjson", *arguments)
    try:
        yield said
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=PATIENCE)
        said += errors.splitlines()


def has_checked(hpcli: Runner) -> bool:
    """Whether a reader polls and all devices are subscribed; without a reader the command itself asks."""
    row = status(hpcli)
    is_polling = row["reader"] is not None and row["lastPoll"] is not None
    return is_polling and row["subscription"]["state"] == "complete"


def test_neither_a_reader_nor_a_journal_is_an_error(hpcli: Runner) -> None:
    result = hpcli("alarms", "status", "-o", "json")
    assert (result.exit_code, result.stderr) == (0, "")
    row = result.json
    assert (row["reader"], row["lastPoll"], row["events"], row["outputs"]) == (None, None, 0, [])
    assert row["journal"].endswith("journal.db")
    assert hpcli("alarms", "status", "-o", "table").exit_code == 0


def test_each_output_has_its_position_and_what_waits(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("motion", count=3)
    tail(hpcli, 1)
    (output,) = status(hpcli)["outputs"]
    assert (output["name"], output["position"], output["waiting"]) == ("stdout", 1, 2)
    assert output["oldest"].endswith("Z")


def test_a_running_reader_is_shown_with_its_last_poll(hpcli: Runner) -> None:
    with running_tail(hpcli):
        wait_for(lambda: bool((status(hpcli)["reader"] or {}).get("lastPoll")), every=0.02)
        reader = status(hpcli)["reader"]
        assert reader["running"] is True
        assert reader["pid"] > 0
        assert status(hpcli)["lease"] is None
        assert hpcli("alarms", "status", "--fail-on", "reader,poll").exit_code == 0


# The subscription


def test_the_subscription_is_what_the_platform_has(hpcli: Runner, platform: Platform) -> None:
    hpcli("alarms", "subscribe", "--all")
    assert status(hpcli)["subscription"]["state"] == "complete"
    with platform.client() as client:
        client.alarms.unsubscribe([CAMERA])
    found = status(hpcli)["subscription"]
    assert (found["state"], found["lost"], found["setHere"]) == ("incomplete", [CAMERA], "all devices")
    with platform.client() as client:
        client.alarms.unsubscribe(None)
    failed = hpcli("alarms", "status", "--fail-on", "subscription", "-o", "plain")
    assert failed.exit_code == 10
    assert "subscription: No longer subscribed:" in failed.stderr
    assert DEFAULT_DEVICE in failed.stderr


def test_a_loss_is_seen_also_where_nothing_was_subscribed_from_here(
    hpcli: Runner, platform: Platform
) -> None:
    tail(hpcli, 1, "--for", "0")
    assert status(hpcli)["subscription"]["state"] == "complete"
    with platform.client() as client:
        client.alarms.unsubscribe([CAMERA])
    assert status(hpcli)["subscription"]["lost"] == [CAMERA]


def test_what_was_unsubscribed_here_is_no_loss(hpcli: Runner) -> None:
    tail(hpcli, 1, "--for", "0")
    assert status(hpcli)["subscription"]["state"] == "complete"
    hpcli("alarms", "unsubscribe", CAMERA, "--yes")
    found = status(hpcli)["subscription"]
    assert (found["state"], found["lost"]) == ("complete", [])
    hpcli("alarms", "unsubscribe", "--all", "--yes")
    found = status(hpcli)["subscription"]
    assert (found["state"], found["subscribed"]) == ("none", 0)


def test_a_subscription_that_cannot_be_read_is_unknown_and_not_well(
    hpcli: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HPCLI_SECRET_KEY", "wrong")
    result = hpcli("alarms", "status", "-o", "json", "--fail-on", "subscription")
    assert result.exit_code == 10
    assert result.json["subscription"]["state"] == "unknown"
    assert result.json["subscription"]["error"]


def test_the_tail_says_once_that_the_subscription_is_lost(hpcli: Runner, platform: Platform) -> None:
    with running_tail(hpcli) as said:
        wait_for(lambda: has_checked(hpcli), every=0.02)
        with platform.client() as client:
            client.alarms.unsubscribe(None)
        wait_for(lambda: status(hpcli)["subscription"]["state"] == "lost", every=0.02)
        assert hpcli("doctor", "-o", "json").json[8]["state"] == "problem"
    assert [line for line in said if "subscription is gone" in line] == [
        json.dumps({
            "notice": "The subscription is gone: no device of this account is subscribed; another program may have"
            " ended it. Their alarms do not arrive. Run `hpcli alarms subscribe`, or use --subscribe."
        }, separators=(",", ":"))
    ]  # fmt: skip


def test_the_tail_sets_it_again_if_it_is_to_subscribe(hpcli: Runner, platform: Platform) -> None:
    with running_tail(hpcli, "--subscribe") as said:
        wait_for(lambda: has_checked(hpcli), every=0.02)
        checked = status(hpcli)["subscription"]["checked"]
        with platform.client() as client:
            client.alarms.unsubscribe(None)
        wait_for(lambda: status(hpcli)["subscription"]["checked"] > checked, every=0.02)
        wait_for(lambda: has_checked(hpcli), every=0.02)
    assert [line for line in said if "It was set again." in line]


# --fail-on


def test_all_is_well_while_nothing_is_wrong(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("motion")
    tail(hpcli, 1)
    result = hpcli("alarms", "status", "--fail-on", "poll,waiting,subscription,silent,pictures,disk")
    assert (result.exit_code, result.stderr) == (0, "")


def test_each_problem_is_a_line_on_stderr(hpcli: Runner) -> None:
    result = hpcli("alarms", "status", "--fail-on", CHECKS, "-o", "plain")
    assert result.exit_code == 10
    assert notices(result) == [
        "reader: No reader runs on this computer.",
        "poll: The platform has never been asked for alarms here.",
    ]
    assert "error: 2 problems found: reader, poll." in result.stderr


def test_events_that_wait_are_a_problem_beyond_a_limit(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("motion", count=3)
    tail(hpcli, 1)
    assert hpcli("alarms", "status", "--fail-on", "waiting=2").exit_code == 0
    failed = hpcli("alarms", "status", "--fail-on", "waiting=1", "-o", "plain")
    assert (failed.exit_code, "2 events for stdout" in failed.stderr) == (10, True)


def test_an_old_poll_and_silent_devices_are_problems(hpcli: Runner, platform: Platform, home: Path) -> None:
    platform.trigger("motion", device=CAMERA)
    tail(hpcli, 1)
    long_ago = round((datetime.now(UTC) - timedelta(hours=30)).timestamp() * 1000)
    change(
        home, f"UPDATE heard SET at={long_ago}", f"UPDATE fact SET value={long_ago} WHERE name='last-poll'"
    )
    failed = hpcli("alarms", "status", "--fail-on", "poll=1h,silent", "-o", "plain")
    assert failed.exit_code == 10
    first, second = notices(failed)
    assert first.startswith("poll: The platform last answered 1 d 6 h ago")
    assert second == f"silent: No message for over 1 d 1 h: {CAMERA}."
    assert hpcli("alarms", "status", "--fail-on", "poll=31h,silent=31h").exit_code == 0


def test_a_device_that_left_the_account_is_not_silent(hpcli: Runner, platform: Platform, home: Path) -> None:
    platform.trigger("motion", device=CAMERA)
    tail(hpcli, 1)
    change(home, "UPDATE heard SET at=0", "INSERT INTO heard VALUES ('X99999999', 0)")
    assert [one["device"] for one in status(hpcli)["silent"]] == [CAMERA]


def test_locked_and_failed_pictures_are_a_problem(hpcli: Runner, platform: Platform, home: Path) -> None:
    platform.trigger("door", picture="plain")
    tail(hpcli, 1)
    change(home, "UPDATE picture SET state='locked'")
    failed = hpcli("alarms", "status", "--fail-on", "pictures", "-o", "plain")
    assert (failed.exit_code, notices(failed)) == (10, ["pictures: Pictures: 1 locked."])
    change(home, "UPDATE picture SET state='failed'")
    assert hpcli("alarms", "status", "--fail-on", "pictures").exit_code == 10
    change(home, "UPDATE entry SET received=0")
    assert hpcli("alarms", "status", "--fail-on", "pictures").exit_code == 0


def test_too_little_room_is_a_problem(hpcli: Runner) -> None:
    assert hpcli("alarms", "status", "--fail-on", "disk=1k").exit_code == 0
    failed = hpcli("alarms", "status", "--fail-on", "disk=1000000G", "-o", "plain")
    assert (failed.exit_code, failed.stderr.startswith("disk: Only ")) == (10, True)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("raeder", "reader"),
        ("poll=soon", "--fail-on poll"),
        ("waiting=-1", "whole number"),
        ("reader=2", "has no limit"),
        ("", "No check"),
    ],
)
def test_a_wrong_check_is_wrong_usage(hpcli: Runner, value: str, words: str) -> None:
    result = hpcli("alarms", "status", "--fail-on", value)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


# --all-profiles


@pytest.fixture
def profiles(platform: Platform, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two profiles: `good` is the stand-in's account, `lost` has a key without a secret."""
    for name in platform.environment:
        monkeypatch.delenv(name, raising=False)
    folder = home / ".config/hpcli"
    folder.mkdir(parents=True, mode=0o700)
    (folder / "config.toml").write_text(
        f'[profiles.good]\napp-key = "{APP_KEY}"\nbase-url = "{platform.base_url}"\ncredentials = "file"\n'
        '[profiles.lost]\napp-key = "other"\nbase-url = "http://127.0.0.1:1"\ncredentials = "file"\n'
    )


@pytest.mark.usefixtures("profiles")
def test_an_output_of_all_profiles_is_pointed_out(hpcli: Runner, home: Path) -> None:
    file = home / ".config/hpcli/forward.toml"
    file.write_text('[output.all]\nto = "exec:cat"\n[output.one]\nto = "exec:cat"\nprofile = ["good"]\n')
    file.chmod(0o600)
    result = hpcli("alarms", "forward", "check", "--profile", "good")
    assert "all: it takes the alarms of all profiles (good, lost)" in result.stderr
    assert (result.exit_code, "one: it takes" in result.stderr) == (0, False)


@pytest.mark.usefixtures("profiles")
def test_all_profiles_have_one_row_each(hpcli: Runner) -> None:
    result = hpcli("alarms", "status", "--all-profiles", "-o", "json")
    assert result.exit_code == 0
    assert [row["profile"] for row in result.json] == ["good", "lost"]
    assert {row["subscription"]["state"] for row in result.json} == {"unknown"}
    table = hpcli("alarms", "status", "--all-profiles", "-o", "table")
    assert [line.split()[0] for line in table.lines] == ["PROFILE", "good", "lost"]
    failed = hpcli("alarms", "status", "--all-profiles", "--fail-on", "reader", "-o", "plain")
    assert failed.exit_code == 10
    assert notices(failed) == [
        "good: reader: No reader runs on this computer.",
        "lost: reader: No reader runs on this computer.",
    ]


@pytest.mark.usefixtures("profiles")
def test_a_profile_whose_journal_is_damaged_does_not_hide_the_others(hpcli: Runner, home: Path) -> None:
    path = Path(hpcli("alarms", "status", "--profile", "lost", "-o", "ids").lines[0])
    path.parent.mkdir(parents=True, mode=0o700)
    path.write_text("not a database, but a text of some length" * 100)
    result = hpcli("alarms", "status", "--all-profiles", "-o", "json", "--fail-on", "reader")
    assert result.exit_code == 9
    good, lost = result.json
    assert good["error"] is None
    assert lost["error"]["kind"] == "local"


@pytest.mark.parametrize("other", [("--profile", "sandbox"), ("--journal", "x.db")])
def test_all_profiles_go_with_no_single_one(hpcli: Runner, other: tuple[str, str]) -> None:
    assert hpcli("alarms", "status", "--all-profiles", *other).exit_code == 2
