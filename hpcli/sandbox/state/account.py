"""The account's stored sites and devices, in the shape of the rows of Guide §3.6 and §3.21."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpcli.sandbox.http.envelope import Refused
from hpcli.sandbox.state.demo import demo_data
from hpcli.sandbox.state.store import Store

ADDRESS = ("siteState", "siteCity", "siteStreet", "location")

_INTERNAL = frozenset({"hardware", "arcId", "fault", "slowSeconds", "reportedStatus"})
"""Fields of the kept data that a row of §3.21 does not have, or not always."""

_BELONGINGS = ("arc", "camera", "area", "zone", "relay", "preset", "config")
"""Kinds of records that are deleted with their device."""


def new_site(site_id: str, values: Mapping[str, Any], installer: Mapping[str, Any]) -> dict[str, Any]:
    """Make the data of a site that is neither shared nor handed over, in the shape of a row of §3.6."""
    return {
        "id": site_id,
        "siteName": values["name"],
        "timeZone": str(values["timeZone"]),
        "timeSync": values.get("timeSync", False),
        "installerId": installer.get("id", ""),
        "installerFirstName": installer.get("firstName", ""),
        "installerLastName": installer.get("lastName", ""),
        **{name: values.get(name, "") for name in ADDRESS},
        "sharedInfo": {"shareType": 0},
        "siteDeliveryStatus": 0,
        "cloudEnable": False,
    }


def keep_site(store: Store, site: Mapping[str, Any]) -> None:
    """Write a site with the text for searches."""
    searched = ("siteName", *ADDRESS, "installerFirstName", "installerLastName")
    store.put("site", site["id"], site, text=" ".join(site.get(name, "") for name in searched))


def known_site(store: Store, site_id: str) -> dict[str, Any]:
    """Return a site; LAP008001 if there is none."""
    site = store.get("site", site_id)
    if site is None:
        raise Refused("LAP008001")
    return site


def own_site(store: Store, site_id: str) -> dict[str, Any]:
    """Return a site that the account may change; LAP008011 if another company shared it."""
    site = known_site(store, site_id)
    if is_foreign(site):
        raise Refused("LAP008011")
    return site


def is_foreign(site: Mapping[str, Any]) -> bool:
    """Return whether another company shared the site with this account (`shareType` 2 and 4)."""
    return site["sharedInfo"]["shareType"] in (2, 4)


def known_device(store: Store, serial: str) -> dict[str, Any]:
    """Return a device by its serial; LAP006009 if the account has none."""
    device = store.get("device", serial)
    if device is None:
        raise Refused("LAP006009")
    return device


def keep_device(store: Store, device: Mapping[str, Any]) -> None:
    """Write a device."""
    store.put("device", device["deviceSerial"], device, parent=device["siteID"])


def remove_device(store: Store, device: Mapping[str, Any]) -> None:
    """Delete a device and what belongs to it; it can then be added again."""
    serial = device["deviceSerial"]
    for kind in _BELONGINGS:
        store.delete_children(kind, serial)
    store.delete("device", serial)
    store.put("boxed", serial, {**device["hardware"], "deviceName": device["deviceName"], "owner": "none"})


def device_row(device: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of §3.21 of a device that the platform sends."""
    row = {name: value for name, value in device.items() if name not in _INTERNAL}
    if device.get("arcId"):
        row["arcId"] = device["arcId"]
    return row


def new_device(
    device_id: str, serial: str, hardware: Mapping[str, Any], home: Mapping[str, Any]
) -> dict[str, Any]:
    """Make the data of a device of `home` in the shape of a row of §3.21, and of its hardware."""
    return {
        "id": device_id,
        "deviceName": hardware.get("deviceName") or f"{hardware['model']}({serial})",
        "deviceOnlineStatus": 1,
        "deviceSerial": serial,
        "deviceVersion": hardware["firmware"],
        "deviceType": hardware["model"],
        "deviceCategory": hardware["category"],
        "deviceSubCategory": hardware.get("subCategory", 0),
        "isSubscribed": False,
        "deviceAddTime": "",
        "timeZone": home["timeZone"],
        "extInfo": "",
        "siteID": home["id"],
        "siteName": home["siteName"],
        "deviceShareFlag": is_foreign(home),
        "hardware": {name: value for name, value in hardware.items() if name not in ("deviceName", "owner")},
    }


def add_belongings(store: Store, device: Mapping[str, Any]) -> None:
    """Add the parts of the device's hardware: channels, and the areas and zones of a panel."""
    _add_cameras(store, device)
    if "panel" in device["hardware"].get("parts", ()):
        _add_panel(store, device["deviceSerial"])


def _add_cameras(store: Store, device: Mapping[str, Any]) -> None:
    hardware = device["hardware"]
    names = hardware.get("channels") or ()
    serial = device["deviceSerial"]
    for number, name in enumerate(names, start=1):
        is_own = len(names) == 1
        camera = {
            "deviceSerial": serial,
            "ipcSerial": serial if is_own else f"{serial[0]}{int(serial[1:]) + number:08d}",
            "channelNo": number,
            "deviceName": device["deviceName"],
            "channelName": name or device["deviceName"],
            "status": 1
            if device["deviceOnlineStatus"] == 1 and number not in hardware.get("deadChannels", ())
            else 0,
            "isShared": "1" if device["deviceShareFlag"] else "0",
            "picUrl": "",
            "isEncrypt": 1 if device["deviceOnlineStatus"] == 1 else 0,
            "videoLevel": 2,
            "relatedIpc": not is_own,
        }
        store.put("camera", f"{serial}/{number}", camera, parent=serial)


def is_subscribing_new_devices(store: Store) -> bool:
    """Return whether the account subscribed to all devices, those added later included (Guide §3.33)."""
    return bool((store.get("subscription", "account") or {}).get("all"))


def is_subscribed(store: Store) -> bool:
    """Return whether the account subscribed to any device."""
    kept = store.get("subscription", "account") or {}
    return bool(kept.get("all") or kept.get("some"))


def subscribe_all(store: Store, *, is_on: bool) -> None:
    """Subscribe to all devices, those added later included, or to none; again costs nothing."""
    kept = store.get("subscription", "account") or {}
    if kept.get("all") is not is_on or kept.get("hasExceptions"):
        store.change_all("device", "isSubscribed", is_on)
        store.put("subscription", "account", {"all": is_on})


def note_exceptions(store: Store) -> None:
    """Keep that single devices were subscribed or unsubscribed."""
    kept = store.get("subscription", "account") or {}
    some = any(device["isSubscribed"] for device in store.each("device"))
    store.put("subscription", "account", {"all": bool(kept.get("all")), "some": some, "hasExceptions": True})


def _add_panel(store: Store, serial: str) -> None:
    data = demo_data()
    arming = {area["id"]: area["arming"] for area in data["areas"]}
    for area in data["areas"]:
        store.put("area", f"{serial}/{area['id']}", area, parent=serial)
    for entry in data["zones"]:
        zone = {
            "charge": "normal",
            "tamperEvident": False,
            "shielded": False,
            "bypassed": False,
            "armed": arming[entry["area"]] != "disarm",
            "alarm": False,
            "healthStatus": "fault" if entry["status"] == "offline" else "normal",
            "zoneAttrib": "wireless",
            "deviceNo": entry["id"] + 1,
            **{name: value for name, value in entry.items() if name != "area"},
        }
        store.put("zone", f"{serial}/{entry['id']}", {**zone, "subSystemNo": entry["area"]}, parent=serial)
