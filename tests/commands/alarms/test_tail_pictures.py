"""`alarms tail` with pictures: fetched, decrypted, joined to their alarms, and never in the way."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hpcli.sandbox import DEFAULT_DEVICE, verification_code
from tests.soak.stage import wait_until
from tests.support.platform_server import Platform
from tests.support.runner import Runner
from tests.support.tail_process import PATIENCE, waiting

pytestmark = pytest.mark.usefixtures("account")


def media_of(result: Any) -> list[dict[str, Any]]:
    return [event for event in result.rows if event["type"] == "media"]


@pytest.mark.parametrize("kind", ["plain", "device", "platform", "several"])
def test_pictures_are_decrypted_into_the_folder(
    hpcli: Runner, platform: Platform, tmp_path: Path, kind: str
) -> None:
    platform.trigger("door", picture=kind)
    folder = tmp_path / "pictures"
    result = hpcli("alarms", "tail", "--decrypt", "--pictures", str(folder), "--limit", "1", "-o", "ndjson")
    assert result.exit_code == 0, result.stderr
    event, media = result.rows[0], media_of(result)[0]
    assert event["pictures"][0]["state"] == "pending"
    assert media["id"] == event["id"]
    assert [one["state"] for one in media["pictures"]] == ["saved"] * (3 if kind == "several" else 1)
    for one in media["pictures"]:
        path = Path(one["file"])
        assert path.is_relative_to(folder)
        assert path.read_bytes()[:3] == b"\xff\xd8\xff"
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.suffix == ".jpg"


def test_without_decrypting_files_are_kept_as_they_came(
    hpcli: Runner, platform: Platform, tmp_path: Path
) -> None:
    platform.trigger("door", picture="device")
    result = hpcli("alarms", "tail", "--pictures", str(tmp_path), "--limit", "1", "-o", "ndjson")
    assert Path(media_of(result)[0]["pictures"][0]["file"]).read_bytes().startswith(b"hikencodepicture")


def test_a_linkage_brings_the_pictures_of_its_alarm(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("burglary", picture="device")
    result = hpcli("alarms", "tail", "--decrypt", "--limit", "2", "-o", "ndjson")
    burglary, link = (event for event in result.rows if event["type"] != "media")
    assert {media["id"] for media in media_of(result)} == {burglary["id"], link["id"]}
    assert media_of(result)[0]["pictures"] == media_of(result)[1]["pictures"]


def test_a_limit_waits_for_pictures_that_the_next_message_brings(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("burglary", picture="device")
    burglary, media = hpcli("alarms", "tail", "--decrypt", "--limit", "1", "-o", "ndjson").rows
    assert [one["state"] for one in media["pictures"]] == ["saved", "saved"]
    assert (media["type"], media["id"]) == ("media", burglary["id"])


def test_media_lines_of_a_limited_run_are_not_printed_again(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("door", picture="plain")
    platform.trigger("motion", count=2)
    first = hpcli("alarms", "tail", "--decrypt", "--limit", "1", "-o", "ndjson")
    second = hpcli("alarms", "tail", "--decrypt", "--limit", "2", "-o", "ndjson")
    assert [event["type"] for event in first.rows] == ["ACSEvent", "media"]
    assert [event["type"] for event in second.rows] == ["VMD", "VMD"]


def test_pictures_are_fetched_for_alarms_that_an_earlier_run_left(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("door", picture="plain", count=2)
    hpcli("alarms", "tail", "--limit", "1")
    result = hpcli("alarms", "tail", "--decrypt", "--limit", "1", "-o", "ndjson")
    assert [media["pictures"][0]["state"] for media in media_of(result)] == ["saved"]


def test_a_wrong_device_key_is_named_and_can_be_mended(
    hpcli: Runner, platform: Platform, tmp_path: Path
) -> None:
    platform.trigger("burglary", picture="device")
    keys = tmp_path / "keys"
    keys.write_text(f"{DEFAULT_DEVICE} WRONGKEY\n")
    keys.chmod(0o600)
    environment = {"HPCLI_DEVICE_KEYS_FILE": str(keys)}
    result = hpcli("alarms", "tail", "--decrypt", "--limit", "2", "-o", "ndjson", environment=environment)
    assert result.exit_code == 0
    assert {one["state"] for one in media_of(result)[0]["pictures"]} == {"locked"}
    assert {one["error"] for one in media_of(result)[0]["pictures"]} == {f"Wrong key for {DEFAULT_DEVICE}."}
    told = f"`hpcli auth device-key set {DEFAULT_DEVICE}` stores its key and opens what waits for it."
    first, *more = [line for line in result.stderr.splitlines() if "Wrong key" in line]
    assert told in first
    assert all("(once more)" in line for line in more)
    again = hpcli("alarms", "retry-pictures", "-o", "json", environment=environment)
    assert again.exit_code == 1
    keys.write_text(f"{DEFAULT_DEVICE} {verification_code(DEFAULT_DEVICE)}\n")
    mended = hpcli("alarms", "retry-pictures", "-o", "json", environment=environment)
    assert mended.exit_code == 0
    assert [row["state"] for row in mended.json] == ["saved", "saved"]
    followed = hpcli("alarms", "tail", "--for", "0", "-o", "ndjson").rows
    assert [event["type"] for event in followed] == ["media", "media"]
    assert hpcli("alarms", "retry-pictures").stderr == "No failed pictures.\n"


def test_pictures_that_cannot_be_fetched_hold_no_alarm_back(
    started: Callable[..., subprocess.Popen[str]], platform: Platform, home: Path
) -> None:
    platform.configure(faults={"stall60@/v3/alarms": 1.0})
    platform.trigger("door", picture="plain", count=20)
    process = started("alarms", "tail", "--decrypt", "-o", "ids")
    assert process.stdout is not None
    assert len({process.stdout.readline() for _ in range(20)}) == 20
    wait_until(lambda: waiting(platform) == 0, "all confirmed")
    process.terminate()
    assert process.wait(PATIENCE) == 0
