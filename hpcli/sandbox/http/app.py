"""The WSGI application: counts requests, injects faults, checks token and request, and calls the function."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from werkzeug.exceptions import ClientDisconnected
from werkzeug.wrappers import Request, Response

from hpcli.errors import LocalError
from hpcli.reference.document import find_operation
from hpcli.sandbox import auth, transparent
from hpcli.sandbox.http import check, faults
from hpcli.sandbox.http.calls import DOWNLOADS, OPERATIONS, Call
from hpcli.sandbox.http.envelope import Refused, failure, not_found, success
from hpcli.sandbox.http.loader import load_calls
from hpcli.sandbox.state import seed

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from hpcli.sandbox.http.audit import Audit

NO_TOKEN = "tokenGet"  # noqa: S105 - the name of a call


_SYSTEM_FAULT = "LAP000000"

_load_calls_once = cache(load_calls)


class Application:
    """The stand-in platform as a WSGI application.

    Args:
        state: the SQLite file.
        clock: the platform's clock, seconds since 1970.
        audit: checks every answer (before faults spoil it); None for no check.

    Attributes:
        base_url: where it is served; set by the server.
        closing: set it to end all waiting polls.

    Raises:
        ValueError: two functions answer the same call.
    """

    def __init__(
        self, state: Path, *, clock: Callable[[], float] = time.time, audit: Audit | None = None
    ) -> None:
        _load_calls_once()
        self.state = state
        self.clock = clock
        self.audit = audit
        self.base_url = ""
        self.closing = threading.Event()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        with Request(environ) as request:  # a large upload is in a file that must be closed
            # Always read it here: unread bytes would be taken for the next request of the connection.
            try:
                request.get_data(cache=True)
            except (ClientDisconnected, OSError) as error:
                raise ConnectionAbortedError("The client hung up in the middle of its request.") from error
            try:
                answer = self._answer(request)
            except LocalError as error:  # nobody can answer without the state; the client is told why
                answer = failure(Refused(_SYSTEM_FAULT, error.message), status=500)
            return answer(environ, start_response)

    def _answer(self, request: Request) -> Response:
        with seed.open_state(self.state) as store:
            now = self.clock()
            with store.transaction():
                settings = store.settings()  # inside, so that two requests at once do not take the same fault
                store.count(f"request {request.method} {request.path}")
                fault = faults.pick(store, settings, request.path, now)
            if settings.latency_ms:
                self.closing.wait(settings.latency_ms / 1000)
            call = Call(store, settings, request, {}, {}, now, self.base_url, self.closing)
            if fault is None:
                return self._checked(call)
            return faults.KINDS[fault](faults.Incident(fault, call, lambda: self._checked(call)))

    def _checked(self, call: Call) -> Response:
        answer = _dispatch(call)
        return answer if self.audit is None else self.audit.check(call.request, answer)


def _dispatch(call: Call) -> Response:
    path = call.request.path
    if not path.startswith("/api/"):
        return _download(call, path)
    # A question mark here was %3F; it belongs to the path.
    found = find_operation(call.request.method, quote(path))
    if found is None:
        return not_found(path)
    try:
        return _run(call, *found)
    except Refused as refused:
        return failure(refused)


def _download(call: Call, path: str) -> Response:
    for start, function in DOWNLOADS.items():
        if path == start or (start.endswith("/") and path.startswith(start)):
            answer: Response = function(call)
            return answer
    return not_found(path)


def _run(call: Call, template: str, operation: Mapping[str, Any]) -> Response:
    name = operation["operationId"]
    if name != NO_TOKEN:
        auth.check_token(call.store, call.request, call.now)
    check.check_parameters(template, operation, call.request)
    body = check.checked_body(template, call.request)
    built = OPERATIONS.get(transparent.NAME if template.startswith(transparent.PREFIX) else name)
    if built is None:
        raise Refused("LAP035001", f"{name} is not built.")
    full = replace(call, body=body, path=check.path_values(template, call.request.path))
    if built.waits:
        return _wrapped(built.answer(full))
    with call.store.transaction():
        return _wrapped(built.answer(full))


def _wrapped(answer: Any) -> Response:
    return answer if isinstance(answer, Response) else success(answer)
