"""The unit file of docs/service.md: systemd takes it, and it leaves the service few rights."""

from __future__ import annotations

import contextlib
import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from hpcli.errors import ExitCode
from hpcli.run.settings import SETTINGS
from hpcli.sandbox import APP_KEY, SECRET_KEY
from tests.support.platform_server import Platform
from tests.support.runner import Runner

if sys.platform != "linux":
    pytest.skip("systemd is a program of Linux", allow_module_level=True)

DOCS = Path(__file__).parents[2] / "docs"
UNIT = DOCS / "systemd" / "hpcli-alarms.service"
TEMPLATE = UNIT.with_name("hpcli-alarms@.service")
METRICS = UNIT.with_name("hpcli-metrics.service")
FORWARD = UNIT.with_name("hpcli-forward.service")
ENVIRONMENT = UNIT.with_name("alarms.env")
MOST_EXPOSED = 2.0


@pytest.fixture(scope="module")
def options() -> dict[str, list[str]]:
    """The settings of [Service]; each may stand there several times."""
    found: dict[str, list[str]] = {}
    section = UNIT.read_text().partition("[Service]")[2].partition("\n[")[0]
    for line in section.splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (UNIT, UNIT.name),
        (TEMPLATE, "hpcli-alarms@work.service"),
        (METRICS, METRICS.name),
        (FORWARD, FORWARD.name),
    ],
)
def test_systemd_takes_the_unit(tmp_path: Path, hpcli: Runner, source: Path, name: str) -> None:
    unit = tmp_path / name
    unit.write_text(source.read_text().replace("/opt/hpcli/bin/hpcli", str(hpcli.program)))
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_service_has_few_rights() -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", UNIT], capture_output=True, text=True, check=True
    )
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert found is not None, done.stdout
    assert float(found[1]) <= MOST_EXPOSED


def test_the_command_of_the_unit_is_one_that_hpcli_takes(
    hpcli: Runner, options: dict[str, list[str]], platform: Platform
) -> None:
    program, *arguments = shlex.split(options["ExecStart"][0])
    assert Path(program).name == "hpcli"
    planned = hpcli(*arguments, "--dry-run", environment=platform.environment)
    assert planned.exit_code == 0, planned.stderr


def test_the_unit_of_the_outputs_has_the_same_rights_and_folders() -> None:
    shared = re.compile(
        r"(?:Protect|Private|Restrict|System|State|Cache|Logs|Environment|User|UMask|No|Memory).*=.*",
        re.MULTILINE,
    )
    found = shared.findall(FORWARD.read_text())
    assert (found, len(found) > 20) == (shared.findall(UNIT.read_text()), True)
    assert "ExecStart=/opt/hpcli/bin/hpcli alarms forward run\n" in FORWARD.read_text()


def test_the_template_is_the_unit_for_a_profile() -> None:
    plain = UNIT.read_text().partition("[Unit]")[2]
    template = TEMPLATE.read_text().partition("[Unit]")[2]
    for of_profile, of_one in (
        (", profile %i", ""),
        ("--profile %i ", ""),
        ("hpcli-alarms-%i.", "hpcli-alarms."),
    ):
        assert of_profile in template
        template = template.replace(of_profile, of_one)
    assert template == plain


def variables() -> dict[str, str]:
    lines = [line for line in ENVIRONMENT.read_text().splitlines() if not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def test_unit_and_shell_share_one_file_of_settings(options: dict[str, list[str]]) -> None:
    assert (options["EnvironmentFile"], options.get("Environment")) == (["/etc/hpcli/alarms.env"], None)
    assert ". /etc/hpcli/alarms.env" in (DOCS / "service.md").read_text()
    assert set(variables()) <= {setting.environment for setting in SETTINGS.values()} | {"HOME"}
    assert variables()["HPCLI_STATE_DIR"] == "/var/lib/hpcli"


@pytest.mark.process
def test_status_pictures_and_config_work_in_the_shell_of_the_service(
    tmp_path: Path, hpcli: Runner, platform: Platform
) -> None:
    for name, text in (("secret-key", SECRET_KEY), ("device-keys", "")):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
    file = tmp_path / "alarms.env"
    text = ENVIRONMENT.read_text().replace("/etc/hpcli", str(tmp_path)).replace("your-app-key", APP_KEY)
    file.write_text(text.replace("/var/", f"{tmp_path}/var/") + f"HPCLI_BASE_URL={platform.base_url}\n")
    commands = "alarms status -o ids", "alarms tail --for 0", "alarms retry-pictures", "config list"
    script = "".join(f"{hpcli.program} {command} || exit 1\n" for command in commands)
    done = subprocess.run(
        ["sh", "-c", f"set -a; . {file}; cd /\n{script}"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{tmp_path}/var/lib/hpcli/alarms/")


def test_systemd_is_told_that_the_tail_is_ready_alive_and_ends(
    hpcli: Runner, platform: Platform, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        address = tmp_path / "notify"
        listening.bind(str(address))
        listening.settimeout(30)
        hpcli(
            "alarms", "tail", "--for", "1",
            environment={**platform.environment, "NOTIFY_SOCKET": str(address), "WATCHDOG_USEC": "300000"},
        )  # fmt: skip
        listening.settimeout(0)
        told = []
        with contextlib.suppress(BlockingIOError):
            while True:
                told.append(listening.recv(4096).decode())
    assert told[0].startswith("READY=1\nSTATUS=Reading alarms")
    assert told[-1].startswith("STOPPING=1")
    assert len([lines for lines in told[1:-1] if lines.startswith("WATCHDOG=1\nSTATUS=")]) > 1


def test_the_watchdog_has_time_for_a_long_poll(options: dict[str, list[str]]) -> None:
    assert (options["Type"], options["WatchdogSec"]) == (["notify"], ["3min"])


def test_the_service_ends_for_good_where_trying_again_cannot_help(options: dict[str, list[str]]) -> None:
    assert options["Restart"] == ["always"]
    assert {int(code) for code in options["RestartPreventExitStatus"][0].split()} == {
        ExitCode.USAGE,
        ExitCode.SIGN_IN,
    }


def test_the_guide_names_only_codes_that_exist() -> None:
    rows = re.findall(r"^\| (\d+) \|", (DOCS / "service.md").read_text(), re.MULTILINE)
    assert {int(code) for code in rows} <= {int(code) for code in ExitCode}
