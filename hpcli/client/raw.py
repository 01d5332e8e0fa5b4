"""Any call by its path, signed in (`hpcli api`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hpcli.client.answers import Answer, read_envelope, trim_keys
from hpcli.client.calls import Calls
from hpcli.client.operation import API, Operation
from hpcli.client.transport import Request, envelope_refusal


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
        request = Request(
            raw_operation(method, path),
            full_path(path),
            query or {},
            headers or {},
            json=None if is_bytes else body,
            content=body if is_bytes else None,
        )
        return self._transport.exchange(request, envelope_refusal)

    def pages(
        self, method: str, path: str, body: Mapping[str, Any], *, headers: Mapping[str, str] | None = None
    ) -> Iterator[dict[str, Any]]:
        """Yield the rows of all pages of a paged call."""

        def fetch(page: int) -> dict[str, Any]:
            answer = self.call(method, path, body={"pageSize": 100, **body, "page": page}, headers=headers)
            data = trim_keys(read_envelope(answer).get("data"))
            return data if isinstance(data, dict) else {}

        page, first = 1, None
        while True:
            data = fetch(page)
            rows = data.get("rows") or data.get("list") or []
            if not rows or (page > 1 and rows[0] == first):
                return
            first = rows[0]
            yield from rows
            if 0 < int(data.get("totalPage") or 0) <= page or "rows" not in data:
                return
            page += 1


def full_path(path: str) -> str:
    """Return the path with `/api/hpcgw/` in front, where it is missing."""
    cleaned = "/" + path.lstrip("/")
    return cleaned if cleaned.startswith("/api/") else API + cleaned.lstrip("/")


def raw_operation(method: str, path: str) -> Operation:
    """Return what a call by hand is: anything but a known reading call counts as a change that asks."""
    from hpcli.client.operations import find_declared
    from hpcli.reference import find_operation

    plain = full_path(path).partition("?")[0]
    found = find_operation(method, plain)
    declared = find_declared(method, found[0]) if found else None
    is_reading = method == "GET" or (declared is not None and not declared.change)
    return Operation(
        method,
        plain,
        str(found[1].get("x-section", "")) if found else "",
        change=not is_reading,
        asks=not is_reading,
        repeatable=is_reading,
        unlimited=declared is not None and declared.unlimited,
    )
