"""Maintenance packages."""

from __future__ import annotations

import pytest

from hpcli.errors import DeviceError, UsageError
from hpcli.sandbox import control
from hpcli.sandbox.state import seed
from tests.support.platform_server import Platform
from tests.support.runner import Runner

CAMERA, PANEL = "F55120822", "Q10254783"
ACTIVATE = ("package", "activate", CAMERA)


def used(platform: Platform, serial: str) -> int:
    with seed.open_state(platform.state) as store:
        return store.counters().get(f"package {serial}", 0)


def test_the_request_is_the_guides(hpcli: Runner, platform: Platform) -> None:
    options = ("--type", "ipc-yearly", "--count", "2", "--dry-run", "-o", "json")
    (plan,) = hpcli(*ACTIVATE, *options, environment=platform.environment).json
    assert plan["url"].endswith("/api/hpcgw/v1/vas/opspack/active")
    assert plan["body"] == {"deviceSerial": CAMERA, "opspackType": 2, "num": 2}
    assert used(platform, CAMERA) == 0


def test_it_asks_first(hpcli: Runner, platform: Platform) -> None:
    options = ("--type", "all-yearly")
    assert hpcli(*ACTIVATE, *options, environment=platform.environment).exit_code == 2
    assert hpcli(*ACTIVATE, *options, "--yes", environment=platform.environment).exit_code == 0
    assert used(platform, CAMERA) == 1


def test_a_premium_service_needs_no_type(hpcli: Runner, platform: Platform) -> None:
    (plan,) = hpcli(*ACTIVATE, "--dry-run", "-o", "json", environment=platform.environment).json
    assert plan["body"] == {"deviceSerial": CAMERA}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--type", "all-yearly", "--count", "11"), "count is 11; it must be from 1 to 10"),
        (("--type", "all-yearly", "--count", "0"), "count is 0; it must be from 1 to 10"),
        (("--count", "2"), "needs a type"),
        (("--type", "monthly"), "all-yearly, ipc-yearly"),
    ],
)
def test_bad_input_is_named_before_anybody_is_asked(
    hpcli: Runner, platform: Platform, options: tuple[str, ...], words: str
) -> None:
    result = hpcli(*ACTIVATE, *options, environment=platform.environment)
    assert (result.exit_code, words in result.stderr) == (2, True), result.stderr
    assert control.statistics(platform.state)["requests"] == {}


def test_the_package_for_cameras_is_for_nothing_else(platform: Platform) -> None:
    client = platform.client()
    with pytest.raises(DeviceError):
        client.package.activate(PANEL, type="ipc-yearly")
    client.package.activate(PANEL, type=1, count=3)
    assert used(platform, PANEL) == 3
    with pytest.raises(UsageError):
        client.package.activate("no serial", type=1)
