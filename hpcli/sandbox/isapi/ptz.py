"""A camera that moves: speeds, position, presets (Guide A.4.6 to A.4.9)."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

from hpcli.sandbox.isapi.device.refusals import BAD_PARAMETERS, BAD_XML_CONTENT, DeviceRefused
from hpcli.sandbox.isapi.device.registry import DeviceCall, done, element, isapi, texts

_CHANNEL = "/ISAPI/PTZCtrl/channels/<ID>"
_AXES = ("pan", "tilt", "zoom")
_DEGREES_A_SECOND = 0.8
"""At speed 1; 80 degrees a second at full speed."""

_LARGEST_PRESET = 300
_MADE = {
    "1": {
        "enabled": "true",
        "id": "1",
        "presetName": "Gate",
        "AbsoluteHigh": {"elevation": 50, "azimuth": 1200, "absoluteZoom": 40},
    },
    "2": {
        "enabled": "true",
        "id": "2",
        "presetName": "Loading ramp",
        "AbsoluteHigh": {"elevation": 120, "azimuth": 2750, "absoluteZoom": 10},
    },
}


@isapi("PUT", _CHANNEL + "/continuous", part="ptz")
def move(call: DeviceCall) -> ET.Element:
    """Set the speeds (A.5.15): -100 to 100, zeros stop (errata 191)."""
    given = texts(call.xml("PTZData"))
    state = _position(call)
    for axis in _AXES:
        state[axis] = _speed(given.get(axis, "0"))
    _keep(call, state)
    return _done(call, "/continuous")


@isapi("GET", _CHANNEL + "/presets", part="ptz")
def list_presets(call: DeviceCall) -> ET.Element:
    """List the presets (A.5.26)."""
    presets = sorted(_presets(call).values(), key=lambda preset: int(preset["id"]))
    return element("PTZPresetList", {"PTZPreset": presets})


@isapi("POST", _CHANNEL + "/presets", part="ptz")
def add_preset(call: DeviceCall) -> ET.Element:
    """Store the present position as a preset (A.4.7)."""
    wanted = _wanted_preset(call)
    if wanted["id"] in _presets(call):
        raise DeviceRefused(*BAD_PARAMETERS)
    _keep_preset(call, wanted)
    return _done(call, "/presets")


@isapi("DELETE", _CHANNEL + "/presets", part="ptz")
def delete_presets(call: DeviceCall) -> ET.Element:
    """Delete all presets (A.4.7)."""
    _channel(call)
    _keep_presets(call, {})
    return _done(call, "/presets")


@isapi("GET", _CHANNEL + "/presets/<ID>", part="ptz")
def show_preset(call: DeviceCall) -> ET.Element:
    """Return one preset (A.5.25)."""
    return element("PTZPreset", _known_preset(call))


@isapi("PUT", _CHANNEL + "/presets/<ID>", part="ptz")
def set_preset(call: DeviceCall) -> ET.Element:
    """Name a preset and set it to the present position (A.4.8)."""
    wanted = _wanted_preset(call)
    if wanted["id"] != call.ids[1]:
        raise DeviceRefused(*BAD_XML_CONTENT)
    _keep_preset(call, wanted)
    return _done(call, f"/presets/{call.ids[1]}")


@isapi("DELETE", _CHANNEL + "/presets/<ID>", part="ptz")
def delete_preset(call: DeviceCall) -> ET.Element:
    """Delete a preset (A.4.8)."""
    _known_preset(call)
    _keep_presets(call, {number: one for number, one in _presets(call).items() if number != call.ids[1]})
    return _done(call, f"/presets/{call.ids[1]}")


@isapi("PUT", _CHANNEL + "/presets/<ID>/goto", part="ptz")
def go_to_preset(call: DeviceCall) -> ET.Element:
    """Go to a preset (A.4.9)."""
    place = _known_preset(call)["AbsoluteHigh"]
    _keep(call, {**_position(call), **place, **dict.fromkeys(_AXES, 0)})
    return _done(call, f"/presets/{call.ids[1]}/goto")


def _channel(call: DeviceCall) -> str:
    """Return the channel of a URI; the device refuses one it does not have."""
    number = call.ids[0]
    if call.store.get("camera", f"{call.serial}/{number}") is None:
        raise DeviceRefused(*BAD_PARAMETERS)
    return number


def _position(call: DeviceCall) -> dict[str, Any]:
    """Return speeds and position now: elevation and azimuth in tenths of a degree, zoom in tenths."""
    kept = call.store.get("config", f"{call.serial}/ptz{_channel(call)}")
    if kept is None:
        return {**dict.fromkeys(_AXES, 0), "elevation": 0, "azimuth": 0, "absoluteZoom": 10}
    way = (call.now - kept.pop("at")) * _DEGREES_A_SECOND * 10
    return {
        **kept,
        "azimuth": round(kept["azimuth"] + kept["pan"] * way) % 3600,
        "elevation": max(-900, min(900, round(kept["elevation"] + kept["tilt"] * way))),
        "absoluteZoom": max(10, min(320, round(kept["absoluteZoom"] + kept["zoom"] * way / 10))),
    }


def _keep(call: DeviceCall, state: dict[str, Any]) -> None:
    kept = {**state, "at": call.now}
    call.store.put("config", f"{call.serial}/ptz{call.ids[0]}", kept, parent=call.serial)


def _speed(text: str) -> int:
    try:
        speed = int(text)
    except ValueError as error:
        raise DeviceRefused(*BAD_XML_CONTENT) from error
    if not -100 <= speed <= 100:
        raise DeviceRefused(*BAD_XML_CONTENT)
    return speed


def _presets(call: DeviceCall) -> dict[str, dict[str, Any]]:
    """Return the presets by number; a new camera has two."""
    kept = call.store.get("config", f"{call.serial}/presets{_channel(call)}")
    return dict(_MADE) if kept is None else kept


def _keep_presets(call: DeviceCall, presets: dict[str, dict[str, Any]]) -> None:
    call.store.put("config", f"{call.serial}/presets{call.ids[0]}", presets, parent=call.serial)


def _known_preset(call: DeviceCall) -> dict[str, Any]:
    preset = _presets(call).get(call.ids[1])
    if preset is None:
        raise DeviceRefused(*BAD_PARAMETERS)
    return preset


def _wanted_preset(call: DeviceCall) -> dict[str, str]:
    given = texts(call.xml("PTZPreset"))
    number = given.get("id", "")
    is_number = number.isdecimal() and 1 <= int(number) <= _LARGEST_PRESET
    if not is_number or not given.get("presetName") or given.get("enabled") not in ("true", "false"):
        raise DeviceRefused(*BAD_XML_CONTENT)
    return {"enabled": given["enabled"], "id": number, "presetName": given["presetName"]}


def _keep_preset(call: DeviceCall, wanted: dict[str, str]) -> None:
    now = _position(call)
    place = {name: now[name] for name in ("elevation", "azimuth", "absoluteZoom")}
    _keep_presets(call, {**_presets(call), wanted["id"]: {**wanted, "AbsoluteHigh": place}})


def _done(call: DeviceCall, rest: str) -> ET.Element:
    return done(f"/ISAPI/PTZCtrl/channels/{call.ids[0]}{rest}")
