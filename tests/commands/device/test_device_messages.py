"""Calls to devices as a whole: every URI of the guide is reached, and devices' own faults are reported."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from hpcli.client import Client
from hpcli.client.device.isapi import DeviceUser
from hpcli.errors import DeviceOfflineError, HpcliError, TimeLimitError, UsageError
from hpcli.isapi.definitions import uris
from hpcli.sandbox import DEVICE_PASSWORD, control
from tests.support.command_tree import commands
from tests.support.platform_server import Platform
from tests.support.runner import Runner

PANEL = "Q10254783"
RECORDER = "Q10254801"
_PREFIX = "/api/hpcgw/v1/device/transparent"

ASKS = {
    "panel disarm", "panel clear", "panel bypass", "panel relay", "ptz preset delete", "device output set",
    "device info", "device time", "device ip-channels set", "device ip-channels add", "device isapi",
}  # fmt: skip
"""What commands.md lists under "Asking", of the commands that speak to devices by ISAPI."""


def test_every_uri_of_the_guide_is_reached_by_a_command() -> None:
    reached: dict[tuple[str, str], set[str]] = {}
    for command in commands().values():
        for call in command["calls"]:
            uri = re.sub(r"\{\w+\}", "<ID>", call["path"].removeprefix(_PREFIX))
            reached.setdefault((call["method"], uri), set()).add(command["command"])
    wanted = [(definition.method, definition.path) for definition in uris()]
    assert len(wanted) == 32
    assert [pair for pair in wanted if pair not in reached] == []


def test_exactly_the_listed_commands_ask() -> None:
    speaks = {
        command["command"]: command["asks"]
        for command in commands().values()
        if any(call["path"].startswith(_PREFIX + "/") for call in command["calls"])
    }
    assert {name for name, asks in speaks.items() if asks} == {*ASKS, "log undo"}
    assert {"panel arm", "panel unbypass", "ptz move", "ptz preset goto", "device refresh-playback"} <= set(
        speaks
    )


@pytest.mark.parametrize(
    ("fault", "code", "exit_code", "word"),
    [
        ("busy", "0x20000004", 8, "minute"),
        ("locked", "0x00200003", 8, "30 minutes"),
        ("password", "0x00200001", 8, "password"),
    ],
)
def test_a_fault_of_a_device_is_one_error(
    client: Client, platform: Platform, fault: str, code: str, exit_code: int, word: str
) -> None:
    control.set_device(platform.state, PANEL, fault=fault)
    with pytest.raises(HpcliError) as caught:
        client.panel.zones(PANEL)
    assert (caught.value.code, caught.value.exit_code) == (code, exit_code)
    assert word in str(caught.value.hint)
    control.set_device(platform.state, PANEL, fault="")
    assert client.panel.zones(PANEL)


def test_a_device_that_is_offline_says_so(client: Client, platform: Platform) -> None:
    control.set_device(platform.state, PANEL, online=False)
    with pytest.raises(DeviceOfflineError, match="offline"):
        client.panel.areas(PANEL)


def test_a_slow_device_gets_its_time_where_no_other_limit_was_set(client: Client, platform: Platform) -> None:
    assert client.transport.timeout >= 30, "what the pass-through may take (field notes)"
    control.set_device(platform.state, PANEL, fault="slow", seconds=0.6)
    assert len(client.panel.areas(PANEL)) == 2


def test_a_slow_device_ends_with_the_limit_that_was_set(client: Client, platform: Platform) -> None:
    list(client.device.list(limit=1))
    control.set_device(platform.state, PANEL, fault="slow", seconds=30)
    client.transport.timeout, client.transport.device_timeout = 0.4, None  # as --timeout does
    with pytest.raises(TimeLimitError):
        client.panel.areas(PANEL)
    with pytest.raises(TimeLimitError):
        client.device.isapi("GET", "/ISAPI/System/time", PANEL)


def test_five_wrong_passwords_lock_the_user(client: Client, platform: Platform) -> None:
    wrong, right = (
        DeviceUser(name="admin", password="guess"),
        DeviceUser(name="admin", password=DEVICE_PASSWORD),
    )
    assert client.panel.areas(PANEL, user=right)
    codes = Counter[str | None]()
    for _ in range(6):
        with pytest.raises(HpcliError) as caught:
            client.panel.areas(PANEL, user=wrong)
        codes[caught.value.code] += 1
    assert codes == {"0x00200001": 5, "0x00200003": 1}
    with pytest.raises(HpcliError, match="locked"):
        client.panel.areas(PANEL, user=right)


def test_an_operator_may_not_change_settings(hpcli: Runner, platform: Platform) -> None:
    refused = hpcli(
        *("device", "output", "set", PANEL, "1", "high", "--yes", "-o", "json"),
        *("--as", "operator", "--as-password-stdin"),
        stdin=f"{DEVICE_PASSWORD}\n",
        environment=platform.environment,
    )
    assert (refused.exit_code, refused.error["code"]) == (5, "0x40000002")
    assert DEVICE_PASSWORD not in refused.stdout + refused.stderr


def test_an_ax_pro_panel_knows_a_user_by_the_name_alone(client: Client) -> None:
    assert client.panel.areas(PANEL, user=DeviceUser(name="admin"))
    with pytest.raises(HpcliError):
        client.panel.areas(PANEL, user=DeviceUser(name="nobody"))
    with pytest.raises(HpcliError):
        client.device.output.outputs(RECORDER, user=DeviceUser(name="admin"))


def test_a_name_goes_alone_where_that_was_asked_for(hpcli: Runner, platform: Platform) -> None:
    disarm = ("panel", "disarm", PANEL, "1", "--as", "admin")
    plan = hpcli(*disarm, "--as-no-password", "--dry-run", "-o", "json", environment=platform.environment)
    assert plan.json[0]["headers"]["X-Username"] == "admin"
    assert "X-Password" not in plan.json[0]["headers"]
    for wrong in (
        (*disarm, "--as-no-password", "--as-password-stdin"),
        (*disarm[:-2], "--as-no-password"),
        disarm,
    ):
        refused = hpcli(*wrong, "--dry-run", stdin=f"{DEVICE_PASSWORD}\n", environment=platform.environment)
        assert (refused.exit_code, refused.stdout) == (2, ""), wrong
    assert not control.statistics(platform.state)["requests"].get("PUT")


def test_a_wrong_user_is_refused_before_anything_is_sent(client: Client, platform: Platform) -> None:
    with pytest.raises(UsageError, match="needs the user's name"):
        client.panel.areas(PANEL, user=DeviceUser(password=DEVICE_PASSWORD))
    with pytest.raises(UsageError, match="not a user level"):
        client.panel.areas(PANEL, user=DeviceUser(level="boss"))
    assert not control.statistics(platform.state)["requests"]


def test_a_search_sent_by_hand_is_no_change(hpcli: Runner, platform: Platform) -> None:
    condition = '{"ZoneCond":{"searchID":"a","searchResultPosition":0,"maxResults":3}}'
    run = hpcli(
        *("device", "isapi", "POST", "/ISAPI/SecurityCP/status/zones?format=json", PANEL),
        *("--data", condition, "-o", "json"),
        environment=platform.environment,
    )
    assert (run.exit_code, run.json["ZoneSearch"]["numOfMatches"]) == (0, 3)
    arm = hpcli(
        "device",
        "isapi",
        "PUT",
        "/ISAPI/SecurityCP/control/arm/1",
        PANEL,
        "--data",
        "{}",
        environment=platform.environment,
    )
    assert arm.exit_code == 2


def test_many_devices_are_asked_at_once_and_the_exit_code_is_true(hpcli: Runner, platform: Platform) -> None:
    control.set_device(platform.state, RECORDER, fault="busy")
    run = hpcli(
        "device",
        "isapi",
        "GET",
        "/ISAPI/System/time",
        PANEL,
        RECORDER,
        "G20419934",
        environment=platform.environment,
    )
    assert run.exit_code == 9
    assert [row["deviceSerial"] for row in run.rows] == [PANEL, RECORDER, "G20419934"]
    assert ["error" in row for row in run.rows] == [False, True, False]
    assert run.rows[1]["error"]["code"] == "0x20000004"
