"""Firmware of devices (Guide §3.25, 3.28, 3.29), and the PIN that starts an upgrade of a panel (§3.27).

Firmware built before June 2023 is out of date. First-generation panels (DS-PH…) take user name and password,
other panels the PIN. The storage M11820046 is being formatted, so that its upgrade fails midway.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hpcli.sandbox import DEVICE_PASSWORD
from hpcli.sandbox.http.calls import Call, operation
from hpcli.sandbox.http.envelope import Refused
from hpcli.sandbox.state import account
from hpcli.sandbox.state.demo import stable_id
from hpcli.sandbox.state.tasks import share_done

PANEL = 3
PINS_A_DAY = 100
UNSUPPORTED = "EVZ20015"

_DAY = 86400
_CURRENT_BUILD = 230601
_NEW_BUILD = 240315
_BUILD = re.compile(r"V(\d+)\.(\d+)\.\d+ build (\d{6})")
_FORMATTING = "M11820046"
_DONE, _FAILED = 7, 8
_STEPS = ((0.05, 0), (0.1, 1), (0.45, 2), (0.5, 3), (0.8, 4), (0.85, 5), (1.0, 6))
"""Share of the time at which a state of §3.29 ends, and that state."""


def pin_code(serial: str) -> str:
    """Return the PIN of a demo device: six digits."""
    return f"{int(stable_id(f'pin {serial}')[:10], 16) % 1_000_000:06d}"


@operation("devicePincodeQuery")
def tell_pin(call: Call) -> dict[str, Any]:
    """Return the PIN of a panel, at most 100 times a day (§3.27)."""
    device = account.known_device(call.store, call.body["deviceSerial"])
    if device["deviceCategory"] != PANEL:
        raise Refused(UNSUPPORTED)
    serial, day = device["deviceSerial"], int(call.now // _DAY)
    asked = call.store.get("pin", serial) or {}
    count = asked["count"] + 1 if asked.get("day") == day else 1
    if count > PINS_A_DAY:
        raise Refused("EVZ10007")
    call.store.put("pin", serial, {"day": day, "count": count}, parent=serial)
    return {"pin": pin_code(serial), "deviceSerial": serial}


@operation("deviceUpgradeState")
def tell_upgrade_state(call: Call) -> dict[str, Any]:
    """Return whether newer firmware exists (§3.25)."""
    device = account.known_device(call.store, call.body["deviceSerial"])
    _finish(call, device)
    return {"isNeedUpgrade": int(_is_outdated(device))}


@operation("deviceUpgrade")
def start_upgrade(call: Call) -> dict[str, Any]:
    """Start an upgrade (§3.28); `error` says why that is not possible."""
    device = account.known_device(call.store, call.body["deviceSerial"])
    serial = device["deviceSerial"]
    if device["deviceOnlineStatus"] == 0:
        raise call.offline()
    if _is_running(call, serial):
        return _failure(serial, "LAP006018", "An upgrade is in progress.")
    _finish(call, device)
    if not _is_outdated(device):
        return _failure(serial, "LAP006018", "The firmware is up to date.")
    if not _may_start(device, call.body):
        return _failure(serial, "EVZ60042", "PIN, user name or password is wrong or missing.")
    call.store.put("upgrade", serial, {"started": call.now}, parent=serial)
    return {"deviceSerial": serial}


@operation("deviceUpgradeProgress")
def tell_upgrade_progress(call: Call) -> dict[str, Any]:
    """Return how far an upgrade is (§3.29)."""
    device = account.known_device(call.store, call.body["deviceSerial"])
    serial = device["deviceSerial"]
    task = call.store.get("upgrade", serial)
    if task is None:
        raise Refused("LAP000003")
    share = share_done(call, task["started"])
    if serial == _FORMATTING and share >= 0.5:
        failed = _failure(serial, "EVZ20016", "The device is being formatted.")
        return {**failed, "progress": 50, "statue": _FAILED}
    _finish(call, device)
    state = next((state for end, state in _STEPS if share < end), _DONE)
    return {"deviceSerial": serial, "progress": int(share * 100), "statue": state}


def _failure(serial: str, code: str, text: str) -> dict[str, Any]:
    return {"deviceSerial": serial, "error": code, "errorDesc": text}


def _is_outdated(device: Mapping[str, Any]) -> bool:
    build = _BUILD.fullmatch(device["deviceVersion"])
    return build is not None and int(build[3]) < _CURRENT_BUILD


def _is_running(call: Call, serial: str) -> bool:
    task = call.store.get("upgrade", serial)
    return task is not None and serial != _FORMATTING and share_done(call, task["started"]) < 1


def _may_start(device: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    if device["deviceCategory"] != PANEL:
        return True
    if device["deviceType"].startswith("DS-PH") or "password" in body:
        return bool(body.get("username")) and body.get("password") == DEVICE_PASSWORD
    return bool(body.get("pinCode") == pin_code(device["deviceSerial"]))


def _finish(call: Call, device: dict[str, Any]) -> None:
    """Give the device its new firmware after its upgrade."""
    serial = device["deviceSerial"]
    task = call.store.get("upgrade", serial)
    build = _BUILD.fullmatch(device["deviceVersion"])
    if task is None or build is None or not _is_outdated(device) or serial == _FORMATTING:
        return
    if share_done(call, task["started"]) >= 1:
        version = f"V{build[1]}.{int(build[2]) + 1}.0 build {_NEW_BUILD}"
        device["deviceVersion"] = device["hardware"]["firmware"] = version
        account.keep_device(call.store, device)
