"""The unit file of docs/service.md: systemd takes it, and it leaves the service few rights."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from hpcli.errors import ExitCode
from hpcli.run.settings import SETTINGS
from tests.support.platform_server import Platform
from tests.support.runner import Runner

if sys.platform != "linux":
    pytest.skip("systemd is a program of Linux", allow_module_level=True)

DOCS = Path(__file__).parents[2] / "docs"
UNIT = DOCS / "systemd" / "hpcli-alarms.service"
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


def test_systemd_takes_the_unit(tmp_path: Path, hpcli: Runner) -> None:
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/hpcli/bin/hpcli", str(hpcli.program)))
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


def test_the_variables_of_the_unit_are_settings_of_hpcli(options: dict[str, list[str]]) -> None:
    known = {setting.environment for setting in SETTINGS.values()} | {"HOME"}
    named = {pair.partition("=")[0] for line in options["Environment"] for pair in line.split()}
    assert named <= known


def test_the_service_ends_for_good_where_trying_again_cannot_help(options: dict[str, list[str]]) -> None:
    assert options["Restart"] == ["always"]
    assert {int(code) for code in options["RestartPreventExitStatus"][0].split()} == {
        ExitCode.USAGE,
        ExitCode.SIGN_IN,
    }


def test_the_guide_names_only_codes_that_exist() -> None:
    rows = re.findall(r"^\| (\d+) \|", (DOCS / "service.md").read_text(), re.MULTILINE)
    assert {int(code) for code in rows} <= {int(code) for code in ExitCode}
