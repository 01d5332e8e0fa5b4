"""Information and time of every device (Guide A.4.19, A.4.23)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

from hpcli.sandbox.isapi.device.refusals import BAD_PARAMETERS, BAD_XML_CONTENT, DeviceRefused
from hpcli.sandbox.isapi.device.registry import DeviceCall, done, element, isapi, nested, texts
from hpcli.sandbox.state.times import local_moment, local_text

_DEVICE_TYPES = {1: "IPCamera", 2: "NVR", 3: "PHA", 5: "ACS", 7: "IPDome", 9: "CVR", 10: "IPCamera"}
_SETTABLE = ("deviceName", "deviceID", "deviceLocation", "systemContact", "telecontrolID", "languageType")
_TIME_MODES = ("manual", "NTP", "local", "satellite", "timecorrect", "platform")
_POSIX_ZONE = re.compile(r"[A-Z]{3,}[+-]?\d{1,2}(:\d{2}){0,2}\S*")


@isapi("GET", "/ISAPI/System/deviceInfo")
def show_device(call: DeviceCall) -> ET.Element:
    """Return model, serial number and versions (A.5.16)."""
    return element("DeviceInfo", _information(call))


@isapi("PUT", "/ISAPI/System/deviceInfo")
def set_device(call: DeviceCall) -> ET.Element:
    """Set the information that may be set (A.5.16); a message that lacks a sent element is refused."""
    given = nested(call.xml("DeviceInfo"))
    if not _information(call).keys() <= given.keys() or not given["deviceName"]:
        raise DeviceRefused(*BAD_XML_CONTENT)
    kept = {name: given[name] for name in _SETTABLE if name in given}
    call.store.put("config", f"{call.serial}/info", kept, parent=call.serial)
    return done("/ISAPI/System/deviceInfo")


@isapi("GET", "/ISAPI/System/time")
def show_time(call: DeviceCall) -> ET.Element:
    """Return the device's clock (A.5.30)."""
    config = _time_config(call)
    moment = local_moment(call.now + config["drift"], call.device["timeZone"])
    fields = {
        "timeMode": config["timeMode"],
        "localTime": moment.isoformat(timespec="seconds"),
        "timeZone": config["timeZone"] or _posix_zone(moment),
    }
    return element("Time", fields)


@isapi("PUT", "/ISAPI/System/time")
def set_time(call: DeviceCall) -> ET.Element:
    """Set the device's clock (A.5.30): `manual` and `local` need localTime; answered by A.5.28."""
    given = texts(call.xml("Time"))
    mode = given.get("timeMode", "")
    if mode not in _TIME_MODES:
        raise DeviceRefused(*BAD_XML_CONTENT)
    config = _time_config(call) | {"timeMode": mode}
    if given.get("timeZone"):
        if not _POSIX_ZONE.fullmatch(given["timeZone"]):
            raise DeviceRefused(*BAD_PARAMETERS)
        config["timeZone"] = given["timeZone"]
    if mode in ("manual", "local"):
        config["drift"] = _drift(call, given.get("localTime", ""))
    elif mode != "timecorrect":
        config["drift"] = 0
    call.store.put("config", f"{call.serial}/time", config, parent=call.serial)
    return done("/ISAPI/System/time")


@isapi("GET", "/ISAPI/System/time/ntpServers")
def list_ntp_servers(call: DeviceCall) -> ET.Element:
    """Return the list of NTP servers: one."""
    servers = element("NTPServerList", {})
    servers.append(element("NTPServer", _ntp_server(call)))
    return servers


@isapi("GET", "/ISAPI/System/time/ntpServers/<ID>")
def show_ntp_server(call: DeviceCall) -> ET.Element:
    """Return the NTP server (Guide §3.23, example)."""
    _check_ntp_id(call)
    return element("NTPServer", _ntp_server(call))


@isapi("PUT", "/ISAPI/System/time/ntpServers/<ID>")
def set_ntp_server(call: DeviceCall) -> ET.Element:
    """Set the NTP server (Guide §3.23, example): a host name or an address, a port, minutes between two requests."""
    _check_ntp_id(call)
    _keep_ntp_server(call, texts(call.xml("NTPServer")))
    return done("/ISAPI/System/time/ntpServers/1")


@isapi("PUT", "/ISAPI/System/time/ntpServers")
def set_ntp_servers(call: DeviceCall) -> ET.Element:
    """Set the list of NTP servers, which has one."""
    servers = list(call.xml("NTPServerList"))
    if len(servers) != 1:
        raise DeviceRefused(*BAD_XML_CONTENT)
    _keep_ntp_server(call, texts(servers[0]))
    return done("/ISAPI/System/time/ntpServers")


def _keep_ntp_server(call: DeviceCall, given: dict[str, str]) -> None:
    address = {"hostname": ("hostName",), "ipaddress": ("ipAddress", "ipv6Address")}.get(
        given.get("addressingFormatType", ""), ()
    )
    numbers = (given.get("portNo", ""), given.get("synchronizeInterval", "1"))
    if not any(given.get(name) for name in address) or not all(text.isdecimal() for text in numbers):
        raise DeviceRefused(*BAD_PARAMETERS)
    call.store.put("config", f"{call.serial}/ntp", given, parent=call.serial)


def _check_ntp_id(call: DeviceCall) -> None:
    if call.ids != ("1",):
        raise DeviceRefused(*BAD_PARAMETERS)


def _ntp_server(call: DeviceCall) -> dict[str, Any]:
    kept = call.store.get("config", f"{call.serial}/ntp")
    return kept or {
        "id": 1,
        "addressingFormatType": "hostname",
        "hostName": "time.windows.com",
        "portNo": 123,
        "synchronizeInterval": 60,
    }


def _information(call: DeviceCall) -> dict[str, Any]:
    hardware = call.hardware
    firmware, _, build = str(hardware["firmware"]).partition(" ")
    made = {
        "deviceName": call.device["deviceName"],
        "deviceID": call.device["id"],
        "deviceDescription": _DEVICE_TYPES.get(hardware["category"], "Device"),
        "deviceLocation": call.device["siteName"],
        "systemContact": "Hikvision.China",
        "model": hardware["model"],
        "serialNumber": f"{hardware['model']}20230412CCWR{call.serial}",
        "macAddress": hardware["mac"],
        "firmwareVersion": firmware,
        "firmwareReleasedDate": build,
        "hardwareVersion": "0x0",
        "deviceType": _DEVICE_TYPES.get(hardware["category"], "IPCamera"),
        "telecontrolID": 88,
        "supportBeep": hardware["category"] != 1,
        "supportVideoLoss": bool(hardware.get("channels")),
        "manufacturer": "hikvision",
        # Elements of devices that A.5.16 does not have.
        "OEMCode": 1,
        "marketType": 2,
    }
    counts = {
        "localZoneNum": len(call.store.children("zone", call.serial)),
        "alarmOutNum": hardware.get("outputs"),
    }
    made |= {name: count for name, count in counts.items() if count}
    return made | (call.store.get("config", f"{call.serial}/info") or {})


def _time_config(call: DeviceCall) -> dict[str, Any]:
    """Return mode, zone and how many seconds the device's clock is ahead."""
    kept = call.store.get("config", f"{call.serial}/time")
    return kept or {"timeMode": "NTP", "timeZone": "", "drift": 0}


def _drift(call: DeviceCall, text: str) -> float:
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        raise DeviceRefused(*BAD_PARAMETERS) from error
    true = datetime.fromisoformat(local_text(call.now, call.device["timeZone"]))
    return (given.replace(tzinfo=None) - true).total_seconds()


def _posix_zone(moment: datetime) -> str:
    """Return the zone in POSIX notation, whose sign is reversed: `CST-1:00:00` is east of Greenwich."""
    offset = moment.utcoffset() or timedelta()
    minutes = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"CST{'-' if minutes >= 0 else '+'}{hours}:{rest:02d}:00"
