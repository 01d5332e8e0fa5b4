"""The HTTP session against servers that do what servers should not: drip, lie, hang up, hide behind proxies."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hpcli.api.operation import Operation
from hpcli.auth.account import Account
from hpcli.auth.tokens import MemoryTokenCache, Token
from hpcli.client.request import Request
from hpcli.client.transport import Transport
from hpcli.errors import NetworkError, TimeLimitError, UsageError

READ = Operation("GET", "/api/hpcgw/v1/any", "§3.6", repeatable=True)
CHANGE = Operation("POST", "/api/hpcgw/v1/any", "§3.3", change=True)
OK = b'{"errorCode": "0", "data": 1}'
HOST = "api.example.org"

Script = Callable[[socket.socket], None]


def answer(body: bytes = OK, *lines: bytes) -> bytes:
    head = [b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *lines]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def read_request(connection: socket.socket) -> bytes:
    """Read one request; empty where the client hung up."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ),
        0,
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextlib.contextmanager
def serving(*scripts: Script) -> Iterator[str]:
    """Serve each connection by the next script; the last one serves all that follow."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        served = 0
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            script = scripts[min(served, len(scripts) - 1)]
            served += 1
            threading.Thread(target=run, args=(script, connection), daemon=True).start()

    def run(script: Script, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            script(connection)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def transport_to(host: str, **settings: Any) -> Transport:
    tokens = MemoryTokenCache()
    tokens.store(Token("hpc.t", 9e12, host))
    return Transport(Account(host, "key"), lambda: "secret", tokens, **{"timeout": 10.0, **settings})


def say(*answers: bytes) -> Script:
    """Answer one request each."""

    def script(connection: socket.socket) -> None:
        for text in answers:
            if read_request(connection):
                connection.sendall(text)

    return script


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
    import gzip

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


@pytest.mark.parametrize(
    "text",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + OK,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 300 + b"\r\n",
        b"",
    ],
)
def test_an_answer_that_breaks_off_or_makes_no_sense_is_a_network_error(text: bytes) -> None:
    with serving(say(text)) as host, pytest.raises(NetworkError) as caught:
        transport_to(host).call(CHANGE)
    assert "broke off" in caught.value.message


def test_an_answer_that_is_too_large_is_given_up_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hpcli.client.wire._LARGEST_ANSWER", 1000)
    with serving(say(answer(b" " * 2000)), say(answer())) as host, pytest.raises(NetworkError) as caught:
        transport_to(host).call(READ)
    assert "larger" in caught.value.message


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


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate of HOST and its key in one file."""
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}",
         "-keyout", path, "-out", path.with_suffix(".crt")],
        check=True, capture_output=True,
    )  # fmt: skip
    path.write_bytes(path.read_bytes() + path.with_suffix(".crt").read_bytes())
    return path


def through_tls(certificate: Path, script: Script) -> Script:
    """Be a proxy that is also the server behind it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with context.wrap_socket(connection, server_side=True) as secure:
            script(secure)

    return serve


def test_a_proxy_is_used_and_a_change_that_it_lost_is_not_repeated(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytes] = []

    def hang_up(connection: socket.socket) -> None:
        seen.append(read_request(connection))

    with serving(through_tls(certificate, hang_up)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        with pytest.raises(NetworkError):
            transport_to(f"https://{HOST}", timeout=3).call(CHANGE)
    assert len(seen) == 1


def test_a_change_that_the_proxy_did_not_pass_on_is_repeated(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = say(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
    with serving(busy, through_tls(certificate, say(answer()))) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert transport_to(f"https://{HOST}", sleep=lambda _: None).call(CHANGE) == 1


def test_a_proxy_that_wants_a_password_is_told_at_once_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(say(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.replace("//", "//user:geheim@"))
        with pytest.raises(NetworkError) as caught:
            transport_to(f"https://{HOST}", sleep=no_second_try).call(READ)
    assert "407" in caught.value.message
    assert "geheim" not in caught.value.message + (caught.value.hint or "")


def test_a_certificate_that_nobody_signed_is_told_at_once(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(through_tls(certificate, say(answer()))) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        with pytest.raises(NetworkError) as caught:
            transport_to(f"https://{HOST}", sleep=no_second_try).call(READ)
    assert "TLS" in caught.value.message


def test_a_host_without_tls_is_told_at_once() -> None:
    with serving(lambda connection: connection.sendall(answer())) as host:
        account = host.replace("http:", "https:")
        with (
            contextlib.closing(transport_to(account, sleep=no_second_try)) as transport,
            pytest.raises(NetworkError, match="does not speak TLS") as caught,
        ):
            transport.call(READ)
    assert host in (caught.value.hint or "")


def test_a_proxy_of_an_unknown_kind_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:1")
    with pytest.raises(NetworkError) as caught:
        transport_to(f"https://{HOST}", sleep=no_second_try).call(READ)
    assert "proxy" in caught.value.message


def test_a_loopback_platform_is_never_reached_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with serving(say(answer())) as host:
        assert transport_to(host).call(READ) == 1


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


def no_second_try(_seconds: float) -> None:
    raise AssertionError("it was about to be tried again")
