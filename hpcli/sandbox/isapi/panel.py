"""Areas and zones of an alarm panel (Guide A.4.16, A.4.18)."""

from __future__ import annotations

from typing import Any

from hpcli.sandbox.isapi.registry import BAD_PARAMETERS, DeviceCall, DeviceRefused, isapi


@isapi("GET", "/ISAPI/SecurityCP/status/subSystems", part="panel")
def show_areas(call: DeviceCall) -> dict[str, Any]:
    """Tell the state of all areas (A.5.9), unused ones with `enabled` false among them (field note)."""
    return {"SubSysList": [{"SubSys": area} for area in call.store.children("area", call.serial)]}


@isapi("GET", "/ISAPI/SecurityCP/status/zones", part="panel")
def show_zones(call: DeviceCall) -> dict[str, Any]:
    """Tell the state of all zones (A.5.13), unused ones as `notRelated` among them (field note)."""
    return {"ZoneList": [{"Zone": zone} for zone in call.store.children("zone", call.serial)]}


@isapi("POST", "/ISAPI/SecurityCP/status/zones", part="panel")
def search_zones(call: DeviceCall) -> dict[str, Any]:
    """Tell the state of some zones (A.5.12, A.5.14)."""
    condition = call.json().get("ZoneCond")
    if not isinstance(condition, dict):
        raise DeviceRefused(*BAD_PARAMETERS)
    zones = call.store.children("zone", call.serial)
    start, most = int(condition["searchResultPosition"]), int(condition["maxResults"])
    found = zones[start : start + most]
    is_more = start + len(found) < len(zones)
    return {
        "ZoneSearch": {
            "searchID": condition["searchID"],
            "responseStatusStrg": "MORE" if is_more else "OK" if found else "NO MATCH",
            "numOfMatches": len(found),
            "totalMatches": len(zones),
            "ZoneList": [{"Zone": zone} for zone in found],
        }
    }
