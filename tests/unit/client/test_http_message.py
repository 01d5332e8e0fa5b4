"""Only whole HTTP answers count (RFC 9112): what is cut off, contradicts itself or has no end is a network error."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading

import pytest

from hpcli.errors import ExitCode, NetworkError
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
LENGTH = b"Content-Length: %d\r\n" % len(OK)

CUT_OFF = "cut off"
CONTRADICTION = "contradicts itself"
BROKEN = "is broken"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "broke off"),
        (b"HTT", CUT_OFF),
        (b"HTTP/1.1 200 OK", CUT_OFF),
        (HEAD, CUT_OFF),
        (HEAD + b"Content-Ty", CUT_OFF),
        (HEAD + b"Content-Type: application/json\r\n", CUT_OFF),
        (HEAD + b"Content-Length: 100\r\n\r\n" + OK, CUT_OFF),
        (CHUNKED + b"5\r\n{", CUT_OFF),
        (CHUNKED + b"%x\r\n%s" % (len(OK), OK), CUT_OFF),
        (CHUNKED + b"%x\r\n%s\r\n" % (len(OK), OK), CUT_OFF),
        (CHUNKED + b"%x\r\n%s\r\n0\r\n" % (len(OK), OK), CUT_OFF),
        (CHUNKED + b"%x\r\n%s\r\n0\r\nX-Sum: 1" % (len(OK), OK), CUT_OFF),
        (HEAD + LENGTH + b"Content-Length: 3\r\n\r\n" + OK, CONTRADICTION),
        (HEAD + b"Content-Length: %d, 3\r\n\r\n" % len(OK) + OK, CONTRADICTION),
        (HEAD + LENGTH + b"Transfer-Encoding: chunked\r\n\r\n" + OK, CONTRADICTION),
        (HEAD + b"Content-Length: -1\r\n\r\n" + OK, "not a number"),
        (HEAD + b"Content-Length: +%d\r\n\r\n" % len(OK) + OK, "not a number"),
        (HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n" + OK, "not a number"),
        (HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "transfer coding"),
        (b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "transfer coding"),
        (CHUNKED + b"nonsense\r\n{", BROKEN),
        (CHUNKED + b"-1\r\n" + OK, BROKEN),
        (CHUNKED + b"0x1d\r\n" + OK, BROKEN),
        (CHUNKED + b"1\r\n" + OK + b"\r\n0\r\n\r\n", BROKEN),
        (CHUNKED + b"1;" + b"x" * 5000, BROKEN),
        (CHUNKED + b"0\r\n" + b"X: y\r\n" * 300 + b"\r\n", "too many headers"),
        (HEAD + b"X: y\r\n" * 300 + b"\r\n", "too many headers"),
        (HEAD + b"X: " + b"y" * 70_000 + b"\r\n\r\n", BROKEN),
        ((HEAD + b"X: " + b"y" * 40_000 + b"\r\n") * 2 + b"\r\n", BROKEN),
        (HEAD + b"no header\r\n" + LENGTH + b"\r\n" + OK, BROKEN),
        (HEAD + b" folded\r\n" + LENGTH + b"\r\n" + OK, BROKEN),
        (HEAD + b"X: a\0b\r\n" + LENGTH + b"\r\n" + OK, BROKEN),
        (HEAD + b"X: a\rContent-Length: 0\r\n" + LENGTH + b"\r\n" + OK, BROKEN),
        (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", BROKEN),
        (HEAD + b"Content-Encoding: br\r\nContent-Length: 3\r\n\r\nabc", "coding"),
        (b"nonsense\r\n\r\n", "not HTTP"),
        (b"\0\0" + answer(), "not HTTP"),
        (b"\r\n\r\n" + answer(), "not HTTP"),
        (b"HTTP/1.1 2OO OK\r\n" + LENGTH + b"\r\n" + OK, "not HTTP"),
        (b"HTTP/2 200 OK\r\n" + LENGTH + b"\r\n" + OK, "not HTTP"),
        (OK, CUT_OFF),
        (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n" + answer(), "not asked for"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 200 + answer(), "never comes"),
        (b"HTTP/1.1 100 Continue\r\n", CUT_OFF),
    ],
)
def test_an_answer_that_is_not_whole_is_a_network_error_and_a_change_unknown(text: bytes, why: str) -> None:
    with serving(say(text)) as host, pytest.raises(NetworkError) as caught:
        transport_to(host, sleep=no_second_try).call(CHANGE)
    assert why in caught.value.message
    assert caught.value.exit_code == ExitCode.NETWORK
    assert "not known whether the change was made" in caught.value.message
    assert "may have been done" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "text",
    [
        HEAD + LENGTH + LENGTH + b"\r\n" + OK,
        HEAD + b"Content-Length: %d, %d\r\n\r\n" % (len(OK), len(OK)) + OK,
        HEAD + b"X: a\r\n\tfolded\r\n" + LENGTH + b"\r\n" + OK,
        HEAD + b"Content-Length : %d\r\n\r\n" % len(OK) + OK,
        HEAD.replace(b" OK", b"") + LENGTH + b"\r\n" + OK,
        (HEAD + LENGTH + b"\r\n").replace(b"\r\n", b"\n") + OK,
        HEAD + b"\r\n" + OK,
        b"HTTP/1.0 200 OK\r\n\r\n" + OK,
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: </x>\r\n\r\n" + answer(),
        CHUNKED + b"5;a=b\r\n%s\r\n%X \r\n%s\r\n0\r\nX-Sum: 1\r\n\r\n" % (OK[:5], len(OK) - 5, OK[5:]),
        HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(OK, mtime=0),
    ],
)
def test_a_whole_answer_counts_however_it_is_written(text: bytes) -> None:
    with serving(say(text)) as host:
        assert transport_to(host, sleep=no_second_try).call(CHANGE) == 1


def test_a_cut_answer_of_a_reading_call_is_asked_for_again() -> None:
    with serving(say(HEAD + b"Content-Ty"), say(answer())) as host:
        assert transport_to(host, sleep=lambda _: None).call(READ) == 1


def endless(head: bytes, part: bytes, gone: threading.Event) -> Script:
    """Send a part again and again until the client hangs up."""

    def script(connection: socket.socket) -> None:
        read_request(connection)
        with contextlib.suppress(OSError):
            connection.sendall(head)
            while True:
                connection.sendall(part)
        gone.set()

    return script


BOMB = gzip.compress(b" " * (1 << 20), mtime=0) * 100


@pytest.mark.parametrize("status", [b"200 OK", b"302 Found", b"404 No", b"500 Oh"])
@pytest.mark.parametrize(
    ("head", "part"),
    [
        (b"\r\n", b" " * 65536),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b" " * 65536 + b"\r\n"),
        (b"Content-Encoding: gzip\r\n\r\n", BOMB),
    ],
)
def test_an_endless_body_is_given_up_whatever_the_status(status: bytes, head: bytes, part: bytes) -> None:
    gone = threading.Event()
    start = b"HTTP/1.1 " + status + b"\r\nLocation: /elsewhere\r\n" + head
    with serving(endless(start, part, gone)) as host, pytest.raises(NetworkError) as caught:
        transport_to(host, sleep=no_second_try, timeout=60).call(CHANGE)
    assert ("unpacks to over" if b"gzip" in head else "larger than 64 MiB") in caught.value.message
    assert gone.wait(20)


@pytest.mark.parametrize(
    "location", [b"http://[::bad", b"\xff\xfe", b"http://127.0.0.1:1/x", b"//", b"", b"http://a:b:c"]
)
@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 305, 307, 308, 399])
def test_a_redirect_is_not_even_looked_at(status: int, location: bytes) -> None:
    text = b"HTTP/1.1 %d Away\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (status, location)
    with serving(say(text)) as host, pytest.raises(NetworkError) as caught:
        transport_to(host, sleep=no_second_try).call(CHANGE)
    assert f"HTTP {status}" in caught.value.message
    assert "not known whether the change was made" in caught.value.message


@pytest.mark.parametrize(
    "line",
    [
        b"Retry-After: Wed, 21 Oct 2015 07:28:00 +9999999999999",
        b"Retry-After: Fri, 31 Dec 9999 23:59:59 -2359",
        b"Retry-After: Mon, 01 Jan 0001 00:00:00 +2359",
        b"Retry-After: -5",
        b"Retry-After: 1e999",
        b"Retry-After: nan",
        b"Retry-After: " + b"9" * 400,
        b"Retry-After: \xb2",
        b"Set-Cookie: a=b; expires=Wed, 99 Foo 99999 99:99:99 +9999999999; max-age=" + b"9" * 5000,
        b"Content-Type: ;;;=\xff;charset=;charset",
        b"Content-Type: application/json; charset=no-such",
        b"Date: \xff\xfe",
        b"Link: <<<>>>",
    ],
)
@pytest.mark.parametrize("status", [b"200 OK", b"429 Slow", b"503 Busy"])
def test_an_odd_header_does_no_harm(line: bytes, status: bytes) -> None:
    told: list[float] = []
    odd = answer(b"" if status[:1] != b"2" else OK, line).replace(b"200 OK", status, 1)
    with serving(say(odd), say(answer())) as host:
        assert transport_to(host, sleep=told.append).call(READ) == 1
    assert all(seconds < 60 for seconds in told)
