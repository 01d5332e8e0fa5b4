"""What an answer to a change of an object model says: code "0" outside and a failure inside is a failure."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hpcli.api.operations.device.otap import ACTION, BATCH_SET_DIRECT, SET, SET_DIRECT
from hpcli.client.answers import Answer
from hpcli.client.device.otap import otap_misfit
from hpcli.client.device.otap_batches import batch_refusal
from hpcli.errors import HpcliError

BAD = {"statusCode": 4, "statusString": "Invalid Operation", "subStatusCode": "notSupport"}
OK = {"statusCode": 1, "statusString": "OK", "subStatusCode": "ok"}


def told(operation: Any, data: Any) -> HpcliError | None:
    body = json.dumps({"errorCode": "0", "data": data}).encode()
    return otap_misfit(operation, Answer(200, {}, body, "http://platform.example/"))


@pytest.mark.parametrize("operation", [SET, SET_DIRECT, ACTION], ids=lambda operation: operation.path)
@pytest.mark.parametrize(
    ("data", "is_done"),
    [
        *((good, True) for good in (None, {}, OK, {"ResponseStatus": OK}, {"value": "fault"}, json.dumps(OK), "on")),
        *((bad, False) for bad in (BAD, [OK, BAD], json.dumps(BAD), json.dumps(json.dumps(BAD)))),
        *((bad, False) for bad in ({"result": "failed"}, {"error": "boom"}, {"failedList": [1]}, {"success": False})),
        ("<ResponseStatus><statusCode>4</statusCode></ResponseStatus>", False),
        ({"a": {"b": [{"status": "failed"}]}}, False),
    ],
    ids=str,
)  # fmt: skip
def test_a_failure_inside_the_answer_to_a_change_is_one(operation: Any, data: Any, *, is_done: bool) -> None:
    assert (told(operation, data) is None) is is_done


def test_the_values_of_a_batch_may_hold_any_words() -> None:
    assert told(BATCH_SET_DIRECT, [{"propId": "State", "value": {"status": "error"}}]) is None


@pytest.mark.parametrize(
    ("row", "is_done"),
    [
        ({"errorCode": "0", "message": "ok"}, True),
        ({"errorCode": "200"}, True),
        ({"code": 200, "result": "ok"}, True),
        ({"errorCode": "0", "result": "failed"}, False),
        ({"errorCode": "0", "success": False}, False),
        ({"errorCode": "0", "statusCode": 4}, False),
        ({"errorCode": "0", "data": json.dumps(BAD)}, False),
        ({"code": 200, "errors": ["boom"]}, False),
    ],
    ids=str,
)
def test_a_row_of_a_batch_fails_by_whatever_it_says_beside_its_code(row: Any, *, is_done: bool) -> None:
    assert (batch_refusal(row) is None) is is_done
