"""What devices know of themselves: read, change, write without losing anything."""

from __future__ import annotations

import pytest

from hpcli.client import Client
from hpcli.errors import DeviceError, UsageError
from hpcli.sandbox import control
from tests.support.platform_server import Platform
from tests.support.runner import Runner

PANEL = "Q10254783"
URI = "/api/hpcgw/v1/device/transparent/ISAPI/System/deviceInfo"


def test_every_element_that_came_is_sent_back(client: Client) -> None:
    info = client.device.info
    plain = info.read(PANEL)
    info.write(PANEL, info.change(plain, {"name": "Shop", "systemContact": "Anna & Søn <ab>"}))
    changed = info.read(PANEL)["DeviceInfo"]
    assert changed == plain["DeviceInfo"] | {"deviceName": "Shop", "systemContact": "Anna & Søn <ab>"}
    assert (changed["OEMCode"], changed["marketType"]) == ("1", "2"), "the guide does not know these"


def test_the_device_would_notice_a_lost_element(client: Client) -> None:
    plain = client.device.info.read(PANEL)
    del plain["DeviceInfo"]["OEMCode"]
    with pytest.raises(DeviceError, match="badXmlContent"):
        client.device.info.write(PANEL, plain)


def test_a_lost_answer_is_looked_up_and_the_change_not_repeated(client: Client, platform: Platform) -> None:
    info = client.device.info
    plain = info.read(PANEL)
    client.transport.timeout = client.transport.device_timeout = 5
    platform.configure(next_faults=["reset@deviceInfo"])
    info.write(PANEL, info.change(plain, {"deviceLocation": "Hall"}))
    assert info.read(PANEL)["DeviceInfo"]["deviceLocation"] == "Hall"
    assert control.statistics(platform.state)["requests"][f"PUT {URI}"] == 1


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("telecontrolID", 1, 255),
        ("actualFloorNum", 1, 128),
        ("mainversion", 1, 255),
        ("subversion", 1, 255),
        ("upgradeversion", 1, 255),
        ("customizeversion", 1, 255),
    ],
)
def test_a_number_keeps_the_limits_of_the_guide(client: Client, name: str, least: int, most: int) -> None:
    info = client.device.info
    plain = info.read(PANEL)
    for right in (least, most):
        assert info.change(plain, {name: str(right)})["DeviceInfo"][name] == right
    for wrong in (least - 1, most + 1):
        with pytest.raises(UsageError, match=f"{name} is a number from {least} to {most}, not {wrong}"):
            info.change(plain, {name: str(wrong)})


@pytest.mark.parametrize("name", ["ZigBeeVersion", "R3Version", "RxVersion"])
def test_a_version_of_a_radio_has_at_most_16_characters(client: Client, name: str) -> None:
    info = client.device.info
    plain = info.read(PANEL)
    assert info.change(plain, {name: "V" * 16})
    with pytest.raises(UsageError, match=f"{name} has 17 characters; at most 16"):
        info.change(plain, {name: "V" * 17})


@pytest.mark.parametrize(("name", "value"), [("model", "x"), ("colour", "red"), ("telecontrolID", "many")])
def test_wrong_values_are_refused_before_anything_is_written(client: Client, name: str, value: str) -> None:
    info = client.device.info
    with pytest.raises(UsageError, match=name):
        info.change(info.read(PANEL), {name: value})


# The command


def test_information_is_shown_and_changed(hpcli: Runner, platform: Platform) -> None:
    shown = hpcli("device", "info", PANEL, "--fields", "deviceName,model", environment=platform.environment)
    assert shown.lines[1].split("\t") == ["Bakery alarm panel", "DS-PWA96-M-WE"]
    change = ("device", "info", PANEL, "--set", "name=Shop", "--set", "deviceLocation=Hall")
    asked = hpcli(*change, environment=platform.environment)
    assert asked.exit_code == 2
    assert "deviceName from 'Bakery alarm panel' to 'Shop'" in asked.stderr
    plan = hpcli(*change, "--dry-run", environment=platform.environment)
    assert plan.lines[0] == f"PUT {platform.base_url}{URI}"
    assert "  <deviceName>Shop</deviceName>" in plan.lines
    assert "  <OEMCode>1</OEMCode>" in plan.lines
    assert f"PUT {URI}" not in control.statistics(platform.state)["requests"]
    done = hpcli(*change, "--yes", "-o", "json", environment=platform.environment)
    assert (done.exit_code, done.json["ok"]) == (0, True)
    again = hpcli(*change, "--yes", environment=platform.environment)
    assert "already" in again.stderr


def test_a_password_is_refused_on_the_command_line(hpcli: Runner, platform: Platform) -> None:
    refused = hpcli(
        *("device", "info", PANEL, "--set", "DockStation.Platform.password=hunter2", "--yes"),
        environment=platform.environment,
    )
    assert refused.exit_code == 2
    assert "hunter2" not in refused.stderr
