"""The health report of a site (Guide §3.17), made from the state of its devices."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from hpcli.sandbox.http.calls import Call, operation
from hpcli.sandbox.state import account
from hpcli.sandbox.state.times import local_moment

_CAMERA, _RECORDER, _PANEL, _DOME, _THERMAL = 1, 2, 3, 7, 10
_DISK_NORMAL = {_CAMERA: 2, _RECORDER: 8, _DOME: 12, _THERMAL: 14}
_RECORDER_EXCEPTION = 6
_STRONG, _MIDDLE = 150, 110
"""Least signal of a zone that the report calls strong, middle."""

_OFFLINE_HOURS = (5, 30, 3 * 24, 12 * 24, 60 * 24)


@operation("siteHealthReport")
def report_health(call: Call) -> dict[str, Any]:
    """Report the state of the cameras, recorders and panels of a site; other devices are not reported.

    For a device whose data has `reportedStatus`, the report knows less than the device list.
    """
    site = account.known_site(call.store, call.body["siteId"])
    parts = {kind: call.store.below(kind, "device", site["id"]) for kind in ("camera", "area", "zone")}
    began = call.store.first_asked(call.now)
    rows = [
        _detail(call, device, began, {kind: parts[kind].get(device["deviceSerial"], []) for kind in parts})
        for device in call.store.children("device", site["id"])
        if device["deviceCategory"] in (*_DISK_NORMAL, _PANEL)
    ]
    return {"siteId": site["id"], "reportDetail": rows}


_Parts = Mapping[str, list[dict[str, Any]]]
"""The cameras, areas and zones of a device."""


def _detail(call: Call, device: Mapping[str, Any], began: float, parts: _Parts) -> dict[str, Any]:
    is_panel = device["deviceCategory"] == _PANEL
    is_online = device.get("reportedStatus", device["deviceOnlineStatus"]) == 1
    serial = device["deviceSerial"]
    row = {
        "deviceSerial": serial,
        "deviceName": device["deviceName"],
        "deviceVersion": device["deviceVersion"],
        "deviceModel": device["deviceType"],
        "deviceIp": f"192.168.1.{10 + int(serial[1:]) % 200}",
        "category": "2" if is_panel else "1",
        "deviceSubCategory": str(device["deviceSubCategory"]),
        "deviceId": device["id"],
        "onlineStatus": int(is_online),
    }
    if not is_online:
        moment = local_moment(began - _offline_hours(serial) * 3600, device["timeZone"])
        row["lastOfflineTime"] = moment.replace(tzinfo=None).isoformat(timespec="seconds")
    if is_panel:
        return row | {"alarmDeviceStatus": _panel_status(call, device, parts, is_online=is_online)}
    return row | {"enCodingDeviceStatus": _encoder_status(device, parts["camera"])}


def _offline_hours(serial: str) -> int:
    """Return since when a device is offline: of a big account's, some since hours and some since months."""
    return (
        _OFFLINE_HOURS[int(serial[1:]) % len(_OFFLINE_HOURS)] if serial.startswith("X") else _OFFLINE_HOURS[0]
    )


def _encoder_status(device: Mapping[str, Any], cameras: list[dict[str, Any]]) -> dict[str, Any]:
    category = device["deviceCategory"]
    has_bad_disk = category == _RECORDER and len(cameras) > 7
    channels = [
        {
            "name": camera["channelName"],
            "deviceId": device["id"],
            "status": camera["status"],
            "channelNo": camera["channelNo"],
            "channelIpaddr": f"192.168.1.{100 + camera['channelNo']}",
        }
        for camera in cameras
    ]
    disks = [
        _disk(device, number, is_bad=has_bad_disk and number == 1) for number in range(_disk_count(category))
    ]
    return {
        "loopEnable": 1,
        "diskUsage": 90.5 if category == _RECORDER else 40.0,
        "diskStatus": _RECORDER_EXCEPTION if has_bad_disk else _DISK_NORMAL[category],
        "videoSingle": 1 if all(camera["status"] for camera in cameras) else 2,
        "channels": channels,
        "hdds": disks,
        "hddAttributeDtoList": [
            {
                "hddNo": disk["hddNo"],
                "status": int(disk["allevaluatingstatus"] and attribute == 197),
                "attributed": str(attribute),
            }
            for disk in disks
            for attribute in (5, 9, 194, 197)
        ],
    }


def _disk_count(category: int) -> int:
    return 2 if category == _RECORDER else 1


def _disk(device: Mapping[str, Any], number: int, *, is_bad: bool) -> dict[str, Any]:
    return {
        "deviceId": device["id"],
        "hddNo": number,
        "temperature": 52 if is_bad else 38,
        "poweronday": 1460 if is_bad else 412,
        "selfevaluatingstatus": int(is_bad),
        "allevaluatingstatus": int(is_bad),
    }


def _panel_status(call: Call, device: Mapping[str, Any], parts: _Parts, *, is_online: bool) -> dict[str, Any]:
    areas = parts["area"]
    zones = [zone for zone in parts["zone"] if zone["status"] != "notRelated"]
    if any(zone.get("alarm") for zone in zones):
        work = "alarm"
    else:
        work = "partArm" if any(area["arming"] != "disarm" for area in areas) else "allDisArm"
    reported = [_zone(call, device, zone) for zone in zones]
    return {
        "operRes": "pass" if all(zone["diagnosticsResult"] == "PASS" for zone in reported) else "not pass",
        "cloudStatus": "online" if is_online else "offline",
        "workStatus": work,
        "cellConnectStatus": "connected",
        "cellSignalStrength": "middle",
        "dataUsed": "70M",
        "networkCable": "ok",
        "wifiSignalStrength": "strong",
        "batteryStatus": "ok",
        "arcConnectStatus": f"{'connected' if device.get('arcId') else 'notEnabled'}[1],notEnabled[2]",
        "lastInspected": _device_time(call.now - 86400, device),
        "IPCStatusList": [
            {
                "id": "1",
                "status": "normal ",
                "type": "Network Camera ",
                "lastTriggerTime": _device_time(call.now - 7200, device),
            }
        ],
        "zones": reported,
        "keyPadList": [_keypad(call, device)],
        "sirenList": [_siren(call, device)],
    }


def _zone(call: Call, device: Mapping[str, Any], zone: Mapping[str, Any]) -> dict[str, Any]:
    is_there = zone["status"] != "offline"
    signal = zone.get("signal", 0)
    return {
        "name": zone["name"],
        "zoneId": zone["id"],
        "deviceId": device["id"],
        "tamperStatus": "true" if zone["tamperEvident"] else "false",
        "diagnosticsResult": "PASS" if is_there else "NOT PASS",
        "networkStatus": "ok" if is_there else "offline",
        "batteryStatus": "low" if zone["charge"] == "lowPower" else "ok",
        "signalStrength": _strength(signal),
        "peripheralType": "Wireless Zone",
        "byPassStatus": "Yes" if zone["bypassed"] else "No",
        "externalPower": "not connected",
        "lastTriggerTime": _device_time(call.now - 3600 * (zone["id"] + 1), device),
        "lastCaptureTime": _device_time(call.now - 3600, device) if zone["detectorType"] == "pircam" else "",
    }


def _strength(signal: int) -> str:
    if signal >= _STRONG:
        return "strong"
    if signal >= _MIDDLE:
        return "middle"
    return "weak" if signal else "noSignal"


def _peripheral(serial: str, number: int, name: str, letter: str) -> dict[str, Any]:
    return {
        "id": number,
        "name": name,
        "seq": f"{letter}{serial[1:]}",
        "tamperStatus": "false",
        "diagnosticsResult": "PASS",
        "networkStatus": "ok",
        "batteryStatus": "ok",
        "signalStrength": "strong",
        "peripheralType": "Wireless Zone",
        "byPassStatus": "No",
    }


def _keypad(call: Call, device: Mapping[str, Any]) -> dict[str, Any]:
    used = _device_time(call.now - 1800, device)
    return _peripheral(device["deviceSerial"], 0, "Keypad hall", "B") | {"lastOperationTime": used}


def _siren(call: Call, device: Mapping[str, Any]) -> dict[str, Any]:
    sounded = _device_time(call.now - 40 * 86400, device)
    parts = {"externalPower": "not connected", "lastSoundTime": sounded}
    return _peripheral(device["deviceSerial"], 0, "Outdoor sounder", "S") | parts


def _device_time(seconds: float, device: Mapping[str, Any]) -> str:
    """Write a time as panels do: `5,Sep,2023 18:14:59`, the day without a zero (errata 104)."""
    return _panel_text(int(seconds), device["timeZone"])


@lru_cache(maxsize=1024)
def _panel_text(seconds: int, zone: str) -> str:
    moment = local_moment(seconds, zone)
    return f"{moment.day},{moment:%b,%Y %H:%M:%S}"
