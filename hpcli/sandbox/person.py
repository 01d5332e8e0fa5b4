"""Persons of access control on the platform (Guide §3.43 to §3.45)."""

from __future__ import annotations

import base64
import secrets
from typing import Any

from hpcli.sandbox.http.calls import Call, operation
from hpcli.sandbox.http.envelope import Refused
from hpcli.sandbox.state.store import Store

UNKNOWN = "LAP000003"
_LARGEST_PHOTO = 200 * 1024


@operation("personAdd")
def add_person(call: Call) -> dict[str, Any]:
    """Add a person (§3.43); employee numbers are unique."""
    _check(call, "")
    person_id = secrets.token_hex(16)
    call.store.put("person", person_id, {**call.body, "personId": person_id})
    return {"personId": person_id}


@operation("personUpdate")
def update_person(call: Call) -> None:
    """Change a person (§3.44)."""
    person = known_person(call.store, call.body["personId"])
    _check(call, person["personId"])
    call.store.put("person", person["personId"], {**person, **call.body})


@operation("personDelete")
def delete_persons(call: Call) -> None:
    """Delete persons from the platform (§3.45); devices keep them."""
    for person_id in call.body["personIds"]:
        known_person(call.store, person_id)
    for person_id in call.body["personIds"]:
        call.store.delete("person", person_id)


def known_person(store: Store, person_id: str) -> dict[str, Any]:
    """Return a person; LAP000003 if there is none."""
    person = store.get("person", person_id)
    if person is None:
        raise Refused(UNKNOWN)
    return person


def _check(call: Call, person_id: str) -> None:
    number = call.body.get("employeeNo")
    if number and any(row["personId"] != person_id for row in call.store.find("person", employeeNo=number)):
        raise Refused("LAP000001", "employeeNo: is taken.")
    if "facePicture" in call.body:
        _check_photo(call.body["facePicture"])


def _check_photo(text: str) -> None:
    try:
        photo = base64.b64decode(text, validate=True)
    except ValueError as error:  # even if it contains letters beyond ASCII
        raise Refused("LAP031008") from error
    if not photo.startswith(b"\xff\xd8\xff"):
        raise Refused("LAP031008")
    if len(photo) > _LARGEST_PHOTO:
        raise Refused("LAP031007")
