"""Broken wires: connections that end, stall, drip or never end, and messages that HTTP forbids."""

from __future__ import annotations

import gzip
import os
import socket
import struct
from collections.abc import Callable, Iterator
from functools import cache

from tests.faults.wrong import Wrong
from tests.support.proxy import Answer, Exchange, Spoiler

_OK = b"HTTP/1.1 200 OK\r\n"
_JSON = b"Content-Type: application/json\r\n"
_BODY = b'{"errorCode": "0", "data": {}}'
_DRIP_SECONDS = 0.1
_LONGEST = 60.0
_MANY = 1 << 16
_BOMB_MIB = 100
_PADDING = b" " * 600  # an answer that drips lasts longer than `--timeout`


def _reset(exchange: Exchange) -> None:
    """Send a reset: no time to linger, and the descriptor itself is closed, as any other end is an orderly one."""
    exchange.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(exchange.connection.detach())


def _close(_exchange: Exchange) -> None:
    """End the connection without a word."""


def _stall(exchange: Exchange) -> None:
    exchange.wait(_LONGEST)


def _say(text: bytes, then: Spoiler = _close) -> Spoiler:
    def spoiler(exchange: Exchange) -> None:
        exchange.send(text)
        then(exchange)

    return spoiler


def _after(spoiler: Spoiler) -> Spoiler:
    """Return the spoiler for a call that was executed before."""

    def after(exchange: Exchange) -> None:
        exchange.execute()
        spoiler(exchange)

    return after


def _with_answer(send: Callable[[Exchange, Answer], None]) -> Spoiler:
    return lambda exchange: send(exchange, exchange.execute())


def _drip(exchange: Exchange, text: bytes) -> None:
    for byte in text:
        exchange.send(bytes([byte]))
        if not exchange.wait(_DRIP_SECONDS):
            return


def _cut_body(exchange: Exchange, answer: Answer) -> None:
    whole = answer.whole()
    exchange.send(whole[: -max(1, len(answer.body) // 2)])


def _cut_chunk(exchange: Exchange, answer: Answer) -> None:
    head = _OK + _JSON + b"Transfer-Encoding: chunked\r\n\r\n"
    exchange.send(head + b"%x\r\n" % (len(answer.body) + 10) + answer.body)


def _no_last_chunk(exchange: Exchange, answer: Answer) -> None:
    head = _OK + _JSON + b"Transfer-Encoding: chunked\r\n\r\n"
    exchange.send(head + b"%x\r\n" % len(answer.body) + answer.body + b"\r\n")


def _late_stall(exchange: Exchange, answer: Answer) -> None:
    exchange.send(answer.whole()[:-1])
    _stall(exchange)


def _two_lengths(exchange: Exchange, answer: Answer) -> None:
    exchange.send(answer.head(b"Content-Length: 3") + answer.body)


def _drip_body(exchange: Exchange, answer: Answer) -> None:
    exchange.send(answer.head(length=len(answer.body) + len(_PADDING)))
    _drip(exchange, answer.body + _PADDING)


def _endless(head: bytes, part: bytes) -> Spoiler:
    """Return a spoiler that never stops sending; a limit of ours ends it where the client does not."""

    def spoiler(exchange: Exchange) -> None:
        exchange.send(head)
        for _ in range((80 << 20) // len(part)):
            exchange.send(part)
            if exchange.proxy.closing.is_set():
                return

    return spoiler


def _endless_slowly(part: bytes) -> Spoiler:
    def spoiler(exchange: Exchange) -> None:
        while exchange.wait(_DRIP_SECONDS):
            exchange.send(part)

    return spoiler


@cache
def _packed() -> bytes:
    return gzip.compress(b" " * (1 << 20)) * _BOMB_MIB


def _bomb(exchange: Exchange) -> None:
    head = _OK + _JSON + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(_packed())
    exchange.send(head + _packed())


def _framed(*lines: bytes, body: bytes = _BODY) -> Spoiler:
    return _say(_OK + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body)


_BREAKS: dict[str, Spoiler] = {
    "close": _close,
    "reset": _reset,
    "cut-status-line": _say(b"HTTP/1.1 2"),
    "cut-headers": _say(_OK + b"Content-Ty"),
    "cut-before-blank-line": _say(_OK + _JSON),
    "reset-in-headers": _say(_OK + b"Content-Ty", _reset),
    "length-too-long": _framed(_JSON[:-2], b"Content-Length: 4000"),
    "length-negative": _framed(_JSON[:-2], b"Content-Length: -1"),
    "length-text": _framed(_JSON[:-2], b"Content-Length: abc"),
    "length-huge": _framed(_JSON[:-2], b"Content-Length: 99999999999999999999"),
    "length-too-short": _framed(_JSON[:-2], b"Content-Length: 12"),
    "lengths-conflicting": _framed(_JSON[:-2], b"Content-Length: 30", b"Content-Length: 3"),
    "length-list": _framed(_JSON[:-2], b"Content-Length: 30, 3"),
    "chunk-size-text": _framed(b"Transfer-Encoding: chunked", body=b"zz\r\nabc\r\n0\r\n\r\n"),
    "chunk-size-negative": _framed(b"Transfer-Encoding: chunked", body=b"-5\r\nabc\r\n0\r\n\r\n"),
    "chunk-size-huge": _framed(b"Transfer-Encoding: chunked", body=b"F" * 40 + b"\r\nabc"),
    "status-text": _say(b"HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n"),
    "status-zero": _say(b"HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n"),
    "status-999": _say(b"HTTP/1.1 999 OK\r\nContent-Length: 0\r\n\r\n"),
    "status-missing": _say(b"HTTP/1.1\r\nContent-Length: 0\r\n\r\n"),
    "other-protocol": _say(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "other-mail": _say(b"220 mail.example ESMTP\r\n"),
    "other-tls": _say(b"\x15\x03\x03\x00\x02\x02\x28"),
    "other-nul": _say(b"\0" * 100),
    "other-blank": _say(b"\r\n" * 20),
    "header-without-colon": _framed(b"Nonsense", b"Content-Length: 0", body=b""),
    "header-giant": _framed(b"X-Long: " + b"a" * 200_000, b"Content-Length: 0", body=b""),
    "headers-many": _framed(*[b"X-%d: 1" % n for n in range(500)], b"Content-Length: 0", body=b""),
    "header-bytes": _framed(b"X-\xff\xfe: \xff\xfe", b"Content-Length: 0", body=b""),
    "gzip-claimed": _framed(b"Content-Encoding: gzip", b"Content-Length: 30"),
    "gzip-cut": _framed(b"Content-Encoding: gzip", body=gzip.compress(_BODY)[:-12]),
    "encoding-unknown": _framed(b"Content-Encoding: zstd, br, odd", b"Content-Length: 4", body=b"\x28\xb5\x2f\xfd"),
    "continue-then-end": _say(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "early-hints-then-end": _say(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
    "switching-protocols": _say(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"),
}  # fmt: skip
_SPOILT_ANSWERS: dict[str, Spoiler] = {
    "cut-body": _with_answer(_cut_body),
    "cut-chunk": _with_answer(_cut_chunk),
    "no-last-chunk": _with_answer(_no_last_chunk),
    "lengths-around-the-answer": _with_answer(_two_lengths),
    "gzip-bomb": _after(_bomb),
}
_SLOW: dict[str, Spoiler] = {
    "stall-before": _stall,
    "stall-after": _after(_stall),
    "stall-in-headers": _after(_say(_OK + b"Content-Ty", _stall)),
    "stall-before-body": _after(_say(_OK + _JSON + b"Content-Length: 30\r\n\r\n", _stall)),
    "stall-late": _with_answer(_late_stall),
    "drip-headers": _after(lambda exchange: _drip(exchange, _OK + b"X-Drip: " + b"a" * 600)),
    "drip-body": _with_answer(_drip_body),
    "drip-chunk-size": _after(
        _say(_OK + b"Transfer-Encoding: chunked\r\n\r\n", lambda exchange: _drip(exchange, b"0" * 600))
    ),
    "continue-for-ever": _after(_endless_slowly(b"HTTP/1.1 100 Continue\r\n\r\n")),
    "headers-for-ever": _after(_say(_OK, _endless_slowly(b"X-More: 1\r\n"))),
}
_ENDLESS: dict[str, Spoiler] = {
    "endless-body": _after(_endless(_OK + _JSON + b"\r\n", b"a" * _MANY)),
    "endless-302": _after(
        _endless(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", b"a" * _MANY)
    ),
    "endless-continue": _after(_endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)),
}


def _all() -> Iterator[tuple[str, Wrong]]:
    yield "refused", Wrong(_close, area_refuses=True)
    for name, spoiler in _BREAKS.items():
        yield name, Wrong(_after(spoiler), is_lost=True)
    for name in ("close", "reset", "cut-headers"):
        yield f"{name}-before", Wrong(_BREAKS[name], is_lost=True)
        once = frozenset({1})
        yield f"{name}-before-once", Wrong(_BREAKS[name], is_lost=True, calls=once)
        yield f"{name}-once", Wrong(_after(_BREAKS[name]), is_lost=True, calls=once)
    for name, spoiler in _SPOILT_ANSWERS.items():
        yield name, Wrong(spoiler, is_lost=True)
    for name, spoiler in (_SLOW | _ENDLESS).items():
        yield name, Wrong(spoiler, is_lost=True, is_slow=True)


WIRES: dict[str, Wrong] = dict(_all())
"""Broken wires by name."""
