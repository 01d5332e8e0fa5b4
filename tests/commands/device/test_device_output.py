"""Alarm outputs: listed, switched, looked up."""

from __future__ import annotations

import pytest

from hpcli.errors import UsageError
from hpcli.sandbox import control
from tests.support.platform_server import Platform
from tests.support.runner import Runner

PANEL = "Q10254783"
URI = "/api/hpcgw/v1/device/transparent/ISAPI/System/IO/outputs"


def test_an_output_is_switched(platform: Platform) -> None:
    output = platform.client().device.output
    assert [row["id"] for row in output.outputs(PANEL)] == [1, 2]
    for level, state in (("high", "active"), ("low", "inactive")):
        output.set(PANEL, 2, level)
        assert output.state(PANEL, 2) == {"ioPortID": 2, "ioPortType": "output", "ioState": state}


def test_a_lost_answer_is_looked_up_and_the_change_not_repeated(platform: Platform) -> None:
    client = platform.client()
    client.transport.timeout = client.transport.device_timeout = 5
    platform.configure(next_faults=["reset@trigger"])
    client.device.output.set(PANEL, 1, "high")
    assert client.device.output.state(PANEL, 1)["ioState"] == "active"
    assert control.statistics(platform.state)["requests"][f"PUT {URI}/1/trigger"] == 1


def test_wrong_arguments_are_refused_before_anything_is_sent(platform: Platform) -> None:
    output = platform.client().device.output
    with pytest.raises(UsageError, match="output is 0"):
        output.set(PANEL, 0, "high")
    with pytest.raises(UsageError, match="'open'"):
        output.set(PANEL, 1, "open")
    assert not control.statistics(platform.state)["requests"]


def test_the_command_asks_shows_and_switches(hpcli: Runner, platform: Platform) -> None:
    switch = ("device", "output", "set", PANEL, "1", "high")
    assert hpcli(*switch, environment=platform.environment).exit_code == 2
    plan = hpcli(*switch, "--dry-run", "-o", "json", environment=platform.environment).json
    assert [(each["method"], each["url"]) for each in plan] == [
        ("PUT", f"{platform.base_url}{URI}/1/trigger")
    ]
    assert "<outputState>high</outputState>" in plan[0]["body"]
    assert hpcli(*switch, "--yes", environment=platform.environment).exit_code == 0
    shown = hpcli("device", "output", "status", PANEL, "1", environment=platform.environment)
    assert shown.lines == ["OUTPUT\tKIND\tSTATE", "1\toutput\tactive"]
    names = hpcli("device", "output", "list", PANEL, "-o", "json", environment=platform.environment).json
    assert [row["name"] for row in names] == ["Output 1", "Output 2"]
    missing = hpcli("device", "output", "status", PANEL, "7", "-o", "json", environment=platform.environment)
    assert (missing.exit_code, missing.error["message"]) == (4, "There is no output 7; there are 1, 2.")
