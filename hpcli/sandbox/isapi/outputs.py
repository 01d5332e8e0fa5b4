"""The alarm outputs of a device (Guide A.4.20 to A.4.22)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hpcli.sandbox.isapi.device.refusals import BAD_PARAMETERS, BAD_XML_CONTENT, DeviceRefused
from hpcli.sandbox.isapi.device.registry import DeviceCall, done, element, isapi, texts

_URI = "/ISAPI/System/IO/outputs"
_STATES = {"high": "active", "low": "inactive"}


@isapi("GET", _URI)
def list_outputs(call: DeviceCall) -> ET.Element:
    """List the alarm outputs (A.5.22); a device without any answers an empty list."""
    ports = [
        {
            "id": number,
            "PowerOnState": {"defaultState": "low", "outputState": "pulse", "pulseDuration": 5000},
            "name": f"Output {number}",
            "IOUseType": "custom",
            "normalStatus": "open",
            "enabled": True,
            "IOType": "local",
        }
        for number in range(1, _count(call) + 1)
    ]
    return element("IOOutputPortList", {"IOOutputPort": ports})


@isapi("GET", _URI + "/<ID>/status")
def show_output(call: DeviceCall) -> ET.Element:
    """Return whether an output is active (A.5.24)."""
    kept = call.store.get("config", f"{call.serial}/output{_number(call)}") or {"state": "low"}
    fields = {"ioPortID": call.ids[0], "ioPortType": "output", "ioState": _STATES[kept["state"]]}
    return element("IOPortStatus", fields)


@isapi("PUT", _URI + "/<ID>/trigger")
def trigger_output(call: DeviceCall) -> ET.Element:
    """Switch an output (A.5.23)."""
    number = _number(call)
    state = texts(call.xml("IOPortData")).get("outputState", "")
    if state not in _STATES:
        raise DeviceRefused(*BAD_XML_CONTENT)
    call.store.put("config", f"{call.serial}/output{number}", {"state": state}, parent=call.serial)
    return done(f"{_URI}/{number}/trigger")


def _count(call: DeviceCall) -> int:
    return int(call.hardware.get("outputs", 0))


def _number(call: DeviceCall) -> int:
    number = int(call.ids[0]) if call.ids[0].isdecimal() else 0
    if not 1 <= number <= _count(call):
        raise DeviceRefused(*BAD_PARAMETERS)
    return number
