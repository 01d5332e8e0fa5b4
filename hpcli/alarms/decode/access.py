"""Access control events: what happened at which door, to whom (Guide A.3.7)."""

import re
from functools import lru_cache
from typing import Any, Final

from hpcli.alarms.decode.description import Description, ended_mark
from hpcli.alarms.decode.words import state_of
from hpcli.alarms.event.event import State
from hpcli.alarms.event.fields import join_parts, label, number_of, text_of
from hpcli.alarms.event.usual_names import part_of
from hpcli.reference.categories import Category, category_of, find_category
from hpcli.reference.data import read_rows

MAJOR_TYPES: Final = {1: "alarm", 2: "exception", 3: "operation", 5: "event"}
"""Major types of access control events; the guide names their list but leaves it out."""

_CUSTOM_EVENTS: Final = {1: 0x900, 2: 0x900, 3: 0x900, 5: 0x500}
"""First of the 64 minor numbers of each major type that a device's owner names."""

_MAJOR_CATEGORIES: Final = {1: category_of("other"), 2: category_of("fault"), 3: category_of("device")}
"""Categories of numbers that the table lacks."""

_OVER: Final = re.compile(
    r"restored|\bback$|\bagain$|released|closed$|\bonline$|(?<!dis)connected$|unlocked$", re.IGNORECASE
)

_HEX: Final = re.compile(r"\s*0x([0-9a-f]{1,8})\s*", re.IGNORECASE)
_FALSE: Final = ("false", "0")
_ATTENDANCE: Final = {
    "checkin": "check in",
    "checkout": "check out",
    "breakin": "break in",
    "breakout": "break out",
    "overtimein": "overtime in",
    "overtimeout": "overtime out",
}


@lru_cache(maxsize=1)
def _access_events() -> dict[tuple[int, int], str]:
    return {(int(major), int(minor)): meaning for major, minor, meaning in read_rows("access_events.tsv")}


def access_event_name(major: object, minor: object) -> str:
    """Return what an access control event means: `Face accepted`, or `Access event 5/999` if it is unknown.

    Args:
        major: major type, a number or digits.
        minor: minor type, likewise.
    """
    first, second = number_of(major), number_of(minor)
    if first is None or second is None:
        return "Access event"
    meaning = _access_events().get((first, second))
    if meaning is not None:
        return meaning
    custom = _CUSTOM_EVENTS.get(first)
    if custom is not None and custom <= second < custom + 64:
        return f"Custom access {MAJOR_TYPES[first]} {second - custom + 1}"
    return f"Access event {first}/{second}"


def event_numbers(words: str) -> list[tuple[int, int]]:
    """Return major and minor type of the events with this meaning, ignoring case; dashes may stand for blanks."""
    wanted = " ".join(words.replace("-", " ").casefold().split())
    return [kind for kind, name in _access_events().items() if name.replace("-", " ").casefold() == wanted]


def read_access(fields: dict[str, Any], _type_name: str) -> Description:
    """Return what an ACSEvent message says."""
    event = part_of(fields, "AccessControllerEvent")
    if not event and "majorEventType" in fields:
        event = fields
    if not event:
        return Description("Access event", problem="the AccessControllerEvent object is missing")
    name = access_event_name(*_numbers_of(event))
    card = text_of(event.get("cardNo"))
    category, state = _category_of(event, name, fields)
    text = join_parts(
        name + ended_mark(fields),
        label("Door", _positive(event.get("doorNo")), text_of(event.get("doorName"))),
        _person_of(event),
        f"Card {card}" if card else None,
        label("Reader", _positive(event.get("cardReaderNo")), None),
        _attendance_of(event),
        _temperature_of(event),
        "old record, uploaded now" if str(event.get("currentEvent")).strip().lower() in _FALSE else None,
    )
    problem = "majorEventType or subEventType is missing" if name == "Access event" else None
    return Description(text, category, problem=problem, state=state)


def _category_of(event: dict[str, Any], name: str, fields: dict[str, Any]) -> tuple[Category | None, State]:
    major, minor = map(number_of, _numbers_of(event))
    category = find_category("access", f"{major}/{minor}") or _MAJOR_CATEGORIES.get(major or 0)
    is_over = major in (1, 2) and _OVER.search(name) is not None
    return category, "ended" if is_over else state_of(fields.get("eventState"))


def _numbers_of(event: dict[str, Any]) -> tuple[object, object]:
    """Return major and minor type; the events that a device is asked for call them so."""
    major = event.get("majorEventType", event.get("major"))
    return _decimal(major), _decimal(
        event.get("subEventType", event.get("minorEventType", event.get("minor")))
    )


def _decimal(value: object) -> object:
    """Return a number that is written as the vendor's lists have it, `0x4B`, as one; anything else unchanged."""
    found = _HEX.fullmatch(value) if isinstance(value, str) else None
    return int(found[1], 16) if found else value


def _positive(value: object) -> int | None:
    number = number_of(value)
    return number if number and number > 0 else None


def _person_of(event: dict[str, Any]) -> str | None:
    name = text_of(event.get("name"))
    employee = text_of(event.get("employeeNoString")) or text_of(event.get("employeeNo"))
    if name and employee:
        return f"{name} (employee {employee})"
    return name or (f"Employee {employee}" if employee else None)


def _attendance_of(event: dict[str, Any]) -> str | None:
    return _ATTENDANCE.get((text_of(event.get("attendanceStatus")) or "").lower())


def _temperature_of(event: dict[str, Any]) -> str | None:
    # Misspelt in every message, right in one comment (errata 175).
    abnormal = event.get("isAbnomalTemperature", event.get("isAbnormalTemperature"))
    if abnormal is not True and str(abnormal).lower() not in ("true", "1"):
        return None
    degrees = text_of(event.get("currTemperature"))
    return f"abnormal temperature {degrees}" if degrees else "abnormal temperature"
