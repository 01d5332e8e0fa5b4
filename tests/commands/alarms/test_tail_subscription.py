"""Whose alarms `alarms tail` reads: what is asked, remembered and set again."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from hpcli.alarms.tail.subscription import Subscription, keep_subscription, load_subscription
from hpcli.errors import LocalError
from hpcli.sandbox import DEFAULT_DEVICE, control
from tests.support.platform_server import Platform
from tests.support.runner import Runner
from tests.support.tail_process import polls

pytestmark = pytest.mark.usefixtures("account")

CAMERA = "E33104592"


def test_the_first_read_on_a_terminal_asks(
    hpcli: Runner, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = hpcli.on_terminal("alarms", "tail", "--limit", "1")
    terminal.wait_for("[y/N]")
    assert polls(platform) == 0
    terminal.type("n\n")
    assert terminal.finish() == 130
    assert polls(platform) == 0
    platform.trigger("motion", count=2)
    agreed = hpcli.on_terminal("alarms", "tail", "--limit", "1")
    agreed.wait_for("[y/N]")
    agreed.type("y\n")
    assert agreed.finish() == 0
    later = hpcli.on_terminal("alarms", "tail", "--limit", "1")
    assert later.finish() == 0
    assert "[y/N]" not in later.shown


def subscriptions(platform: Platform) -> int:
    return control.statistics(platform.state)["requests"].get("POST /api/hpcgw/v1/mq/subscribe", 0)


def subscribed(platform: Platform) -> set[str]:
    with platform.client() as client:
        return {row["deviceSerial"] for row in client.device.list() if row["isSubscribed"]}


def test_tail_sets_again_what_was_subscribed_and_nothing_else(hpcli: Runner, platform: Platform) -> None:
    with platform.client() as client:
        client.alarms.unsubscribe(None)
    before = subscriptions(platform)
    result = hpcli("alarms", "tail", "--for", "1s")
    assert subscriptions(platform) == before
    assert "hpcli alarms subscribe --all" in result.stderr
    hpcli("alarms", "subscribe", DEFAULT_DEVICE)
    with platform.client() as client:
        client.alarms.unsubscribe(None)
    quiet = hpcli("alarms", "tail", "--for", "1s")
    assert subscribed(platform) == {DEFAULT_DEVICE}
    assert quiet.stderr == ""


def test_tail_can_subscribe_to_everything_and_remembers_it(hpcli: Runner, platform: Platform) -> None:
    with platform.client() as client:
        client.alarms.unsubscribe(None)
    hpcli("alarms", "tail", "--subscribe", "--for", "0")
    assert DEFAULT_DEVICE in subscribed(platform)
    with platform.client() as client:
        client.alarms.unsubscribe(None)
    hpcli("alarms", "tail", "--for", "1s")
    assert DEFAULT_DEVICE in subscribed(platform)


def test_a_dry_run_reads_and_changes_nothing(hpcli: Runner, platform: Platform, home: Path) -> None:
    platform.trigger("motion")
    result = hpcli("alarms", "tail", "--subscribe", "--dry-run", "-o", "ndjson")
    assert result.exit_code == 0
    assert [plan["url"].rpartition("/")[2] for plan in result.rows] == ["subscribe", "offset"]
    assert polls(platform) == 0
    assert list(home.glob(".local/state/hpcli/alarms/*")) == []


def test_the_state_folder_is_private(hpcli: Runner, platform: Platform, home: Path) -> None:
    os.umask(0)
    try:
        platform.trigger("motion")
        hpcli("alarms", "tail", "--limit", "1")
    finally:
        os.umask(0o022)
    folder = home / ".local/state/hpcli"
    modes = Counter((path.is_dir(), path.stat().st_mode & 0o777) for path in (folder, *folder.rglob("*")))
    assert set(modes) == {(True, 0o700), (False, 0o600)}


def test_a_record_tells_what_subscribing_alone_can_set_again() -> None:
    everything = Subscription().with_subscribed(None)
    assert everything.can_be_repeated
    excepted = everything.with_unsubscribed([DEFAULT_DEVICE])
    assert not excepted.can_be_repeated, "subscribing to everything would undo the exception"
    assert excepted.with_subscribed([DEFAULT_DEVICE]) == everything
    some = Subscription().with_subscribed([DEFAULT_DEVICE, CAMERA]).with_unsubscribed([DEFAULT_DEVICE])
    assert (some.serials, some.can_be_repeated) == ((CAMERA,), True)
    assert not some.with_unsubscribed([CAMERA]).can_be_repeated
    assert not everything.with_unsubscribed(None).can_be_repeated


def test_a_record_comes_back_and_a_damaged_one_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "alarms" / "account"
    assert load_subscription(folder) is None
    record = Subscription(everything=True, excepted=(DEFAULT_DEVICE,))
    keep_subscription(folder, record)
    assert load_subscription(folder) == record
    (folder / "subscription.json").write_text("{")
    with pytest.raises(LocalError, match="cannot be read"):
        load_subscription(folder)
