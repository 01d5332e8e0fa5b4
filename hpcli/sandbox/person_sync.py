"""Copying persons from a device to the platform (Guide §3.49 to §3.51)."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from hpcli.sandbox.http.calls import Call, operation
from hpcli.sandbox.http.envelope import Refused, page_data
from hpcli.sandbox.person import UNKNOWN
from hpcli.sandbox.state import account, door_persons
from hpcli.sandbox.state.demo import stable_id
from hpcli.sandbox.state.door_persons import CARD, FINGERPRINT, PERSON
from hpcli.sandbox.state.tasks import share_done

_SUCCEEDED, _RUNNING = 1, 2


@operation("personSynchronize")
def start_sync(call: Call) -> dict[str, Any]:
    """Start copying (§3.49); LAP030069 while another task of the device runs."""
    device = account.known_device(call.store, call.body["deviceSerial"])
    door_persons.ability(device)
    serial = device["deviceSerial"]
    if device["deviceOnlineStatus"] != 1:
        raise call.offline()
    if any(share_done(call, task["started"]) < 1 for task in call.store.children("sync", serial)):
        raise Refused("LAP030069")
    persons = {person["employeeNo"]: person for person in door_persons.persons_of(call.store, device)}
    wanted = call.body.get("employeeNoList") or list(persons)
    task_id = secrets.token_hex(16)
    task = {"started": call.now, "results": sync_results(persons, wanted, serial)}
    call.store.put("sync", task_id, task, parent=serial)
    return {"syncTaskID": task_id}


def sync_results(
    persons: Mapping[str, Mapping[str, Any]], wanted: Sequence[str], serial: str
) -> list[dict[str, Any]]:
    """Return the results of the employee numbers, from the persons of a device by number."""
    return [_result(number, persons.get(number), serial) for number in wanted]


@operation("personSynchronizeProgress")
def tell_sync_progress(call: Call) -> dict[str, Any]:
    """Return how far a task is (§3.50)."""
    task = _known_task(call)
    share = share_done(call, task["started"])
    seen = _seen(call, task)
    failed = sum("errorCode" in result for result in seen)
    return {
        "totalNum": len(task["results"]),
        "taskStates": _SUCCEEDED if share >= 1 else _RUNNING,
        "syncSucceedNum": len(seen) - failed,
        "syncFailedNum": failed,
    }


@operation("personSynchronizeDetails")
def list_sync_details(call: Call) -> dict[str, Any]:
    """List the persons copied, or those that could not be (§3.51)."""
    is_failed = call.body["queryType"] == 0
    rows = [result for result in _seen(call, _known_task(call)) if ("errorCode" in result) == is_failed]
    number, size = call.page()
    return page_data(rows[(number - 1) * size : number * size], len(rows), number, size)


def _known_task(call: Call) -> dict[str, Any]:
    task = call.store.get("sync", call.body["syncTaskID"])
    if task is None:
        raise Refused(UNKNOWN)
    return task


def _seen(call: Call, task: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the results so far; persons that were copied are on the platform from then on."""
    results: list[dict[str, Any]] = task["results"]
    seen = results[: int(share_done(call, task["started"]) * len(results))]
    for result in seen:
        if "personId" in result and not call.store.find("person", employeeNo=result["employeeNo"]):
            kept = {
                name: value for name, value in result.items() if name not in ("facePicture", "fingerprint")
            }
            call.store.put("person", result["personId"], kept | {"hasFace": True, "hasFingerprint": True})
    return seen


def _result(number: str, person: Mapping[str, Any] | None, serial: str) -> dict[str, Any]:
    if person is None:
        return {"employeeNo": number, "subStatus": 0, "errorCode": UNKNOWN}
    if person.get("hasBadFace"):
        return {"employeeNo": number, "subStatus": PERSON | CARD | FINGERPRINT, "errorCode": "LAP020047"}
    names = ("type", "familyName", "givenName", "email", "phone", "cardNo")
    return {
        "employeeNo": number,
        "personId": stable_id(f"person {serial} {number}"),
        **{name: person.get(name, "") for name in names},
        "facePicture": "",
        "fingerprint": base64.b64encode(f"fingerprint {number}".encode()).decode(),
    }
