"""The one fact that a person wants of a camera's message: the plate, the temperature, the count, the target."""

from __future__ import annotations

from typing import Any, Final

from hpcli.alarms.event.fields import dict_of, text_of, walk
from hpcli.alarms.event.types import find_event_type

_PLAIN: Final = frozenset(
    {"deviceSerial", "channelID", "channelName", "triggerTime", "dateTime", "eventType", "eventDescription",
     "eventState", "ipAddress", "ipv6Address", "portNo", "protocol", "macAddress", "activePostCount",
     "dynChannelID", "DetectionRegionList", "isDataRetransmission", "version", "deviceID", "Extensions"}
)  # fmt: skip
"""Fields without a fact; a message of these alone is not searched."""

_TEXTS: Final = {
    **dict.fromkeys(("licenseplate", "originallicenseplate", "plate", "plateno", "platenumber"), "Plate {}"),
    **dict.fromkeys(("targettype", "rulename", "humanname", "personname"), "{}"),
    **dict.fromkeys(("enter", "enternum"), "{} in"),
    **dict.fromkeys(("exit", "exitnum", "leavenum"), "{} out"),
    **dict.fromkeys(("peoplenum", "people"), "{} people"),
    **dict.fromkeys(("wdecibel", "audiodecibel", "decibel"), "{} dB"),
}
_DEGREES: Final = (
    "firemaxtemperature",
    "currtemperature",
    "maxtemperature",
    "temperature",
    "temperaturediff",
)
_UNITS: Final = ("temperatureunit", "thermometryunit")
_UNIT_SIGNS: Final = {"fahrenheit": "°F", "kelvin": "K"}
_LASTING: Final = ("relationevent", "relationeventtype", "durationeventtype")
_PERSON: Final = "reserve_field"
_MOST: Final = 4


def find_facts(fields: dict[str, Any]) -> list[str]:
    """Return the facts of a camera's message, each once."""
    if _PLAIN.issuperset(fields) and "TemperatureUnit" not in fields and not _has_degrees(fields):
        return []
    found: list[str] = []
    highest: float | None = None
    sign = "°C"
    for key, value in walk(fields):
        name = key.lower()
        if name in _DEGREES:
            degrees = _number(value)
            highest = degrees if highest is None or (degrees is not None and degrees > highest) else highest
        elif name in _UNITS:
            sign = _UNIT_SIGNS.get((text_of(value) or "").lower(), sign)
        elif said := _said(name, value):
            found.append(said)
    if highest is not None:
        found.append(f"{highest:g} {sign}")
    return list(dict.fromkeys(found))[:_MOST]


def _said(name: str, value: object) -> str | None:
    """Return what one field says, None where it is not a fact."""
    if name == _PERSON:
        return text_of(dict_of(value).get("name"))
    text = text_of(value) if name in _TEXTS or name in _LASTING else None
    if text is None:
        return None
    if name in _LASTING:
        known = find_event_type(text)
        return known.name if known is not None else text
    return _TEXTS[name].format(text)


def _has_degrees(fields: dict[str, Any]) -> bool:
    regions = dict_of(fields.get("DetectionRegionList")).get("DetectionRegionEntry")
    entries = regions if isinstance(regions, list) else [regions]
    return any(isinstance(entry, dict) and not _REGION.issuperset(entry) for entry in entries)


_REGION: Final = frozenset(
    {"regionID", "detectionTarget", "sensitivityLevel", "RegionCoordinatesList", "TargetRect"}
)


def _number(value: object) -> float | None:
    try:
        return float(text_of(value) or "")
    except ValueError:
        return None
