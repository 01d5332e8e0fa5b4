"""Who may speak to a device, and the faults a device itself may have (Guide §3.23)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpcli.reference.codes import is_ax_pro
from hpcli.sandbox import DEVICE_PASSWORD, DEVICE_USERS
from hpcli.sandbox.http.calls import Call
from hpcli.sandbox.isapi.device.refusals import (
    BUSY,
    LOCKED,
    LOW_PRIVILEGE,
    NO_USER,
    WRONG_PASSWORD,
    DeviceRefused,
)

_TRIES = 5
_LOCKED_SECONDS = 1800.0
_INSTALLER, _OPERATOR = "0", "1"

FAULTS: Mapping[str, tuple[int, str, int]] = {
    "busy": BUSY,
    "locked": LOCKED,
    "password": WRONG_PASSWORD,
}
"""What a device with that fault refuses everything with; `slow` answers late instead."""

SLOW = "slow"
SLOW_SECONDS = 5.0


def check(call: Call, device: Mapping[str, Any], uri: str) -> None:
    """Let a device refuse a caller: its own fault, an unknown user, a wrong password, a missing right."""
    fault = FAULTS.get(device.get("fault", ""))
    if fault is not None:
        raise DeviceRefused(*fault)
    headers = call.request.headers
    level = headers.get("X-Userlevel")
    if level == _INSTALLER and device["hardware"].get("noInstaller"):
        raise DeviceRefused(*NO_USER)
    name = headers.get("X-Username")
    if name is not None:
        _check_user(call, device, name, headers.get("X-Password"))
    is_setting = call.request.method != "GET" and uri.startswith("/ISAPI/System/")
    if is_setting and (name == "operator" or (name is None and level == _OPERATOR)):
        raise DeviceRefused(*LOW_PRIVILEGE)


def _check_user(call: Call, device: Mapping[str, Any], name: str, password: str | None) -> None:
    """Let a panel of the AX Pro series know a user by the name alone; other devices want the password too."""
    if password is None and is_ax_pro(device["deviceCategory"], device["deviceSubCategory"]):
        if name not in DEVICE_USERS:
            raise DeviceRefused(*NO_USER)
        return
    _check_password(call, device, name, password or "")


def _check_password(call: Call, device: Mapping[str, Any], name: str, password: str) -> None:
    """Count wrong passwords; the device locks a user for half an hour after five."""
    serial = device["deviceSerial"]
    key = f"{serial}/login {name}"
    kept = call.store.get("config", key) or {"tries": 0, "until": 0.0}
    if kept["until"] > call.now:
        raise DeviceRefused(*LOCKED)
    if name in DEVICE_USERS and password == DEVICE_PASSWORD:
        call.store.delete("config", key)
        return
    kept["tries"] += 1
    if kept["tries"] >= _TRIES:
        kept = {"tries": 0, "until": call.now + _LOCKED_SECONDS}
    call.store.put("config", key, kept, parent=serial)
    raise DeviceRefused(*WRONG_PASSWORD)
