"""Alarm messages become events: each type, each wrapping met in the field, their identity."""

import json
import math
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest

from hpcli.alarms.decode.decode import Receipt
from hpcli.alarms.decode.video import custom_info
from hpcli.alarms.event.event import CID_FIELDS, EVENT_FIELDS, PICTURE_FIELDS, Body, Cid, Picture
from hpcli.alarms.event.identity import fingerprint_of
from hpcli.alarms.event.types import EVENT_TYPES, alarm_types
from hpcli.alarms.journal.batches import keep_batch
from hpcli.alarms.journal.entries import line_of
from hpcli.alarms.journal.rows import make_batch, make_rows
from hpcli.alarms.journal.schema import open_in_memory
from hpcli.reference.categories import CATEGORIES
from tests.support.alarm_messages import (
    ACCESS,
    CALL,
    CID,
    LINKAGE,
    MANUAL,
    RECEIVED,
    Home,
    decode,
    disk,
    event_of,
    message,
    notice,
    region,
    relation_of,
    xml,
)


def kept_of(payload: object, **more: object) -> dict[str, Any]:
    """Return an event's fields from `received` to `cid` as the journal keeps them."""
    row = make_rows(message(payload, **more), Receipt(RECEIVED, Home()))[0]
    kept: dict[str, Any] = json.loads("{" + row.body + "}")
    return kept


GOLDEN = [
    ("cidEvent", json.dumps(CID), "burglary", None, "Burglary alarm · Area 1 · Zone 3 Kitchen PIR"),
    ("Linkage", LINKAGE, "video", None, "Video review · 2 pictures · left and right camera"),
    (
        "manualRep",
        MANUAL,
        "video",
        0,
        "Manual capture · Zone 1 Zona\ufffdaradio1 · 1 picture · by ann@example.org",
    ),
    ("ACSEvent", ACCESS, "access", 1, "Face accepted · Door 1 · Alice (employee 17) · Card 4711 · Reader 2"),
    ("YsCallingEvent", CALL, "call", 1, "Door station call · Channel 1"),
    ("voiceTalkEvent", notice("voiceTalkEvent"), "call", None, "Intercom event"),
    ("deviceonline", notice("deviceonline"), "device", None, "Device online"),
    ("deviceoffline", notice("deviceoffline"), "device", None, "Device offline"),
    ("devicedeleted", notice("devicedeleted"), "device", None, "Device deleted"),
    (
        "deviceadded",
        notice("deviceadded", deviceType="DS-PWA96", companyName="Acme", hcAccount="b@example.org"),
        "device",
        None,
        "Device added · DS-PWA96 · from Acme · handed over to b@example.org",
    ),
    ("VMD", xml("VMD"), "video", 2, "Motion detection · Channel 2 Front door"),
    (
        "IO",
        xml("IO", "<inputIOPortID>4</inputIOPortID>"),
        "burglary",
        2,
        "Alarm input 4 · Channel 2 Front door",
    ),
    ("shelteralarm", xml("shelteralarm"), "video", 2, "Video tampering · Channel 2 Front door"),
    (
        "fielddetection",
        xml("fielddetection", region("<regionID>1</regionID><detectionTarget>human</detectionTarget>")),
        "video",
        2,
        "Intrusion · Channel 2 Front door · human · Region 1",
    ),
    (
        "linedetection",
        xml("linedetection", region("<regionID>1</regionID>", "<regionID>2</regionID>")),
        "video",
        2,
        "Line crossing · Channel 2 Front door · Region 1 · Region 2",
    ),
    ("regionEntrance", xml("regionEntrance"), "video", 2, "Region entrance · Channel 2 Front door"),
    (
        "regionExiting",
        xml("regionExiting", "<eventState>inactive</eventState>"),
        "video",
        2,
        "Region exiting (ended) · Channel 2 Front door",
    ),
    ("videoloss", xml("videoloss"), "fault", 2, "Video loss · Channel 2 Front door"),
    ("recordException", xml("recordException"), "fault", 2, "Recording exception · Channel 2 Front door"),
    ("diskfull", disk("diskfull", "<diskNo>1</diskNo>"), "fault", None, "Disk full · Disk 1"),
    (
        "diskerror",
        disk("diskerror", "<HDDList><HDD><id>1</id></HDD><HDD><id>3</id></HDD></HDDList>"),
        "fault",
        None,
        "Disk error · Disks 1, 3",
    ),
    ("diskrecover", disk("diskrecover", ""), "fault", None, "Disk recovered"),
    ("fireDetection", xml("firedetection"), "fire", 2, "Fire detection · Channel 2 Front door"),
    ("TMPA", xml("TMPA"), "video", 2, "Temperature pre-alarm · Channel 2 Front door"),
    ("TMA", xml("TMA"), "video", 2, "Temperature alarm · Channel 2 Front door"),
    ("TDA", xml("TDA"), "video", 2, "Temperature difference alarm · Channel 2 Front door"),
]


@pytest.mark.parametrize(
    ("name", "payload", "category", "channel", "text"), GOLDEN, ids=[row[0] for row in GOLDEN]
)
def test_every_type_becomes_its_line(
    name: str, payload: object, category: str, channel: int | None, text: str
) -> None:
    event = event_of(payload)

    found = (event["type"], event["category"], event["channel"], event["text"], event["device"])
    assert found == (name, category, channel, text, "Q12345678")
    assert event["time"] in ("2026-11-22T15:30:12+01:00", "2026-11-22T14:30:12+00:00")
    assert event["timeSource"] in ("device", "site-zone")


ALSO_SEEN = {known.type for known in EVENT_TYPES[26:]}
"""Types that the guide lacks and devices send; real messages of them are cases of their own."""


def test_the_golden_events_cover_every_known_type() -> None:
    documented = {row["type"] for row in alarm_types() if row["type"] not in ALSO_SEEN}
    assert {row[0] for row in GOLDEN} == documented
    assert all(row["category"] in CATEGORIES and row["meaning"] and row["format"] for row in alarm_types())


BURGLARY = {
    "code": 1103,
    "qualifier": "new",
    "event": 103,
    "standard": 1130,
    "meaning": "Burglary alarm",
    "areas": [1],
    "zone": 3,
    "zoneName": "Kitchen PIR",
    "user": None,
}


def test_an_event_has_all_fields_in_their_order() -> None:
    raw = message(json.dumps(CID), messageId="m-1")

    event = decode(raw, received=RECEIVED, sites=Home(), batch="b7", redelivered=True)

    assert list(event.items()) == [
        ("id", "m-1"),
        ("received", "2026-11-22T14:31:00.250Z"),
        ("time", "2026-11-22T15:30:12+01:00"),
        ("timeSource", "site-zone"),
        ("type", "cidEvent"),
        ("name", "CID event"),
        ("category", "burglary"),
        ("priority", "critical"),
        ("state", "new"),
        ("account", None),
        ("accountSource", None),
        ("device", "Q12345678"),
        ("channel", None),
        ("channelName", None),
        ("site", {"id": "s1", "name": "Home"}),
        ("source", None),
        ("text", "Burglary alarm · Area 1 · Zone 3 Kitchen PIR"),
        ("cid", BURGLARY),
        ("pictures", []),
        ("ack", None),
        ("redelivered", True),
        ("batch", "b7"),
        ("raw", raw),
    ]


SAME = json.dumps(CID)
WITH_BLANKS = SAME.replace('"eventType"', '" eventType "').replace('"code"', '"code "')


@pytest.mark.parametrize(
    "payload",
    [
        CID,
        [CID],
        SAME,
        json.dumps(SAME),
        json.dumps(json.dumps(SAME)),
        "\ufeff" + SAME,
        "\xef\xbb\xbf" + SAME + "\n\0",
        "  \r\n" + SAME,
        json.dumps({"EventNotificationAlert": CID}),
        WITH_BLANKS,
        json.loads(WITH_BLANKS),
        SAME.replace('"eventType"', '" eventType"'),
        SAME.replace('"eventType"', '"eventType "'),
        {f"{key}\t": value for key, value in CID.items()},
        {f"\u3000{key}": value for key, value in CID.items()},
        json.dumps(CID | {"eventType": ""}),
        json.dumps(CID | {"eventType": {"is": "an object"}}),
        json.dumps(CID | {"eventType": " CIDEVENT "}),
        json.dumps(CID | {"CIDEvent": json.dumps(CID["CIDEvent"])}),
        json.dumps(CID | {"CIDEvent": [CID["CIDEvent"]]}),
    ],
)
def test_a_json_payload_is_read_however_it_is_wrapped(payload: object) -> None:
    event = event_of(payload, formatType="XML")

    assert (event["type"], event["text"]) == ("cidEvent", "Burglary alarm · Area 1 · Zone 3 Kitchen PIR")
    assert kept_of(payload, formatType="XML").items() <= event.items()


@pytest.mark.parametrize(
    "payload",
    [
        xml("VMD"),
        xml("vmd "),
        "\ufeff\n " + xml("VMD"),
        xml("VMD").replace("utf-8", "gb2312"),
        xml("VMD").replace("utf-8", "UTF-16"),
        xml("VMD", namespace=' xmlns="http://www.hikvision.com/ver20/XMLSchema"'),
        xml("VMD", namespace=' xmlns="http://www.std-cgi.com/ver20/XMLSchema"'),
        xml("VMD", namespace=' xmlns="urn:psialliance-org"'),
        xml("VMD", namespace=""),
        json.dumps(xml("VMD")),
    ],
)
def test_an_xml_payload_is_read_in_any_namespace_and_under_any_label(payload: str) -> None:
    event = event_of(payload, formatType="JSON")

    assert (event["type"], event["text"]) == ("VMD", "Motion detection · Channel 2 Front door")
    assert kept_of(payload, formatType="JSON").items() <= event.items()


def test_a_serial_is_taken_from_the_envelope_then_from_the_payload_and_trimmed() -> None:
    inner = {"alarmData": CALL | {"devSerial": " K20924932\n"}}

    assert event_of(CID, deviceSerial=" Q87654321 ")["device"] == "Q87654321"
    assert decode(inner, received=RECEIVED)["device"] == "K20924932"
    assert decode({"alarmData": "x"}, received=RECEIVED)["device"] is None


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"AccessControllerEvent": {}}, "ACSEvent"),
        ({"callingTime": 1715201297000}, "YsCallingEvent"),
        ({"pictureList": [], "relationId": "5c09"}, "Linkage"),
        ({"pictureList": [], "customInfo": "a=b"}, "manualRep"),
        ({"companyName": "Acme"}, "deviceadded"),
        ({"eventDescription": "diskfull alarm"}, "diskfull"),
        ({"eventDescription": "no idea"}, "unknown"),
    ],
)
def test_an_empty_type_is_inferred_from_the_fields(fields: dict[str, Any], name: str) -> None:
    assert event_of({"eventType": " ", **fields})["type"] == name


def test_an_unknown_type_keeps_its_name_and_says_what_it_can() -> None:
    event = event_of({"eventType": "hovering", "channelID": 7, "eventDescription": "Somebody hovers"})

    assert (event["type"], event["category"]) == ("hovering", "other")
    assert event["text"] == "hovering · Channel 7 · Somebody hovers"


def test_the_journal_prints_an_event_as_it_was_decoded() -> None:
    raw = message(json.dumps(CID), messageId="m-1")

    with closing(open_in_memory()) as db:
        kept = keep_batch(
            db, "b7", [make_rows(raw, Receipt(RECEIVED, Home()))[0]], now=1, wants_pictures=False
        )
    line = line_of(kept.entries[0], redelivered=True)

    event = decode(raw, received=RECEIVED, sites=Home(), batch="b7", redelivered=True)
    assert list(json.loads(line).items()) == list(event.items())


def test_the_descriptions_of_fields_name_those_that_there_are() -> None:
    kept = list(EVENT_FIELDS)[1 : list(EVENT_FIELDS).index("pictures")]
    types = (Body, Cid, Picture)
    assert [list(fields.__annotations__) for fields in types] == [
        kept,
        list(CID_FIELDS),
        list(PICTURE_FIELDS),
    ]


def test_equal_messages_have_equal_fingerprints_and_others_do_not() -> None:
    first = event_of(CID)["id"]

    assert len(first) == 16
    assert int(first, 16) >= 0
    assert event_of(dict(reversed(CID.items())))["id"] == first
    assert event_of(CID, deviceSerial="Q00000000")["id"] != first
    assert event_of(CID | {"triggerTime": "2026-11-22T15:30:13"})["id"] != first
    assert event_of(CID, formatType="XML", accountNumber="1")["id"] == first
    assert fingerprint_of(message("\ud800")) != fingerprint_of(message("\ud801"))


@pytest.mark.parametrize("odd", ["\ud800", 2**70, None])
def test_the_order_of_keys_makes_no_difference_whatever_the_values(odd: object) -> None:
    assert fingerprint_of(message({"a": odd, "b": 1})) == fingerprint_of(message({"b": 1, "a": odd}))


def test_a_number_of_any_length_has_a_fingerprint() -> None:
    marks = {fingerprint_of(message({"x": 10**digits})) for digits in (4200, 4299, 4300, 5000, 50_000)}
    assert len(marks) == 5


def test_what_is_no_number_is_not_taken_for_nothing() -> None:
    marks = {fingerprint_of(message({"x": value})) for value in (None, math.nan, math.inf, -math.inf)}
    assert len(marks) == 4


@pytest.mark.parametrize("depth", [900, 1010, 1022, 5000])
def test_a_payload_of_any_depth_is_told_as_what_it_is(depth: int) -> None:
    deep = '{"eventType":"VMD","dateTime":' + "[" * depth + "]" * depth + "}"
    assert event_of(deep)["text"].startswith("Motion detection")


def test_the_id_of_a_message_without_one_begins_with_the_second_it_shows() -> None:
    second = int(datetime(2026, 11, 22, 15, 30, 12, tzinfo=UTC).timestamp())

    assert event_of(CID | {"triggerTime": "2026-11-22T15:30:12"})["id"][:8] == f"{second:08x}"
    assert event_of(CID | {"triggerTime": "2026-11-22T15:30:12+05:00"})["id"][:8] == f"{second:08x}"


@pytest.mark.parametrize("time", ["", "soon", "1969-12-31T23:59:59", "9999-01-01T00:00:00"])
def test_the_id_of_a_message_without_a_usable_time_is_its_whole_fingerprint(time: str) -> None:
    fields = CID | {"triggerTime": time}

    assert event_of(fields)["id"] == fingerprint_of(message(fields))


def test_the_platforms_message_id_is_the_identity_where_there_is_one() -> None:
    assert event_of(CID, messageId=" 77 ")["id"] == "77"
    assert event_of(CID, messageId=77)["id"] == "77"
    assert event_of(CID, messageId=" ")["id"] == event_of(CID)["id"]


@pytest.mark.parametrize("payload", [LINKAGE, json.dumps(LINKAGE), json.dumps(json.dumps(LINKAGE))])
def test_the_relation_joins_pictures_to_their_alarm(payload: object) -> None:
    assert relation_of(message(payload)) == "5c09bee8"
    assert relation_of(message(CID)) is None
    assert relation_of(message(json.dumps({"relationId": ""}))) is None
    assert relation_of(message({"eventType": "Linkage", "relationId": ""})) is None


def test_custom_info_is_read_with_either_separator() -> None:
    assert custom_info(MANUAL)["hostAlarmType"] == "10"
    assert custom_info(MANUAL)["user"] == "ann@example.org"
    assert custom_info({"customInfo": 5, "customType": "zoneNo=3"}) == {"zoneNo": "3"}


def test_a_batch_keeps_its_order_whatever_devices_it_is_from() -> None:
    odd: list[object] = [{"deviceSerial": [[["x"]]]}, "text", 7, None, {"deviceSerial": 10**400}]
    messages = [message(CID, deviceSerial=serial, messageId=serial) for serial in ("Q2", "Q1", "Q3", "Q1")]
    told: list[str] = []

    rows = make_batch([*messages, *odd], Receipt(RECEIVED), {1: "it is odd"}, told.append)

    assert [row.id for row in rows[:4]] == ["Q2", "Q1", "Q3", "Q1"]
    assert ["it is odd" in row.body for row in rows] == [False, True, *[False] * 7]
    assert not told
