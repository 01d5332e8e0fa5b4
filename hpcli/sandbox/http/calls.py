"""The request of one call, and the registry of the functions that answer calls."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hpcli.sandbox.http.envelope import Refused
from hpcli.sandbox.state.store import Settings, Store

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

LARGEST_PAGE = 200
_LAST_PAGE = 10**9  # pages after the last one are empty; SQLite counts only up to 2**63


@dataclass(frozen=True, slots=True)
class Call:
    """One request, checked and signed in.

    Attributes:
        store: the state, inside a transaction unless the operation waits.
        settings: how the stand-in behaves.
        request: the HTTP request.
        body: the JSON body; `{}` if none was sent.
        path: the values in the path by parameter name.
        now: the platform's clock, seconds since 1970.
        base_url: where this stand-in is served.
        closing: set when the server stops.
    """

    store: Store
    settings: Settings
    request: Request
    body: Any
    path: Mapping[str, str]
    now: float
    base_url: str
    closing: threading.Event

    def page(self) -> tuple[int, int]:
        """Return page number (from 1) and page size (default 20, at most 200: Guide §3.6, §3.51)."""
        number = min(_LAST_PAGE, int(self.body.get("page", 1)))
        return number, min(LARGEST_PAGE, int(self.body.get("pageSize", 20)))

    def offline(self) -> Refused:
        """Return the refusal of a call for a device that is offline."""
        return Refused(self.settings.offline_code)

    def is_over(self, seconds: float) -> bool:
        """Wait for `seconds`; return whether the server stops or the client disconnected meanwhile."""
        return self.closing.wait(seconds) or has_hung_up(self.request.environ["werkzeug.socket"])


def has_hung_up(connection: socket.socket) -> bool:
    """Return whether the other end closed a connection."""
    try:
        readable, _, _ = select.select([connection], [], [], 0)
        return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""
    except (OSError, ValueError):
        return True


Function = Callable[[Call], Any]


@dataclass(frozen=True, slots=True)
class Built:
    """An operation that the stand-in answers.

    Attributes:
        answer: returns the data of the envelope, None for an envelope without, or a whole `Response`.
        waits: it may wait and opens its own transactions.
    """

    answer: Function
    waits: bool


OPERATIONS: dict[str, Built] = {}
"""The operations by the operationId of the OpenAPI document."""

DOWNLOADS: dict[str, Function] = {}
"""Plain GETs outside the API by path; a path that ends with `/` covers all paths below it. They need no token."""


def operation(name: str, *, waits: bool = False) -> Callable[[Function], Function]:
    """Mark the function that answers an operation of the document."""

    def register(function: Function) -> Function:
        if name in OPERATIONS:
            raise twice(name, OPERATIONS[name].answer, function)
        OPERATIONS[name] = Built(function, waits)
        return function

    return register


def download(path: str) -> Callable[[Function], Function]:
    """Mark the function that answers a plain GET with a `Response`."""

    def register(function: Function) -> Function:
        if path in DOWNLOADS:
            raise twice(f"GET {path}", DOWNLOADS[path], function)
        DOWNLOADS[path] = function
        return function

    return register


def twice(call: str, first: Callable[..., Any], second: Callable[..., Any]) -> ValueError:
    """Return the error of a call that two functions answer."""
    places = [f"{function.__module__}.{function.__qualname__}" for function in (first, second)]
    return ValueError(f"Two functions answer {call}: {' and '.join(places)}.")
