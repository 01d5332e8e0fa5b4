"""An alarm panel: its areas, zones and relays, and their commands (Guide A.4.10 to A.4.18)."""

from __future__ import annotations

from typing import Any

from hpcli.sandbox.isapi.device import panel_state
from hpcli.sandbox.isapi.device.refusals import (
    BAD_PARAMETERS,
    BYPASS_FAILED,
    BYPASSED,
    ZONE_NOT_SUPPORTED,
    DeviceRefused,
)
from hpcli.sandbox.isapi.device.registry import DeviceCall, done_json, isapi, search_page

_ARM_PROCESS = ("armProcess", 0x10000005)
_NO_BYPASS = frozenset({"Fire", "Gas", "Medical", "Emergency", "Non-Alarm"})
_WAYS = ("away", "stay")
_SWITCHES = {"open": "on", "close": "off"}


@isapi("GET", "/ISAPI/SecurityCP/status/subSystems", part="panel")
def show_areas(call: DeviceCall) -> dict[str, Any]:
    """Return the state of all areas (A.5.9), unused ones with `enabled` false among them (field note)."""
    areas = panel_state.areas(call.store, call.serial, call.now)
    return {"SubSysList": [{"SubSys": panel_state.shown(area)} for area in areas]}


@isapi("GET", "/ISAPI/SecurityCP/status/zones", part="panel")
def show_zones(call: DeviceCall) -> dict[str, Any]:
    """Return the state of all zones (A.5.13), unused ones as `notRelated` among them (field note).

    Panels with many zones answer only the search.
    """
    if call.hardware.get("searchZonesOnly"):
        raise DeviceRefused(*BAD_PARAMETERS)
    return {"ZoneList": [{"Zone": zone} for zone in panel_state.zones(call.store, call.serial)]}


@isapi("POST", "/ISAPI/SecurityCP/status/zones", part="panel")
def search_zones(call: DeviceCall) -> dict[str, Any]:
    """Return the state of some zones (A.5.12, A.5.14)."""
    zones = panel_state.zones(call.store, call.serial)
    head, found = search_page(call.json_object("ZoneCond"), zones)
    return {"ZoneSearch": {**head, "ZoneList": [{"Zone": zone} for zone in found]}}


@isapi("PUT", "/ISAPI/SecurityCP/control/arm/<ID>", part="panel")
def arm(call: DeviceCall) -> dict[str, Any]:
    """Arm an area or all (A.4.10): `armProcess` if it takes time."""
    call.json()
    ways = call.query.get("ways")
    if ways not in _WAYS:
        raise DeviceRefused(*BAD_PARAMETERS)
    is_slow = panel_state.arm(call.store, call.serial, _number(call), ways, call.now)
    return done_json(*_ARM_PROCESS) if is_slow else done_json()


@isapi("PUT", "/ISAPI/SecurityCP/control/disarm/<ID>", part="panel")
def disarm(call: DeviceCall) -> dict[str, Any]:
    """Disarm an area or all (A.4.14)."""
    call.json()
    panel_state.disarm(call.store, call.serial, _number(call), call.now)
    return done_json()


@isapi("PUT", "/ISAPI/SecurityCP/control/clearAlarm/<ID>", part="panel")
def clear_alarm(call: DeviceCall) -> dict[str, Any]:
    """End the alarms of an area or of all (A.4.13)."""
    call.json()
    panel_state.clear(call.store, call.serial, _number(call), call.now)
    return done_json()


@isapi("PUT", "/ISAPI/SecurityCP/control/bypass", part="panel")
def bypass(call: DeviceCall) -> dict[str, Any]:
    """Bypass zones (A.4.11, A.5.3): not while they are armed, and not those that protect life."""
    zones = _listed_zones(call)
    for zone in zones:
        if zone["zoneType"] in _NO_BYPASS:
            raise DeviceRefused(*ZONE_NOT_SUPPORTED)
        if zone["bypassed"]:
            raise DeviceRefused(*BYPASSED)
        if zone["armed"]:
            raise DeviceRefused(*BYPASS_FAILED)
    _set_bypass(call, zones, is_bypassed=True)
    return done_json()


@isapi("PUT", "/ISAPI/SecurityCP/control/bypassRecover", part="panel")
def recover_bypass(call: DeviceCall) -> dict[str, Any]:
    """End the bypass of zones (A.4.12)."""
    _set_bypass(call, _listed_zones(call), is_bypassed=False)
    return done_json()


@isapi("POST", "/ISAPI/SecurityCP/status/outputStatus", part="panel")
def search_relays(call: DeviceCall) -> dict[str, Any]:
    """Return the state of the relays (A.5.4, A.5.6)."""
    condition = call.json_object("OutputCond")
    relays = [relay for relay in _relays(call) if _fits(relay, condition)]
    head, found = search_page(condition, relays)
    return {"OutputSearch": {**head, "OutputList": [{"Output": relay} for relay in found]}}


@isapi("POST", "/ISAPI/SecurityCP/control/outputs", part="panel")
def switch_relays(call: DeviceCall) -> dict[str, Any]:
    """Switch relays (A.4.15, A.5.5): `open` switches on, `close` off."""
    wanted = call.json_object("OutputsCtrl")
    known = {relay["id"] for relay in _relays(call)}
    numbers = _ids(wanted.get("List"))
    status = _SWITCHES.get(str(wanted.get("switch")))
    if status is None or not numbers or not set(numbers) <= known:
        raise DeviceRefused(*BAD_PARAMETERS)
    for number in numbers:
        kept = {"status": status, "linkage": "manualCtrl"}
        call.store.put("relay", f"{call.serial}/{number}", kept, parent=call.serial)
    return done_json()


def _number(call: DeviceCall) -> int:
    try:
        return int(call.ids[0])
    except ValueError as error:
        raise DeviceRefused(*BAD_PARAMETERS) from error


def _listed_zones(call: DeviceCall) -> list[dict[str, Any]]:
    zones = {zone["id"]: zone for zone in panel_state.zones(call.store, call.serial)}
    numbers = _ids(call.json().get("List"))
    if not numbers or not set(numbers) <= zones.keys():
        raise DeviceRefused(*BAD_PARAMETERS)
    return [zones[number] for number in numbers]


def _ids(entries: Any) -> list[int]:
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise DeviceRefused(*BAD_PARAMETERS)
    return [entry["id"] for entry in entries if isinstance(entry.get("id"), int)]


def _set_bypass(call: DeviceCall, zones: list[dict[str, Any]], *, is_bypassed: bool) -> None:
    for zone in zones:
        call.store.change("zone", f"{call.serial}/{zone['id']}", bypassed=is_bypassed)


def _relays(call: DeviceCall) -> list[dict[str, Any]]:
    """Return the panel's relays, one more than it has outputs: the last is not linked to anything."""
    count = int(call.hardware.get("outputs", 0))
    made = []
    for number in range(count + 1):
        is_used = number < count
        relay = {
            "id": number,
            "name": f"Relay {number + 1}",
            "status": "off" if is_used else "notRelated",
            "tamperEvident": False,
            "charge": "normal",
            "linkage": "alarm",
            "signal": 160,
            "accessModuleType": "localRelay",
            "relatedAccessModuleID": 0,
            "subSystemList": [1],
            "relayAttrib": "wired" if number == 0 else "wireless",
            "deviceNo": number + 1,
        }
        made.append(relay | (call.store.get("relay", f"{call.serial}/{number}") or {}))
    return made


def _fits(relay: dict[str, Any], condition: dict[str, Any]) -> bool:
    kind = condition.get("moduleType")
    module = condition.get("outputModuleNo")
    is_kind = kind is None or str(kind).lower().endswith(str(relay["relayAttrib"]))
    return is_kind and (module is None or module == relay["relatedAccessModuleID"])
