"""Object models of devices: the tree, the copy that is kept by its digest, completion from it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hpcli.completion import complete
from hpcli.local.object_models import ObjectModels, model_rows, tree_lines
from hpcli.local.own_folder import OwnFolder
from tests.support.platform_server import Platform
from tests.support.runner import Runner

PANEL = "Q10254783"
PROFILE = ("device", "otap", "profile", PANEL)


def kept_copy(home: Path) -> Path:
    (path,) = (home / ".cache").rglob(f"{PANEL}.json")
    return path


def test_the_model_is_a_tree(hpcli: Runner, platform: Platform) -> None:
    lines = hpcli(*PROFILE, environment=platform.environment).lines
    assert lines[0].startswith(f"{PANEL}  model AXPRO-PWA, version ")
    assert lines[1:4] == ["├─ global [0]", "│  ├─ InfoMgr", "│  │  ├─ property DeviceVersion (r)"]
    assert lines[-1] == "      └─ property SingleZoneBasicInfo (rw)"
    assert any("event ZoneAlarm (notification)" in line for line in lines)
    names = hpcli(*PROFILE, "-o", "ids", environment=platform.environment).lines
    assert len(names) == sum(word in line for line in lines for word in ("property ", "action ", "event "))


def test_the_copy_is_private_and_used_while_its_digest_is_right(
    hpcli: Runner, platform: Platform, home: Path
) -> None:
    first = hpcli(*PROFILE, "-o", "json", environment=platform.environment).json
    assert first["changed"] is True
    path = kept_copy(home)
    assert path.stat().st_mode & 0o077 == 0
    second = hpcli(*PROFILE, "-o", "json", environment=platform.environment).json
    assert second == first | {"changed": False}
    path.write_text(path.read_text().replace(first["md5"], "0" * 32).replace("InfoMgr", "OldMgr"))
    third = hpcli(*PROFILE, "-o", "json", environment=platform.environment).json
    assert third == first
    assert "OldMgr" not in path.read_text()


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"md5": "a"}', '{"md5": "a", "profile": null}'])
def test_a_damaged_copy_counts_as_none(tmp_path: Path, damage: str) -> None:
    models = ObjectModels(OwnFolder(tmp_path))
    (tmp_path / f"{PANEL}.json").write_text(damage)
    assert models.load(PANEL) is None


def test_a_copy_that_cannot_be_kept_is_no_failure(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    ObjectModels(OwnFolder(blocked / "models")).store(PANEL, {"md5": "a", "profile": {}})
    assert ObjectModels(OwnFolder(blocked / "models")).load(PANEL) is None


def test_domains_properties_and_actions_complete_from_the_copy(hpcli: Runner, platform: Platform) -> None:
    environment = {**os.environ, **platform.environment}
    before = complete("bash", ["device", "otap", "get", PANEL, "Info"], environment)
    assert before == [], "nothing is kept yet, and no device is asked"
    hpcli(*PROFILE, environment=platform.environment)
    assert complete("bash", ["device", "otap", "get", PANEL, "Info"], environment) == ["InfoMgr"]
    assert complete("bash", ["device", "otap", "set", PANEL, "InfoMgr", ""], environment) == [
        "DeviceVersion",
        "DeviceDescription",
    ]
    assert complete("bash", ["device", "otap", "action", PANEL, "ZoneMgr", "S"], environment) == [
        "SearchZoneStatus"
    ]


def test_loose_models_are_read() -> None:
    profile = {
        "resources": {
            "identifier": "global",
            "domains": [None, {"identifier": "D", "props": {"identifier": "P"}}],
        }
    }
    assert [(row["resource"], row["domain"], row["identifier"]) for row in model_rows(profile)] == [
        ("global", "D", "P")
    ]
    assert list(tree_lines("S", {"profile": profile})) == ["S", "└─ global", "   └─ D", "      └─ property P"]
