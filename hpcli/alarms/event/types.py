"""The event types of the queue: canonical spelling, format, category, meaning (Guide A.3)."""

import re
from dataclasses import dataclass
from typing import Any, Final

from hpcli.alarms.event.fields import text_of
from hpcli.alarms.event.payload import Payload
from hpcli.reference.categories import OTHER, Category, find_category


@dataclass(frozen=True, slots=True)
class EventType:
    """One event type.

    Attributes:
        type: canonical spelling, as in the table of Guide A.3.
        format: JSON or XML; empty where the guide has no message.
        name: the type in words.
        meaning: what it means, for `hpcli alarms types`.
    """

    type: str
    format: str
    name: str
    meaning: str

    @property
    def category(self) -> Category:
        """The category of such events, unless the message itself says it."""
        return find_category("type", self.type) or OTHER


EVENT_TYPES: Final = (
    EventType(
        "cidEvent",
        "JSON",
        "CID event",
        "anything that a security panel reports; its CID code says what",
    ),
    EventType("Linkage", "JSON", "Video review", "pictures or video of an alarm, joined by relationId"),
    EventType("manualRep", "JSON", "Manual capture", "pictures that a user requested from a detector"),
    EventType("VMD", "XML", "Motion detection", "a camera detected movement"),
    EventType("IO", "XML", "Alarm input", "an alarm input of an encoding device was triggered"),
    EventType("shelteralarm", "XML", "Video tampering", "a camera was covered or turned"),
    EventType("fielddetection", "XML", "Intrusion", "a person or an object stays in a watched region"),
    EventType("linedetection", "XML", "Line crossing", "a person or an object crossed a line"),
    EventType("regionEntrance", "XML", "Region entrance", "a person or an object entered a region"),
    EventType("regionExiting", "XML", "Region exiting", "a person or an object left a region"),
    EventType("fireDetection", "", "Fire detection", "a thermal camera detected a fire"),
    EventType("TMPA", "", "Temperature pre-alarm", "a measured temperature is close to its limit"),
    EventType("TMA", "", "Temperature alarm", "a measured temperature exceeded its limit"),
    EventType("TDA", "", "Temperature difference alarm", "two measured temperatures differ too much"),
    EventType("videoloss", "XML", "Video loss", "a channel has no video signal"),
    EventType("recordException", "XML", "Recording exception", "a channel cannot be recorded"),
    EventType("diskfull", "XML", "Disk full", "a disk is full"),
    EventType("diskerror", "XML", "Disk error", "a disk cannot be read or written"),
    EventType("diskrecover", "XML", "Disk recovered", "a disk works again"),
    EventType("deviceonline", "JSON", "Device online", "a device reached the platform"),
    EventType("deviceoffline", "JSON", "Device offline", "the platform lost a device"),
    EventType(
        "deviceadded",
        "JSON",
        "Device added",
        "a device was authorised to this alarm receiving centre",
    ),
    EventType("devicedeleted", "JSON", "Device deleted", "a device was removed from the account"),
    EventType(
        "ACSEvent",
        "JSON",
        "Access event",
        "an access control device reports a door, card or person",
    ),
    EventType("YsCallingEvent", "JSON", "Door station call", "a person rings at a door station"),
    EventType("voiceTalkEvent", "", "Intercom event", "an intercom call begins or ends"),
    EventType("alarmTrig", "JSON", "Alarm", "an alarm input or a zone was triggered"),
    EventType("duration", "XML", "Lasting event", "an event of a camera is still going on"),
    EventType("PIR", "XML", "PIR detection", "the PIR detector of a camera sensed somebody"),
    EventType("softIO", "XML", "Virtual alarm input", "a virtual alarm input was triggered"),
    EventType("thermometry", "XML", "Thermometry", "a thermal camera measured a temperature"),
    EventType("audioexception", "XML", "Audio exception", "a camera heard something loud, or nothing"),
    EventType("ANPR", "XML", "Number plate", "a number plate was read"),
    EventType("vehicleMatchResult", "JSON", "Vehicle match", "a number plate is on a list"),
    EventType("vehicledetection", "XML", "Vehicle detection", "a vehicle was seen"),
    EventType("faceCapture", "JSON", "Face capture", "a face was seen"),
    EventType("facedetection", "XML", "Face detection", "a face was seen"),
    EventType("alarmResult", "JSON", "Face comparison", "a face was compared with a library"),
    EventType("mixedTargetDetection", "JSON", "Target detection", "persons, faces or vehicles were seen"),
    EventType("unattendedBaggage", "XML", "Unattended baggage", "something was left behind"),
    EventType("attendedBaggage", "XML", "Object removal", "something was taken away"),
    EventType("PeopleCounting", "XML", "People counting", "how many came and went"),
    EventType("AIOP_Video", "JSON", "AI detection", "a model of the user's own found something"),
    EventType("loitering", "XML", "Loitering", "somebody stays about"),
    EventType("group", "XML", "People gathering", "several people stand together"),
    EventType("rapidMove", "XML", "Fast moving", "something moves fast"),
    EventType("parking", "XML", "Parking", "a vehicle is parked"),
    EventType("scenechangedetection", "XML", "Scene change", "a camera looks elsewhere"),
    EventType("defocus", "XML", "Defocus", "a camera is out of focus"),
    EventType("tamperdetection", "XML", "Video tampering", "a camera was covered or turned"),
    EventType("smokeDetection", "XML", "Smoke detection", "a camera detected smoke"),
    EventType("badvideo", "XML", "Bad video", "a channel has no usable video"),
    EventType("nicbroken", "XML", "Network disconnected", "a recorder lost its network"),
    EventType("ipconflict", "XML", "IP address conflict", "another device has the same address"),
    EventType("illaccess", "XML", "Illegal sign-in", "somebody failed to sign in to a device"),
    EventType("videomismatch", "XML", "Video format mismatch", "a channel has another video format"),
    EventType("raidException", "XML", "RAID fault", "a disk array has a fault"),
    EventType("videoIntercomEvent", "JSON", "Intercom event", "an intercom reports a call"),
    EventType("heartBeat", "JSON", "Heartbeat", "a device is there"),
)

UNKNOWN: Final = EventType("unknown", "", "Unknown event", "")
"""The type of a message whose type is unknown."""

RULE: Final = "rule"
"""Type of the events that rules of forward.toml make; their `name` is the rule."""

TEST: Final = "test"
"""Type of the event that `alarms forward test` sends."""

UNREADABLE: Final = EventType("unreadable", "", "Unreadable row", "")
"""The type of a row of the queue that is not a message."""


def alarm_types() -> list[dict[str, str]]:
    """Return the known event types as rows: type, format, category, name, meaning."""
    return [
        {
            "type": known.type,
            "format": known.format or "JSON or XML",
            "category": known.category.name,
            "priority": known.category.priority,
            "name": known.name,
            "meaning": known.meaning,
        }
        for known in EVENT_TYPES
    ]


def _spellings() -> dict[str, EventType]:
    found = {known.type: known for known in EVENT_TYPES}
    found |= {known.type.lower(): known for known in EVENT_TYPES}
    # The message of A.3.7 says AccessControllerEvent where the table of A.3 says ACSEvent (errata 154).
    found["AccessControllerEvent"] = found["accesscontrollerevent"] = found["ACSEvent"]
    # Recorders call them so in their own interface.
    found["hdfull"], found["hderror"] = found["diskfull"], found["diskerror"]
    found["recordingfailure"] = found["recordException"]
    return found


_BY_SPELLING: Final = _spellings()

_NO_LETTERS = re.compile(r"[^a-z0-9]")


def find_event_type(text: str) -> EventType | None:
    """Return the known type of a spelling: case, blanks, `-` and `_` do not matter."""
    return _BY_SPELLING.get(text) or _BY_SPELLING.get(_NO_LETTERS.sub("", text.lower()))


_TELLING_KEYS: Final = (
    ("CIDEvent", "cidEvent"),
    ("AccessControllerEvent", "ACSEvent"),
    ("callingId", "YsCallingEvent"),
    ("callingTime", "YsCallingEvent"),
    ("customType", "manualRep"),
    ("customInfo", "manualRep"),
    ("pictureList", "Linkage"),
    ("companyName", "deviceadded"),
    ("dynInputIOPortID", "IO"),
    ("inputIOPortID", "IO"),
)
"""Fields that only one type has, for messages with an empty eventType (errata 157)."""

_TRAILING_WORD = re.compile(r"[ _-]?(alarm|event)$", re.IGNORECASE)
_TYPE_IN_TEXT = re.compile(
    r"""(?:["']eventType["']\s{0,8}:\s{0,8}["']|<(?:\w{1,32}:)?eventType>)([^"'<]{1,128})["'<]"""
)
_LONGEST_TYPE = 128


def event_type_of(payload: Payload) -> EventType:
    """Return the type of a message, inferred if it is missing; an unknown type keeps its name."""
    given = payload.fields.get("eventType")
    known = _BY_SPELLING.get(given) if isinstance(given, str) else None
    if known is not None:
        return known
    text = text_of(given)
    if text is None:
        return _infer_type(payload)
    return _type_called(text)


def _type_called(text: str) -> EventType:
    # Guide A.3: at most 128 bytes.
    name = text.strip()[:_LONGEST_TYPE]
    return find_event_type(name) or EventType(name, "", name, "")


def _infer_type(payload: Payload) -> EventType:
    fields = payload.fields
    for key, name in _TELLING_KEYS:
        if key in fields:
            return _BY_SPELLING[name]
    if not fields and payload.source:
        return _salvage_type(payload.source)
    return _type_of_description(fields) or UNKNOWN


def _type_of_description(fields: dict[str, Any]) -> EventType | None:
    description = text_of(fields.get("eventDescription"))
    if description is None:
        return None
    return find_event_type(description) or find_event_type(_TRAILING_WORD.sub("", description))


def _salvage_type(source: str) -> EventType:
    """Return the type that can be found in a broken text, so that an alarm keeps its category despite a lost comma."""
    match = _TYPE_IN_TEXT.search(source)
    if match and match[1].strip():
        return _type_called(match[1])
    for key, name in _TELLING_KEYS:
        if f'"{key}"' in source:
            return _BY_SPELLING[name]
    return UNKNOWN
