"""Any call by its path, signed in (`hpcli api`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hpcli.api.operation import API, Operation
from hpcli.client.answers import Answer, envelope_refusal, is_json, read_envelope
from hpcli.client.calls import Calls
from hpcli.client.device.isapi import device_refusal, has_dot_segments, pass_through, reading_refusal
from hpcli.client.paging import Page, count_of, read_rows
from hpcli.client.request import Request
from hpcli.errors import HpcliError, UsageError

_GATEWAY = API + "v1/device/transparent/"


class RawCalls(Calls):
    """Calls that are named by method and path."""

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a call and return its answer as it came.

        Args:
            method: HTTP method.
            path: whole path, or the part behind `/api/hpcgw/`.
            body: JSON value, or bytes to send as they are; without one `{}` goes with a POST (errata 65).
            query: query parameters.
            headers: further headers.

        Raises:
            HpcliError: the platform refused, by the envelope or the HTTP status.
        """
        is_bytes = isinstance(body, bytes)
        if body is None and method == "POST":
            body = {}
        operation = raw_operation(method, path)
        request = Request(
            operation,
            full_path(path),
            query or {},
            headers or {},
            json=None if is_bytes else body,
            content=body if is_bytes else None,
        )
        if operation.path.startswith(_GATEWAY):
            refused = device_refusal if operation.change else reading_refusal
            return pass_through(self._transport, request, refused)
        return self._transport.exchange(request, raw_refusal)

    def pages(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any],
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[Any]:
        """Yield the rows of all pages of a paged call."""

        def fetch(number: int) -> Page:
            wanted = {"pageSize": 100, **body, "page": number}
            envelope = read_envelope(self.call(method, path, body=wanted, query=query, headers=headers))
            return _page_of(envelope, number)

        return read_rows(fetch)


def _page_of(envelope: Mapping[str, Any], number: int) -> Page:
    """Return the page in an envelope; without `rows` the answer is not one of several pages."""
    data = envelope.get("data")
    fields = data if isinstance(data, dict) else {"list": data}
    rows = fields.get("rows") or fields.get("list") or []
    pages = count_of(fields.get("totalPage") or envelope.get("totalPage"))  # errata 79
    return Page(rows if isinstance(rows, list) else [], pages if "rows" in fields else number)


def raw_refusal(answer: Answer) -> HpcliError | None:
    """Return the error of an answer to a call by hand, or None; files are answers, web pages are not."""
    content_type = answer.headers.get("Content-Type", "")
    start = answer.body.lstrip()[:1]
    is_text = any(kind in content_type.lower() for kind in ("html", "json")) or start in (
        b"",
        b"<",
        b"{",
        b"[",
    )
    if answer.status < 300 and not is_text and not is_json(answer):
        return None
    return envelope_refusal(answer)


def full_path(path: str) -> str:
    """Return the path with `/api/hpcgw/` in front, where it is missing.

    Raises:
        UsageError: it has `.` or `..`, also as `%2e%2e`, which would be taken away before it is sent.
    """
    if has_dot_segments(path):
        raise UsageError(
            f"The path '{path}' has segments such as '..'.", hint="Give the path as the guide has it."
        )
    cleaned = "/" + path.lstrip("/")
    return cleaned if cleaned.startswith("/api/") else API + cleaned.lstrip("/")


def raw_operation(method: str, path: str) -> Operation:
    """Return what a call by hand is: anything but a known reading call counts as a change that asks."""
    from hpcli.reference.document import find_operation

    plain = full_path(path).partition("?")[0]
    found = find_operation(method, plain)
    documented = found[1] if found else {}
    is_reading = method == "GET" or documented.get("x-reads", False)
    return Operation(
        method,
        plain,
        str(documented.get("x-section", "")),
        change=not is_reading,
        asks=not is_reading,
        repeatable=is_reading,
        unlimited=documented.get("x-unlimited", False),
        may_be_empty=documented.get("x-empty-answer", False),
    )
