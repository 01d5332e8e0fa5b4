"""Lists of devices that are asked for whole and come with the word that there is more."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hpcli.client import Client
from hpcli.errors import HpcliError, ProtocolError
from tests.support.transports import answering
from tests.support.wire_server import transport_to

MORE = {"responseStatusStrg": "MORE", "totalMatches": "75"}
LISTS: dict[str, dict[str, Any]] = {
    "areas": {"SubSysList": [{"SubSys": {"id": 1, "arming": "away"}}]},
    "channels": {"InputProxyChannelList": {"InputProxyChannel": [{"id": "1", "name": "Yard"}]}},
    "outputs": {"IOOutputPortList": {"IOOutputPort": [{"id": 1, "enabled": True}]}},
    "presets": {"PTZPresetList": {"PTZPreset": [{"id": "1", "presetName": "Gate"}]}},
}


def rows_of(client: Client, what: str) -> Any:
    reads = {
        "areas": lambda: client.panel.areas("Q1"),
        "channels": lambda: client.device.ip_channels.channels("Q1"),
        "outputs": lambda: client.device.output.outputs("Q1"),
        "presets": lambda: client.ptz.presets("Q1", 1),
    }
    return reads[what]()


@pytest.mark.parametrize("what", LISTS)
def test_a_list_that_is_not_whole_is_said_to_be_so(what: str) -> None:
    said: list[str] = []
    with answering(json.dumps({**LISTS[what], **MORE}).encode()) as host:
        assert len(rows_of(Client(transport=transport_to(host, info=said.append)), what)) == 1
    assert said == ["The device sent 1 of 75 rows; the list is not complete."]


def test_zones_that_are_not_all_are_searched_for() -> None:
    bodies: list[bytes] = []
    zones = {"ZoneList": [{"Zone": {"id": 0, "name": "Door", "status": "online"}}]}
    repeated = answering(json.dumps({**zones, **MORE}).encode(), bodies=bodies)
    with repeated as host, pytest.raises(HpcliError):
        Client(transport=transport_to(host)).panel.zones("Q1")
    assert any(b"searchResultPosition" in body for body in bodies)


def test_a_list_that_is_not_whole_is_not_sent_back() -> None:
    with answering(json.dumps({**LISTS["channels"], **MORE}).encode()) as host:
        client = Client(transport=transport_to(host))
        with pytest.raises(ProtocolError, match="would take channels away; nothing was changed"):
            client.device.ip_channels.with_changes("Q1", [{"id": "1", "name": "Barn"}])
