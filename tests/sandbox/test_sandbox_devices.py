"""Devices behind the stand-in's gateway: their ISAPI answers and refusals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from tests.support.sandbox_reader import OFFLINE_DEVICE, RECORDER, Reader, new_state, serving

if TYPE_CHECKING:
    import requests


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with serving(new_state(tmp_path)) as made:
        yield made


def texts(answer: requests.Response) -> dict[str, str]:
    """Return the texts of an XML answer's children."""
    return {child.tag.rpartition("}")[2]: child.text or "" for child in ET.fromstring(answer.content)}


def test_every_online_device_tells_its_information(reader: Reader) -> None:
    rows = reader.data("v1/device/list", pageSize=200)["rows"]
    for row in (row for row in rows if row["deviceOnlineStatus"] == 1):
        answer = reader.device("GET", "/ISAPI/System/deviceInfo", row["deviceSerial"])
        info = texts(answer)
        assert info["model"] == row["deviceType"]
        assert info["serialNumber"].endswith(row["deviceSerial"])
        assert {"X-EZO-Code", "X-ErrorCode", "X-DeviceCode"} <= set(answer.headers)


def test_the_gateway_refuses_offline_and_unknown_devices(reader: Reader) -> None:
    offline = reader.device("GET", "/ISAPI/System/deviceInfo", OFFLINE_DEVICE)
    assert offline.json()["errorCode"] == "EVZ20007"
    assert reader.device("GET", "/ISAPI/System/deviceInfo", "A00000000").json()["errorCode"] == "EVZ20002"


def test_a_device_refuses_what_it_does_not_know_in_the_format_asked_for(reader: Reader) -> None:
    answer = reader.device("GET", "/ISAPI/Nothing/here")
    assert texts(answer)["subStatusCode"] == "notSupport"
    assert answer.headers["X-DeviceCode"] == "1073741825"
    as_json = reader.device("GET", "/ISAPI/Nothing/here?format=json").json()
    assert (as_json["statusCode"], as_json["errorCode"]) == (4, 1073741825)
    camera = reader.device("GET", "/ISAPI/SecurityCP/status/zones?format=json", RECORDER)
    assert camera.json()["subStatusCode"] == "notSupport", "a recorder has no zones"


def test_a_device_keeps_the_time_it_was_given(reader: Reader) -> None:
    body = '<Time xmlns="http://www.isapi.org/ver20/XMLSchema"><timeMode>manual</timeMode><localTime>2030-01-02T03:04:05</localTime></Time>'
    assert texts(reader.device("PUT", "/ISAPI/System/time", body=body))["statusCode"] == "1"
    now = texts(reader.device("GET", "/ISAPI/System/time"))
    assert now["timeMode"] == "manual"
    assert now["localTime"].startswith("2030-01-02T03:0")
    assert now["timeZone"] == "CST-1:00:00"


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("<Time>", "badXmlFormat"),
        ("<!DOCTYPE x><Time/>", "badXmlFormat"),
        ("<Zeit/>", "badXmlContent"),
        ("<Time><timeMode>guess</timeMode></Time>", "badXmlContent"),
        ("<Time><timeMode>manual</timeMode></Time>", "badParameters"),
    ],
)
def test_a_device_refuses_a_broken_message(reader: Reader, body: str, name: str) -> None:
    assert texts(reader.device("PUT", "/ISAPI/System/time", body=body))["subStatusCode"] == name


def test_a_panel_tells_its_areas_and_zones_unused_ones_included(reader: Reader) -> None:
    areas = reader.device("GET", "/ISAPI/SecurityCP/status/subSystems?format=json").json()["SubSysList"]
    assert [area["SubSys"]["enabled"] for area in areas] == [True, True, False, False]
    zones = reader.device("GET", "/ISAPI/SecurityCP/status/zones?format=json").json()["ZoneList"]
    assert {zone["Zone"]["status"] for zone in zones} == {"online", "trigger", "offline", "notRelated"}
    assert [zone["Zone"]["id"] for zone in zones] == list(range(8))


def test_a_recorder_tells_its_digital_channels(reader: Reader) -> None:
    answer = reader.device("GET", "/ISAPI/ContentMgmt/InputProxy/channels/status", RECORDER)
    states = [entry.findtext("{*}online") for entry in ET.fromstring(answer.content)]
    assert states == ["true"] * 5 + ["false"] + ["true"] * 2
