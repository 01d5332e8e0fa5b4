"""The device calls that public programs make beyond the guide's appendix."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from hpcli.sandbox import DEFAULT_DEVICE
from tests.support.sandbox_reader import RECORDER, Reader, new_state, serving

DOOR = "C94115305"
PANEL = "/ISAPI/SecurityCP"
NTP = "/ISAPI/System/time/ntpServers"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with serving(new_state(tmp_path_factory.mktemp("isapi"))) as made:
        yield made


def asked(reader: Reader, method: str, uri: str, serial: str = DEFAULT_DEVICE, **body: Any) -> dict[str, Any]:
    answer = reader.device(method, f"{uri}?format=json", serial, json.dumps(body) if body else "")
    return dict(answer.json())


@pytest.mark.parametrize(
    ("uri", "root"),
    [
        ("status/host", "AlarmHostStatus"),
        ("status/hostHealth", "HostHealth"),
        ("diagnostic/zones", "ZoneDiagnosticList"),
        ("control/capabilities", "SecurityCPControlCap"),
    ],
)
def test_a_panel_tells_about_itself_and_a_recorder_does_not_know_the_call(
    reader: Reader, uri: str, root: str
) -> None:
    assert list(asked(reader, "GET", f"{PANEL}/{uri}")) == [root]
    assert asked(reader, "GET", f"{PANEL}/{uri}", RECORDER)["subStatusCode"] == "notSupport"


def test_the_state_of_a_panel_comes_when_asked_for_by_a_condition(reader: Reader) -> None:
    uri = f"{PANEL}/status/host"
    condition = {"hostStatus": True, "subSys": True}
    assert asked(reader, "POST", uri, AlarmHostStatusCond=condition) == asked(reader, "GET", uri)
    assert asked(reader, "POST", uri)["subStatusCode"] == "badParameters"


def test_health_and_diagnosis_agree_on_the_zones_that_are_out_of_reach(reader: Reader) -> None:
    faulty = asked(reader, "GET", f"{PANEL}/status/hostHealth")["HostHealth"]["faultZoneList"]
    zones = [
        row["ZoneDiagnostic"]
        for row in asked(reader, "GET", f"{PANEL}/diagnostic/zones")["ZoneDiagnosticList"]
    ]
    assert [zone["id"] for zone in zones if zone["result"] == "fail"] == [row["id"] for row in faulty] != []


def test_a_panic_alarm_sounds_until_it_is_cleared(reader: Reader) -> None:
    def is_alarm() -> bool:
        return bool(asked(reader, "GET", f"{PANEL}/status/host")["AlarmHostStatus"]["HostStatus"]["alarm"])

    assert not is_alarm()
    assert asked(reader, "PUT", f"{PANEL}/control/panicAlarm")["statusCode"] == 1
    assert asked(reader, "PUT", f"{PANEL}/control/silenceAlarm")["statusCode"] == 1
    assert asked(reader, "PUT", f"{PANEL}/control/silenceAlarm/1")["statusCode"] == 1
    assert is_alarm()
    assert asked(reader, "PUT", f"{PANEL}/control/clearAlarm/4294967295")["statusCode"] == 1
    assert not is_alarm()
    assert asked(reader, "PUT", f"{PANEL}/control/silenceAlarm/x")["subStatusCode"] == "badParameters"


@pytest.mark.parametrize("uri", [NTP, f"{NTP}/1"])
def test_a_time_server_is_set_in_either_form(reader: Reader, uri: str) -> None:
    server = (
        "<NTPServer><id>1</id><addressingFormatType>ipaddress</addressingFormatType>"
        "<ipAddress>192.0.2.7</ipAddress><portNo>1123</portNo></NTPServer>"
    )
    body = server if uri.endswith("/1") else f"<NTPServerList>{server}</NTPServerList>"
    assert ET.fromstring(reader.device("PUT", uri, RECORDER, body).content).findtext("{*}statusCode") == "1"
    kept = ET.fromstring(reader.device("GET", f"{NTP}/1", RECORDER).content)
    assert (kept.findtext("{*}ipAddress"), kept.findtext("{*}hostName")) == ("192.0.2.7", None)
    broken = reader.device("PUT", uri, RECORDER, body.replace("1123", "x"))
    assert ET.fromstring(broken.content).findtext("{*}subStatusCode") == "badParameters"


def test_the_clock_of_a_device_goes_by_its_time_server(reader: Reader) -> None:
    assert ET.fromstring(reader.device("GET", NTP, DOOR).content).findtext("{*}NTPServer/{*}hostName")
    ntp = "<Time><timeMode>NTP</timeMode></Time>"
    assert (
        ET.fromstring(reader.device("PUT", "/ISAPI/System/time", DOOR, ntp).content).findtext("{*}statusCode")
        == "1"
    )
    assert b"<timeMode>NTP</timeMode>" in reader.device("GET", "/ISAPI/System/time", DOOR).content


def test_a_person_is_set_up_gets_a_face_and_is_deleted(reader: Reader) -> None:
    def found() -> list[dict[str, Any]]:
        condition = {"searchID": "1", "searchResultPosition": 0, "maxResults": 30}
        condition["EmployeeNoList"] = [{"employeeNo": "7001"}]
        uri = "/ISAPI/AccessControl/UserInfo/Search"
        page = asked(reader, "POST", uri, DOOR, UserInfoSearchCond=condition)["UserInfoSearch"]
        return list(page.get("UserInfo", []))

    user = {"employeeNo": "7001", "name": "Ito Ren", "userType": "visitor"}
    uri = "/ISAPI/AccessControl/UserInfo"
    face = {"faceLibType": "blackFD", "FDID": "1", "FPID": "7001"}
    library = "/ISAPI/Intelligent/FDLib/FDSetUp"
    assert asked(reader, "PUT", library, DOOR, **face)["subStatusCode"] == "badParameters"
    assert asked(reader, "PUT", f"{uri}/SetUp", DOOR, UserInfo=user)["statusCode"] == 1
    assert [(row["name"], row["userType"], row["numOfFace"]) for row in found()] == [
        ("Ito Ren", "visitor", 0)
    ]
    assert asked(reader, "PUT", library, DOOR, **face)["statusCode"] == 1
    assert [row["numOfFace"] for row in found()] == [1]
    gone = {"EmployeeNoList": [{"employeeNo": "7001"}]}
    assert asked(reader, "PUT", f"{uri}/Delete", DOOR, UserInfoDelCond=gone)["statusCode"] == 1
    assert found() == []
    assert asked(reader, "PUT", f"{uri}/SetUp", DOOR, UserInfo={})["subStatusCode"] == "badParameters"
