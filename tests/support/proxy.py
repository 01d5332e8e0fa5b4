"""A proxy in front of the stand-in, in this process: passes calls on, keeps them, spoils answers on request.

::

    with start_proxy(tmp_path / "platform.db") as proxy:
        proxy.spoil(replace(body=b"<html>"), operation="isapiDisarm")
        done = hpcli("panel", "disarm", PANEL, "1", "--yes", environment=proxy.platform.environment)
        assert len(proxy.sent("isapiDisarm")) == 1
"""

from __future__ import annotations

import contextlib
import io
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus
from http.client import parse_headers
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from werkzeug.test import run_wsgi_app

from hpcli.reference.document import find_operation
from hpcli.sandbox import APP_KEY, SECRET_KEY
from hpcli.sandbox.http.app import Application
from hpcli.sandbox.http.audit import Audit
from hpcli.sandbox.state import seed
from tests.support.platform_server import Platform, make_state

HOST = "127.0.0.1"
_REASONS = {status.value: status.phrase for status in HTTPStatus}
_SLICE_SECONDS = 0.05


@dataclass(frozen=True)
class Answer:
    """One HTTP answer; `Content-Length` is added when it is sent."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)
    body: bytes = b""

    def head(self, *lines: bytes, length: int | None = None) -> bytes:
        """Return the status line and the headers with their end."""
        size = len(self.body) if length is None else length
        named = [f"{name}: {value}".encode("latin-1") for name, value in self.headers]
        first = f"HTTP/1.1 {self.status} {_REASONS.get(self.status, 'Odd')}".encode()
        return b"\r\n".join([first, *named, *lines, b"Content-Length: %d" % size, b"", b""])

    def whole(self) -> bytes:
        """Return the answer as it is sent."""
        return self.head() + (b"" if self.status in (204, 304) else self.body)


@dataclass
class Arrival:
    """One request as the proxy got it.

    Attributes:
        operation: the operationId of the document; empty for a download and for what it does not know.
        is_done: the stand-in has executed it.
        is_spoilt: its answer was spoilt.
    """

    method: str
    target: str
    headers: Message
    body: bytes
    is_done: bool = False
    is_spoilt: bool = False
    operation: str = field(init=False)

    def __post_init__(self) -> None:
        """Find the operation."""
        found = find_operation(self.method, self.path)
        self.operation = str(found[1]["operationId"]) if found else ""

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


@dataclass
class Exchange:
    """A request whose answer is about to be spoilt.

    Attributes:
        stays_open: the connection takes another request.
    """

    arrival: Arrival
    connection: socket.socket
    proxy: Proxy
    stays_open: bool = False

    def execute(self) -> Answer:
        """Let the stand-in do what was asked; return its answer, which is not sent."""
        return self.proxy.execute(self.arrival, self.connection)

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.connection.sendall(data)

    def send_whole(self, answer: Answer) -> None:
        """Send an answer that leaves the connection in order."""
        self.stays_open = True
        self.send(answer.whole())

    def wait(self, seconds: float) -> bool:
        """Wait; return whether the client is still there and the proxy still served."""
        end = time.monotonic() + seconds
        while not self.proxy.closing.is_set():
            left = end - time.monotonic()
            if left <= 0:
                return True
            readable, _, _ = select.select([self.connection], [], [], min(left, _SLICE_SECONDS))
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                return False
        return False


Spoiler = Callable[[Exchange], None]
"""Answers one request in its own way, or not at all; the connection is closed behind it unless `stays_open`."""


@dataclass(frozen=True)
class _Order:
    spoiler: Spoiler
    operation: str | None
    method: str | None
    path: str
    calls: frozenset[int] | None

    def fits(self, arrival: Arrival) -> bool:
        is_named = self.operation is None or self.operation == arrival.operation
        return is_named and self.method in (None, arrival.method) and self.path in arrival.target


class Proxy:
    """Serves the stand-in of one state file on loopback; one thread a connection.

    Attributes:
        arrivals: every request, in order.
        refused_url: an address of this computer that refuses every connection.
        closing: set it to end what waits.
    """

    def __init__(self, state: Path, audit: Audit | None = None) -> None:
        self.arrivals: list[Arrival] = []
        self.closing = threading.Event()
        self._orders: list[_Order] = []
        self._counts: dict[_Order, int] = {}
        self._is_resting = False
        self._lock = threading.Lock()
        self._talks: dict[threading.Thread, socket.socket] = {}
        self._listener = socket.create_server((HOST, 0), backlog=128)
        self._unheard = socket.socket()
        self._unheard.bind((HOST, 0))
        self.base_url = f"http://{HOST}:{self._listener.getsockname()[1]}"
        self.refused_url = f"http://{HOST}:{self._unheard.getsockname()[1]}"
        self._application = Application(make_state(state), audit=audit)
        self._application.base_url = self.base_url
        self.state = state
        self._store = seed.open_state(state)
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def platform(self) -> Platform:
        """The stand-in, as reached through the proxy."""
        return Platform(self.state, self.base_url, APP_KEY, SECRET_KEY)

    def use(self, state: Path) -> None:
        """Go on with another state file, without orders and arrivals, when no call of before is under way."""
        self.hang_up()
        self._store.close()
        self.state = self._application.state = make_state(state)
        self._store = seed.open_state(state)
        self._application.base_url = self.base_url
        self.forget()
        self._is_resting = False

    def refuse_area(self) -> None:
        """Give out an area domain that refuses connections; tokens given before still name this proxy."""
        self._application.base_url = self.refused_url

    def first_sent_to(self, path: str) -> str:
        """Return the body of the first request whose target has a path in it."""
        return next(arrival.body for arrival in self.arrivals if path in arrival.target).decode()

    def forget(self) -> None:
        """Drop all orders and arrivals."""
        with self._lock:
            self._orders.clear()
            self._counts.clear()
            self.arrivals.clear()

    def spoil(
        self,
        spoiler: Spoiler,
        *,
        operation: str | None = None,
        method: str | None = None,
        path: str = "",
        calls: set[int] | None = None,
    ) -> None:
        """Spoil the answers to some calls.

        Args:
            spoiler: answers in the stand-in's place.
            operation: operationId of the calls.
            method: their HTTP method.
            path: a part of their path and query.
            calls: which of the calls that fit, from 1; all without it.
        """
        numbers = None if calls is None else frozenset(calls)
        self._orders.append(_Order(spoiler, operation, method, path, numbers))

    def sent(self, operation: str) -> list[Arrival]:
        """Return the requests of one operation, executed or not."""
        return [arrival for arrival in self.arrivals if arrival.operation == operation]

    def done(self, operation: str) -> list[Arrival]:
        """Return the requests of one operation that the stand-in has executed."""
        return [arrival for arrival in self.sent(operation) if arrival.is_done]

    def execute(self, arrival: Arrival, connection: socket.socket) -> Answer:
        """Let the stand-in answer a request."""
        arrival.is_done = True
        body, status, headers = run_wsgi_app(self._application, _environ(arrival, connection), buffered=True)
        kept = [(name, value) for name, value in headers if name.lower() != "content-length"]
        return Answer(int(status.split()[0]), tuple(kept), b"".join(body))

    def close(self) -> None:
        """Hang up on everybody and stop."""
        self.closing.set()
        self._application.closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self.hang_up()
        self._listener.close()
        self._unheard.close()
        self._store.close()

    def _serve(self) -> None:
        while not self.closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._talk, args=(connection,), daemon=True)
            with self._lock:
                if self._is_resting:
                    connection.close()
                    continue
                self._talks[thread] = connection
                thread.start()

    def hang_up(self) -> None:
        """Close all connections, wait until their threads are done, and take no others until `use`."""
        with self._lock:
            self._is_resting = True
            talks = list(self._talks.items())
        for thread, connection in talks:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=10)

    def _talk(self, connection: socket.socket) -> None:
        """Answer the requests of one connection until one is spoilt or the client hangs up."""
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            with contextlib.suppress(OSError), connection, connection.makefile("rb") as requests:
                while (arrival := _read_request(requests)) is not None:
                    if not self._answer(Exchange(arrival, connection, self)):
                        return
        finally:
            self._talks.pop(threading.current_thread(), None)

    def _answer(self, exchange: Exchange) -> bool:
        """Answer one request; return whether the connection goes on."""
        order = self._take(exchange.arrival)
        if order is None:
            exchange.send_whole(exchange.execute())
        else:
            exchange.arrival.is_spoilt = True
            order.spoiler(exchange)
        return exchange.stays_open

    def _take(self, arrival: Arrival) -> _Order | None:
        with self._lock:
            self.arrivals.append(arrival)
            for order in self._orders:
                if order.fits(arrival):
                    self._counts[order] = self._counts.get(order, 0) + 1
                    if order.calls is None or self._counts[order] in order.calls:
                        return order
        return None


@contextlib.contextmanager
def start_proxy(state: Path, audit: Audit | None = None) -> Iterator[Proxy]:
    """Serve the stand-in behind a proxy until the block ends."""
    proxy = Proxy(state, audit)
    try:
        yield proxy
    finally:
        proxy.close()


_SAID_OF_THE_BODY = frozenset({"x-ezo-code", "x-errorcode", "x-devicecode"})
"""Headers that say what the stand-in's own body says, so that another one would not be read."""


def replace(
    *,
    body: bytes | None = None,
    status: int | None = None,
    content_type: str | None = None,
    headers: tuple[tuple[str, str], ...] = (),
    is_done: bool = True,
) -> Spoiler:
    """Return a spoiler that answers with something else.

    Args:
        body: in place of the stand-in's; that one without it.
        status: likewise.
        content_type: likewise.
        headers: further headers.
        is_done: the stand-in executes the call all the same.
    """

    def spoiler(exchange: Exchange) -> None:
        answer = exchange.execute() if is_done else Answer()
        kept = answer.headers
        if content_type is not None:
            kept = (*((n, v) for n, v in kept if n.lower() != "content-type"), ("Content-Type", content_type))
        content = answer.body
        if body is not None:
            content = body
            kept = tuple((n, v) for n, v in kept if n.lower() not in _SAID_OF_THE_BODY)
        exchange.send_whole(Answer(status or answer.status, (*kept, *headers), content))

    return spoiler


def change(function: Callable[[Answer], Answer]) -> Spoiler:
    """Return a spoiler that executes the call and sends what a function makes of the answer."""
    return lambda exchange: exchange.send_whole(function(exchange.execute()))


def _read_request(requests: io.BufferedIOBase) -> Arrival | None:
    """Read one request whole; None where the client hung up."""
    line = requests.readline(65537).decode("latin-1").split()
    if len(line) != 3:
        return None
    headers: Message = parse_headers(requests)
    body = requests.read(int(headers.get("Content-Length", 0)))
    return Arrival(line[0], line[1], headers, body)


def _environ(arrival: Arrival, connection: socket.socket) -> dict[str, Any]:
    path, _, query = arrival.target.partition("?")
    named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in arrival.headers.items()}
    return {
        **named,
        "CONTENT_TYPE": arrival.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(arrival.body)),
        "REQUEST_METHOD": arrival.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path).encode().decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": HOST,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(arrival.body),
        "wsgi.errors": io.StringIO(),
        "werkzeug.socket": connection,
    }
