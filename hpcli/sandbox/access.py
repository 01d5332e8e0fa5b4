"""Persons on access control devices (Guide §3.46 to §3.48).

A device gets the data of the person that it can store. A device with a camera refuses a face picture below 1 KB;
an offline device fails completely.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from hpcli.sandbox.http.calls import Call, operation
from hpcli.sandbox.person import known_person
from hpcli.sandbox.state import account, door_persons
from hpcli.sandbox.state.door_persons import CARD, FACE, FINGERPRINT, PERSON
from hpcli.sandbox.state.tasks import share_done

_APPLYING, _APPLIED, _FAILED = 0, 1, 2
_SMALLEST_FACE = 1024
_BAD_FACE = "LAP020047"


@operation("acsPrivilegeConfig")
def grant_access(call: Call) -> None:
    """Send persons to devices (§3.46)."""
    for device, person in _pairs(call):
        door_persons.ability(device)
        result = _outcome(device, person, call.settings.offline_code)
        if device["deviceOnlineStatus"] == 1:
            kept = {name: value for name, value in person.items() if name not in ("personId", "facePicture")}
            door_persons.persons_of(call.store, device)
            faces = {
                "hasFace": bool(result["subStatus"] & FACE),
                "hasBadFace": result["error"] == _BAD_FACE,
            }
            door_persons.put_person(call.store, device, kept | faces)
        serial, person_id = device["deviceSerial"], person["personId"]
        names = {"deviceSerial": serial, "personId": person_id, "employeeNo": person["employeeNo"]}
        record = {**result, **names, "started": call.now}
        call.store.put("privilege", f"{person_id}/{serial}", record, parent=person_id)


@operation("acsPrivilegeStatus")
def tell_access(call: Call) -> dict[str, Any]:
    """Return the progress of sending persons to devices (§3.47)."""
    return {
        "personAuthorities": [
            {
                "personId": person_id,
                "deviceLists": [_row(call, record) for record in call.store.children("privilege", person_id)],
            }
            for person_id in call.body["personIdList"]
        ]
    }


@operation("acsPrivilegeDelete")
def revoke_access(call: Call) -> None:
    """Remove persons from devices (§3.48), even if the platform no longer has them."""
    for entry in call.body["deviceAuthorities"]:
        device = account.known_device(call.store, entry["deviceSerial"])
        door_persons.ability(device)
        for person_id in entry["personIdList"]:
            key = f"{person_id}/{device['deviceSerial']}"
            granted = call.store.get("privilege", key) or known_person(call.store, person_id)
            door_persons.remove_person(call.store, device, granted["employeeNo"])
            call.store.delete("privilege", key)


def _pairs(call: Call) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for entry in call.body["deviceAuthorities"]:
        device = account.known_device(call.store, entry["deviceSerial"])
        for person_id in entry["personIdList"]:
            yield device, known_person(call.store, person_id)


def _outcome(device: Mapping[str, Any], person: Mapping[str, Any], offline_code: str) -> dict[str, Any]:
    if device["deviceOnlineStatus"] != 1:
        return {"status": _FAILED, "subStatus": 0, "error": offline_code}
    ability = door_persons.ability(device)
    face = person.get("facePicture")
    if ability & FACE and face is not None and len(base64.b64decode(face)) < _SMALLEST_FACE:
        return {"status": _FAILED, "subStatus": ability & _parts(person) & ~FACE, "error": _BAD_FACE}
    return {"status": _APPLIED, "subStatus": ability & _parts(person), "error": ""}


def _parts(person: Mapping[str, Any]) -> int:
    """Return which data of a person exists, as the bits of `subStatus`."""
    has_face = person.get("facePicture") or person.get("hasFace")
    bits = {CARD: person.get("cardNo"), FACE: has_face, FINGERPRINT: person.get("hasFingerprint")}
    return PERSON | sum(bit for bit, is_there in bits.items() if is_there)


def _row(call: Call, record: Mapping[str, Any]) -> dict[str, Any]:
    names = ("deviceSerial", "status", "subStatus", "error")
    row = {name: record[name] for name in names}
    if share_done(call, record["started"]) < 1:
        return row | {
            "status": _APPLYING,
            "subStatus": record["subStatus"] & ~FINGERPRINT & ~FACE,
            "error": "",
        }
    return row
