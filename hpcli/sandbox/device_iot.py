"""Adding object-model devices, and solar cameras (Guide §3.30 to §3.32).

The stand-in's AX PRO panels are object-model devices.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hpcli.sandbox.device_upgrade import UNSUPPORTED
from hpcli.sandbox.http.calls import Call, operation
from hpcli.sandbox.http.envelope import Refused
from hpcli.sandbox.state import account
from hpcli.sandbox.state.boxed import find_boxed
from hpcli.sandbox.state.tasks import share_done

AX_PRO, SOLAR_CAMERA = 3, 11
"""Sub-categories of §3.21."""


def is_object_model(hardware: Mapping[str, Any]) -> bool:
    """Return whether a device has an object model (§3.24)."""
    return "panel" in hardware.get("parts", ()) and hardware.get("subCategory") == AX_PRO


@operation("deviceIotAbilityQuery")
def tell_iot_ability(call: Call) -> dict[str, Any]:
    """Return whether a device may be added by pressing its button (§3.30)."""
    account.own_site(call.store, call.body["siteId"])
    serial = call.body["deviceSerial"]
    device = call.store.get("device", serial)
    hardware = device["hardware"] if device else find_boxed(call.store, serial)
    if hardware is None:
        raise Refused("EVZ20002")
    if not is_object_model(hardware):
        raise Refused(UNSUPPORTED)
    return {"supportForceCheckAuth": 1}


@operation("deviceIotAddResult")
def tell_iot_result(call: Call) -> dict[str, Any]:
    """Return the result of adding a device (§3.31); empty data while it is in progress."""
    device = account.known_device(call.store, call.body["deviceSerial"])
    if not is_object_model(device["hardware"]):
        raise Refused(UNSUPPORTED)
    added = datetime.fromisoformat(device["deviceAddTime"]).timestamp()
    if share_done(call, added) < 1:
        return {}
    names = ("deviceName", "deviceSerial", "deviceCategory")
    return {name: device[name] for name in names} | {"subType": device["deviceSubCategory"]}


@operation("deviceCameraWakeUp")
def wake_camera(call: Call) -> dict[str, Any]:
    """Wake a solar camera (§3.32)."""
    device = account.known_device(call.store, call.body["deviceSerial"])
    if device["deviceSubCategory"] != SOLAR_CAMERA:
        raise Refused(UNSUPPORTED)
    if device["deviceOnlineStatus"] == 0:
        raise call.offline()
    device["deviceOnlineStatus"] = 1
    account.keep_device(call.store, device)
    return {"wakeUp": 1}
