"""Messages of the alarm queue, written by hand from Guide A.3 and the field notes."""

from datetime import UTC, datetime
from typing import Any

from hpcli.alarms.decode.decode import Receipt
from hpcli.alarms.decode.decode import decode as decode_message
from hpcli.alarms.event.sites import Site, Sites

RECEIVED = datetime(2026, 11, 22, 14, 31, 0, 250_000, tzinfo=UTC)
PIC = "https://ieu.ezvizlife.com/v3/alarms/pic/get?fileId=2026-Q1-0-2-1&deviceSerialNo=Q1&cn=0&isEncrypted=%d&isDevVideo=%d"
STORED = (
    "ISAPI_FILES/C94115305_6/20210809105618274$encrypt=2,2021-08-09T12:54:25,fd9b7f16393203046d40be71da380128"
)


class Home:
    """Every device stands at one site."""

    def __init__(self, time_zone: object = 133) -> None:
        self.time_zone = time_zone

    def site_of(self, serial: str) -> Site | None:  # noqa: ARG002 - every device is at home
        return Site("s1", "Home", self.time_zone)


def message(payload: object, **more: object) -> dict[str, Any]:
    kind = "XML" if isinstance(payload, str) and "<" in payload else "JSON"
    return {"formatType": kind, "deviceSerial": "Q12345678", "alarmData": payload, **more}


def decode(
    message: dict[str, Any],
    *,
    received: datetime,
    sites: Sites | None = None,
    batch: str | None = None,
    redelivered: bool = False,
) -> dict[str, Any]:
    """Return the event of a message, with its values as they were decoded rather than as JSON carries them."""
    decoded = decode_message(message, Receipt(received, sites))[0]
    return {
        "id": decoded.id,
        **decoded.body,
        "pictures": decoded.pictures,
        "ack": None,
        "redelivered": redelivered,
        "batch": batch,
        "raw": message,
    }


def relation_of(message: dict[str, Any]) -> str | None:
    return decode_message(message, Receipt(RECEIVED))[0].relation


def event_of(payload: object, *, sites: Home | None = None, **more: object) -> dict[str, Any]:
    return decode(message(payload, **more), received=RECEIVED, sites=sites or Home())


def xml(
    event_type: str, body: str = "", namespace: str = ' xmlns="http://www.isapi.org/ver20/XMLSchema"'
) -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<EventNotificationAlert version="2.0"{namespace}>'
        f"<deviceSerial>Q12345678</deviceSerial><channelID>2</channelID>"
        f"<triggerTime>2026-11-22T15:30:12</triggerTime><eventType>{event_type}</eventType>"
        f"<eventDescription>{event_type} alarm</eventDescription>{body}"
        f"<channelName>Front door</channelName></EventNotificationAlert>"
    )


def disk(event_type: str, body: str) -> str:
    return (
        f'<EventNotificationAlert version="2.0"><deviceSerial>Q12345678</deviceSerial>'
        f"<dateTime>2026-11-22T14:30:12Z</dateTime><eventType>{event_type}</eventType>"
        f"<eventDescription>disk</eventDescription>{body}</EventNotificationAlert>"
    )


def region(*entries: str) -> str:
    listed = "".join(f"<DetectionRegionEntry>{entry}</DetectionRegionEntry>" for entry in entries)
    return f"<DetectionRegionList>{listed}</DetectionRegionList>"


def notice(event_type: str, **more: str) -> dict[str, str]:
    time = "2026-11-22T14:30:12Z"
    return {
        "deviceSerial": "Q12345678",
        "dateTime": time,
        "eventType": event_type,
        "eventDescription": "",
        **more,
    }


CID: dict[str, Any] = {
    "deviceSerial": "Q12345678",
    "triggerTime": "2026-11-22T15:30:12",
    "eventType": "cidEvent",
    "eventDescription": "CID event",
    "CIDEvent": {
        "code": 1103,
        "system": 1,
        "zone": 2,
        "zoneV30": 3,
        "zoneName": "Kitchen PIR",
        "partitionNo": "1",
        "userName": "",
        "evttype": "11",
    },
}

ACCESS: dict[str, Any] = {
    "deviceSerial": "Q12345678",
    "channelID": 1,
    "dateTime": "2026-11-22T15:30:12+01:00",
    "eventType": "AccessControllerEvent",
    "eventState": "active",
    "AccessControllerEvent": {
        "majorEventType": 5,
        "subEventType": 75,
        "doorNo": 1,
        "cardReaderNo": 2,
        "cardNo": "4711",
        "name": "Alice",
        "employeeNoString": 17,
        "pictureURL": PIC % (0, 0),
    },
}

CALL: dict[str, Any] = {
    "callingId": "20240508124817-K20924932-1-00000",
    "callingTime": 1715201297000,
    "channel": 1,
    "coverPicture": {"crypt": 1, "length": 65536, "type": "JPEG"},
    "coverUrl": {"id": "20240508124817-K20924932-1-00000-2-1", "url": PIC % (0, 0)},
    "customInfo": "",
    "devSerial": "Q12345678",
    "timestamp": "2026-11-22T15:30:12",
    "eventType": "YsCallingEvent ",
}

MANUAL: dict[str, Any] = {
    "dateTime": "2026-11-22T15:30:12",
    "deviceSerial": "Q12345678",
    "customType": "zoneNo=0=zoneV30=1=hostAlarmType=10",
    "eventType": "manualRep",
    "customInfo": "zoneNo=0|zoneV30=1|zoneName=Zona\ufffdaradio1|user=ann@example.org|evttype=13|UID=501",
    "pictureList": [{"id": "E1$7", "url": PIC % (0, 0)}],
    "channelID": "0",
    "deviceNo": "1",
}

LINKAGE: dict[str, Any] = {
    "deviceSerial": "Q12345678",
    "triggerTime": "2026-11-22T15:30:12",
    "eventType": "Linkage",
    "eventDescription": "",
    "pictureList": [{"id": "1", "url": PIC % (1, 0)}, {"id": "2", "url": (PIC % (2, 1)) + "&n=2"}],
    "media": 3,
    "relationId": " 5c09bee8 ",
}
