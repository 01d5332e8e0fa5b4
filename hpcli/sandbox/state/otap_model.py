"""The object model of an AX PRO panel: properties and operations, computed from the panel's state."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hpcli.sandbox.state import account
from hpcli.sandbox.state.store import Store
from hpcli.sandbox.state.times import offset_text

_USERS = 23
_VERSION = re.compile(r"(V[\d.]+) (build \d+)")
_ARM_TYPES = ("away", "stay")


@dataclass(frozen=True, slots=True)
class Spot:
    """The resource of a property or an operation."""

    store: Store
    device: dict[str, Any]
    category: str
    index: str
    now: float

    @property
    def serial(self) -> str:
        """The device's serial."""
        return str(self.device["deviceSerial"])

    def record(self, kind: str, first: int) -> dict[str, Any] | None:
        """Return the area or zone that the resource number stands for; the records' ids begin at `first`."""
        if not self.index.isdecimal():
            return None
        return self.store.get(kind, f"{self.serial}/{int(self.index) - 1 + first}")


@dataclass(frozen=True, slots=True)
class Property:
    """One property.

    Attributes:
        read: returns the value, None if the resource does not exist.
        write: sets a value; raises KeyError, TypeError or ValueError for an invalid one. None: read-only.
        schema: JSON schema of the value.
    """

    read: Callable[[Spot], Any]
    write: Callable[[Spot, Any], None] | None
    schema: Mapping[str, Any]


def user_records(device: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the records of the list UserInfoCfgChangeSync: the users of a panel."""
    serial = device["deviceSerial"]
    kinds = ("installer", "administrator")
    return [
        {
            "userNo": number,
            "userName": f"user{number:02d}.{str(serial).lower()}@example.org",
            "userType": kinds[number - 1] if number <= len(kinds) else "operator",
        }
        for number in range(1, _USERS + 1)
    ]


def _version(spot: Spot) -> Any:
    found = _VERSION.fullmatch(spot.device["deviceVersion"])
    return {
        "firmwareVersion": found[1] if found else "",
        "firmwareReleasedDate": found[2] if found else "",
    }


def _description(spot: Spot) -> Any:
    hardware = spot.device["hardware"]
    return {
        "deviceName": spot.device["deviceName"],
        "deviceType": "PWA",
        "macAddress": hardware["mac"],
        "model": hardware["model"],
        "serialNumber": spot.serial,
    }


def _describe(spot: Spot, value: Any) -> None:
    spot.device["deviceName"] = _text(value["deviceName"])
    account.keep_device(spot.store, spot.device)


def _clock(spot: Spot) -> Any:
    ahead = (spot.store.get("otapclock", spot.serial) or {}).get("ahead", 0.0)
    return {"localDateTime": offset_text(spot.now + ahead, spot.device["timeZone"])}


def _set_clock(spot: Spot, value: Any) -> None:
    moment = datetime.fromisoformat(value["localDateTime"])
    spot.store.put("otapclock", spot.serial, {"ahead": moment.timestamp() - spot.now})


def _users(_spot: Spot) -> Any:
    return {"userNum": _USERS}


def _area(spot: Spot) -> Any:
    area = spot.record("area", 1)
    if area is None:
        return None
    zones = spot.store.children("zone", spot.serial)
    own = [zone["id"] + 1 for zone in zones if zone["subSystemNo"] == area["id"]]
    return {
        "name": area["name"],
        "enabled": area["enabled"],
        "linkageZoneInfo": {"supportLinkageZones": own},
        "linkageChildDevInfo": [{}],
    }


def _set_area(spot: Spot, value: Any) -> None:
    changes: dict[str, Any] = {}
    if "name" in value:
        changes["name"] = _text(value["name"])
    if "enabled" in value:
        changes["enabled"] = bool(value["enabled"])
    spot.store.change("area", f"{spot.serial}/{int(spot.index)}", **changes)


def _zone(spot: Spot) -> Any:
    zone = spot.record("zone", 0)
    if zone is None:
        return None
    return {
        "zoneName": zone["name"],
        "zoneType": zone["zoneType"],
        "detectorType": zone["detectorType"],
        "deviceNo": zone["deviceNo"],
        "model": zone.get("model", ""),
        "linkageSubSystems": [zone["subSystemNo"]],
        "deactivationMode": "off",
    }


def _set_zone(spot: Spot, value: Any) -> None:
    spot.store.change("zone", f"{spot.serial}/{int(spot.index) - 1}", name=_text(value["zoneName"]))


def _search_zones(spot: Spot, given: Mapping[str, Any]) -> Any:
    zones = [zone for zone in spot.store.children("zone", spot.serial) if zone["status"] != "notRelated"]
    start = max(1, int(given.get("searchResultPosition", 1))) - 1
    found = zones[start : start + int(given.get("maxResults", 32))]
    return [
        {
            "zoneID": zone["id"] + 1,
            "name": zone["name"],
            "status": zone["status"],
            "bypassed": zone["bypassed"],
            "alarm": zone["alarm"],
        }
        for zone in found
    ]


def _search_areas(spot: Spot, _given: Mapping[str, Any]) -> Any:
    return [
        {
            "subSystemID": area["id"],
            "name": area["name"],
            "armStatus": "disarmed" if area["arming"] == "disarm" else "armed",
            "exitDelayTime": area["delayTime"],
        }
        for area in spot.store.children("area", spot.serial)
        if area["enabled"]
    ]


def _arm(spot: Spot, given: Mapping[str, Any]) -> None:
    arming = given.get("armType", "away")
    if arming not in _ARM_TYPES:
        raise ValueError(arming)
    _set_arming(spot, given, arming)


def _disarm(spot: Spot, given: Mapping[str, Any]) -> None:
    _set_arming(spot, given, "disarm")


def _set_arming(spot: Spot, given: Mapping[str, Any], arming: str) -> None:
    key = f"{spot.serial}/{int(given['subSystemID'])}"
    if spot.store.get("area", key) is None:
        raise ValueError(key)
    spot.store.change("area", key, arming=arming)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(value)
    return value


def _object(**properties: str) -> dict[str, Any]:
    return {"type": "object", "properties": {name: {"type": kind} for name, kind in properties.items()}}


_AREAS, _ZONES = ("SubSystem", "AlarmSubSystemMgr"), ("Zone", "ZoneMgr")
PROPERTIES: Mapping[tuple[str, str, str], Property] = {
    ("global", "InfoMgr", "DeviceVersion"): Property(
        _version, None, _object(firmwareVersion="string", firmwareReleasedDate="string")
    ),
    ("global", "InfoMgr", "DeviceDescription"): Property(
        _description, _describe, _object(deviceName="string", model="string", serialNumber="string")
    ),
    ("global", "TimeMgr", "LocalDateTime"): Property(_clock, _set_clock, _object(localDateTime="string")),
    ("global", "UserMgr", "UserInfoCfgList"): Property(_users, None, _object(userNum="integer")),
    (*_AREAS, "SingleSubSystemBasicInfo"): Property(
        _area, _set_area, _object(name="string", enabled="boolean")
    ),
    (*_ZONES, "SingleZoneBasicInfo"): Property(
        _zone, _set_zone, _object(zoneName="string", zoneType="string")
    ),
}
"""By resource category, domain and name."""

ACTIONS: Mapping[tuple[str, str], Callable[[Spot, Mapping[str, Any]], Any]] = {
    ("ZoneMgr", "SearchZoneStatus"): _search_zones,
    ("AlarmSubSystemMgr", "SearchSubSystemStatus"): _search_areas,
    ("AlarmSubSystemMgr", "ArmSubSystem"): _arm,
    ("AlarmSubSystemMgr", "DisarmSubSystem"): _disarm,
}
"""By domain and name."""

_EVENTS: Mapping[str, tuple[str, ...]] = {"ZoneMgr": ("ZoneAlarm", "ZoneRestored")}
_INPUTS: Mapping[str, dict[str, Any]] = {
    "SearchZoneStatus": _object(searchID="string", searchResultPosition="integer", maxResults="integer"),
    "ArmSubSystem": _object(subSystemID="integer", armType="string"),
    "DisarmSubSystem": _object(subSystemID="integer"),
}


def profile(store: Store, device: Mapping[str, Any], *, with_schema: bool) -> dict[str, Any]:
    """Return the object model of a panel (§3.24.6)."""
    serial = device["deviceSerial"]
    numbers = {
        "global": ["0"],
        "SubSystem": [str(area["id"]) for area in store.children("area", serial)],
        "Zone": [str(zone["id"] + 1) for zone in store.children("zone", serial)],
    }
    resources = [
        _resource(category, indices, with_schema=with_schema) for category, indices in numbers.items()
    ]
    return {"version": "V1.2.0", "capacities": None, "resources": resources}


def _resource(category: str, indices: list[str], *, with_schema: bool) -> dict[str, Any]:
    domains = dict.fromkeys(domain for kind, domain, _ in PROPERTIES if kind == category)
    if category == "global":
        domains |= dict.fromkeys(domain for domain, _ in ACTIONS)
    return {
        "identifier": category,
        "title": None,
        "sid": None,
        "resourceCategory": category,
        "localIndex": indices,
        "localIndexRule": {"ruleType": None, "ruleRange": None},
        "dynamic": category != "global",
        "global": category == "global",
        "domains": [_domain(category, domain, with_schema=with_schema) for domain in domains],
    }


def _domain(category: str, domain: str, *, with_schema: bool) -> dict[str, Any]:
    is_global = category == "global"
    own = {prop: built for (kind, of, prop), built in PROPERTIES.items() if (kind, of) == (category, domain)}
    actions = [action for of, action in ACTIONS if of == domain] if is_global else []
    events = _EVENTS.get(domain, ()) if is_global else ()
    common = {"version": "v3.0", "title": None, "sid": None}
    return {
        "identifier": domain,
        "sid": None,
        "title": None,
        "props": [
            {
                "identifier": prop,
                **common,
                "access": "rw" if built.write else "r",
                "schema": built.schema if with_schema else None,
            }
            for prop, built in own.items()
        ],
        "actions": [
            {
                "identifier": action,
                **common,
                "direction": "Plt2Dev",
                "input": {"schema": _INPUTS[action]} if with_schema and action in _INPUTS else None,
                "output": None,
            }
            for action in actions
        ],
        "events": [
            {"identifier": event, **common, "eventType": ["notification"], "input": None} for event in events
        ],
    }
