"""What counts as done: forms in which devices say success, and failures that stand beside one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hpcli.client.answers import refusal
from hpcli.isapi.errors import device_error
from hpcli.isapi.outcome import Outcome, judge
from hpcli.isapi.text import decode

OK = {"statusCode": 1, "statusString": "OK", "subStatusCode": "ok"}
BAD = {"statusCode": 4, "subStatusCode": "zoneFault"}


def judged(body: Any, method: str = "PUT") -> Outcome:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return judge(200, {}, data, method=method)


@pytest.mark.parametrize(
    "body",
    [
        [OK],
        [OK, {"ResponseStatus": OK}],
        {"ResponseStatus": [OK]},
        {"Answer": {"ResponseStatus": [OK, OK]}},
        {"data": {"statusString": "OK"}},
        {"Answer": {"subStatusCode": "ok"}},
        json.dumps(OK),
        {"errorCode": "0", "data": json.dumps(json.dumps({"ResponseStatus": OK}))},
        "<ResponseStatus><statusCode>1</statusCode></ResponseStatus>",
        {"errorCode": 1, "errorMsg": "OK"},
        {**OK, "failedNum": 0, "failedList": [], "error": None, "errors": {}},
        {**OK, "error": "none", "list": [{"id": 1, "status": "normal", "result": "ok"}]},
        b"\0" + json.dumps(OK).encode(),
        b'{"statusCode":1,"statusString":"OK",}',
        b'{"ResponseStatus":\xff{"statusCode":1\xfe},}',
    ],
    ids=str,
)
def test_a_success_in_a_list_or_a_text_is_one(body: Any) -> None:
    assert judged(body).is_done


@pytest.mark.parametrize(
    "body",
    [
        [],
        [OK, BAD],
        [OK, {"result": 0}],
        [[]],
        {"ResponseStatus": [OK, BAD]},
        {"ResponseStatus": []},
        json.dumps(BAD),
        {"errorCode": 1},
        {"errorCode": "1", "errorMsg": "no such area"},
        {**OK, "success": False},
        {"success": "false", "ResponseStatus": OK},
        {**OK, "error": "boom"},
        {**OK, "errors": ["boom"]},
        {**OK, "errorList": [{"id": 1}]},
        {**OK, "ErrorList": {"Error": [{"id": 1}]}},
        {**OK, "failedList": [3]},
        {**OK, "failedNum": "2"},
        {**OK, "list": [{"id": 1, "status": "Failed"}]},
        {**OK, "results": [{"id": 1, "result": "fail"}]},
        {**OK, "StatusList": [{"id": 1, "statusString": "Invalid Operation"}]},
        {**OK, "StatusList": {"Status": {"id": 1, "statusString": "Device Error"}}},
        {**OK, "list": [OK, {"statusString": "Device Busy"}]},
        {"Answer": {"ResponseStatus": OK, "failList": [{"name": "Zone 3"}]}},
        {**OK, "list": [json.dumps(BAD)]},
        {**OK, "detail": "<ResponseStatus><statusCode>4</statusCode></ResponseStatus>"},
    ],
    ids=str,
)
def test_a_failure_beside_a_success_is_the_answer(body: Any) -> None:
    assert not judged(body).is_done
    assert judged(body).error is not None


def test_a_part_that_failed_is_named_in_the_devices_words() -> None:
    error = judged({**OK, "list": [{"id": 1, "status": "ok"}, {"id": 2, "status": "failed"}]}).error
    assert error is not None
    assert error.platform_message == "id 2: failed"


@pytest.mark.parametrize(
    ("new_id", "is_done"),
    [
        (4, True), ("4", True), (" 4 ", True), ("04", True), (4.0, True), ("door-1", True), ("0a", True),
        (0, False), (-1, False), (True, False), (False, False), (None, False), ([4], False), ({}, False),
        (0.0, False), (1.5, False), (float("inf"), False), ("", False), (" ", False), ("0", False), (" 0 ", False),
        ("00", False), ("0.0", False), ("-1", False), ("+0", False), ("null", False), ("None", False),
        ("NaN", False), ("true", False), ("false", False), ("N/A", False), ("-", False), ("unknown", False),
    ],
)  # fmt: skip
def test_a_new_id_is_a_number_or_a_name(new_id: object, *, is_done: bool) -> None:
    for body in ({"id": new_id}, {"PTZPreset": {"id": new_id}}, {"errorCode": "0", "data": {"id": new_id}}):
        assert judged(body, "POST").is_done is is_done
    if isinstance(new_id, str):
        assert judged(f"<PTZPreset><id>{new_id}</id></PTZPreset>".encode(), "POST").is_done is is_done


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("text", ["<a/>", "{}", '[{"a": 1}]'])
def test_text_is_decoded_by_its_bytes(text: str, codec: str) -> None:
    assert decode(text.encode(codec)).strip("\ufeff") == text


LOCK = {"statusValue": 401, "lockStatus": "lock", "unlockTime": 1795}


@pytest.mark.parametrize(
    "body",
    [
        {"errorCode": "0", "data": {"userCheck": LOCK}},
        {"errorCode": "0", "data": json.dumps({"userCheck": LOCK})},
        {
            "errorCode": "0",
            "data": "<userCheck><lockStatus>lock</lockStatus><unlockTime>1795</unlockTime></userCheck>",
        },
        {"statusCode": 4, "subStatusCode": "userNameLocked", "unlockTime": 1795},
        json.dumps({"userCheck": LOCK}),
    ],
    ids=str,
)
def test_a_locked_user_is_told_from_within_the_envelope_too(body: Any) -> None:
    error = device_error(200, {}, json.dumps(body).encode())
    assert str(error).startswith("The device has locked the user for another 30 min")


@pytest.mark.parametrize("name", ["reason", "errMsg", "errorMessage", "Reason"])
def test_the_device_says_why_under_any_of_its_names(name: str) -> None:
    error = device_error(200, {}, json.dumps({**BAD, name: "the area is open"}).encode())
    assert error is not None
    assert "the area is open" in str(error.platform_message)


@pytest.mark.parametrize("name", ["message", "Message", "errMsg", "error_msg", "ErrorMsg", "reason"])
def test_the_platform_says_why_under_any_of_its_names(name: str) -> None:
    said = {name: "the area is open"}
    for fields in (said, {"data": said}):
        error = refusal("EVZ20007", {"errorCode": "EVZ20007", **fields}, 200)
        assert error.platform_message == "the area is open"
