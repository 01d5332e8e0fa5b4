"""Devices: add, delete, update, list, channels (Guide §3.18 to §3.22)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from hpcli.sandbox.http.calls import Call, operation
from hpcli.sandbox.http.envelope import Refused, page_data
from hpcli.sandbox.state import account, events
from hpcli.sandbox.state.boxed import find_boxed
from hpcli.sandbox.state.store import Store
from hpcli.sandbox.state.times import utc_text


@operation("deviceAdd")
def add_devices(call: Call) -> dict[str, Any]:
    """Add devices to a site (§3.18): one list of those added, one of those refused and why."""
    site = account.own_site(call.store, call.body["siteId"])
    done: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for wanted in call.body["deviceList"]:
        try:
            added = _add_device(call, wanted, site)
        except Refused as refused:
            # The code is inside the text, as in the example of §3.18.
            reason = f"add Exception{{{refused.code}}}"
            failed.append({"deviceSerial": wanted["deviceSerial"], "failReason": reason})
        else:
            category = str(added["deviceCategory"])
            done.append({"deviceCategory": category} | {k: added[k] for k in ("deviceName", "deviceSerial")})
    return {"addFailedList": failed, "addSuccessList": done}


@operation("deviceDelete")
def delete_device(call: Call) -> None:
    """Delete a device by its id (§3.19); LAP006009 if it is already deleted (field note)."""
    device = _device_by_id(call.store, call.body["id"])
    account.remove_device(call.store, device)
    events.announce(call.store, device, "devicedeleted", call.now)


@operation("deviceUpdate")
def update_device(call: Call) -> None:
    """Rename a device or change its extended information (§3.20); rows call that `extInfo`."""
    device = _device_by_id(call.store, call.body["deviceId"])
    device["deviceName"] = call.body["deviceName"]
    device["extInfo"] = call.body.get("extendInfo", device["extInfo"])
    account.keep_device(call.store, device)


@operation("deviceList")
def list_devices(call: Call) -> dict[str, Any]:
    """List devices, of one site or with one serial if asked (§3.21)."""
    number, size = call.page()
    site_id, serial = call.body.get("siteId"), call.body.get("deviceSerial")
    if serial:
        device = call.store.get("device", serial)
        is_meant = device is not None and site_id in (None, device["siteID"])
        rows, total = call.store.part([call.store.seq("device", serial)] if is_meant else [], number, size)
    else:
        rows, total = call.store.page("device", number, size, parent=site_id or "")
    return page_data([account.device_row(row) for row in rows], total, number, size)


@operation("deviceCameraList")
def list_cameras(call: Call) -> list[dict[str, Any]]:
    """List the channels of a device (§3.22)."""
    device = account.known_device(call.store, call.body["deviceSerial"])
    return call.store.children("camera", device["deviceSerial"])


def _device_by_id(store: Store, device_id: str) -> dict[str, Any]:
    found = store.find("device", id=device_id)
    if not found:
        raise Refused("LAP006009")
    return found[0]


def _add_device(call: Call, wanted: Mapping[str, Any], site: Mapping[str, Any]) -> dict[str, Any]:
    """Add one of the devices that no account has yet."""
    serial = wanted["deviceSerial"]
    if call.store.get("device", serial) is not None:
        raise Refused("EVZ20017")
    found = find_boxed(call.store, serial)
    if found is None:
        raise Refused("EVZ20002")
    if found["owner"] == "other":
        raise Refused("EVZ20013")
    if found["validateCode"] != wanted["validateCode"]:
        raise Refused("EVZ20010")
    device = account.new_device(secrets.token_hex(16), serial, found, site)
    device["extInfo"] = wanted.get("extendInfo", "")
    device["deviceAddTime"] = utc_text(call.now, milliseconds=True)
    device["isSubscribed"] = account.is_subscribing_new_devices(call.store)
    account.keep_device(call.store, device)
    account.add_belongings(call.store, device)
    call.store.delete("boxed", serial)
    events.announce(call.store, device, "deviceadded", call.now)
    return device
