"""An access controller: its persons and the events of its doors (Guide A.4.1, A.4.2).

It always has ten thousand events, one every five minutes up to now. They are not stored: each is computed
from its number, so that they are always the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from typing import Any

from werkzeug.wrappers import Response

from hpcli.sandbox.isapi.device.refusals import BAD_PARAMETERS, DeviceRefused
from hpcli.sandbox.isapi.device.registry import DeviceCall, isapi, search_page
from hpcli.sandbox.state import door_persons
from hpcli.sandbox.state.times import offset_text

EVENTS = 10_000
USERS = 240
_SECONDS_APART = 300
_LARGEST_PAGE = 50
_VISITOR = 2
_BOUNDARY = "MIME_boundary"
_NAMES = (
    "Aoki Haruto",
    "Berg Anna",
    "Costa Inês",
    "Dietrich Uwe",
    "Ekström Åsa",
    "Ferrari Luca",
    "Haddad Layla",
)
# Major and minor type, per cent of all events, whether the person is known, whether there is a picture.
_KINDS = (
    (5, 75, 50, True, True),  # face accepted
    (5, 1, 25, True, False),  # card accepted
    (5, 76, 8, False, True),  # face refused
    (5, 9, 5, False, False),  # unknown card
    (5, 22, 10, False, False),  # door closed
    (3, 1024, 1, False, False),
    (2, 39, 1, False, False),
)


@isapi("POST", "/ISAPI/AccessControl/AcsEvent", part="access")
def search_events(call: DeviceCall) -> dict[str, Any] | Response:
    """Search the events (A.5.1, A.5.2); with `picEnable` the answer has parts, with the pictures after the JSON."""
    condition = call.json_object("AcsEventCond")
    if not isinstance(condition.get("major"), int) or not isinstance(condition.get("minor"), int):
        raise DeviceRefused(*BAD_PARAMETERS)
    numbers = _matching(call, condition)
    head, found = search_page(condition, numbers, largest=_LARGEST_PAGE)
    with_pictures = condition.get("picEnable") is True
    rows = [_event(call, number, with_picture=with_pictures) for number in found]
    page = {"AcsEvent": {**head, "InfoList": rows} if rows else head}
    names = [row["filename"] for row in rows if "filename" in row]
    return _with_pictures(page, names) if names else page


@isapi("POST", "/ISAPI/AccessControl/UserInfo/Search", part="access")
def search_users(call: DeviceCall) -> dict[str, Any]:
    """Search the persons (A.5.10, A.5.11)."""
    condition = call.json_object("UserInfoSearchCond")
    numbers = {str(entry.get("employeeNo")) for entry in condition.get("EmployeeNoList") or ()}
    text, kind = str(condition.get("fuzzySearch") or "").casefold(), condition.get("userType")
    users = [
        user
        for user in _users(call)
        if (not numbers or user["employeeNo"] in numbers)
        and (not text or text in f"{user['name']} {user['employeeNo']}".casefold())
        and (not kind or user["userType"] == kind)
    ]
    head, found = search_page(condition, users, largest=_LARGEST_PAGE)
    return {"UserInfoSearch": {**head, "UserInfo": list(found)} if found else head}


def _users(call: DeviceCall) -> Iterator[dict[str, Any]]:
    """Yield all persons on the device: those sent with permissions, then its own."""
    for person in door_persons.persons_of(call.store, call.device):
        name = f"{person['familyName']} {person['givenName']}"
        kind = "visitor" if person.get("type") == _VISITOR else "normal"
        faces, cards = int(person.get("hasFace", True)), int(bool(person.get("cardNo")))
        yield _user_info(str(person["employeeNo"]), name, kind, faces=faces, cards=cards)
    for number in range(USERS):
        yield _user(number)


def _matching(call: DeviceCall, condition: Mapping[str, Any]) -> Sequence[int]:
    """Return the numbers of the events that match, in the order asked for."""
    newest = _newest(call, condition)
    first = max(newest - EVENTS + 1, _bound(condition, "startTime", newest - EVENTS + 1, is_start=True))
    last = min(newest, _bound(condition, "endTime", newest, is_start=False))
    first = max(first, int(condition.get("beginSerialNo", first)))
    last = min(last, int(condition.get("endSerialNo", last)))
    is_reversed = condition.get("timeReverseOrder") is True
    numbers = range(last, first - 1, -1) if is_reversed else range(first, last + 1)
    employee = condition.get("employeeNoString") or condition.get("employeeNo")
    wanted = (
        condition["major"],
        condition["minor"],
        employee,
        condition.get("cardNo"),
        condition.get("name"),
    )
    return numbers if wanted == (0, 0, None, None, None) else [n for n in numbers if _fits(n, *wanted)]


def _newest(call: DeviceCall, condition: Mapping[str, Any]) -> int:
    """Return the newest event's number; all pages of one search use the same time."""
    key = f"{call.serial}/search"
    kept = call.store.get("config", key) or {}
    if kept.get("id") != condition.get("searchID") or not condition.get("searchResultPosition"):
        kept = {"id": condition.get("searchID"), "newest": int(call.now // _SECONDS_APART)}
        call.store.put("config", key, kept, parent=call.serial)
    return int(kept["newest"])


def _bound(condition: Mapping[str, Any], name: str, otherwise: int, *, is_start: bool) -> int:
    text = condition.get(name)
    if not text:
        return otherwise
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise DeviceRefused(*BAD_PARAMETERS) from error
    if moment.tzinfo is None:
        raise DeviceRefused(*BAD_PARAMETERS)
    seconds = moment.timestamp()
    return int(-(-seconds // _SECONDS_APART) if is_start else seconds // _SECONDS_APART)


def _chance(number: int) -> int:
    """Return a number that is computed from an event's number and looks random."""
    return (number * 2654435761 >> 7) & 0xFFFF


def _kind(number: int) -> tuple[int, int, bool, bool]:
    throw = _chance(number) % 100
    for major, minor, share, is_person, has_picture in _KINDS:
        throw -= share
        if throw < 0:
            return major, minor, is_person, has_picture
    raise AssertionError("The shares of the kinds add up to a hundred.")


def _person(number: int) -> dict[str, Any]:
    return _user(_chance(number + 1) % USERS)


def _fits(
    number: int, major: int, minor: int, employee: str | None, card: str | None, name: str | None
) -> bool:
    kind = _kind(number)
    if (major and major != kind[0]) or (minor and minor != kind[1]):
        return False
    if employee is None and card is None and name is None:
        return True
    if not kind[2]:
        return False
    person = _person(number)
    is_card = card is None or (kind[1] == 1 and card == _card(person))
    return is_card and employee in (None, person["employeeNo"]) and name in (None, person["name"])


def _card(person: Mapping[str, Any]) -> str:
    return f"10{person['employeeNo']}7700"


def _event(call: DeviceCall, number: int, *, with_picture: bool) -> dict[str, Any]:
    major, minor, is_person, has_picture = _kind(number)
    event: dict[str, Any] = {
        "major": major,
        "minor": minor,
        "time": offset_text(number * _SECONDS_APART, call.device["timeZone"]),
        "doorNo": 1,
        "cardReaderNo": 1,
        "serialNo": number,
        "currentVerifyMode": "cardOrFace",
        "mask": "unknown",
    }
    if is_person:
        person = _person(number)
        event |= {"employeeNoString": person["employeeNo"], "name": person["name"], "userType": "normal"}
        if minor == 1:
            event |= {"cardNo": _card(person), "cardType": 1}
    if has_picture and with_picture:
        event |= {"picturesNumber": 1, "filename": f"picture{number}"}
    return event


def _with_pictures(page: Mapping[str, Any], names: Sequence[str]) -> Response:
    """Put the page and its pictures into one answer, as the example of A.4.1 does."""
    picture = files("hpcli.sandbox").joinpath("data", "door.jpg").read_bytes()
    text = json.dumps(page, ensure_ascii=False).encode()
    parts = [b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text)]
    for name in names:
        head = f'Content-Disposition: form-data; filename="{name}"\r\nContent-Type: image/jpeg\r\n'
        parts.append(head.encode() + b"Content-Length: %d\r\n\r\n%s" % (len(picture), picture))
    line = f"--{_BOUNDARY}".encode()
    body = b"".join(line + b"\r\n" + part + b"\r\n" for part in parts) + line + b"--\r\n"
    headers = {"X-EZO-Code": "0", "X-ErrorCode": "0", "X-DeviceCode": "0"}
    return Response(body, headers=headers, content_type=f"multipart/form-data; boundary={_BOUNDARY}")


def _user(number: int) -> dict[str, Any]:
    """Return one of the device's own persons; every twentieth is a visitor."""
    name = f"{_NAMES[number % len(_NAMES)]} {number // len(_NAMES) + 1}"
    kind = "visitor" if number % 20 == 19 else "normal"
    return _user_info(str(1001 + number), name, kind, fingerprints=number % 3)


def _user_info(
    employee_no: str, name: str, kind: str, *, faces: int = 1, cards: int = 1, fingerprints: int = 0
) -> dict[str, Any]:
    """Return a person as A.5.10 has it."""
    return {
        "employeeNo": employee_no,
        "name": name,
        "userType": kind,
        "closeDelayEnabled": False,
        "Valid": {
            "enable": True,
            "beginTime": "2023-01-01T00:00:00",
            "endTime": "2033-01-01T00:00:00",
            "timeType": "local",
        },
        "belongGroup": "1",
        "doorRight": "1",
        "RightPlan": [{"doorNo": 1, "planTemplateNo": "1"}],
        "userVerifyMode": "",
        "numOfFace": faces,
        "numOfFP": fingerprints,
        "numOfCard": cards,
        "gender": "unknown",
    }
