"""Digital channels of recorders: listed, changed without losing anything, added."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hpcli.client import Client
from hpcli.errors import DeviceError, ProtocolError, UsageError
from hpcli.sandbox import control
from tests.support.platform_server import Platform
from tests.support.runner import Runner

RECORDER = "Q10254801"
URI = "/api/hpcgw/v1/device/transparent/ISAPI/ContentMgmt/InputProxy/channels"
NEW: dict[str, Any] = {
    "id": "9",
    "name": "Ramp",
    "sourceInputPortDescriptor": {
        "adminProtocol": "HIKVISION",
        "addressingFormatType": "ipaddress",
        "ipAddress": "192.168.254.20",
        "managePortNo": 8000,
        "srcInputPort": "1",
        "userName": "admin",
        "password": "Abc-12345",
    },
}


def test_one_channel_is_changed_and_all_the_rest_sent_back(client: Client) -> None:
    channels = client.device.ip_channels
    before = channels.channels(RECORDER)
    source = {"ipAddress": "192.168.254.99"}
    message = channels.with_changes(
        RECORDER, [{"id": 2, "name": "Till", "sourceInputPortDescriptor": source}]
    )
    channels.set(RECORDER, message)
    after = channels.channels(RECORDER)
    assert after[1] == before[1] | {
        "name": "Till",
        "sourceInputPortDescriptor": before[1]["sourceInputPortDescriptor"] | source,
    }
    assert after[:1] + after[2:] == before[:1] + before[2:]
    assert after[1]["certificateValidationEnabled"] == "false", "the guide does not know this"


def test_the_recorder_would_notice_a_lost_element(client: Client) -> None:
    message = client.device.ip_channels.with_changes(RECORDER, [{"id": 1}])
    del message["InputProxyChannelList"]["InputProxyChannel"][4]["certificateValidationEnabled"]
    with pytest.raises(DeviceError, match="badXmlContent"):
        client.device.ip_channels.set(RECORDER, message)


def test_a_channel_is_added_and_its_password_never_told(client: Client) -> None:
    client.device.ip_channels.add(RECORDER, {"InputProxyChannel": NEW})
    added = client.device.ip_channels.channels(RECORDER)[-1]
    assert (added["id"], added["name"]) == ("9", "Ramp")
    assert "password" not in added["sourceInputPortDescriptor"]
    assert [row["id"] for row in client.device.ip_channels.states(RECORDER)][-1] == "9"


def test_an_unknown_channel_and_a_foreign_message_are_refused(client: Client, platform: Platform) -> None:
    with pytest.raises(UsageError, match="no digital channel 77"):
        client.device.ip_channels.with_changes(RECORDER, [{"id": 77}])
    with pytest.raises(UsageError, match="no InputProxyChannelList"):
        client.device.ip_channels.set(RECORDER, {"DeviceInfo": {}})
    with pytest.raises(UsageError, match="channel is 0"):
        client.device.ip_channels.refresh_playback(RECORDER, 0)
    assert f"PUT {URI}" not in control.statistics(platform.state)["requests"]


@pytest.mark.parametrize(
    "plain",
    [
        {},
        {"InputProxyChannel": {"id": "1"}},
        {"InputProxyChannelList": None},
        {"InputProxyChannelList": {"InputProxyChannel": {"id": "1"}}},
        {"InputProxyChannelList": {"InputProxyChannel": ["1"]}},
    ],
)
def test_a_list_that_is_not_known_is_not_sent_back(
    client: Client, monkeypatch: pytest.MonkeyPatch, plain: dict[str, Any]
) -> None:
    channels = client.device.ip_channels
    monkeypatch.setattr(channels, "_ask", lambda *_arguments, **_more: plain)
    with pytest.raises(ProtocolError, match="nothing was changed"):
        channels.with_changes(RECORDER, [{"id": "1", "name": "Till"}])


def test_channels_without_an_id_go_back_too(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    channels = client.device.ip_channels
    entries = [{"id": "1"}, {"name": "a"}, {"name": "b"}]
    plain = {"InputProxyChannelList": {"@version": "2.0", "InputProxyChannel": entries}}
    monkeypatch.setattr(channels, "_ask", lambda *_arguments, **_more: plain)
    message = channels.with_changes(RECORDER, [{"id": "1", "name": "Till"}])["InputProxyChannelList"]
    assert message["InputProxyChannel"] == [{"id": "1", "name": "Till"}, *entries[1:]]
    assert message["@version"] == "2.0"


# The command


def test_channels_are_listed_with_their_state(hpcli: Runner, platform: Platform) -> None:
    states = hpcli("device", "ip-channels", "status", RECORDER, environment=platform.environment)
    assert states.lines[6].split("\t") == ["6", "offline", "Network address unreachable", "192.168.254.7"]
    rows = hpcli(
        "device", "ip-channels", "list", RECORDER, "-o", "json", environment=platform.environment
    ).json
    assert rows[0]["sourceInputPortDescriptor"]["ipAddress"] == "192.168.254.2"


def test_the_list_can_be_edited_and_sent_back(hpcli: Runner, platform: Platform, tmp_path: Path) -> None:
    file = tmp_path / "channels.json"
    rows = hpcli(
        "device", "ip-channels", "list", RECORDER, "-o", "json", environment=platform.environment
    ).json
    rows[3]["name"] = "Store"
    file.write_text(json.dumps(rows))
    done = hpcli(
        *("device", "ip-channels", "set", RECORDER, "--data", f"@{file}", "--yes"),
        environment=platform.environment,
    )
    assert done.exit_code == 0, done.stderr
    assert platform.client().device.ip_channels.channels(RECORDER)[3]["name"] == "Store"


def test_adding_shows_no_password(hpcli: Runner, platform: Platform, tmp_path: Path) -> None:
    file = tmp_path / "channel.json"
    file.write_text(json.dumps(NEW))
    plan = hpcli(
        *("device", "ip-channels", "add", RECORDER, "--data", f"@{file}", "--dry-run"),
        environment=platform.environment,
    )
    assert plan.lines[0] == f"POST {platform.base_url}{URI}"
    assert "<password>***</password>" in plan.stdout
    assert "Abc-12345" not in plan.stdout + plan.stderr
    in_argv = hpcli(
        *("device", "ip-channels", "add", RECORDER, "--data", json.dumps(NEW), "--yes"),
        environment=platform.environment,
    )
    assert (in_argv.exit_code, "Abc-12345" in in_argv.stderr) == (2, False)
    asked = hpcli(
        "device", "ip-channels", "add", RECORDER, "--data", f"@{file}", environment=platform.environment
    )
    assert asked.exit_code == 2
    assert f"POST {URI}" not in control.statistics(platform.state)["requests"]


def test_playback_is_refreshed_without_asking(hpcli: Runner, platform: Platform) -> None:
    done = hpcli("device", "refresh-playback", RECORDER, "2", "-o", "ids", environment=platform.environment)
    assert (done.exit_code, done.lines) == (0, ["2"])
    unknown = hpcli("device", "refresh-playback", RECORDER, "99", environment=platform.environment)
    assert unknown.exit_code == 8


# Secrets


@pytest.mark.parametrize("form", ["json", "ndjson", "csv"])
def test_no_row_shows_a_secret_of_a_camera(hpcli: Runner, platform: Platform, form: str) -> None:
    told = platform.client().device.ip_channels.states(RECORDER)[0]["sourceInputPortDescriptor"]
    fields = "id,sourceInputPortDescriptor"
    shown = hpcli(
        *("device", "ip-channels", "status", RECORDER, "-o", form, "--fields", fields),
        environment=platform.environment,
    )
    assert (shown.exit_code, "***" in shown.stdout) == (0, True), shown.stderr
    for name in ("password", "verificationCode"):
        assert told[name], "the sandbox tells one"
        assert told[name] not in shown.stdout


def test_the_body_that_isapi_was_asked_for_is_whole(hpcli: Runner, platform: Platform) -> None:
    told = platform.client().device.ip_channels.states(RECORDER)[0]["sourceInputPortDescriptor"]
    uri = "/ISAPI/ContentMgmt/InputProxy/channels/status"
    for more in ([], ["-o", "json"], ["--query", "*"]):
        shown = hpcli("device", "isapi", "GET", uri, RECORDER, *more, environment=platform.environment)
        assert told["password"] in shown.stdout, more


def test_a_password_that_was_hidden_is_not_sent_as_the_new_one(
    hpcli: Runner, platform: Platform, tmp_path: Path
) -> None:
    file = tmp_path / "channels.json"
    hidden = {
        "id": "1",
        "name": "Door",
        "sourceInputPortDescriptor": {"password": "***", "managePortNo": 8001},
    }
    file.write_text(json.dumps([hidden]))
    environment = platform.environment
    plan = hpcli(
        *("device", "ip-channels", "set", RECORDER, "--data", f"@{file}", "--dry-run"),
        environment=environment,
    )
    assert ("<managePortNo>8001<" in plan.stdout, "password" in plan.stdout) == (True, False), plan.stderr
    file.write_text(json.dumps({**hidden, "id": "9"}))
    added = hpcli(
        *("device", "ip-channels", "add", RECORDER, "--data", f"@{file}", "--yes"), environment=environment
    )
    assert (added.exit_code, "nothing was sent" in added.stderr) == (2, True)
    body = "<InputProxyChannel><password>***</password></InputProxyChannel>"
    for uri in ("/ISAPI/ContentMgmt/InputProxy/channels",):
        sent = hpcli(
            "device", "isapi", "PUT", uri, RECORDER, "--data", body, "--yes", environment=environment
        )
        assert (sent.exit_code, "nothing was sent" in sent.stderr) == (2, True)
    requests = control.statistics(platform.state)["requests"]
    assert not [call for call in requests if call in (f"PUT {URI}", f"POST {URI}")]
