"""Names of fields as the guide spells them, in whichever upper or lower case a device writes them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from hpcli.alarms.event.fields import dict_of

_NAMES: Final = frozenset(
    {
        # of every alert
        "deviceSerial", "devSerial", "eventType", "eventState", "eventDescription", "dateTime", "triggerTime",
        "timestamp", "alarmTime", "channelID", "dynChannelID", "channelNo", "channel", "channelName", "relationId",
        # of some
        "CIDEvent", "AccessControllerEvent", "VoiceTalkEvent", "CallInfo", "DetectionRegionList", "pictureList",
        "coverPicture", "coverUrl", "inputIOPortID", "dynInputIOPortID", "diskNo", "HDDList", "HDD", "companyName",
        "deviceType", "hcAccount", "callingTime", "callingId", "cmdType", "customType", "customInfo", "media",
        # of a panel's event
        "code", "evttype", "standardCode", "standardCIDcode", "description", "name", "type", "system", "systemName",
        "partitionNo", "zone", "zoneV30", "zoneName", "userNo", "userName", "ModNo", "deviceNo", "deviceName",
        "trigger", "ipcChannel", "channelSerial", "temp",
        # of a door's event
        "majorEventType", "subEventType", "minorEventType", "doorNo", "doorName", "employeeNo", "employeeNoString",
        "cardNo", "cardReaderNo", "attendanceStatus", "currentEvent", "currTemperature",
    }
)  # fmt: skip
_PASSING: Final = frozenset(
    {
        "ipAddress", "ipv6Address", "portNo", "protocol", "macAddress", "activePostCount", "version", "isVideo",
        "deviceID", "uuid", "longitude", "latitude", "EventNotificationAlert", "isTalk", "upload",
        "CameraList", "NVRList", "serialNo", "hasRecord", "frontSerialNo", "id", "domainName", "UUID", "picNum",
        "cardType", "userType", "currentVerifyMode", "picEnable", "isDataRetransmission",
    }
)  # fmt: skip
"""Names that messages often have and nobody reads."""

_OF_MESSAGES: Final = ("formatType", "deviceSerial", "alarmData", "messageId", "accountNumber")
_MESSAGES: Final = frozenset(_OF_MESSAGES)
_AS_THEY_ARE: Final = _NAMES | _PASSING
_BY_FOLDED: Final = {name.lower(): name for name in _NAMES}
_LONGEST_NAME: Final = 32
_PARTS: Final = frozenset({"CIDEvent", "AccessControllerEvent", "VoiceTalkEvent", "CallInfo", "HDDList"})


def with_usual_names(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an alert, and those of its parts, under their usual names."""
    usual = _renamed(fields)
    for part in _PARTS.intersection(usual):
        inner = usual[part]
        if isinstance(inner, dict) and (renamed := _renamed(inner)) is not inner:
            usual = {**usual, part: renamed}
    return usual


def part_of(fields: dict[str, Any], name: str) -> dict[str, Any]:
    """Return an object within an alert, also one written as JSON text, with its names as usual."""
    part = dict_of(fields.get(name))
    return part if part is fields.get(name) else _renamed(part)


def usual_message(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message of the queue with its own names in the guide's capitals."""
    if _MESSAGES.issuperset(message):
        return message
    folded = {name.strip().lower(): name for name in message}
    odd = {
        folded[name.lower()]: name for name in _OF_MESSAGES if name not in message and name.lower() in folded
    }
    return {odd.get(name, name): value for name, value in message.items()} if odd else message


def _renamed(fields: dict[str, Any]) -> dict[str, Any]:
    if _AS_THEY_ARE.issuperset(fields) or all(_usual_name(name) == name for name in fields):
        return fields
    renamed: dict[str, Any] = {}
    for name, value in fields.items():
        usual = _usual_name(name)
        renamed[name if usual != name and (usual in fields or usual in renamed) else usual] = value
    return renamed


def _usual_name(name: str) -> str:
    return _usual_spelling(name) if len(name) <= _LONGEST_NAME else name


@lru_cache(maxsize=1024)
def _usual_spelling(name: str) -> str:
    return name if name in _AS_THEY_ARE else _BY_FOLDED.get(name.lower().replace("_", ""), name)
