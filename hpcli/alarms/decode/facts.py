"""The one fact that a person wants of a camera's message: the plate, the temperature, the count, the target."""

from __future__ import annotations

from typing import Any, Final

from hpcli.alarms.event.fields import dict_of, text_of, walk

_PLAIN: Final = frozenset(
    {"deviceSerial", "channelID", "channelName", "triggerTime", "dateTime", "eventType", "eventDescription",
     "eventState", "ipAddress", "ipv6Address", "portNo", "protocol", "macAddress", "activePostCount",
     "dynChannelID", "DetectionRegionList", "isDataRetransmission", "version", "deviceID", "Extensions"}
)  # fmt: skip
"""Fields without a fact; a message of these alone is not searched."""

_TEXTS: Final = {"licenseplate": "Plate {}", "plate": "Plate {}", "targettype": "{}", "rulename": "{}"}
_DEGREES: Final = ("firemaxtemperature", "currtemperature", "maxtemperature")
_COUNTS: Final = {"enter": "{} in", "exit": "{} out"}
_MOST: Final = 4


def find_facts(fields: dict[str, Any]) -> list[str]:
    """Return the facts of a camera's message, each once."""
    if _PLAIN.issuperset(fields) and "TemperatureUnit" not in fields and not _has_degrees(fields):
        return []
    found: list[str] = []
    highest: float | None = None
    for key, value in walk(fields):
        name = key.lower()
        form = _TEXTS.get(name) or _COUNTS.get(name)
        if form and (text := text_of(value)):
            found.append(form.format(text))
        elif name in _DEGREES:
            degrees = _number(value)
            highest = degrees if highest is None or (degrees is not None and degrees > highest) else highest
    if highest is not None:
        found.append(f"{highest:g} °C")
    return list(dict.fromkeys(found))[:_MOST]


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
