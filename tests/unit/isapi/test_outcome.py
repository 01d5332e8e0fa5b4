"""What counts as done: forms in which devices say success, and failures that stand beside one."""

from __future__ import annotations

import json
from typing import Any

import pytest

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
    ("new_id", "is_done"), [(4, True), ("4", True), (0, False), (-1, False), (True, False), ([4], False)]
)
def test_a_new_id_is_a_number_or_a_name(new_id: object, *, is_done: bool) -> None:
    assert judged({"id": new_id}, "POST").is_done is is_done


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("text", ["<a/>", "{}", '[{"a": 1}]'])
def test_text_is_decoded_by_its_bytes(text: str, codec: str) -> None:
    assert decode(text.encode(codec)).strip("\ufeff") == text
