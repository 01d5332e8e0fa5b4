"""The answers of the platform: the envelope, its failures, and lists in pages (Guide §2.2, field notes)."""

from __future__ import annotations

import json
from typing import Any

from werkzeug.wrappers import Response


class Refused(Exception):  # noqa: N818 - an answer of the platform, not a fault of the program
    """The platform refuses the call.

    Args:
        code: a code of Guide A.1, such as `LAP008000`.
        message: the text next to the code; the platform often has none.
    """

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code} {message}".strip())
        self.code = code
        self.message = message


class ConnectionDroppedError(ConnectionError):
    """The connection ends without a (whole) answer."""


def success(data: Any = None) -> Response:
    """Wrap data in the envelope; without data it has no `data`."""
    return json_response({"errorCode": "0"} if data is None else {"data": data, "errorCode": "0"})


def failure(refused: Refused, *, status: int = 200) -> Response:
    """Make the answer of a refused call: HTTP 200 with an error code (field note)."""
    body = {"errorCode": refused.code}
    if refused.message:
        body["message"] = refused.message
    return json_response(body, status=status)


def not_found(path: str) -> Response:
    """Make the answer to a path that the platform does not know: HTTP 404 (field note)."""
    return json_response({"status": 404, "error": "Not Found", "path": path}, status=404)


def json_response(body: Any, *, status: int = 200) -> Response:
    """Make a JSON answer."""
    import orjson  # writes a long list in a tenth of the time

    text: str | bytes
    try:
        text = orjson.dumps(body)
    except TypeError:  # a number of more than 64 bits
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status=status, content_type="application/json;charset=UTF-8")


def page_data(rows: list[dict[str, Any]], total: int, number: int, size: int) -> dict[str, Any]:
    """Make the data of a list in pages, as the examples of Guide §3.2 and §3.6 show it."""
    return {"page": number, "pageSize": size, "rows": rows, "total": total, "totalPage": -(-total // size)}
