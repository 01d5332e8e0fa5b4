"""Persons and faces that public programs write to an access controller directly (beyond Guide A.4.2)."""

from __future__ import annotations

from typing import Any

from hpcli.sandbox.isapi.device.refusals import BAD_PARAMETERS, DeviceRefused
from hpcli.sandbox.isapi.device.registry import DeviceCall, done_json, isapi
from hpcli.sandbox.state import door_persons

_KINDS = {"normal": 0, "visitor": 2}


@isapi("PUT", "/ISAPI/AccessControl/UserInfo/SetUp", part="access")
def set_person(call: DeviceCall) -> dict[str, Any]:
    """Add a person, or change the one with that employee number."""
    user = call.json_object("UserInfo")
    number, name = user.get("employeeNo"), user.get("name")
    if not isinstance(number, str) or not number or not isinstance(name, str | None):
        raise DeviceRefused(*BAD_PARAMETERS)
    present = {row["employeeNo"]: row for row in door_persons.persons_of(call.store, call.device)}
    before = present.get(number, {"employeeNo": number, "hasFace": False, "familyName": "", "givenName": ""})
    family, _, given = (name or f"{before['familyName']} {before['givenName']}").strip().partition(" ")
    kind = _KINDS.get(user.get("userType", "normal"), 0)
    person = {**before, "familyName": family, "givenName": given, "type": kind}
    door_persons.put_person(call.store, call.device, person)
    return done_json()


@isapi("PUT", "/ISAPI/AccessControl/UserInfo/Delete", part="access")
def delete_persons(call: DeviceCall) -> dict[str, Any]:
    """Delete persons by employee number; those that are not there do no harm."""
    entries = call.json_object("UserInfoDelCond").get("EmployeeNoList")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise DeviceRefused(*BAD_PARAMETERS)
    for entry in entries:
        door_persons.remove_person(call.store, call.device, str(entry.get("employeeNo")))
    return done_json()


@isapi("PUT", "/ISAPI/Intelligent/FDLib/FDSetUp", part="access")
def set_face(call: DeviceCall) -> dict[str, Any]:
    """Give a person of the device a face: JSON with an address, or a form with the picture."""
    number = _face_number(call)
    present = {row["employeeNo"]: row for row in door_persons.persons_of(call.store, call.device)}
    if number not in present:
        raise DeviceRefused(*BAD_PARAMETERS)
    person = {**present[number], "hasFace": True, "hasBadFace": False}
    door_persons.put_person(call.store, call.device, person)
    return done_json()


def _face_number(call: DeviceCall) -> str:
    """Return the employee number (`FPID`) of a face record, whose form is parsed as far as its JSON goes."""
    text = call.body
    if text.startswith(b"--"):
        text = text[text.find(b"{") : text.find(b"}") + 1]
    record = DeviceCall(call.store, call.device, call.ids, call.query, text, call.now).json()
    record = record.get("FaceDataRecord", record)
    if not isinstance(record, dict) or record.get("faceLibType") not in ("blackFD", "staticFD"):
        raise DeviceRefused(*BAD_PARAMETERS)
    return str(record.get("FPID"))
