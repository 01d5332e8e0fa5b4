"""Messages that differ a little from those of the guide: capitals, wrappings, times, codes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from hpcli.alarms.decode.decode import Receipt
from hpcli.alarms.decode.decode import decode as decode_message
from hpcli.alarms.event.times import read_time
from tests.support.alarm_messages import RECEIVED, event_of, message, xml

MOTION = {"eventType": "VMD", "channelID": 1, "dateTime": "2026-05-08T08:30:15+02:00"}
INPUT = {"eventType": "IO", "inputIOPortID": 2, "dateTime": "2026-05-08T08:30:15+02:00"}
TEXT = json.dumps(MOTION)


def types_of(payload: object, **more: object) -> list[str]:
    return [decoded.body["type"] for decoded in decode_message(message(payload, **more), Receipt(RECEIVED))]


def cid(code: object, **more: object) -> dict[str, Any]:
    return event_of({"eventType": "cidEvent", "CIDEvent": {"code": code, **more}})


@pytest.mark.parametrize(
    ("fields", "right"),
    [
        ({"eventType": "IO", "EventState": "Inactive"}, {"state": "ended", "priority": "low"}),
        ({"eventType": "IO", "EVENTSTATE": "ended"}, {"state": "ended"}),
        ({"eventtype": "io", "event_state": "inactive"}, {"type": "IO", "state": "ended"}),
        ({"eventType": "IO", "eventState": False}, {"state": "ended"}),
        ({"eventType": "IO", "eventState": "false"}, {"state": "ended"}),
        (
            {"eventType": "VMD", "ChannelId": "3", "CHANNELNAME": "Yard"},
            {"channel": 3, "channelName": "Yard"},
        ),
        ({"eventType": "VMD", "DynChannelID": 4}, {"channel": 4}),
        (
            {"eventType": "VMD", "DateTime": MOTION["dateTime"]},
            {"time": MOTION["dateTime"], "timeSource": "device"},
        ),
        ({"eventType": "VMD", "channelID": 2, "channelid": 5}, {"channel": 2}),
        ({"eventType": "cidEvent", "cidEvent": {"Code": "1103"}}, {"category": "burglary"}),
        ({"eventType": "cidEvent", "CIDEvent": {"code": 1103, "IPCChannel": 4}}, {"channel": 4}),
        ({"CIDEVENT": {"CODE": 3103}}, {"type": "cidEvent", "state": "ended"}),
        (
            {"eventType": "ACSEvent", "accessControllerEvent": {"MajorEventType": 1, "SubEventType": 1034}},
            {"category": "panic"},
        ),
        (
            {"eventType": "ACSEvent", "AccessControllerEvent": {"major": 2, "minor": 1029}},
            {"category": "fault"},
        ),
        ({"eventType": "hovering", "eventDescription": "hovering alarm"}, {"category": "other"}),
    ],
    ids=str,
)
def test_names_count_in_any_capitals(fields: dict[str, Any], right: dict[str, Any]) -> None:
    for payload in (fields, json.dumps({"EventNotificationAlert": fields})):
        event = event_of(payload)
        assert {name: event[name] for name in right} == right


@pytest.mark.parametrize("name", ["hovering", "alarmTrig", "voiceTalkEvent", "AIOP_Video"])
def test_the_text_says_of_every_type_that_it_is_over(name: str) -> None:
    assert "(ended)" in event_of({"eventType": name, "eventState": "inactive"})["text"]


def test_an_xml_alert_counts_in_any_capitals() -> None:
    event = event_of(xml("VMD", "<EventState>inactive</EventState>").replace("channelID", "ChannelID"))
    assert (event["channel"], event["state"]) == (2, "ended")


@pytest.mark.parametrize("serial", ["deviceSerial", "DeviceSerial", " deviceserial "])
@pytest.mark.parametrize("data", ["alarmData", "AlarmData", "ALARMDATA", "alarm\ufffdata", "ala\ufffdrmData"])
def test_the_names_of_a_message_count_in_any_capitals(serial: str, data: str) -> None:
    (decoded,) = decode_message({serial: "Q1", data: TEXT}, Receipt(RECEIVED))
    assert (decoded.body["device"], decoded.body["type"]) == ("Q1", "VMD")


@pytest.mark.parametrize(
    "payload",
    [
        [TEXT, INPUT],
        [TEXT, json.dumps(INPUT)],
        json.dumps([TEXT, json.dumps(INPUT)]),
        [[MOTION], [INPUT]],
        [xml("VMD"), xml("IO")],
        {"list": [MOTION, INPUT]},
        {"data": json.dumps([MOTION, INPUT])},
        {"EventNotificationAlertList": {"EventNotificationAlert": [MOTION, INPUT]}},
        f"[{TEXT}, {json.dumps(INPUT)},]",
        f"[{TEXT}, {json.dumps(INPUT)}",
        f"--b\r\nContent-Type: application/json\r\n\r\n{TEXT}\r\n--b\r\n\r\n{json.dumps(INPUT)}\r\n--b--",
    ],
    ids=lambda payload: str(payload)[:30],
)
def test_two_alerts_are_two_events_in_whatever_they_lie(payload: object) -> None:
    assert types_of(payload) == ["VMD", "IO"]


@pytest.mark.parametrize(
    "payload",
    [
        {"data": MOTION},
        {"EventNotificationAlert": TEXT},
        {"EventNotificationAlert": xml("VMD")},
        {"alarmData": TEXT},
        [[MOTION]],
        TEXT.replace('"', "&quot;"),
        TEXT.replace('"', '\\"'),
        xml("VMD").replace("<", "&lt;").replace(">", "&gt;"),
    ],
    ids=lambda payload: str(payload)[:30],
)
def test_an_alert_is_found_in_what_is_wrapped_around_it(payload: object) -> None:
    assert types_of(payload) == ["VMD"]


def test_a_message_without_alarm_data_may_be_the_alert_itself() -> None:
    for fields in (MOTION, {"EventNotificationAlert": MOTION}, {"EVENTTYPE": "VMD"}):
        (decoded,) = decode_message({"deviceSerial": "Q1", **fields}, Receipt(RECEIVED))
        assert (decoded.body["device"], decoded.body["type"]) == ("Q1", "VMD")


@pytest.mark.parametrize(
    ("value", "time"),
    [
        (1778221815, "2026-05-08T06:30:15+00:00"),
        ("1778221815591", "2026-05-08T06:30:15.591000+00:00"),
        (1778221815591000, "2026-05-08T06:30:15.591000+00:00"),
        ("1778221815591000000", "2026-05-08T06:30:15.591000+00:00"),
        ("1778221815.591", "2026-05-08T06:30:15.591000+00:00"),
        (20260508083015, "2026-05-08T08:30:15"),
        (20260508083015591, "2026-05-08T08:30:15.591000"),
        ("20260508083015+0800", "2026-05-08T08:30:15+08:00"),
        ("20260508083015591Z", "2026-05-08T08:30:15.591000+00:00"),
        ("2026-05-08T08:30:15.591-6:00", "2026-05-08T08:30:15.591000-06:00"),
        ("2026-05-08 08:30:15.5+8", "2026-05-08T08:30:15.500000+08:00"),
        ("2026-05-08T08:30:15z", "2026-05-08T08:30:15+00:00"),
        ("2026/05/08 08:30:15.123456789 GMT+8", "2026-05-08T08:30:15.123456+08:00"),
        ("2026-05-08T08:30:15\u221206:00", "2026-05-08T08:30:15-06:00"),
        ("2026-05-08T08:30:60", "2026-05-08T08:31:00"),
        ("2026-05-08", None),
        ("08:30:15", None),
        (0, None),
        (-1778221815, None),
        (10**25, None),
        ("177822181559", None),
    ],
)
def test_a_time_is_read_in_the_forms_that_devices_have(value: object, time: str | None) -> None:
    found = read_time(value)
    assert (found and found.isoformat()) == time


@pytest.mark.parametrize(
    ("code", "more", "right"),
    [
        ("1103.0", {}, ("burglary", "new")),
        ("E103", {}, ("burglary", "new")),
        ("R103", {}, ("burglary", "ended")),
        ("183103", {}, ("burglary", "ended")),
        (181103, {}, ("burglary", "new")),
        ("18 1103 01 002", {}, ("burglary", "new")),
        ("1103", {"standardCode": 1110}, ("fire", "new")),
        (3103, {"standardCIDcode": "3120"}, ("panic", "ended")),
        (1103, {"standardCode": 1103}, ("burglary", "new")),
        (1799, {"standardCode": 1119}, ("fire", "new")),
        (3799, {"standardCode": "R128"}, ("panic", "ended")),
        (1799, {"standardCode": 1620}, ("device", "new")),
        (1799, {"standardCode": 1359}, ("fault", "new")),
        (None, {"description": "DuressArm"}, ("panic", "new")),
    ],
)
def test_a_code_counts_in_the_forms_of_receivers(
    code: object, more: dict[str, Any], right: tuple[str, str]
) -> None:
    event = cid(code, **more)
    assert (event["category"], event["state"]) == right


@pytest.mark.parametrize(
    ("fields", "category"),
    [
        ({"CIDEvent": None}, "test"),
        ({"CIDEvent": []}, "test"),
        ({"CIDEvent": "{}"}, "test"),
        ({"CIDEvent": {"code": "", "system": None}}, "test"),
        ({"eventDescription": "CID event", "eventState": "inactive"}, "test"),
        ({"CIDEvent": {}, "eventDescription": "cidEvent alarm"}, "test"),
        ({"CIDEvent": {}, "eventDescription": "AwayArm"}, "open-close"),
        ({"CIDEvent": {"code": "", "description": "zoneAlarm"}}, "burglary"),
        ({"CIDEvent": {"zone": 2}}, "other"),
        ({}, "other"),
    ],
    ids=str,
)
def test_only_a_panels_event_that_says_nothing_is_a_keep_alive(fields: dict[str, Any], category: str) -> None:
    assert event_of({"eventType": "cidEvent", **fields})["category"] == category


def test_the_old_time_of_an_epoch_is_a_clock_that_was_never_set() -> None:
    event = event_of({"eventType": "VMD", "dateTime": 1_000_000_000})
    assert datetime.fromisoformat(event["time"]).astimezone(UTC) == RECEIVED
    assert "clock wrong: 2001-09-09" in event["text"]


@pytest.mark.parametrize(
    ("name", "fields", "words"),
    [
        ("ANPR", {"ANPR": {"plateNumber": "AB123CD"}}, "Plate AB123CD"),
        ("ANPR", {"originalLicensePlate": "AB1"}, "Plate AB1"),
        ("TDA", {"TDA": {"temperatureDiff": 12.5}}, "12.5 °C"),
        (
            "fireDetection",
            {"FireDetection": {"temperatureUnit": "fahrenheit", "fireMaxTemperature": 214}},
            "214 °F",
        ),
        ("audioexception", {"AudioExceptionInfo": {"wDecibel": 92.3}}, "92.3 dB"),
        ("PeopleCounting", {"peopleCounting": {"enterNum": 12, "leaveNum": 7}}, "12 in · 7 out"),
        ("crowdDensity", {"peopleNum": 9}, "9 people"),
        ("alarmResult", {"faces": [{"candidate": [{"reserve_field": {"name": "Ann B"}}]}]}, "Ann B"),
        ("duration", {"DurationList": {"Duration": {"relationEvent": "linedetection"}}}, "Line crossing"),
        ("diskfull", {"hddList": [{"hdd": {"Id": 1}}, {"hdd": {"Id": 3}}]}, "Disks 1, 3"),
        ("voiceTalkEvent", {"VoiceTalkEvent": {"CmdType": "hang_up"}}, "call hung up"),
        ("ACSEvent", {"AccessControllerEvent": '{"major": 5, "minor": 21, "CurrentEvent": 0}'}, "old record"),
        ("cidEvent", {"CIDEvent": '[{"Code": 1103, "zone": 2}]'}, "Burglary alarm · Zone 3"),
        ("cidEvent", {"CIDEvent": {"CIDEvent": {"code": 1103}}}, "Burglary alarm"),
        ("cidEvent", {"code": 1103}, "Burglary alarm"),
    ],
    ids=str,
)
def test_the_fact_that_matters_is_found_under_neighbouring_names(
    name: str, fields: dict[str, Any], words: str
) -> None:
    assert words in event_of({"eventType": name, **fields})["text"]


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("hdFull", "fault"),
        ("HDERROR", "fault"),
        ("storageDetection", "fault"),
        ("networkAbnormal", "fault"),
        ("crowdDensityDetection", "video"),
        ("FACESNAP", "video"),
        ("leavePosition", "video"),
        ("smokeAndFireDetection", "fire"),
        ("gasDetection", "technical"),
        ("hovering", "other"),
    ],
)
def test_an_unknown_type_is_judged_by_its_name(name: str, category: str) -> None:
    for payload in ({"eventType": name}, xml(name)):
        assert event_of(payload)["category"] == category


@pytest.mark.parametrize(
    ("code", "sent", "standard", "state"),
    [
        (3103, 1130, 3130, "ended"),
        (1103, "3130", 1130, "new"),
        (6103, "E130", 6130, "status"),
        (None, 3130, 3130, "ended"),
    ],
)
def test_the_first_digit_of_the_code_says_whether_an_event_ends(
    code: int | None, sent: object, standard: int, state: str
) -> None:
    event = cid(code, standardCode=sent)
    assert (event["cid"]["standard"], event["state"], event["category"]) == (standard, state, "burglary")


ALERT = xml("linedetection", "<pictureURL>https://h/p?a=1&amp;isEncrypted=1</pictureURL>")


@pytest.mark.parametrize("name", ["MessageId", "MESSAGEID", " messageId"])
def test_the_id_counts_in_any_capitals_beside_usual_names(name: str) -> None:
    (decoded,) = decode_message(message(TEXT) | {name: "m-9"}, Receipt(RECEIVED))
    assert decoded.id == "m-9"


@pytest.mark.parametrize("name", ["AccountNumber", "accountnumber", "ACCOUNTNUMBER "])
def test_the_account_counts_in_any_capitals_and_within_the_alert(name: str) -> None:
    (decoded,) = decode_message(message(TEXT) | {name: "0077"}, Receipt(RECEIVED))
    assert (decoded.body["account"], decoded.body["accountSource"]) == ("0077", "message")
    assert event_of({**MOTION, "accountNumber": "0077"})["account"] == "0077"
    assert event_of({**MOTION, "accountNumber": "0077"}, accountNumber="1")["account"] == "1"


@pytest.mark.parametrize("sent", [1234567890123456789, 18446744073709551615, 0])
def test_an_id_may_be_a_number_of_64_bits(sent: int) -> None:
    assert event_of(TEXT, messageId=sent)["id"] == str(sent)


@pytest.mark.parametrize("sent", [10**60, True, None, {}, " "])
def test_what_is_no_id_is_none(sent: object) -> None:
    assert len(event_of(TEXT, messageId=sent)["id"]) == 16


def test_a_field_that_is_repeated_is_its_first() -> None:
    event = event_of(
        {name: [value, value] for name, value in MOTION.items()} | {"eventState": ["inactive", "active"]}
    )
    assert (event["type"], event["channel"], event["time"], event["state"]) == (
        "VMD",
        1,
        MOTION["dateTime"],
        "ended",
    )
    assert cid([1103])["category"] == "burglary"


@pytest.mark.parametrize(
    ("fields", "channel", "words"),
    [
        ({"ipcChannel": 4, "channelSerial": "C99"}, 4, "Camera 4 C99"),
        ({"ipcChannel": "4"}, 4, "Camera 4"),
        ({"ipcChannel": 0, "channelSerial": ""}, None, "Burglary alarm"),
        ({"ipcChannel": 65535}, None, "Burglary alarm"),
        ({"ChannelSerial": "C99"}, None, "Camera C99"),
    ],
)
def test_the_text_says_which_camera_is_linked(
    fields: dict[str, Any], channel: int | None, words: str
) -> None:
    event = cid(1103, **fields)
    assert event["channel"] == channel
    assert event["text"].endswith(words)


@pytest.mark.parametrize("name", ["deviceNo", "ModNo"])
def test_panels_write_65535_for_no_peripheral(name: str) -> None:
    assert cid(1103, **{name: 65535})["source"] is None


@pytest.mark.parametrize(
    "broken",
    [
        ALERT.replace("</eventDescription>", "</eventDesc>"),
        ALERT.replace("<channelID>", "<!-- a -- b --><channelID>"),
        ALERT.replace("<channelID>", "<channelID opt=1 unit=no>"),
        ALERT.replace("<channelID>", "<channelID opt=1/><channelID>"),
        ALERT.replace("2</channelID>", "2"),
    ],
)
def test_broken_xml_keeps_its_addresses_and_its_first_fields(broken: str) -> None:
    event = event_of(broken)
    assert (event["type"], event["device"]) == ("linedetection", "Q12345678")
    assert [picture["url"] for picture in event["pictures"]] == ["https://h/p?a=1&isEncrypted=1"]


def test_xml_may_come_with_the_escapes_of_its_message() -> None:
    event = event_of(ALERT.replace('"', '\\"'))
    assert (event["type"], event["channel"], event["channelName"]) == ("linedetection", 2, "Front door")


def test_an_alert_in_json_behind_one_in_xml_is_an_event() -> None:
    assert types_of(f"{ALERT}\n{json.dumps(INPUT)}") == ["linedetection", "IO"]


def test_the_type_is_found_between_single_quotes() -> None:
    assert event_of(str(MOTION | {"eventType": "linedetection"}))["priority"] == "high"


@pytest.mark.parametrize(
    "fields",
    [
        {"AccessControllerEvent": {"majorEventType": "0x5", "subEventType": "0x4B"}},
        {"majorEventType": 5, "subEventType": 75},
    ],
)
def test_an_event_of_a_door_may_be_flat_or_in_hexadecimal_numbers(fields: dict[str, Any]) -> None:
    event = event_of({"eventType": "ACSEvent", **fields})
    assert (event["text"], event["category"]) == ("Face accepted", "access")
