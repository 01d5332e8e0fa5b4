"""Areas and zones of a panel as they change: arming with its delay, open zones, alarms, bypass.

An area keeps beside the fields of A.5.9 how long it takes to arm (`exitDelay`, seconds) and, while it arms,
until when and as what. One without delay refuses at once where a zone is open; one with a delay starts, as
`armProcess` says, and falls back to disarmed where a zone is open when the delay is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hpcli.sandbox.isapi.device.refusals import ARMED, ARMING, INVALID_OPERATION, DeviceRefused
from hpcli.sandbox.state.store import Store

ALL_AREAS = 0xFFFFFFFF
_HIDDEN = frozenset({"exitDelay", "armingUntil", "armingAs"})
_MODES = {"cidOpen": "disarm", "cidClose": "away", "cidStay": "stay"}
_CLOSED, _OPEN = "online", "trigger"
_NEVER_HINDER = frozenset({"Emergency", "Fire", "Gas", "Medical", "24hNoSound", "Non-Alarm"})
_ALWAYS_ALARM = _NEVER_HINDER - {"Non-Alarm"}


def areas(store: Store, serial: str, now: float) -> list[dict[str, Any]]:
    """Return the areas as they are now."""
    return [_settled(store, serial, area, now) for area in store.children("area", serial)]


def zones(store: Store, serial: str) -> list[dict[str, Any]]:
    """Return the zones."""
    return store.children("zone", serial)


def shown(area: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the panel tells of an area."""
    return {name: value for name, value in area.items() if name not in _HIDDEN}


def find_areas(store: Store, serial: str, number: int, now: float) -> list[dict[str, Any]]:
    """Return the enabled areas that a number means.

    Raises:
        DeviceRefused: invalidOperation, the panel has no such area or does not use it.
    """
    found = [
        area for area in areas(store, serial, now) if area["enabled"] and number in (area["id"], ALL_AREAS)
    ]
    if not found:
        raise DeviceRefused(*INVALID_OPERATION)
    return found


def arm(store: Store, serial: str, number: int, mode: str, now: float) -> bool:
    """Arm areas; tell whether any of them needs its time for it.

    Raises:
        DeviceRefused: armedStatus, all are armed; arming, a zone is open or arming is under way.
    """
    wanted = [area for area in find_areas(store, serial, number, now) if area["arming"] != mode]
    if any(area["arming"] == "arming" for area in wanted):
        raise DeviceRefused(*ARMING)
    if not wanted or (number != ALL_AREAS and wanted[0]["arming"] != "disarm"):
        raise DeviceRefused(*ARMED)
    wanted = [area for area in wanted if area["arming"] == "disarm"]
    at_once = [area for area in wanted if not area.get("exitDelay")]
    if any(hindering_zones(store, serial, area["id"]) for area in at_once):
        raise DeviceRefused(*ARMING)
    for area in wanted:
        delay = area.get("exitDelay", 0)
        if delay:
            _keep_area(store, serial, area, arming="arming", armingUntil=now + delay, armingAs=mode)
        else:
            _set_mode(store, serial, area, mode)
    return len(at_once) < len(wanted)


def disarm(store: Store, serial: str, number: int, now: float) -> None:
    """Disarm areas and end their alarms."""
    for area in find_areas(store, serial, number, now):
        _set_mode(store, serial, area, "disarm")
        _end_alarm(store, serial, area["id"])


def clear(store: Store, serial: str, number: int, now: float) -> None:
    """End the alarms of areas; they stay armed."""
    for area in find_areas(store, serial, number, now):
        _end_alarm(store, serial, area["id"])


def hindering_zones(store: Store, serial: str, number: int) -> list[dict[str, Any]]:
    """Return the zones that keep an area from arming: open and not bypassed."""
    return [
        zone
        for zone in zones(store, serial)
        if zone["subSystemNo"] == number
        and zone["status"] == _OPEN
        and not zone["bypassed"]
        and zone["zoneType"] not in _NEVER_HINDER
    ]


def set_zone_open(store: Store, serial: str, zone_id: int, now: float, *, is_open: bool) -> None:
    """Open or close a zone; one that opens in an armed area raises the alarm."""
    zone = store.get("zone", f"{serial}/{zone_id}")
    if zone is None:
        raise DeviceRefused(*INVALID_OPERATION)
    magnet = {"magnetOpenStatus": is_open} if "magnetOpenStatus" in zone else {}
    store.change("zone", f"{serial}/{zone_id}", status=_OPEN if is_open else _CLOSED, **magnet)
    mode = {area["id"]: area["arming"] for area in areas(store, serial, now)}.get(zone["subSystemNo"])
    is_armed = mode in ("away", "stay") or zone["zoneType"] in _ALWAYS_ALARM
    if is_open and is_armed and not zone["bypassed"]:
        raise_alarm(store, serial, [zone_id])


def raise_alarm(store: Store, serial: str, zone_ids: Iterable[int]) -> None:
    """Set zones and their areas in alarm."""
    for zone_id in zone_ids:
        zone = store.get("zone", f"{serial}/{zone_id}")
        if zone is not None:
            store.change("zone", f"{serial}/{zone_id}", alarm=True)
            store.change("area", f"{serial}/{zone['subSystemNo']}", alarm=True)


def follow_event(store: Store, device: Mapping[str, Any], name: str, count: int) -> None:
    """Let a panel be as an event of `sandbox trigger` says.

    Args:
        store: the state.
        device: where it happened; nothing changes where it is no panel.
        name: the event.
        count: how many of it; each alarm is another zone's.
    """
    serial = device["deviceSerial"]
    used = [zone["id"] for zone in zones(store, serial) if zone["status"] != "notRelated"]
    if not used:
        return
    if name == "cidEvent":
        raise_alarm(store, serial, used[:count])
    elif name == "cidRestore":
        for area in store.children("area", serial):
            _end_alarm(store, serial, area["id"])
    elif name in _MODES:
        for area in store.children("area", serial):
            if area["enabled"]:
                _set_mode(store, serial, area, _MODES[name])


def _settled(store: Store, serial: str, area: dict[str, Any], now: float) -> dict[str, Any]:
    """Return an area, arming ended where its time is over."""
    if area["arming"] != "arming" or area["armingUntil"] > now:
        return area
    is_hindered = bool(hindering_zones(store, serial, area["id"]))
    _set_mode(store, serial, area, "disarm" if is_hindered else area["armingAs"])
    return area


def _set_mode(store: Store, serial: str, area: dict[str, Any], mode: str) -> None:
    for name in ("armingUntil", "armingAs"):
        area.pop(name, None)
    _keep_area(store, serial, area, arming=mode)
    for zone in zones(store, serial):
        if zone["subSystemNo"] == area["id"]:
            store.change("zone", f"{serial}/{zone['id']}", armed=mode != "disarm")


def _keep_area(store: Store, serial: str, area: dict[str, Any], **values: Any) -> None:
    area.update(values)
    store.put("area", f"{serial}/{area['id']}", area, parent=serial)


def _end_alarm(store: Store, serial: str, number: int) -> None:
    store.change("area", f"{serial}/{number}", alarm=False)
    for zone in zones(store, serial):
        if zone["subSystemNo"] == number and zone["alarm"]:
            store.change("zone", f"{serial}/{zone['id']}", alarm=False)
