"""Wrong bodies of whole answers with HTTP 200."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.faults import shapes
from tests.faults.wrong import Meaning, Wrong
from tests.support.proxy import Answer, change, replace

LOGIN_PAGE = b"<!DOCTYPE html><html><head><title>Login</title></head><body><form>Sign in</form></body></html>"
_XML = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_ODD_DATA: dict[str, Any] = {
    "text": "ok",
    "empty-text": "",
    "number": 7,
    "zero": 0,
    "true": True,
    "false": False,
    "list-of-scalars": [1, "a", None, True],
    "list-of-lists": [[[]]],
    "object-of-nothing": {"unknown": {"deeper": []}},
    "empty-list": [],
    "empty-object": {},
    "null": None,
}
_BENT: dict[str, Callable[[Answer], Answer]] = {
    "scalars-for-rows": shapes.bend_json(shapes.scalars_for_rows),
    "objects-for-lists": shapes.bend_json(shapes.objects_for_lists),
    "empty-rows": shapes.bend_json(shapes.empty_rows),
    "rows-without-ids": shapes.without_ids_in_text,
    "leaves-null": shapes.every_leaf(None),
    "leaves-text": shapes.every_leaf("IO-1"),
    "leaves-negative": shapes.every_leaf(-1),
    "leaves-true": shapes.every_leaf(value=True),
    "leaves-list": shapes.every_leaf([]),
    "leaves-objects": shapes.every_leaf({"a": [1]}),
    "leaves-control": shapes.every_leaf("a\x1b[31m\u202e\r\nb"),
    "numbers-nan": shapes.every_number("NaN"),
    "numbers-infinite": shapes.every_number("1e999"),
    "numbers-5000-digits": shapes.every_number("9" * 5000),
    "numbers-fraction": shapes.every_number("0.5"),
    "byte-order-mark": lambda answer: shapes.with_body(answer, b"\xef\xbb\xbf" + answer.body),
}
_FAILURES: dict[str, bytes] = {
    "login-page": LOGIN_PAGE,
    "null-text": b"null",
    "list": b"[]",
    "empty-object": b"{}",
    "scalar": b"0",
    "text-in-json": b'"OK"',
    "plain-ok": b"OK",
    "binary": bytes(range(256)),
    "data-without-code": b'{"data": {}}',
    "other-json": b'{"message": "Service Unavailable", "status": "ok", "success": true}',
    "code-text-unknown": b'{"errorCode": "LAP999999"}',
    "code-number": b'{"errorCode": 500003}',
    "code-object": b'{"errorCode": {"code": "0"}}',
    "code-list": b'{"errorCode": ["0"]}',
    "code-true": b'{"errorCode": true}',
    "code-null": b'{"errorCode": null}',
    "code-deep": b'{"errorCode": ' + shapes.deep() + b"}",
    "only-deep": shapes.deep(),
    "only-digits": b"9" * 5000,
    "two-documents": b'{"errorCode": "0"}{"errorCode": "0"}',
    "truncated": b'{"errorCode": "0", "data": {"lis',
}
_DEVICE_FAILURES: dict[str, bytes] = {
    "status-lower-case": b'{"responsestatus": {"statuscode": 4, "statusstring": "Invalid Operation", '
    b'"substatuscode": "notSupport"}}',
    "status-nested": b'{"data": {"ResponseStatus": {"statusCode": 4, "statusString": "Invalid Operation", '
    b'"subStatusCode": "notSupport"}}}',
    "status-text-code": b'{"statusCode": "4", "statusString": "Invalid Operation", "subStatusCode": "notSupport"}',
    "status-xml": _XML
    + b"<ResponseStatus><statusCode>3</statusCode><statusString>Device Error</statusString>"
    b"<subStatusCode>deviceError</subStatusCode></ResponseStatus>",
    "status-xml-prefix": _XML + b'<ns:responsestatus xmlns:ns="http://www.isapi.org/ver20/XMLSchema">'
    b"<ns:statuscode>2</ns:statuscode><ns:statusString>Device Busy</ns:statusString></ns:responsestatus>",
    "status-unknown": b'{"statusCode": 99, "statusString": "?"}',
    "status-row-failed": b'{"statusCode": 1, "statusString": "OK", "List": [{"id": 1, "statusCode": 4, '
    b'"subStatusCode": "notSupport"}]}',
    "user-check": _XML + b"<userCheck><statusValue>401</statusValue><statusString>Unauthorized</statusString>"
    b"<isDefaultPassword>false</isDefaultPassword></userCheck>",
    "user-locked": _XML
    + b"<userCheck><statusValue>401</statusValue><statusString>Unauthorized</statusString>"
    b"<lockStatus>lock</lockStatus><unlockTime>1740</unlockTime><retryLoginTime>0</retryLoginTime></userCheck>",
    "success-false": b'{"success": false, "msg": "device busy"}',
    "platform-failure": b'{"errorCode": "EVZ20007", "message": "The device is offline"}',
    "xml-cut": _XML + b"<ResponseStatus><statusCode>1</statusC",
    "xml-other": _XML + b"<html/>",
}


def _envelope(data: Any) -> bytes:
    return json.dumps({"errorCode": "0", "data": data}).encode()


def _cut_in_half(answer: Answer) -> Answer:
    return shapes.with_body(answer, answer.body[: max(1, len(answer.body) // 2)])


def _latin_1(answer: Answer) -> Answer:
    """Put a byte that is not UTF-8 into every text."""
    bent = shapes.every_leaf("Caf\u00e9")(answer)
    text = bent.body.replace(b"\\u00e9", b"\xe9").replace("\u00e9".encode(), b"\xe9")
    return shapes.with_body(bent, text)


def _list_of(body: bytes, meaning: Meaning = Meaning.FAILURE, **more: Any) -> Wrong:
    content_type = "application/xml" if body.startswith(b"<?xml") else None
    return Wrong(replace(body=body, content_type=content_type), meaning, **more)


def _all() -> Iterator[tuple[str, Wrong]]:
    for name, data in _ODD_DATA.items():
        yield f"data-{name}", _list_of(_envelope(data), Meaning.ODD_DATA, data=data)
    yield "data-missing", _list_of(b'{"errorCode": "0"}', Meaning.UNCONFIRMED)
    yield "code-zero-number", _list_of(b'{"errorCode": 0}', Meaning.UNCONFIRMED)
    nested = b'{"errorCode": "0", "data": ' + shapes.deep() + b"}"
    yield "data-nested", _list_of(nested, Meaning.ODD_DATA, data=[[]])
    row = b'{"errorCode": "0", "data": {"list": [{"name": ' + shapes.deep() + b"}]}}"
    yield "row-nested", _list_of(row, Meaning.ODD_DATA, data={"list": [{"name": []}]})
    for name, function in _BENT.items():
        yield name, Wrong(change(function), Meaning.OPEN)
    yield "latin-1", Wrong(change(_latin_1), Meaning.OPEN)
    yield "cut-in-half", Wrong(change(_cut_in_half))
    for name, body in _FAILURES.items():
        yield f"body-{name}", _list_of(body)
    # Devices write such JSON, and of a device this one says no more than an empty answer.
    yield "body-trailing-comma", _list_of(b'{"errorCode": "0",}', Meaning.EMPTY)
    yield "body-empty", _list_of(b"", Meaning.EMPTY)
    yield "body-blank-lines", _list_of(b"\r\n\r\n", Meaning.EMPTY)
    yield "body-nul-bytes", _list_of(b"\0" * 64, Meaning.EMPTY)
    for name, body in _DEVICE_FAILURES.items():
        yield name, _list_of(body, for_devices=True)
    yield "other-language", Wrong(change(shapes.other_language), Meaning.OPEN, for_devices=True)


BODIES: dict[str, Wrong] = dict(_all())
"""Wrong bodies by name."""
