"""Event messages in the shapes of Guide A.3, made for a device of the account."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from hpcli.sandbox import pictures
from hpcli.sandbox.state import alarm_queue
from hpcli.sandbox.state.alarm_queue import Message
from hpcli.sandbox.state.store import Store
from hpcli.sandbox.state.times import local_text, offset_text, utc_text

IPC, NVR, PANEL, INTERCOM, ACCESS, DOME, DOORBELL = 1, 2, 3, 4, 5, 7, 8
_VIDEO = (IPC, NVR, DOME, DOORBELL, 10)

_XML_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<EventNotificationAlert version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema">\n'
)


@dataclass(frozen=True, slots=True)
class Occasion:
    """The data from which an event is made.

    Attributes:
        store: the state, for pictures and zones.
        device: the device's stored data.
        now: when it happens, seconds since 1970.
        picture: `none` or a kind of `pictures.KINDS`.
        number: how many of the same kind were made before in the same call; it selects zone and channel.
        zones: the zones of the device if it is a panel.
    """

    store: Store
    device: Mapping[str, Any]
    now: float
    picture: str = "none"
    number: int = 0
    zones: list[dict[str, Any]] = field(default_factory=list)

    @property
    def serial(self) -> str:
        """The device's serial."""
        return str(self.device["deviceSerial"])

    @property
    def local(self) -> str:
        """The device's local time, without a zone."""
        return local_text(self.now, self.device["timeZone"])

    def add_pictures(self, count: int, channel: int = 1) -> list[dict[str, str]]:
        """Store pictures; return them as {id, url}."""
        return pictures.add_pictures(self.store, self.device, self.picture, count, channel, self.now)


Maker = Callable[[Occasion], list[Message]]


@dataclass(frozen=True, slots=True)
class EventType:
    """A type of event that can be triggered.

    Attributes:
        make: makes the messages of one event.
        categories: device categories that report it, the likeliest first; empty for all.
        has_pictures: it can carry pictures.
        always: it is also reported for devices that are not subscribed (Guide A.3).
        online: the new state of the device, None for no change.
    """

    make: Maker
    categories: tuple[int, ...] = ()
    has_pictures: bool = False
    always: bool = False
    online: int | None = None


def json_message(serial: str, data: Mapping[str, Any]) -> Message:
    """Make a JSON message."""
    return Message(serial, "JSON", json.dumps(data, ensure_ascii=False, separators=(",", ":")))


def announce(store: Store, device: Mapping[str, Any], name: str, now: float) -> None:
    """Queue a report of the platform itself about a device, such as `devicedeleted`."""
    alarm_queue.enqueue(store, EVENTS[name].make(Occasion(store, device, now)), now)


def _cid(code: int, evttype: str, description: str, *, has_zone: bool = True) -> Maker:
    """Make a CID event (A.3.1) and, with pictures, the Linkage that belongs to it (A.3.6)."""

    def make(occasion: Occasion) -> list[Message]:
        relation = str(uuid.uuid4()) if occasion.picture != "none" else ""
        event: dict[str, Any] = {
            "deviceSerial": occasion.serial,
            "triggerTime": occasion.local,
            "eventType": "cidEvent",
            "eventDescription": "CID event",
            "CIDEvent": {
                "code": code,
                "description": description,
                "system": 1,
                "systemName": "Area 1",
                **(_zone_fields(occasion) if has_zone else {"userNo": 501, "userName": "Anna Berg"}),
                "ipcChannel": 0,
                "channelSerial": "",
                "partitionNo": "1",
                "longitude": "",
                "latitude": "",
                "evttype": evttype,
            },
        }
        if not relation:
            return [json_message(occasion.serial, event)]
        event |= {"isVideo": 0, "relationId": relation}
        return [json_message(occasion.serial, event), *_linkage(occasion, relation)]

    return make


def _zone_fields(occasion: Occasion) -> dict[str, Any]:
    """Return a zone's part of a CID event: `zone` counts from 0, `zoneV30` from 1 (A.3.1)."""
    zones = occasion.zones or [{"id": 2, "name": "Kitchen PIR"}]
    zone = zones[occasion.number % len(zones)]
    return {
        "zone": zone["id"],
        "zoneV30": zone["id"] + 1,
        "zoneName": zone["name"],
        "deviceNo": zone["id"] + 1,
    }


def _linkage(occasion: Occasion, relation: str = "") -> list[Message]:
    data = {
        "deviceSerial": occasion.serial,
        "triggerTime": occasion.local,
        "eventType": "Linkage",
        "eventDescription": "Linkage alarm",
        "pictureList": occasion.add_pictures(2, channel=0),
        "relationId": relation or str(uuid.uuid4()),
    }
    return [json_message(occasion.serial, data)]


def _platform(name: str, description: str) -> Maker:
    """Make an event that the platform itself reports, in UTC (A.3.2, A.3.4, A.3.5)."""

    def make(occasion: Occasion) -> list[Message]:
        data = {
            "deviceSerial": occasion.serial,
            "dateTime": utc_text(occasion.now),
            "eventType": name,
            "eventDescription": description,
        }
        if name == "deviceadded":
            data |= {
                "deviceType": occasion.device["deviceType"],
                "companyName": "Nordlicht Security",
                "companyPhone": "+49 30 5550100",
                "companyEmail": "office@nordlicht.example",
            }
        return [json_message(occasion.serial, data)]

    return make


def _access(occasion: Occasion) -> list[Message]:
    """Make an access event (A.3.7): a door opened with a card; the message's type differs from the table's."""
    has_picture = occasion.picture != "none"
    event = {
        "deviceName": occasion.device["deviceName"],
        "majorEventType": 5,
        "subEventType": 1,
        "cardNo": "0001234567",
        "cardType": 1,
        "name": "Łukasz Żółty",
        "cardReaderNo": 1,
        "doorNo": 1,
        "employeeNoString": "10000",
        "serialNo": 1000 + occasion.number,
        "userType": "normal",
        "currentVerifyMode": "cardOrFace",
        "picEnable": has_picture,
        "attendanceStatus": "undefined",
    }
    if has_picture:
        event["pictureURL"] = occasion.add_pictures(1)[0]["url"]
    data = {
        "ipAddress": "192.0.2.31",
        "portNo": 80,
        "protocol": "HTTP",
        "channelID": 1,
        "dateTime": utc_text(occasion.now),
        "activePostCount": 1,
        "eventType": "AccessControllerEvent",
        "eventState": "active",
        "eventDescription": "Access Controller Event",
        "AccessControllerEvent": event,
        "deviceSerial": occasion.serial,
    }
    return [json_message(occasion.serial, data)]


def _call(occasion: Occasion) -> list[Message]:
    """Make a call of an intercom (A.3.8), with the trailing blank that its type has there."""
    calling_id = (
        f"{utc_text(occasion.now).translate(str.maketrans('', '', '-:TZ'))}-{occasion.serial}-1-00000"
    )
    data: dict[str, Any] = {
        "callingId": calling_id,
        "callingTime": int(occasion.now * 1000),
        "channel": 1,
        "customInfo": "",
        "devSerial": occasion.serial,
        "timestamp": occasion.local,
        "eventType": "YsCallingEvent ",
    }
    if occasion.picture != "none":
        crypt = {"plain": 0, "device": 1}.get(occasion.picture)
        data["coverPicture"] = {"crypt": crypt, "length": 1446, "lifecycle": 7, "type": "JPEG"}
        data["coverUrl"] = occasion.add_pictures(1)[0]
    return [json_message(occasion.serial, data)]


def _manual_capture(occasion: Occasion) -> list[Message]:
    """Make a manual capture (A.3.9): pairs joined by `=` in one field, by bars in the other."""
    zone = _zone_fields(occasion)
    data: dict[str, Any] = {
        "dateTime": occasion.local,
        "deviceSerial": occasion.serial,
        "customType": f"zoneNo={zone['zone']}=zoneV30={zone['zoneV30']}=hostAlarmType=10",
        "eventDescription": "manualRep",
        "eventType": "manualRep",
        "customInfo": f"zoneNo={zone['zone']}|zoneV30={zone['zoneV30']}|zoneName={zone['zoneName']}"
        "|user=anna.berg@nordlicht.example|evttype=13|UID=501",
        "channelID": "0",
        "deviceNo": str(zone["deviceNo"]),
    }
    if occasion.picture != "none":
        data["pictureList"] = occasion.add_pictures(1, channel=0)
    return [json_message(occasion.serial, data)]


def _voice_talk(occasion: Occasion) -> list[Message]:
    """Make an intercom event: A.3 names its type and shows no message."""
    data = {
        "deviceSerial": occasion.serial,
        "dateTime": utc_text(occasion.now),
        "eventType": "voiceTalkEvent",
    }
    return [json_message(occasion.serial, data)]


def _xml(name: str, description: str, inner: str = "", *, has_offset: bool = False) -> Maker:
    """Make a video event (A.3.13 to A.3.21); `inner` goes between description and channel name."""

    def make(occasion: Occasion) -> list[Message]:
        channels = occasion.device["hardware"].get("channels") or [""]
        channel = occasion.number % len(channels) + 1
        channel_name = channels[channel - 1] or occasion.device["deviceName"]
        moment = offset_text(occasion.now, occasion.device["timeZone"]) if has_offset else ""
        body = (
            f"{_XML_HEAD}<deviceSerial>{occasion.serial}</deviceSerial>\n<channelID>{channel}</channelID>\n"
            + (f"<dateTime>{moment}</dateTime>\n" if moment else "")
            + f"<triggerTime>{occasion.local}</triggerTime>\n<eventType>{name}</eventType>\n"
            + ("<eventState>active</eventState>\n" if moment else "")
            + f"<eventDescription>{description}</eventDescription>\n{inner}"
            f"<channelName>{escape(channel_name)}</channelName>\n</EventNotificationAlert>"
        )
        return [Message(occasion.serial, "XML", body)]

    return make


def _disk(name: str, description: str) -> Maker:
    """Make a disk event (A.3.10 to A.3.12), in UTC."""

    def make(occasion: Occasion) -> list[Message]:
        body = (
            f"{_XML_HEAD}<deviceSerial>{occasion.serial}</deviceSerial>\n"
            f"<dateTime>{utc_text(occasion.now)}</dateTime>\n<eventType>{name}</eventType>\n"
            f"<eventDescription>{description}</eventDescription>\n<diskNo>1</diskNo>\n"
            "<HDDList><HDD><id>1</id><diskNumber>1</diskNumber></HDD></HDDList>\n</EventNotificationAlert>"
        )
        return [Message(occasion.serial, "XML", body)]

    return make


def _region(target: str = "") -> str:
    corners = ((200, 300), (800, 300), (800, 900), (200, 900))
    points = "".join(
        f"<RegionCoordinates><positionX>{x}</positionX><positionY>{y}</positionY></RegionCoordinates>"
        for x, y in corners
    )
    rectangle = "<TargetRect><X>0.412</X><Y>0.280</Y><width>0.110</width><height>0.330</height></TargetRect>"
    return (
        "<DetectionRegionList><DetectionRegionEntry><regionID>1</regionID><sensitivityLevel>50</sensitivityLevel>"
        f"<RegionCoordinatesList>{points}</RegionCoordinatesList>"
        + (f"<detectionTarget>{target}</detectionTarget>{rectangle}" if target else "")
        + "</DetectionRegionEntry></DetectionRegionList>\n"
    )


EVENTS: Mapping[str, EventType] = {
    # The codes are the vendor's own; only zone alarms, opening and closing are certain (field note).
    "cidEvent": EventType(_cid(1103, "11", "Instant zone alarm"), (PANEL,), has_pictures=True),
    "cidRestore": EventType(_cid(3103, "31", "Instant zone alarm restored"), (PANEL,)),
    "cidOpen": EventType(_cid(1401, "13", "DisarmOperation", has_zone=False), (PANEL,)),
    "cidClose": EventType(_cid(3401, "13", "AwayArm", has_zone=False), (PANEL,)),
    "cidStay": EventType(_cid(3441, "13", "StayArm", has_zone=False), (PANEL,)),
    "Linkage": EventType(_linkage, (PANEL,), has_pictures=True),
    "deviceadded": EventType(_platform("deviceadded", "Device added"), always=True),
    "devicedeleted": EventType(_platform("devicedeleted", "Device deleted"), always=True),
    "deviceonline": EventType(_platform("deviceonline", "Device online"), online=1),
    "deviceoffline": EventType(_platform("deviceoffline", "Device offline"), online=0),
    "ACSEvent": EventType(_access, (ACCESS, INTERCOM), has_pictures=True),
    "YsCallingEvent": EventType(_call, (DOORBELL, INTERCOM), has_pictures=True),
    "manualRep": EventType(_manual_capture, (PANEL,), has_pictures=True),
    "voiceTalkEvent": EventType(_voice_talk, (INTERCOM, DOORBELL)),
    "diskerror": EventType(_disk("diskerror", "Disk error"), (NVR, 9)),
    "diskfull": EventType(_disk("diskfull", "Disk full"), (NVR, 9)),
    "diskrecover": EventType(_disk("diskrecover", "Disk recovered"), (NVR, 9)),
    "VMD": EventType(_xml("VMD", "Motion alarm"), _VIDEO),
    "IO": EventType(_xml("IO", "Alarm input", "<inputIOPortID>1</inputIOPortID>\n"), (NVR, *_VIDEO)),
    "shelteralarm": EventType(_xml("shelteralarm", "Video tampering alarm"), _VIDEO),
    "videoloss": EventType(_xml("videoloss", "Video loss"), (NVR, *_VIDEO)),
    "recordException": EventType(_xml("recordException", "Recording exception"), (NVR, *_VIDEO)),
    "fielddetection": EventType(_xml("fielddetection", "Intrusion alarm", _region("human")), _VIDEO),
    "linedetection": EventType(_xml("linedetection", "Line crossing alarm", _region("vehicle")), _VIDEO),
    "regionEntrance": EventType(
        _xml("regionEntrance", "Region entrance", _region(), has_offset=True), _VIDEO
    ),
    "regionExiting": EventType(_xml("regionExiting", "Region exiting", _region(), has_offset=True), _VIDEO),
}
"""The events of A.3 by their type, and four more CID events with their own names."""

FRIENDLY_NAMES: Mapping[str, str] = {
    "burglary": "cidEvent",
    "burglary-restored": "cidRestore",
    "disarm": "cidOpen",
    "arm": "cidClose",
    "stay-arm": "cidStay",
    "linkage": "Linkage",
    "device-added": "deviceadded",
    "device-deleted": "devicedeleted",
    "device-online": "deviceonline",
    "device-offline": "deviceoffline",
    "door": "ACSEvent",
    "AccessControllerEvent": "ACSEvent",
    "call": "YsCallingEvent",
    "snapshot": "manualRep",
    "voice-talk": "voiceTalkEvent",
    "disk-error": "diskerror",
    "disk-full": "diskfull",
    "disk-recovered": "diskrecover",
    "motion": "VMD",
    "alarm-input": "IO",
    "tampering": "shelteralarm",
    "video-loss": "videoloss",
    "recording-exception": "recordException",
    "intrusion": "fielddetection",
    "line-crossing": "linedetection",
    "region-entrance": "regionEntrance",
    "region-exiting": "regionExiting",
}
