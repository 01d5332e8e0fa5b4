"""Feed the alarm decoder with messages that libFuzzer invents; any exception at all is a find.

    python -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install atheris . && /tmp/fuzz/bin/python tests/soak/fuzz_decoder.py

atheris is no dependency of the project. The run ends by itself after 120 seconds; libFuzzer's own options
(`-max_total_time=600`, `-runs=100000`, a corpus folder) may follow. What was found is left as `crash-…`, which the
same command reproduces when it is given the file.
"""

import json
import sys
from datetime import UTC, datetime
from typing import Any

import atheris  # type: ignore[import-untyped]  # it ships no types and is not a dependency

with atheris.instrument_imports(include=["hpcli.alarms", "hpcli.isapi"]):
    from hpcli.alarms.decode.decode import Receipt, decode
    from hpcli.alarms.decode.picture_links import picture_facts
    from hpcli.alarms.journal.entries import read_body
    from hpcli.alarms.journal.rows import make_rows

RECEIVED = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
CALL = {"devSerial": "Q1", "coverPicture": {"crypt": 1}, "coverUrl": "https://h/alarms/pic/get?isEncrypted=1"}
BODIES: list[dict[str, Any]] = [
    {
        "eventType": "cidEvent",
        "dateTime": "2024-08-14T11:03:06",
        "CIDEvent": {
            "code": 1103, "evttype": "13", "zone": 0, "zoneV30": 1, "zoneName": "Kitchen", "partitionNo": "43",
            "userNo": 501, "standardCode": "1130", "longitude": "", "relationId": "r",
        },
    },
    {"eventType": "Linkage", "pictureList": [{"id": "1", "url": "ISAPI_FILES/Q_1/x$encrypt=2,2021-08-09T12:54:25,fd"}]},
    {"eventType": "manualRep", "customInfo": "zoneNo=0|zoneV30=1", "customType": "zoneNo=0=zoneV30=1"},
    {"eventType": "AccessControllerEvent", "AccessControllerEvent": {"majorEventType": 5, "subEventType": 75}},
    {"eventType": "YsCallingEvent", **CALL},
    {"eventType": "diskfull", "dateTime": 1724461386000, "hddList": [{"diskNo": 1}]},
]  # fmt: skip
ODD: list[Any] = [
    None,
    True,
    -1,
    1e400,
    10**400,
    "",
    "\ud800",
    "\x00",
    [],
    {},
    [[]],
    [{"a": []}],
    "9" * 5000,
    {"": None},
]
XML = (
    '<?xml version="1.0" encoding="gb2312"?><EventNotificationAlert xmlns="http://www.isapi.org/ver20/XMLSchema">'
    "<eventType>VMD</eventType><dateTime>{}</dateTime><channelID>{}</channelID></EventNotificationAlert>"
)


def decode_message(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    message = invent_message(provider)
    decoded = decode(message, Receipt(RECEIVED))[0]
    if type(decoded.body["text"]) is not str:
        raise AssertionError("the event is not what was promised")
    kept = read_body(make_rows(message, Receipt(RECEIVED))[0].body)
    if kept != json.loads(json.dumps(decoded.body)):
        raise AssertionError("the journal keeps another event")
    for picture in decoded.pictures:
        picture_facts(message, picture["url"])


def invent_message(provider: atheris.FuzzedDataProvider) -> dict[str, Any]:
    message: dict[str, Any] = {"formatType": "JSON", "deviceSerial": "Q03110476", "messageId": "m"}
    way = provider.ConsumeIntInRange(0, 4)
    body: Any
    if way == 0:
        body = provider.ConsumeUnicode(400)
    elif way == 1:
        body = XML.format(provider.ConsumeUnicode(60), provider.ConsumeUnicodeNoSurrogates(60))
    else:
        body = distort(provider, json.loads(json.dumps(provider.PickValueInList(BODIES))), 0)
        for _ in range(way - 2):
            body = json.dumps(body)
    message["alarmData"] = body
    return distort(provider, message, 0) if provider.ConsumeBool() else message


def distort(provider: atheris.FuzzedDataProvider, value: Any, depth: int) -> Any:
    """Return the value with some of its parts replaced; the outermost object stays one."""
    if depth and provider.ConsumeIntInRange(0, 9) == 9:
        odd = provider.PickValueInList([*ODD, "invented", "number"])
        if odd == "invented":
            return provider.ConsumeUnicode(50)
        return provider.ConsumeInt(9) if odd == "number" else odd
    if isinstance(value, dict):
        return {key: distort(provider, part, depth + 1) for key, part in value.items()}
    if isinstance(value, list):
        return [distort(provider, part, depth + 1) for part in value]
    return value


if __name__ == "__main__":
    atheris.Setup(
        [sys.argv[0], "-max_total_time=120", "-timeout=10", "-rss_limit_mb=1024", *sys.argv[1:]],
        decode_message,
    )
    atheris.Fuzz()
