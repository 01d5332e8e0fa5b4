"""The HTTP session against servers that do what servers should not: drip, lie, hang up, hide behind proxies."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from hpcli.api.operations.alarms import MESSAGES
from hpcli.client import wire
from hpcli.client.answers import Answer
from hpcli.client.outgoing import Way, find_way
from hpcli.client.request import Request
from hpcli.errors import NetworkError, TimeLimitError, UsageError
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

if TYPE_CHECKING:
    import requests


def test_a_body_that_drips_ends_with_the_time_limit() -> None:
    gone = threading.Event()

    def drip(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        with contextlib.suppress(OSError):
            for _ in range(600):
                connection.sendall(b" ")
                time.sleep(0.05)  # the drip itself; the test does not wait for it
        gone.set()

    with serving(drip) as host, pytest.raises(TimeLimitError):
        transport_to(host, timeout=0.5).call(CHANGE)
    assert gone.wait(20), "the connection was given up long before the last byte"


@pytest.mark.parametrize("coding", ["plain", "chunked", "gzip"])
def test_a_connection_is_used_again_whatever_the_coding(coding: str) -> None:
    body = OK + b" " * 200_000
    packed = gzip.compress(body)
    text = {
        "plain": answer(body),
        "gzip": answer(packed, b"Content-Encoding: gzip"),
        "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (body[:7], body[7:150_000], body[150_000:]))
        + b"0\r\n\r\n",
    }[coding]
    with serving(say(text, text), say()) as host:
        transport = transport_to(host)
        assert [transport.call(READ), transport.call(READ)] == [1, 1]


def test_an_answer_that_is_too_large_is_given_up_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hpcli.client.wire._LARGEST_ANSWER", 1000)
    with serving(say(answer(b" " * 2000)), say(answer())) as host, pytest.raises(NetworkError) as caught:
        transport_to(host, sleep=no_second_try).call(READ)
    assert "larger" in caught.value.message


def test_an_answer_that_says_that_it_is_too_large_is_not_waited_for() -> None:
    gone = threading.Event()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (65 << 20)
    with serving(until_hung_up(head, gone)) as host, pytest.raises(NetworkError) as caught:
        transport_to(host, sleep=no_second_try).call(READ)
    assert "larger" in caught.value.message
    assert gone.wait(20)


@pytest.mark.parametrize("status", [204, 304])
def test_a_length_beside_a_status_without_a_body_counts_for_nothing(status: int) -> None:
    text = b"HTTP/1.1 %d Odd\r\nContent-Length: %d\r\n\r\n" % (status, 65 << 20)
    with serving(say(text)) as host, pytest.raises(NetworkError) as caught:
        transport_to(host, sleep=no_second_try).call(READ)
    assert "larger" not in caught.value.message


def test_what_is_packed_as_no_message_is_is_given_up_long_before_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes: list[int] = []
    check = wire._check_size

    def note(size: int, *more: Any) -> None:
        sizes.append(size)
        check(size, *more)

    monkeypatch.setattr(wire, "_check_size", note)
    packed = gzip.compress(b" " * (1 << 20), mtime=0) * 32
    script = say(answer(packed, b"Content-Encoding: gzip"))
    with serving(script) as host, pytest.raises(NetworkError) as caught:
        transport_to(host, sleep=no_second_try).call(READ)
    assert "packed" in caught.value.message
    assert max(sizes) < 16 << 20


def test_of_a_poll_whose_answer_is_too_large_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hpcli.client.wire._LARGEST_ANSWER", 1000)
    read: list[Answer] = []

    def refused(answer: Answer) -> None:
        read.append(answer)

    with serving(say(answer(OK + b" " * 2000))) as host, pytest.raises(NetworkError) as caught:
        transport_to(host).poll(MESSAGES, refused)
    assert "larger" in caught.value.message
    assert read == []


def until_hung_up(text: bytes, gone: threading.Event) -> Script:
    """Send a text and wait until the client hangs up."""

    def script(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(text)
        with contextlib.suppress(OSError):
            connection.recv(1)
        gone.set()

    return script


def test_a_change_on_a_connection_that_the_server_closed_meanwhile_is_sent_once() -> None:
    seen: list[bytes] = []
    closed = threading.Event()

    def close_after_one(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(answer())
        connection.close()
        closed.set()

    def record(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(answer())

    with serving(close_after_one, record) as host:
        transport = transport_to(host)
        transport.call(READ)
        assert closed.wait(20)
        assert transport.call(CHANGE) == 1
    assert len(seen) == 1


def test_a_change_whose_connection_is_reset_after_it_was_read_is_not_repeated_and_says_so() -> None:
    seen: list[bytes] = []

    def hang_up(connection: socket.socket) -> None:
        seen.append(read_request(connection))

    with serving(hang_up) as host, pytest.raises(NetworkError) as caught:
        transport_to(host).call(CHANGE)
    assert len(seen) == 1
    assert "may have been done" in (caught.value.hint or "")


def test_a_connection_that_idled_for_long_is_not_trusted() -> None:
    now = [0.0]
    served: list[int] = []

    def count(connection: socket.socket) -> None:
        served.append(1)
        while read_request(connection):
            connection.sendall(answer())

    with serving(count) as host:
        transport = transport_to(host, clock=lambda: now[0])
        transport.call(READ)
        now[0] += 5
        transport.call(READ)
        assert len(served) == 1
        now[0] += 60
        transport.call(CHANGE)
        assert len(served) == 2


def test_a_redirect_leads_nowhere_and_takes_nothing_along() -> None:
    seen: list[bytes] = []

    def record(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(answer())

    with serving(record) as elsewhere:
        away = b"HTTP/1.1 307 Away\r\nContent-Length: 0\r\nLocation: %s/x\r\n\r\n" % elsewhere.encode()
        with serving(say(away)) as host, pytest.raises(NetworkError):
            transport_to(host).call(CHANGE, headers={"X-Password": "geheim"})
    assert seen == []


def test_cookies_are_not_kept() -> None:
    seen: list[bytes] = []

    def set_cookie(connection: socket.socket) -> None:
        while request := read_request(connection):
            seen.append(request)
            connection.sendall(answer(OK, b"Set-Cookie: who=me; Path=/"))

    with serving(set_cookie) as host:
        transport = transport_to(host)
        transport.call(READ)
        transport.call(READ)
    assert len(seen) == 2
    assert b"cookie" not in seen[1].lower()


def test_a_trace_shows_only_headers_and_fields_that_are_known_to_be_harmless() -> None:
    told: list[str] = []
    body = b'{"errorCode": "0", "data": {"total": 1, "pinCode": "geheim", "list": ["geheim"]}}'
    with serving(say(answer(body, b"Set-Cookie: geheim", b"X-New: geheim", b"Retry-After: 7"))) as host:
        transport = transport_to(host, trace=told.append, trace_bodies=True)
        headers = {"X-Password": "geheim", "X-Devserial": "Q1"}
        transport.call(CHANGE, {"page": 1, "password": "geheim"}, headers=headers)
    shown = "\n".join(told)
    assert "geheim" not in shown
    assert "hpc.t" not in shown
    for harmless in ("X-Devserial: Q1", "Retry-After: 7", '"page": 1', '"total": 1', '"password": "…"'):
        assert harmless in shown


def test_the_way_to_a_host_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[str] = []

    def counted(session: requests.Session, host: str) -> Way:
        looked_up.append(host)
        return find_way(session, host)

    def serve(connection: socket.socket) -> None:
        while read_request(connection):
            connection.sendall(answer())

    monkeypatch.setattr("hpcli.client.wire.find_way", counted)
    with serving(serve) as host:
        transport = transport_to(host)
        assert [transport.call(READ) for _ in range(3)] == [1, 1, 1]
    assert looked_up == [host]


def test_headers_of_an_answer_are_found_whatever_their_case() -> None:
    with serving(say(answer(OK, b"RETRY-AFTER: 7"))) as host:
        found = transport_to(host).exchange(Request(READ, READ.path), lambda _answer: None)
    assert found.headers.get("Retry-After") == "7"


@pytest.mark.parametrize(("name", "count"), [("content-type", 1), ("X-Other", 2)])
def test_a_type_that_was_given_is_the_only_one_whatever_its_case(name: str, count: int) -> None:
    seen: list[bytes] = []

    def record(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(answer())

    with serving(record) as host:
        transport_to(host).call(CHANGE, headers={name: "text/plain"})
    lines = seen[0].partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert sum(b"text/plain" in line or line.lower().startswith(b"content-type") for line in lines) == count


def test_header_values_travel_as_utf8() -> None:
    seen: list[bytes] = []

    def record(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(answer())

    with serving(record) as host:
        transport_to(host).call(READ, headers={"X-Username": "Jürgen Łukasz"})
    assert "X-Username: Jürgen Łukasz\r\n".encode() in seen[0]


@pytest.mark.parametrize("value", ["a\r\nX-Evil: b", "lone \udcff"])
def test_a_header_that_cannot_be_sent_is_a_usage_error(value: str) -> None:
    with serving(say()) as host, pytest.raises(UsageError):
        transport_to(host, sleep=no_second_try).call(READ, headers={"X-Username": value})


def test_a_body_that_is_no_text_is_a_usage_error() -> None:
    with serving(say()) as host, pytest.raises(UsageError):
        transport_to(host, sleep=no_second_try).call(CHANGE, {"name": "lone \udcff"})


def test_threads_share_one_session_and_one_sign_in() -> None:
    transport = transport_to("http://127.0.0.1:1")
    found: list[tuple[int, int]] = []
    start = threading.Barrier(8)

    def look() -> None:
        start.wait()
        found.append((id(transport.wire.session), id(transport.sign_in)))

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1


def test_nothing_shows_secrets_when_it_is_shown_itself() -> None:
    transport = transport_to("http://127.0.0.1:1")
    request = Request(
        CHANGE, "/x", {"key": "geheim"}, {"X-Password": "geheim"}, {"secretKey": "geheim"}, b"geheim",
        ("geheim", b"geheim"),
    )  # fmt: skip
    for shown in (transport, transport.sign_in, transport.wire, request):
        assert "geheim" not in repr(shown)
        assert "secret'" not in repr(shown)
        assert "hpc.t" not in repr(shown)


@pytest.mark.parametrize(
    ("lines", "moment"),
    [
        ([b"Date: Sat, 28 Nov 2026 08:45:00 GMT"], datetime(2026, 11, 28, 8, 45, tzinfo=UTC)),
        ([b"Date: Sat, 28 Nov 2026 10:45:00 +0200"], datetime(2026, 11, 28, 8, 45, tzinfo=UTC)),
        ([b"Date: Sat, 28 Nov 2026 08:45:00 +999999"], None),
        ([b"Date: noon"], None),
        ([], None),
    ],
)
def test_the_platforms_time_is_that_of_its_last_answer(lines: list[bytes], moment: datetime | None) -> None:
    with serving(say(answer(OK, *lines))) as host:
        transport = transport_to(host)
        assert transport.platform_time() is None
        transport.call(READ)
        told = transport.platform_time()
    if moment is None or told is None:
        assert told is moment
    else:
        assert timedelta(0) <= told - moment < timedelta(seconds=30)
