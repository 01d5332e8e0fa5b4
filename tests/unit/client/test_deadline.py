"""One deadline for a whole call: even if a part of an answer drips or never comes, the call ends by itself."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterable, Iterator
from itertools import chain, repeat
from typing import Any

import pytest

from hpcli.api.operations.device.isapi import PUT_ISAPI, READ_ISAPI
from hpcli.auth.account import Account
from hpcli.auth.tokens import MemoryTokenCache
from hpcli.client import Client
from hpcli.client.connections import Deadline
from hpcli.client.transport import Transport
from hpcli.errors import NetworkError, TimeLimitError
from tests.support.wire_server import (
    CHANGE,
    OK,
    READ,
    Script,
    answer,
    no_second_try,
    read_request,
    say,
    serving,
    transport_to,
)

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
SHORT = 0.4
"""Seconds that the calls of these tests may take; the servers never end by themselves."""

over = threading.Event()


@pytest.fixture(autouse=True)
def _let_servers_go() -> Iterator[None]:
    over.clear()
    yield
    over.set()


def dripping(parts: Iterable[bytes], gone: threading.Event) -> Script:
    """Send the parts one by one, then nothing, until the client hangs up."""

    def script(connection: socket.socket) -> None:
        read_request(connection)
        connection.settimeout(0.01)
        with contextlib.suppress(ConnectionError):
            for part in chain(parts, repeat(b"")):
                if over.is_set():
                    return
                connection.sendall(part)
                with contextlib.suppress(TimeoutError):
                    if not connection.recv(1):
                        break
        gone.set()

    return script


def drip(text: bytes) -> list[bytes]:
    return [bytes([letter]) for letter in text]


@pytest.mark.parametrize(
    "operation", [READ, CHANGE, READ_ISAPI, PUT_ISAPI], ids=lambda o: o.method + o.path[-4:]
)
@pytest.mark.parametrize(
    "parts",
    [
        [],
        drip(HEAD + b"X: " + b"y" * 9999),
        drip(b"HTTP/1.1 200 " + b"O" * 9999),
        repeat(b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\n"),
        [b"HTTP/1.1 100 Continue\r\n\r\n"],
        [HEAD, *drip(b"Content-Length: 9999\r\n\r\n" + b" " * 9999)],
        [CHUNKED, *drip(b"0" * 999)],
        [CHUNKED, *([b"1\r\n \r\n"] * 9999)],
        [CHUNKED, b"%x\r\n%s\r\n0\r\n" % (len(OK), OK), *drip(b"X: " + b"y" * 9999)],
        [HEAD + b"Content-Length: %d\r\n\r\n" % len(OK) + OK[:-3]],
        [HEAD + b"Content-Encoding: gzip\r\nContent-Length: 100\r\n\r\n\x1f\x8b\x08"],
        [b"HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n", *drip(b" " * 9999)],
        [b"HTTP/1.1 500 Oh\r\n\r\n", *drip(b" " * 9999)],
    ],
)
def test_no_part_of_an_answer_takes_longer_than_the_limit(parts: Any, operation: Any) -> None:
    gone = threading.Event()

    def drip_second(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(answer())
        dripping(parts, gone)(connection)

    with serving(drip_second) as host:
        transport = transport_to(host)
        transport.call(READ)  # so that connecting takes nothing of the short limit
        transport.timeout = SHORT
        with pytest.raises(TimeLimitError) as caught:
            transport.call(operation, parameters={"uri": "x"})
    assert gone.wait(20), "the client hung up, not the server"
    assert ("not known whether" in caught.value.message) == operation.change


def test_a_server_that_stalls_late_gets_no_second_limit() -> None:
    stalled = threading.Event()
    left: list[float] = []

    def late(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(answer())
        read_request(connection)
        connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(OK) + OK[:-3])
        stalled.set()
        over.wait(20)

    with serving(late) as host:
        transport = transport_to(host)
        transport.call(READ)
        transport.timeout = SHORT
        send = transport.wire.send

        def note(request: Any, area: str, token: str | None, seconds: float, *more: Any) -> Any:
            left.append(seconds)
            return send(request, area, token, seconds, *more)

        transport.wire.send = note  # type: ignore[method-assign, assignment] # to see what each try is given
        with pytest.raises(TimeLimitError):
            transport.call(READ)
    assert stalled.is_set()
    assert len(left) == 1


def test_a_request_that_nobody_reads_ends_with_the_limit() -> None:
    def deaf(connection: socket.socket) -> None:
        connection.recv(1)
        over.wait(20)

    with serving(deaf) as host, pytest.raises(TimeLimitError):
        transport_to(host, timeout=SHORT).call(CHANGE, {"text": "x" * (20 << 20)})


def test_a_name_that_nobody_looks_up_ends_with_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = threading.Event()

    def wait(*_: object, **__: object) -> list[Any]:
        asked.set()
        over.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", wait)
    with pytest.raises(NetworkError) as caught:
        transport_to("http://api.example.org", timeout=SHORT, sleep=no_second_try).call(CHANGE)
    assert asked.is_set()
    assert not over.is_set()
    assert "not known" not in caught.value.message, "it was never sent"


def test_a_tls_handshake_that_never_ends_ends_with_the_limit() -> None:
    gone = threading.Event()
    with (
        serving(dripping(drip(b"\x16\x03\x03\x3f\xff" + b"\0" * 9999), gone)) as host,
        contextlib.closing(transport_to(host.replace("http:", "https:"), timeout=SHORT)) as transport,
        pytest.raises(NetworkError),
    ):
        transport.call(READ)
    assert gone.wait(20)


@pytest.mark.parametrize("operation", [READ, CHANGE], ids=["read", "change"])
def test_a_new_connection_is_cut_as_well(operation: Any) -> None:
    gone = threading.Event()
    with serving(dripping([HEAD], gone)) as host, pytest.raises(NetworkError):
        transport_to(host, timeout=SHORT, sleep=no_second_try).call(operation)
    assert gone.wait(20)


def test_signing_in_counts_towards_the_limit_of_the_call() -> None:
    gone = threading.Event()
    with serving(dripping([HEAD], gone)) as host:
        account = Account(host, "key")
        transport = Transport(account, lambda: "secret", MemoryTokenCache(), timeout=SHORT)
        with pytest.raises(TimeLimitError):
            transport.call(READ)
    assert gone.wait(20)


def test_waiting_for_another_sign_in_counts_towards_the_limit_of_the_call() -> None:
    tokens = MemoryTokenCache()
    transport = Transport(Account("http://127.0.0.1:1", "key"), lambda: "secret", tokens, timeout=SHORT)
    with tokens.lock(), pytest.raises(TimeLimitError, match="signing in"):
        transport.call(READ)


def test_a_device_has_no_more_time_than_was_asked_for() -> None:
    gone = threading.Event()
    with serving(dripping([], gone)) as host:
        client = Client(transport=transport_to(host, timeout=SHORT))
        with pytest.raises(TimeLimitError):
            client.device.isapi("PUT", "/ISAPI/System/time", "Q12345678", content=b"<Time/>")
    assert gone.wait(20)


def test_no_thread_and_no_socket_is_left_behind_by_calls() -> None:
    with serving(say(*([answer()] * 30))) as host:
        transport = transport_to(host)
        for _ in range(30):
            transport.call(READ)
    with contextlib.suppress(RuntimeError):
        Deadline.current()
        raise AssertionError("a deadline is left behind")
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join(20)
            assert not thread.is_alive()
