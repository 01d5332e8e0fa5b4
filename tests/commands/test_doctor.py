"""`hpcli doctor`: what it finds, and what it says is to be done."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hpcli.commands.doctor.checks import Examination
from hpcli.commands.doctor.finding import Finding
from hpcli.errors import ExitCode
from hpcli.run.account import AccountSession
from hpcli.run.settings import Settings
from tests.support.platform_server import Platform
from tests.support.runner import Runner
from tests.support.wire_server import read_request, serving

CHECKS = [
    "config", "keyring", "clock", "name resolution", "proxy", "TLS", "token", "area domain", "subscription",
    "first alarm", "write access",
]  # fmt: skip


def ignore(_text: str) -> None:
    """Say nothing."""


def findings(environment: dict[str, str], now: datetime | None = None) -> dict[str, Finding]:
    session = AccountSession(Settings({**os.environ, **environment}), ignore, ignore)
    moment = now or datetime.now(UTC)
    try:
        return {found.check: found for found in Examination(session, lambda: moment).findings()}
    finally:
        session.close()


def test_all_is_well_on_the_sandbox(hpcli: Runner) -> None:
    result = hpcli("doctor", "--profile", "sandbox", "-o", "json")
    assert result.exit_code == ExitCode.DONE, result.stderr
    assert [row["check"] for row in result.json] == CHECKS
    assert {row["state"] for row in result.json} == {"ok", "note"}


def test_a_first_run_is_told_what_to_do(hpcli: Runner) -> None:
    result = hpcli("doctor")
    assert result.exit_code == ExitCode.CHECK
    assert "config: Run `hpcli auth login`" in result.stderr
    assert "--profile sandbox" in result.stderr
    assert "1 problem found: config." in result.stderr
    assert "skipped\ttoken\twaits for: config" in result.stdout


def test_a_wrong_secret_is_a_problem_of_the_token_and_stops_what_needs_it(platform: Platform) -> None:
    found = findings({**platform.environment, "HPCLI_SECRET_KEY": "wrong"})
    assert found["token"].state == "problem"
    assert found["token"].hint
    assert (found["area domain"].state, found["subscription"].state) == ("skipped", "skipped")
    assert found["write access"].state == "ok"


def test_a_keyring_that_cannot_be_used_is_told(hpcli: Runner, home: Path) -> None:
    folder = home / ".config/hpcli"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('[profiles.work]\napp-key = "k"\nbase-url = "http://127.0.0.1:1"\n')
    found = findings({})
    assert found["keyring"].state == "problem"
    assert "--insecure-storage" in (found["keyring"].hint or "")


def test_a_damaged_config_file_is_told(home: Path) -> None:
    folder = home / ".config/hpcli"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text("[settings\n")
    found = findings({"HPCLI_PROFILE": "sandbox"})
    assert found["config"].state == "problem"
    assert "config.toml" in found["config"].result


def test_a_wrong_value_in_the_config_file_is_told(home: Path) -> None:
    folder = home / ".config/hpcli"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('[settings]\ntimeout = "soon"\n')
    assert findings({"HPCLI_PROFILE": "sandbox"})["config"].state == "problem"


@pytest.mark.parametrize(("minutes", "word"), [(10, "ahead of"), (-10, "behind")])
def test_a_wrong_clock_is_told(platform: Platform, minutes: int, word: str) -> None:
    found = findings(platform.environment, datetime.now(UTC) + timedelta(minutes=minutes))
    assert found["clock"].state == "problem"
    assert f"s {word} the platform" in found["clock"].result


def test_a_host_that_does_not_answer_is_a_problem_once(platform: Platform) -> None:
    found = findings({**platform.environment, "HPCLI_BASE_URL": "https://127.0.0.1:1"})
    problems = [check for check, finding in found.items() if finding.state == "problem"]
    assert problems == ["TLS"]
    assert found["clock"].state == "skipped"


def test_a_name_without_address_is_told(platform: Platform) -> None:
    found = findings({**platform.environment, "HPCLI_BASE_URL": "https://no-such-host.invalid"})
    assert found["name resolution"].state == "problem"
    assert found["TLS"].result == "waits for: name resolution"


def test_a_proxy_that_is_gone_is_told(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:geheim@127.0.0.1:1")
    found = findings({**platform.environment, "HPCLI_BASE_URL": "https://api.hik-partner.com"})
    assert found["proxy"].state == "problem"
    assert "geheim" not in repr(found)


def test_no_subscription_is_a_note_not_a_problem(platform: Platform) -> None:
    platform.client().alarms.unsubscribe(None)
    found = findings(platform.environment)
    assert found["subscription"].state == "note"
    assert "hpcli alarms subscribe" in (found["subscription"].hint or "")


def test_the_first_alarm_is_found(hpcli: Runner, platform: Platform) -> None:
    assert findings(platform.environment)["first alarm"].state == "note"
    platform.trigger("burglary")
    hpcli("alarms", "tail", "--limit", "1", "--for", "20s", environment=platform.environment)
    found = findings(platform.environment)["first alarm"]
    assert (found.state, found.result.split()[0]) == ("ok", "1")


def test_a_folder_that_cannot_be_written_is_told(platform: Platform, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    found = findings({**platform.environment, "HPCLI_STATE_DIR": str(file / "state")})
    assert found["write access"].state == "problem"
    assert "HPCLI_STATE_DIR" in (found["write access"].hint or "")


@pytest.mark.parametrize("date", ["", "Date: Wed, 21 Oct 2015 07:28:00 +9999999999999\r\n"])
def test_a_login_host_that_redirects_without_end_is_not_followed(platform: Platform, date: str) -> None:
    over = threading.Event()

    def redirect(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(f"HTTP/1.1 302 Found\r\n{date}Location: http://[::bad\r\n\r\n".encode())
        with contextlib.suppress(OSError):
            while not over.is_set():
                connection.sendall(b" " * 65536)
        over.set()

    with serving(redirect) as host:
        found = findings({**platform.environment, "HPCLI_BASE_URL": host})
    assert over.wait(20), "the connection was given up"
    assert found["TLS"].state == "ok"
    assert found["clock"].state == "skipped"
