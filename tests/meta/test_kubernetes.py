"""The manifest of docs/service.md: what it starts and sets is what hpcli takes (CI checks its form by the schema)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from hpcli.run.settings import SETTINGS
from tests.support.platform_server import Platform
from tests.support.runner import Runner

MANIFEST = Path(__file__).parents[2] / "docs" / "kubernetes" / "hpcli-alarms.yaml"


@pytest.fixture(scope="module")
def pod() -> dict[str, Any]:
    """The pod that the StatefulSet starts."""
    manifest = yaml.safe_load(MANIFEST.read_text())
    assert manifest["spec"]["replicas"] == 1, "an account has one reader"
    return dict(manifest["spec"]["template"]["spec"])


def test_the_pod_runs_a_tail_that_hpcli_takes(pod: dict[str, Any], hpcli: Runner, platform: Platform) -> None:
    planned = hpcli(*pod["containers"][0]["args"], "--dry-run", environment=platform.environment)
    assert planned.exit_code == 0, planned.stderr


@pytest.mark.parametrize("probe", ["livenessProbe", "readinessProbe"])
def test_a_probe_fails_where_nobody_reads(
    pod: dict[str, Any], hpcli: Runner, platform: Platform, probe: str
) -> None:
    program, *arguments = pod["containers"][0][probe]["exec"]["command"]
    failed = hpcli(*arguments, environment=platform.environment)
    assert (program, failed.exit_code) == ("hpcli", 10)
    assert "no reader" in failed.stderr.lower()


def test_its_variables_and_files_are_those_of_hpcli(pod: dict[str, Any]) -> None:
    container = pod["containers"][0]
    variables = {entry["name"]: entry.get("value") for entry in container["env"]}
    assert set(variables) <= {setting.environment for setting in SETTINGS.values()} | {"HOME"}
    mounts = tuple(mount["mountPath"] for mount in container["volumeMounts"])
    assert all(path.startswith(mounts) for path in variables.values() if path)


def test_it_may_do_nothing_but_read_alarms(pod: dict[str, Any]) -> None:
    rights = pod["containers"][0]["securityContext"]
    assert rights == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert (pod["securityContext"]["runAsNonRoot"], pod["automountServiceAccountToken"]) == (True, False)
