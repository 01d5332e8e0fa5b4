"""Signing in and out through the command: a real keyring, the file instead of it, variables, profiles."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hpcli.sandbox import DEFAULT_DEVICE, DEVICE_PASSWORD, control
from tests.support.platform_server import Platform
from tests.support.runner import Result, Runner
from tests.support.secret_service import secret_service


@pytest.fixture(scope="module")
def keyring() -> Iterator[dict[str, str]]:
    """Variables that reach a real, unlocked Secret Service."""
    with secret_service() as environment:
        wanted = {"DBUS_SESSION_BUS_ADDRESS": environment["DBUS_SESSION_BUS_ADDRESS"]}
        yield {**wanted, "PYTHON_KEYRING_BACKEND": "keyring.backends.SecretService.Keyring"}


def log_in(hpcli: Runner, platform: Platform, environment: dict[str, str], *more: str) -> Result:
    return hpcli(
        *("auth", "login", "--app-key", platform.app_key, "--secret-stdin", "--base-url", platform.base_url),
        *more,
        stdin=platform.secret_key + "\n",
        environment=environment,
    )


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and "run" not in path.parts]


@pytest.mark.forked
def test_login_keeps_the_secret_in_the_keyring_and_nowhere_else(
    hpcli: Runner, platform: Platform, keyring: dict[str, str], home: Path
) -> None:
    result = log_in(hpcli, platform, keyring)
    assert result.exit_code == 0, result.stderr
    assert "keyring" in result.stderr
    assert hpcli("site", "list", "-o", "ids", environment=keyring).exit_code == 0
    for path in files_below(home):
        assert platform.secret_key.encode() not in path.read_bytes(), path
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


@pytest.mark.forked
def test_logout_forgets_the_secret_and_the_token(
    hpcli: Runner, platform: Platform, keyring: dict[str, str], home: Path
) -> None:
    log_in(hpcli, platform, keyring, "--profile", "work")
    assert hpcli("auth", "logout", "--profile", "work", environment=keyring).exit_code == 0
    assert hpcli("site", "list", "--profile", "work", environment=keyring).exit_code == 2
    assert not [path for path in files_below(home) if b"hpc." in path.read_bytes()]


def test_a_wrong_secret_is_refused_and_not_kept(hpcli: Runner, platform: Platform, home: Path) -> None:
    result = hpcli(
        *("auth", "login", "--app-key", platform.app_key, "--secret-stdin", "--base-url", platform.base_url),
        "--insecure-storage",
        stdin="wrong-secret\n",
    )
    assert result.exit_code == 3
    assert "LAP300002" in result.stderr
    assert not [path for path in files_below(home) if b"wrong-secret" in path.read_bytes()]


def test_without_a_keyring_login_says_what_to_do_before_it_asks(hpcli: Runner, platform: Platform) -> None:
    result = log_in(hpcli, platform, {})
    assert result.exit_code == 11
    assert "--insecure-storage" in result.stderr
    assert control.statistics(platform.state)["requests"] == {}


def test_insecure_storage_is_a_private_file(hpcli: Runner, platform: Platform, home: Path) -> None:
    assert log_in(hpcli, platform, {}, "--insecure-storage").exit_code == 0
    assert hpcli("site", "list", "-o", "ids").exit_code == 0
    holding = [path for path in files_below(home) if platform.secret_key.encode() in path.read_bytes()]
    assert [stat.S_IMODE(path.stat().st_mode) for path in holding] == [0o600]
    assert stat.S_IMODE(holding[0].parent.stat().st_mode) == 0o700
    holding[0].chmod(0o644)
    (home / ".cache/hpcli").rename(home / "gone")
    refused = hpcli("site", "list")
    assert refused.exit_code == 11
    assert "chmod 600" in refused.stderr


@pytest.mark.forked
def test_a_login_that_changes_the_place_leaves_no_secret_behind(
    hpcli: Runner, platform: Platform, keyring: dict[str, str], home: Path
) -> None:
    set_key = ("auth", "device-key", "set", "Q10254783", "--key-stdin")
    assert log_in(hpcli, platform, keyring, "--insecure-storage").exit_code == 0
    assert hpcli(*set_key, stdin="ABCDEF\n", environment=keyring).exit_code == 0
    assert log_in(hpcli, platform, keyring).exit_code == 0
    assert not [path for path in files_below(home) if b"ABCDEF" in path.read_bytes()]
    assert not [path for path in files_below(home) if platform.secret_key.encode() in path.read_bytes()]
    assert hpcli("auth", "device-key", "list", "-o", "ids", environment=keyring).lines == ["Q10254783"]


@pytest.mark.forked
def test_login_asks_on_a_terminal_and_hides_the_secret(
    hpcli: Runner, platform: Platform, keyring: dict[str, str]
) -> None:
    arguments = ("auth", "login", "--profile", "asked", "--base-url", platform.base_url)
    terminal = hpcli.on_terminal(*arguments, environment=keyring)
    terminal.wait_for("API key: ")
    terminal.type(platform.app_key + "\n")
    terminal.wait_for("API secret: ")
    terminal.type(platform.secret_key + "\n")
    assert terminal.finish() == 0, terminal.shown
    assert platform.secret_key not in terminal.shown


def test_the_secret_is_no_option_of_any_command(hpcli: Runner) -> None:
    for command in hpcli("commands", "-o", "json").json:
        for option in command["options"]:
            for flag in option["flags"]:
                is_secret = any(word in flag for word in ("secret", "password", "pin", "code"))
                names_a_file = flag.endswith("-file")
                takes_value = option["value"] is not None and flag not in ("--codes", "--offline-code")
                assert not (is_secret and takes_value and not names_a_file), (command["command"], flag)


def test_status_tells_who_and_until_when_and_shortens_the_key(hpcli: Runner, platform: Platform) -> None:
    status = hpcli("auth", "status", "-o", "json", environment=platform.environment).json
    assert status["credentials"] == "HPCLI_SECRET_KEY"
    assert status["areaDomain"] == platform.base_url
    assert status["expires"].endswith("Z")
    assert platform.app_key not in json.dumps(status)


def test_token_prints_a_token_that_the_platform_takes(hpcli: Runner, platform: Platform) -> None:
    import requests

    token = hpcli("auth", "token", environment=platform.environment).stdout.strip()
    answer = requests.post(
        f"{platform.base_url}/api/hpcgw/v1/site/search",
        json={"page": 1},
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )
    assert answer.json()["errorCode"] == "0"


def test_two_commands_share_one_token(hpcli: Runner, platform: Platform) -> None:
    first = hpcli("auth", "token", environment=platform.environment).stdout
    as_json = hpcli("auth", "token", "-o", "json", environment=platform.environment).json
    assert as_json == {"accessToken": first.strip()}
    assert hpcli("auth", "token", environment=platform.environment).stdout == first
    assert control.statistics(platform.state)["requests"]["POST /api/hpcgw/v1/token/get"] == 1


def test_a_token_that_is_kept_does_not_hide_a_wrong_secret(
    hpcli: Runner, platform: Platform, tmp_path: Path
) -> None:
    assert hpcli("auth", "token", environment=platform.environment).exit_code == 0
    wrong = hpcli("auth", "token", environment=platform.environment | {"HPCLI_SECRET_KEY": "wrong"})
    assert wrong.exit_code == 3
    assert "HPCLI_SECRET_KEY" in wrong.stderr
    given = {name: value for name, value in platform.environment.items() if name != "HPCLI_SECRET_KEY"}
    missing = hpcli("auth", "token", environment=given | {"HPCLI_SECRET_KEY_FILE": str(tmp_path / "none")})
    assert missing.exit_code == 2
    assert "There is no file" in missing.stderr


def test_an_expired_token_is_renewed_without_a_word(hpcli: Runner, platform: Platform) -> None:
    platform.configure(token_seconds=1)
    hpcli("auth", "token", environment=platform.environment)
    result = hpcli("site", "list", "-o", "ids", environment=platform.environment)
    assert (result.exit_code, result.stderr) == (0, "")


def test_use_makes_the_sandbox_the_default(hpcli: Runner) -> None:
    assert hpcli("auth", "use", "sandbox").exit_code == 0
    assert hpcli("site", "list", "-o", "ids").lines
    defaults = {row["profile"]: row["default"] for row in hpcli("auth", "list", "-o", "json").json}
    assert defaults == {"sandbox": True}


@pytest.mark.forked
def test_the_profile_of_the_command_line_beats_the_variables(
    hpcli: Runner, platform: Platform, keyring: dict[str, str]
) -> None:
    log_in(hpcli, platform, keyring, "--profile", "work")
    wrong = {**keyring, "HPCLI_APP_KEY": "k", "HPCLI_SECRET_KEY": "s", "HPCLI_BASE_URL": "http://127.0.0.1:1"}
    assert hpcli("site", "list", "-o", "ids", "--profile", "work", environment=wrong).exit_code == 0


@pytest.mark.forked
def test_device_keys_live_in_the_keyring_and_are_listed_by_serial(
    hpcli: Runner, platform: Platform, keyring: dict[str, str]
) -> None:
    log_in(hpcli, platform, keyring)
    assert (
        hpcli(
            "auth", "device-key", "set", "Q10254783", "--key-stdin", stdin="ABCDEF\n", environment=keyring
        ).exit_code
        == 0
    )
    assert hpcli("auth", "device-key", "list", "-o", "ids", environment=keyring).lines == ["Q10254783"]
    assert hpcli("auth", "device-key", "delete", "Q10254783", environment=keyring).exit_code == 0
    assert hpcli("auth", "device-key", "list", "-o", "json", environment=keyring).json == []


@pytest.mark.forked
def test_a_kept_password_of_a_device_user_needs_no_prompt(
    hpcli: Runner, platform: Platform, keyring: dict[str, str], home: Path
) -> None:
    log_in(hpcli, platform, keyring, "--profile", "rounds")
    profile = ("--profile", "rounds")
    as_admin = (
        "device",
        "isapi",
        "GET",
        "/ISAPI/System/deviceInfo",
        DEFAULT_DEVICE,
        "--as",
        "admin",
        *profile,
    )
    assert "--as-password-stdin" in hpcli(*as_admin, environment=keyring).stderr
    kept = hpcli(
        *("auth", "device-key", "set", DEFAULT_DEVICE, "--as", "admin", "--key-stdin", *profile),
        stdin=DEVICE_PASSWORD + "\n",
        environment=keyring,
    )
    assert kept.exit_code == 0, kept.stderr
    done = hpcli(*as_admin, environment=keyring)
    assert done.exit_code == 0, done.stderr
    assert "DeviceInfo" in done.stdout
    listed = hpcli("auth", "device-key", "list", *profile, "-o", "json", environment=keyring)
    assert listed.json == [{"deviceSerial": DEFAULT_DEVICE, "user": "admin"}]
    assert not [path for path in files_below(home) if DEVICE_PASSWORD.encode() in path.read_bytes()]


@pytest.mark.parametrize(
    ("environment", "exit_code", "hint"),
    [
        ({"HPCLI_APP_KEY": "k"}, 2, "Set both"),
        ({"HPCLI_SECRET_KEY": "s"}, 2, "Set both"),
        ({"HPCLI_SECRET_KEY_FILE": "/nowhere"}, 2, "Set both"),
        ({}, 3, "hpcli auth login"),
    ],
)
def test_half_an_account_is_not_signed_in(
    hpcli: Runner, environment: dict[str, str], exit_code: int, hint: str
) -> None:
    result = hpcli("site", "list", environment=environment)
    assert result.exit_code == exit_code
    assert hint in result.stderr


def test_a_token_from_before_does_not_hide_that_the_secret_is_missing(
    hpcli: Runner, platform: Platform
) -> None:
    assert hpcli("site", "list", environment=platform.environment).exit_code == 0
    half = {name: value for name, value in platform.environment.items() if name != "HPCLI_SECRET_KEY"}
    assert hpcli("site", "list", environment=half).exit_code == 2


def test_commands_that_make_no_call_need_no_secret(hpcli: Runner, platform: Platform, tmp_path: Path) -> None:
    """As in a shell of the service's user, who cannot read the credentials of systemd."""
    unreadable = tmp_path / "secret"
    unreadable.mkdir()
    environment = {
        **{name: value for name, value in platform.environment.items() if name != "HPCLI_SECRET_KEY"},
        "HPCLI_SECRET_KEY_FILE": str(unreadable),
    }
    for command in (("alarms", "retry-pictures"), ("alarms", "history"), ("auth", "device-key", "list")):
        result = hpcli(*command, environment=environment)
        assert "secret" not in result.stderr, result.stderr
        assert result.exit_code in (0, 11), result.stderr  # 11: there is no journal yet


@pytest.mark.forked
def test_a_login_to_a_file_needs_no_keyring_that_is_gone(
    hpcli: Runner, platform: Platform, keyring: dict[str, str]
) -> None:
    assert log_in(hpcli, platform, keyring).exit_code == 0
    result = log_in(hpcli, platform, {}, "--insecure-storage")
    assert result.exit_code == 0, result.stderr
    assert "could not be removed" in result.stderr
    assert hpcli("site", "list", "-o", "ids").exit_code == 0


@pytest.mark.parametrize("chosen", [{"HPCLI_PROFILE": "work"}, {}])
def test_a_key_without_a_secret_never_goes_with_the_secret_of_a_profile(
    hpcli: Runner, platform: Platform, chosen: dict[str, str]
) -> None:
    log_in(hpcli, platform, {}, "--insecure-storage", "--profile", "work")
    before = control.statistics(platform.state)["requests"]
    result = hpcli("site", "list", environment={"HPCLI_APP_KEY": "another", **chosen})
    assert result.exit_code == 2
    assert ("Unset one of the two" if chosen else "Set both") in result.stderr
    assert control.statistics(platform.state)["requests"] == before


def test_a_dry_run_changes_nothing_on_this_computer(hpcli: Runner, platform: Platform, home: Path) -> None:
    log_in(hpcli, platform, {}, "--insecure-storage", "--profile", "work")
    hpcli("auth", "device-key", "set", "Q10254783", "--key-stdin", stdin="ABCDEF\n")
    before = {path: path.read_bytes() for path in files_below(home) if path.suffix in (".toml", ".json")}
    for arguments, stdin in (
        (("auth", "logout"), ""),
        (("auth", "use", "sandbox"), ""),
        (("auth", "device-key", "set", "Q1", "--key-stdin"), "GHIJKL\n"),
        (("auth", "device-key", "delete", "Q10254783"), ""),
        (("sandbox", "reset"), ""),
        (("sandbox", "trigger", "burglary"), ""),
    ):
        result = hpcli(*arguments, "--dry-run", stdin=stdin)
        assert result.exit_code == 0, result.stderr
        assert result.stderr.startswith("Would "), arguments
    assert log_in(hpcli, platform, {}, "--insecure-storage", "--profile", "new", "--dry-run").exit_code == 0
    after = {path: path.read_bytes() for path in files_below(home) if path.suffix in (".toml", ".json")}
    assert after == before
    assert not list(home.rglob("sandbox.db"))


@pytest.mark.forked
def test_a_keyring_is_asked_though_stdin_is_closed(
    hpcli: Runner, platform: Platform, keyring: dict[str, str]
) -> None:
    log_in(hpcli, platform, keyring)
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" site list -o ids <&-', str(hpcli.program)],
        capture_output=True,
        check=False,
        env={**os.environ, **keyring},
    )
    assert done.returncode == 0, done.stderr


def test_a_wrong_secret_is_refused_though_a_good_token_is_kept(hpcli: Runner, platform: Platform) -> None:
    assert log_in(hpcli, platform, {}, "--insecure-storage").exit_code == 0
    again = ("auth", "login", "--app-key", platform.app_key, "--secret-stdin", "--insecure-storage")
    assert hpcli(*again, "--base-url", platform.base_url, stdin="wrong-secret\n").exit_code == 3
    assert hpcli("auth", "status", "-o", "ids").exit_code == 0
