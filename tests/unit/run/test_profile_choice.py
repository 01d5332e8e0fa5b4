"""The profile that is named exists and belongs to the account of the environment, or nothing is done."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from hpcli.auth.account import Account
from hpcli.errors import UsageError
from hpcli.run.account import AccountSession
from hpcli.run.settings import Settings
from tests.support.platform_server import Platform
from tests.support.runner import Runner

CONFIG = """
[profiles.work]
app-key = "wk"
base-url = "https://work.example.org"
[profiles.home]
app-key = "hk"
"""
KEY = {"HPCLI_APP_KEY": "k", "HPCLI_SECRET_KEY": "s"}


def settings(
    folder: Path, environment: Mapping[str, str], text: str | None = CONFIG, **flags: str
) -> Settings:
    if text is not None:
        (folder / "config.toml").write_text(text)
        (folder / "config.toml").chmod(0o600)
    return Settings({"HPCLI_CONFIG_DIR": str(folder), **environment}, dict(flags))


@pytest.mark.parametrize("name", ["work ", " work", "work\r", "\twork\r\n"])
@pytest.mark.parametrize("how", ["flag", "variable"])
def test_the_name_of_a_profile_is_trimmed(tmp_path: Path, name: str, how: str) -> None:
    flags = {"profile": name} if how == "flag" else {}
    chosen = settings(tmp_path, {"HPCLI_PROFILE": name} if how == "variable" else {}, **flags)
    assert chosen.profile_name == "work"


@pytest.mark.parametrize("name", ["B\u00fcro", "Bu\u0308ro"])
def test_the_name_of_a_profile_counts_in_any_normal_form(tmp_path: Path, name: str) -> None:
    text = '[profiles."B\u00fcro"]\napp-key = "b"\n'
    assert settings(tmp_path, {"HPCLI_PROFILE": name}, text).profile_name == "B\u00fcro"


@pytest.mark.parametrize("name", ["sandbox ", "sandbox\r", " sandbox"])
def test_the_sandbox_is_chosen_however_it_is_written(tmp_path: Path, name: str) -> None:
    assert settings(tmp_path, {"HPCLI_PROFILE": name, **KEY}, None).is_sandbox


@pytest.mark.parametrize(
    ("name", "meant"),
    [("Sandbox", "sandbox"), ("wrok", "work"), ("Work", "work"), ("default", None), ("sand box", "sandbox")],
)
@pytest.mark.parametrize("more", [{}, KEY])
@pytest.mark.parametrize("how", ["flag", "variable"])
def test_a_profile_that_does_not_exist_is_refused_with_the_nearest_and_all(
    tmp_path: Path, name: str, meant: str | None, more: dict[str, str], how: str
) -> None:
    flags = {"profile": name} if how == "flag" else {}
    environment = {**more, **({"HPCLI_PROFILE": name} if how == "variable" else {})}
    with pytest.raises(UsageError, match="There is no profile") as refused:
        _ = settings(tmp_path, environment, **flags).profile_name
    assert "home, work, sandbox" in str(refused.value.hint)
    assert meant is None or f"Did you mean '{meant}'?" in str(refused.value.hint)


@pytest.mark.parametrize("name", ["", " ", "\r"])
def test_an_empty_name_counts_as_unset(tmp_path: Path, name: str) -> None:
    assert settings(tmp_path, {"HPCLI_PROFILE": name, **KEY}).profile_name is None
    assert settings(tmp_path, KEY, profile=name).get("app-key") == "k"


def test_default_counts_as_unset_before_there_is_a_config_file(tmp_path: Path) -> None:
    assert settings(tmp_path, {"HPCLI_PROFILE": "default", **KEY}, None).get("app-key") == "k"
    assert settings(tmp_path, KEY, None, profile="default").get("app-key") == "k"


@pytest.mark.parametrize(
    ("account", "outcome"),
    [
        ({"HPCLI_APP_KEY": "k"}, "refused"),
        ({"HPCLI_APP_KEY": "hk"}, "refused"),
        ({"HPCLI_APP_KEY": "wk"}, "taken"),
        ({"HPCLI_APP_KEY": " wk\r"}, "taken"),
        ({"HPCLI_APP_KEY": "wk", "HPCLI_BASE_URL": "https://other.example.org"}, "refused"),
        ({"HPCLI_APP_KEY": "wk", "HPCLI_BASE_URL": "WORK.example.org:443/"}, "taken"),
    ],
)
def test_a_profile_beside_the_key_of_another_account_is_refused(
    tmp_path: Path, account: dict[str, str], outcome: str
) -> None:
    chosen = settings(tmp_path, {"HPCLI_PROFILE": "work", "HPCLI_SECRET_KEY": "s", **account})
    if outcome == "refused":
        with pytest.raises(UsageError) as refused:
            _ = chosen.profile_name
        assert "Unset one of the two" in str(refused.value.hint)
    else:
        assert chosen.profile_name == "work"


def test_the_default_of_the_file_never_contradicts_the_environment(tmp_path: Path) -> None:
    chosen = settings(tmp_path, KEY, 'default-profile = "work"\n' + CONFIG)
    assert chosen.profile_name is None
    assert chosen.get("app-key") == "k"


@pytest.mark.parametrize(
    "given", [{"HPCLI_APP_KEY": "k"}, {"HPCLI_SECRET_KEY": "s"}, {"HPCLI_SECRET_KEY_FILE": "/nowhere"}]
)
@pytest.mark.parametrize("text", [CONFIG, None, "[profiles.work]\napp-key='wk'\n"])
def test_half_a_pair_of_keys_is_refused(tmp_path: Path, given: dict[str, str], text: str | None) -> None:
    session = AccountSession(settings(tmp_path, given, text), print, print)
    with pytest.raises(UsageError, match=r"is set without HPCLI_"):
        _ = (session.account, session.source)


def test_variables_lose_carriage_returns_and_blanks_that_cannot_belong(tmp_path: Path) -> None:
    environment = {
        "HPCLI_APP_KEY": "k \r\n",
        "HPCLI_SECRET_KEY": "\ts\r",
        "HPCLI_BASE_URL": " https://e.example.org\r",
        "HPCLI_DEVICE": " Q1 ",
        "HPCLI_STATE_DIR": f"{tmp_path}/with blank \r",
    }
    chosen = settings(tmp_path, environment, None)
    assert [chosen.get(key) for key in ("app-key", "secret-key", "base-url", "device")] == [
        *("k", "s", "https://e.example.org", "Q1")
    ]
    assert chosen.state_dir == tmp_path / "with blank "


@pytest.mark.parametrize("command", [("site", "list"), ("alarms", "history")])
def test_two_profiles_without_a_default_are_both_named(
    hpcli: Runner, tmp_path: Path, command: tuple[str, ...]
) -> None:
    settings(tmp_path, {})
    result = hpcli(*command, environment={"HPCLI_CONFIG_DIR": str(tmp_path)})
    assert result.exit_code == 2
    assert "home, work" in result.stderr
    assert "auth use" in result.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('defualt-profile = "work"\n' + CONFIG, ("'defualt-profile'", "'default-profile'")),
        ('default = "work"\n' + CONFIG, ("'default'", "'default-profile'")),
        ('default-profile = "wrok"\n' + CONFIG, ("'wrok'", "'work'", "home, work, sandbox")),
        (CONFIG + "timout = 3\n", ("'timout'", "[profiles.home]", "'timeout'")),
        ("[setings]\noutput='csv'\n" + CONFIG, ("'setings'", "'settings'")),
        ("[settings]\nOutput='csv'\n" + CONFIG, ("'Output'", "[settings]", "'output'")),
        ("[profile.x]\napp-key='x'\n" + CONFIG, ("'profile'", "'profiles'")),
    ],
)
def test_what_is_ignored_in_the_config_file_is_said_with_the_nearest_name(
    hpcli: Runner, tmp_path: Path, text: str, said: tuple[str, ...]
) -> None:
    settings(tmp_path, {}, text)
    environment = {"HPCLI_CONFIG_DIR": str(tmp_path), **KEY}
    result = hpcli("explain", "LAP500004", environment=environment)
    assert result.exit_code == 0
    assert all(word in result.stderr for word in said), result.stderr
    assert len(result.stderr.splitlines()) == 1
    checked = hpcli(
        "doctor", "-o", "json", environment={**environment, "HPCLI_BASE_URL": "http://127.0.0.1:9"}
    )
    assert checked.exit_code == 10
    config = next(row for row in checked.json if row["check"] == "config")
    assert config["state"] == "problem"
    assert all(word in config["result"] for word in said)


def test_a_config_file_without_faults_is_not_mentioned(hpcli: Runner, tmp_path: Path) -> None:
    settings(tmp_path, {}, "[settings]\noutput='plain'\n" + CONFIG + "timeout='3s'\ndevice-keys=['Q1']\n")
    assert hpcli("explain", "LAP500004", environment={"HPCLI_CONFIG_DIR": str(tmp_path)}).stderr == ""


def test_device_keys_are_listed_without_a_profile(hpcli: Runner, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text("Q7 ABCDEF\n")
    keys.chmod(0o600)
    environment = {"HPCLI_CONFIG_DIR": str(tmp_path)}
    assert hpcli("auth", "device-key", "list", environment=environment).exit_code == 0
    settings(tmp_path, {}, CONFIG + "device-keys=['Q1']\n")
    listed = hpcli(
        *("auth", "device-key", "list", "-o", "ids"),
        environment={**environment, "HPCLI_DEVICE_KEYS_FILE": str(keys)},
    )
    assert listed.lines == ["Q1", "Q7"], listed.stderr


@pytest.mark.parametrize("rights", [0o660, 0o606, 0o622])
def test_a_config_file_that_others_can_change_is_refused(hpcli: Runner, tmp_path: Path, rights: int) -> None:
    settings(tmp_path, {})
    (tmp_path / "config.toml").chmod(rights)
    result = hpcli("site", "list", environment={"HPCLI_CONFIG_DIR": str(tmp_path), **KEY})
    assert result.exit_code == 11
    assert "other users can change it" in result.stderr
    assert f"chmod go-w {tmp_path}/config.toml" in result.stderr


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root gives files away")
def test_a_config_file_of_another_user_is_refused(hpcli: Runner, tmp_path: Path) -> None:
    settings(tmp_path, {})
    os.chown(tmp_path / "config.toml", 65534, 65534)
    result = hpcli("site", "list", environment={"HPCLI_CONFIG_DIR": str(tmp_path), **KEY})
    assert result.exit_code == 11
    assert "belongs to another user" in result.stderr
    assert f"chown 0 {tmp_path}/config.toml" in result.stderr


@pytest.mark.parametrize("odd", ["fifo", "folder", "/dev/zero", "/dev/tty"])
@pytest.mark.parametrize(
    "file", ["config.toml", "credentials.json", "keys", "secret", "token.json", "book.json"]
)
def test_no_odd_file_is_waited_for(
    hpcli: Runner, platform: Platform, tmp_path: Path, odd: str, file: str
) -> None:
    path = tmp_path / file
    account = Account(platform.base_url, platform.app_key).id
    environment = {
        **platform.environment,
        **{f"HPCLI_{kind}_DIR": str(tmp_path / kind.lower()) for kind in ("CACHE", "STATE")},
        "HPCLI_CONFIG_DIR": str(tmp_path),
    }
    command = ["site", "list"]
    if file == "credentials.json":
        settings(tmp_path, {}, "[profiles.work]\napp-key='k'\ncredentials='file'\n")
        command += ["--profile", "work"]
    elif file == "keys":
        environment["HPCLI_DEVICE_KEYS_FILE"] = str(path)
        command = ["auth", "device-key", "list"]
    elif file == "secret":
        environment = {**environment, "HPCLI_SECRET_KEY": "", "HPCLI_SECRET_KEY_FILE": str(path)}
    elif file == "token.json":
        path = tmp_path / "cache" / account / file
    elif file == "book.json":
        path = tmp_path / "state" / "persons" / f"{account}.json"
        command = ["access", "status", "4711"]
    path.parent.mkdir(parents=True, exist_ok=True)
    if odd == "fifo":
        os.mkfifo(path)
    elif odd == "folder":
        path.mkdir()
    else:
        path.symlink_to(odd)
    result = hpcli(*command, environment=environment, timeout=20)
    if file == "token.json":  # a cache: the command works without it
        assert result.exit_code == 0
        return
    assert result.exit_code == 11, result.stderr
    assert "cannot be read" in result.stderr
    assert len(result.stderr.splitlines()) <= 2


def test_without_a_home_commands_work_without_config_and_cache(
    hpcli: Runner, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container whose user is not in the list of users."""
    monkeypatch.setattr("os.path.expanduser", str)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name)
    result = hpcli("site", "list", "-o", "ids", environment=platform.environment)
    assert result.exit_code == 0, result.stderr
    assert result.lines
    assert "HPCLI_CACHE_DIR" in result.stderr
    for command in (("--profile", "sandbox", "site", "list"), ("alarms", "status")):
        refused = hpcli(*command, environment=platform.environment)
        assert refused.exit_code == 11
        assert "no home directory" in refused.stderr
    wrong = hpcli("site", "list", environment={**platform.environment, "HPCLI_STATE_DIR": "~nobody-here/x"})
    assert wrong.exit_code == 0, wrong.stderr
