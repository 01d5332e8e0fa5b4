"""Whatever arrives becomes an event: broken, huge, nested, spoilt, and hostile messages."""

import json
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hpcli.alarms.decode.picture_links import picture_facts
from hpcli.alarms.event.event import EVENT_FIELDS
from hpcli.alarms.event.types import alarm_types
from hpcli.reference.categories import CATEGORIES
from tests.support.alarm_messages import CID, RECEIVED, Home, decode, event_of, message, relation_of, xml

SAME = json.dumps(CID)


@pytest.mark.parametrize(
    ("payload", "name", "text"),
    [
        (
            SAME[:-1].replace('"code": 1103,', '"code": 1103'),
            "cidEvent",
            "Burglary alarm · Area 1 · Zone 3 Kitchen PIR: the JSON is broken at character",
        ),
        (
            '{"eventType": "", "CIDEvent": {"code" 1}}',
            "cidEvent",
            "CID event, unreadable: the JSON is broken",
        ),
        (
            "<a><eventType>VMD</eventType>",
            "VMD",
            "Motion detection: the XML is broken; this is what can be read",
        ),
        (
            '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a><eventType>&b;</eventType></a>',
            "&b;",
            "&b;, unreadable: the XML declares a document type",
        ),
        ("hello\x1b[2J", "unknown", "Unreadable message: alarmData is neither JSON nor XML: hello\x1b[2J"),
        ("", "unknown", "Unreadable message: alarmData is empty"),
        (None, "unknown", "Unreadable message: there is no alarmData"),
        (5, "unknown", "Unreadable message: alarmData is a number instead of an object"),
        ([], "unknown", "Unreadable message: alarmData is a list without objects instead of an object"),
        ("[1, 2]", "unknown", "Unreadable message: alarmData is a list without objects"),
        ("<a/>", "unknown", "Unreadable message: the XML is empty"),
        (
            '{"a":' * 100_000 + "1" + "}" * 100_000,
            "unknown",
            "Unknown event: the JSON is nested too deep",
        ),
        ("<a>" * 100_000 + "</a>" * 100_000, "unknown", "Unreadable message: the XML is nested deeper than"),
        (
            '{"eventType": "VMD", "n": ' + "9" * 5000 + "}",
            "VMD",
            "Motion detection: the JSON contains a number",
        ),
        (
            [CID, 2],
            "cidEvent",
            "Burglary alarm · Area 1 · Zone 3 Kitchen PIR: alarmData is a list that holds more",
        ),
        (SAME + "}", "cidEvent", "Burglary alarm · Area 1 · Zone 3 Kitchen PIR: more text follows the JSON"),
        ({"eventType": "cidEvent"}, "cidEvent", "CID event: the CIDEvent object is missing"),
        ({"eventType": "ACSEvent"}, "ACSEvent", "Access event: the AccessControllerEvent object is missing"),
    ],
)
def test_what_cannot_be_read_is_said_beside_the_whole_message(payload: object, name: str, text: str) -> None:
    raw = message(payload)

    event = decode(raw, received=RECEIVED, sites=Home())

    assert event["type"] == name
    assert event["text"].startswith(text)
    assert event["raw"] is raw
    assert event["device"] == "Q12345678"


def test_entities_are_not_expanded() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]>' + xml("VMD", "<x>&c;</x>")[39:]

    event = event_of(bomb)

    assert (event["type"], event["channelName"]) == ("VMD", None)
    assert "bbbb" not in event["text"]


def test_control_characters_that_json_forbids_are_read() -> None:
    event = event_of(SAME.replace("Kitchen PIR", "Kit\x00chen\nPIR"))

    assert event["text"] == "Burglary alarm · Area 1 · Zone 3 Kit\x00chen\nPIR"


@pytest.mark.parametrize(
    "zone_name", ["A\x00B", "\x1b[31mred", "[bold]x[/bold]", "Zona\ud800", "line\nbreak"]
)
def test_text_of_devices_stays_data(zone_name: str) -> None:
    body = dict(CID["CIDEvent"], zoneName=zone_name)

    event = event_of(json.dumps(CID | {"CIDEvent": body}))

    assert event["text"] == f"Burglary alarm · Area 1 · Zone 3 {zone_name}"


@pytest.mark.parametrize(
    "make",
    [
        lambda: '{"eventType":"' + " " * 10_000_000,
        lambda: '{"eventType": "VMD", "x": "' + "y" * 10_000_000 + '"}',
        lambda: xml("VMD", "<x>" + "y" * 10_000_000 + "</x>"),
        lambda: {"eventType": "VMD", "triggerTime": "2026-01-01 00:00" + " " * 10_000_000 + "x"},
        lambda: {"eventType": "VMD", "url": "https://a/?" + "&amp;" + "amp;" * 2_000_000},
        lambda: {"eventType": "Q" * 10_000_000},
        lambda: {"eventType": "x", "pictureList": [f"https://a/{number}" for number in range(100_000)]},
    ],
    ids=["blanks", "long JSON", "long XML", "long time", "escapes", "long type", "many addresses"],
)
def test_huge_payloads_are_decoded_without_a_detour(make: Callable[[], object]) -> None:
    event = event_of(make())

    assert len(event["type"]) <= 128
    assert len(event["pictures"]) <= 64


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        "eventType",
        "triggerTime",
        "dateTime",
        "timestamp",
        "callingTime",
        "channelID",
        "channel",
        "channelName",
        "deviceSerial",
        "devSerial",
        "CIDEvent",
        "AccessControllerEvent",
        "pictureList",
        "coverPicture",
        "coverUrl",
        "customInfo",
        "customType",
        "HDDList",
        "diskNo",
        "DetectionRegionList",
        "inputIOPortID",
        "media",
        "relationId",
        "code",
        "evttype",
        "zone",
        "zoneV30",
        "zoneName",
        "partitionNo",
        "system",
        "userNo",
        "userName",
        "standardCode",
        "temp",
        "majorEventType",
        "subEventType",
        "doorNo",
        "url",
        "crypt",
        "EventNotificationAlert",
        "eventDescription",
        "eventState",
    ]
)
TYPES = st.sampled_from([row["type"] for row in alarm_types()])
PAYLOADS = st.dictionaries(FIELDS, JSON_VALUES | st.dictionaries(FIELDS, JSON_VALUES, max_size=6), max_size=8)
TYPED = st.builds(lambda name, fields: {**fields, "eventType": name}, TYPES, PAYLOADS)


@settings(max_examples=400, deadline=None)
@given(payload=TYPED | PAYLOADS | TYPED.map(json.dumps) | JSON_VALUES, extra=JSON_VALUES)
def test_decoding_never_fails_and_always_gives_every_field(payload: object, extra: object) -> None:
    raw = {"formatType": extra, "deviceSerial": extra, "alarmData": payload, "messageId": extra}

    event = decode(raw, received=RECEIVED, sites=Home(extra))

    assert tuple(event) == tuple(EVENT_FIELDS)
    assert event["category"] in CATEGORIES
    assert event["text"]
    assert event["raw"] is raw
    assert json.loads(json.dumps(event))["id"] == event["id"]
    relation_of(raw)
    picture_facts(raw, "https://a")


@settings(max_examples=200, deadline=None)
@given(
    cut=st.integers(0, len(SAME)),
    junk=st.text(max_size=5),
    source=st.sampled_from([SAME, xml("linedetection")]),
)
def test_a_text_cut_or_spoilt_anywhere_still_becomes_an_event(cut: int, junk: str, source: str) -> None:
    event = event_of(source[:cut] + junk + source[cut + 1 :])

    assert tuple(event) == tuple(EVENT_FIELDS)
    assert event["text"]


def test_a_message_that_is_no_object_becomes_an_event_too() -> None:
    event = decode("not a message", received=RECEIVED)  # type: ignore[arg-type] # what a broken answer may hold

    assert (event["type"], event["raw"]) == ("unreadable", "not a message")
    assert event["text"] == "Unreadable row of the alarm queue: it is not an alarm message · not a message"


def test_long_names_of_hostile_xml_are_not_kept() -> None:
    def read(number: int) -> None:
        namespace = f"urn:{number}:" + "x" * 100_000
        names = "".join(f"<a{index}/>" for index in range(20))
        decode(
            message(f'<EventNotificationAlert xmlns="{namespace}">{names}</EventNotificationAlert>'),
            received=RECEIVED,
        )

    read(0)
    tracemalloc.start()
    for number in range(1, 6):
        read(number)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert kept < 1_000_000
