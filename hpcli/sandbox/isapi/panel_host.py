"""What public programs ask alarm panels beyond Appendix A.4: the host's state, its health, zone tests, sounders.

The guide passes any URI on (§3.23) and does not describe these messages; they have the fields that programs read.
"""

from __future__ import annotations

from typing import Any

from hpcli.sandbox.isapi.device import panel_state
from hpcli.sandbox.isapi.device.refusals import BAD_PARAMETERS, DeviceRefused
from hpcli.sandbox.isapi.device.registry import DeviceCall, done_json, isapi

_STATUS, _CONTROL = "/ISAPI/SecurityCP/status", "/ISAPI/SecurityCP/control"


@isapi("POST", f"{_STATUS}/host", part="panel")
def ask_host(call: DeviceCall) -> dict[str, Any]:
    """Return the state of the panel; whatever part of it is asked for, all of it comes."""
    call.json_object("AlarmHostStatusCond")
    return _host_status(call)


@isapi("GET", f"{_STATUS}/host", part="panel")
def show_host(call: DeviceCall) -> dict[str, Any]:
    """Return the state of the panel as a whole: power, battery, networks, alarms."""
    return _host_status(call)


def _host_status(call: DeviceCall) -> dict[str, Any]:
    areas = panel_state.areas(call.store, call.serial, call.now)
    is_alarm = any(area["alarm"] for area in areas)
    return {
        "AlarmHostStatus": {
            "HostStatus": {"tamperEvident": False, "ACConnect": True, "alarm": is_alarm},
            "BatteryList": [{"Battery": {"id": 1, "status": "normal", "percent": 96, "voltage": 13.1}}],
            "CommuniStatus": {
                "wired": "normal",
                "wifi": {"status": "normal", "signal": 90},
                "mobile": {"status": "normal", "signal": 70, "flow": 70},
                "cloud": "normal",
            },
            "SubSysList": [{"SubSys": panel_state.shown(area)} for area in areas if area["enabled"]],
            "ZoneList": [{"Zone": zone} for zone in _used_zones(call)],
        }
    }


@isapi("GET", f"{_STATUS}/hostHealth", part="panel")
def show_health(call: DeviceCall) -> dict[str, Any]:
    """Return what the panel finds wrong with itself and with its zones."""
    faulty = [zone["id"] for zone in _used_zones(call) if zone["status"] == "offline"]
    return {
        "HostHealth": {
            "status": "fault" if faulty else "normal",
            "powerStatus": "AC",
            "batteryStatus": "normal",
            "faultZoneList": [{"id": number} for number in faulty],
        }
    }


@isapi("GET", "/ISAPI/SecurityCP/diagnostic/zones", part="panel")
def diagnose_zones(call: DeviceCall) -> dict[str, Any]:
    """Return how well each zone that is used can be reached."""
    rows = [
        {
            "id": zone["id"],
            "name": zone["name"],
            "result": "fail" if zone["status"] == "offline" else "pass",
            "signal": zone.get("signal", 0),
            "chargeValue": zone.get("chargeValue", 100),
            "tamperEvident": zone["tamperEvident"],
        }
        for zone in _used_zones(call)
    ]
    return {"ZoneDiagnosticList": [{"ZoneDiagnostic": row} for row in rows]}


@isapi("GET", f"{_CONTROL}/capabilities", part="panel")
def show_abilities(call: DeviceCall) -> dict[str, Any]:
    """Return which commands the panel takes."""
    names = ("Arm", "Disarm", "ClearAlarm", "Bypass", "BypassRecover", "SilenceAlarm", "PanicAlarm")
    count = len(panel_state.areas(call.store, call.serial, call.now))
    return {
        "SecurityCPControlCap": {
            "subSystemNo": {"@min": 1, "@max": count},
            "ways": {"@opt": ["away", "stay"]},
            **{f"isSupport{name}": True for name in names},
        }
    }


@isapi("PUT", f"{_CONTROL}/silenceAlarm", part="panel")
def silence_all(call: DeviceCall) -> dict[str, Any]:
    """Silence the sounders; the alarms remain until they are cleared."""
    call.json()
    return done_json()


@isapi("PUT", f"{_CONTROL}/silenceAlarm/<ID>", part="panel")
def silence(call: DeviceCall) -> dict[str, Any]:
    """Silence the sounders of an area or of all."""
    call.json()
    if not call.ids[0].isdecimal():
        raise DeviceRefused(*BAD_PARAMETERS)
    panel_state.find_areas(call.store, call.serial, int(call.ids[0]), call.now)
    return done_json()


@isapi("PUT", f"{_CONTROL}/panicAlarm", part="panel")
def panic(call: DeviceCall) -> dict[str, Any]:
    """Raise the panic alarm, in the first area that is used."""
    call.json()
    area = panel_state.find_areas(call.store, call.serial, panel_state.ALL_AREAS, call.now)[0]
    call.store.change("area", f"{call.serial}/{area['id']}", alarm=True)
    return done_json()


def _used_zones(call: DeviceCall) -> list[dict[str, Any]]:
    zones = panel_state.zones(call.store, call.serial)
    return [zone for zone in zones if zone["status"] != "notRelated"]
