"""Pictures that wait for a key: listed, opened by `auth device-key set`, and retried."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from hpcli.sandbox import OWN_PICTURE_KEYS, control
from tests.support.platform_server import Platform
from tests.support.runner import Result, Runner

DEVICE, KEY = next(iter(OWN_PICTURE_KEYS.items()))


@pytest.fixture(autouse=True)
def profile(hpcli: Runner, platform: Platform) -> None:
    """Sign in with a profile, which can store keys of devices; polls are short."""
    platform.configure(poll_seconds=0.2)
    done(
        hpcli(
            *("auth", "login", "--app-key", platform.app_key, "--secret-stdin", "--base-url"),
            *(platform.base_url, "--insecure-storage"),
            stdin=f"{platform.secret_key}\n",
        )
    )


def done(result: Result) -> Result:
    assert result.exit_code == 0, result.stderr
    return result


def tail(hpcli: Runner, *options: str, count: int = 1) -> list[dict[str, Any]]:
    return done(hpcli("alarms", "tail", "--limit", str(count), *options, "-o", "ndjson")).rows


def downloads(platform: Platform) -> int:
    """Return how many pictures were fetched."""
    requests = control.statistics(platform.state)["requests"]
    return sum(count for name, count in requests.items() if "/pic/get" in name or "/pictures/" in name)


def set_key(hpcli: Runner, key: str) -> str:
    return done(hpcli("auth", "device-key", "set", DEVICE, "--key-stdin", stdin=f"{key}\n")).stderr


def test_a_key_opens_at_once_what_waits_for_it(hpcli: Runner, platform: Platform) -> None:
    platform.trigger("burglary", device=DEVICE, picture="device")
    tail(hpcli, "--decrypt", count=2)
    (row,) = done(hpcli("alarms", "keys", "-o", "json")).json
    assert (row["device"], row["pictures"]) == (DEVICE, 2)
    assert set(row) == {"device", "site", "pictures", "oldest"}
    assert row["site"]["name"]
    assert done(hpcli("alarms", "keys", "-o", "ids")).lines == [DEVICE]
    fetched = downloads(platform)
    refused = hpcli("alarms", "retry-pictures", "-o", "json")
    assert (refused.exit_code, [row["state"] for row in refused.json]) == (1, ["locked", "locked"])
    assert f"hpcli auth device-key set {DEVICE}" in refused.stderr
    assert "stayed locked" in set_key(hpcli, "WRONGKEY")
    assert f"Opened 2 pictures of {DEVICE}." in set_key(hpcli, KEY)
    assert hpcli("alarms", "keys").stderr == "No locked pictures.\n"
    assert downloads(platform) == fetched
    media = tail(hpcli, "--for", "0")
    assert [event["type"] for event in media] == ["media", "media"]
    picture = media[0]["pictures"][0]
    assert picture["state"] == "saved"
    assert Path(picture["file"]).read_bytes()[:3] == b"\xff\xd8\xff"
    assert Path(picture["file"]).is_absolute()


def test_the_sandbox_takes_the_keys_that_owners_chose(hpcli: Runner) -> None:
    def sandbox(*words: str, **more: Any) -> Result:
        return done(hpcli("--profile", "sandbox", *words, **more))

    sandbox("sandbox", "trigger", "burglary", "--picture", "device", "--device", DEVICE)
    sandbox("alarms", "tail", "--decrypt", "--limit", "1", "-o", "ndjson")
    assert sandbox("alarms", "keys", "-o", "ids").lines == [DEVICE]
    key = ("auth", "device-key", "set", DEVICE, "--key-stdin")
    assert f"Opened 2 pictures of {DEVICE}." in sandbox(*key, stdin=f"{KEY}\n").stderr
    assert sandbox("auth", "device-key", "list", "-o", "ids").lines == [DEVICE]
    sandbox("auth", "device-key", "delete", DEVICE)
    assert sandbox("auth", "device-key", "list", "-o", "ids").lines == []


def test_pictures_of_alarms_read_without_decrypting_can_be_saved_later(
    hpcli: Runner, platform: Platform
) -> None:
    platform.trigger("door", picture="plain")
    platform.trigger("door", picture="platform")
    tail(hpcli, count=2)
    saved = done(hpcli("alarms", "retry-pictures", "-o", "json")).json
    assert [row["state"] for row in saved] == ["saved", "saved"]
    assert hpcli("alarms", "retry-pictures").stderr == "No failed pictures.\n"


def test_only_links_need_the_accounts_secret(
    hpcli: Runner, platform: Platform, tmp_path: Path, home: Path
) -> None:
    """As in a shell of the service's user, who cannot read the credentials of systemd."""
    platform.trigger("door", picture="plain")
    platform.trigger("door", picture="platform")
    tail(hpcli, count=2)
    shutil.rmtree(home / ".cache/hpcli")
    unreadable = tmp_path / "secret"
    unreadable.mkdir()
    environment = {
        **platform.environment,
        "HPCLI_SECRET_KEY": "",
        "HPCLI_SECRET_KEY_FILE": str(unreadable),
        "HPCLI_CONFIG_DIR": str(tmp_path / "none"),
    }
    result = hpcli("alarms", "retry-pictures", "-o", "json", environment=environment)
    assert [row["state"] for row in result.json] == ["saved", "failed"]
    assert str(unreadable) in result.json[1]["error"]
    assert done(hpcli("alarms", "retry-pictures", "-o", "json")).json[0]["state"] == "saved"


def test_a_moved_journal_keeps_its_pictures(hpcli: Runner, platform: Platform, home: Path) -> None:
    platform.trigger("door", picture="plain")
    event = tail(hpcli, "--decrypt", "--keep-originals")[0]
    state = home / ".local/state/hpcli"
    shutil.move(state, home / "moved")
    environment = {"HPCLI_STATE_DIR": str(home / "moved")}
    shown = done(hpcli("alarms", "show", event["id"], "-o", "json", environment=environment)).json
    path = Path(shown["pictures"][0]["file"])
    assert path.is_relative_to(home / "moved")
    assert path.exists()
    assert platform.app_key not in str(path)


def test_originals_are_kept_of_decrypted_pictures_only(hpcli: Runner) -> None:
    refused = hpcli("alarms", "tail", "--keep-originals", "--limit", "1")
    assert refused.exit_code == 2
    assert "--decrypt" in refused.stderr
