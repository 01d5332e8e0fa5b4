"""HTTP statuses, redirects and Retry-After, as proxies and gateways send them."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.faults.bodies import LOGIN_PAGE
from tests.faults.wrong import Meaning, Wrong
from tests.support.proxy import Answer, Exchange, replace

_PROXY_JSON = b'{"error": {"code": 503, "message": "upstream connect error", "status": "UNAVAILABLE"}}'
_REDIRECTS = (301, 302, 303, 307, 308)
_EXECUTED_UNKNOWN = frozenset({300, 304, *_REDIRECTS, 408, *range(500, 600)})
"""After these nobody knows whether the call was executed."""

_STATUSES = (
    *(201, 202, 203, 204, 205, 206, 207, 226, 300, 304),
    *(400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421),
    *(422, 423, 424, 425, 426, 428, 429, 431, 451, 494, 499),
    *(500, 501, 502, 503, 504, 505, 507, 508, 511, 520, 522, 524, 525, 599),
)
_PLACES: dict[str, str] = {
    "other-host": "http://203.0.113.9/login",
    "same-host": "/login",
    "broken-ipv6": "http://[::bad",
    "bad-port": "http://127.0.0.1:99999999/",
    "not-utf-8": "http://127.0.0.1/\xff\xfe",
    "other-scheme": "file:///etc/passwd",
    "script": "javascript:alert(1)",
    "empty": "",
    "giant": "/" + "a" * 60_000,
}
_RETRY_AFTER: dict[str, str] = {
    "one": "1",
    "long": "86400",
    "negative": "-1",
    "text": "soon",
    "fraction": "1.5",
    "exponent": "1e9",
    "digits": "9" * 400,
    "arabic-digits": "\xb2",
    "nan": "NaN",
    "past": "Wed, 21 Oct 2015 07:28:00 GMT",
    "future": "Wed, 21 Oct 9999 07:28:00 GMT",
    "mad-zone": "Wed, 21 Oct 2015 07:28:00 +99999999",
    "huge-zone": "Wed, 21 Oct 2015 07:28:00 -" + "9" * 30,
    "year-zero": "Wed, 21 Oct 0000 07:28:00 GMT",
    "no-date": "Wed, 99 Foo 2015 99:99:99 GMT",
}


def _echo(status: int) -> Wrong:
    """Return an answer that repeats all that was sent, as some gateways do, with the code of an inner fault."""

    def spoiler(exchange: Exchange) -> None:
        arrival = exchange.arrival
        sent = (
            f"{arrival.method} {arrival.target}\n{arrival.headers}\n{arrival.body.decode(errors='replace')}"
        )
        body = json.dumps({"errorCode": "LAP500001", "message": f"Bad request: {sent}"}).encode()
        exchange.send_whole(Answer(status, body=body))

    return Wrong(spoiler, is_lost=True)


def _echo_page(exchange: Exchange) -> None:
    arrival = exchange.arrival
    page = f"<html><pre>{arrival.headers}\n{arrival.body.decode(errors='replace')}</pre></html>"
    exchange.send_whole(Answer(502, (("Content-Type", "text/html"),), page.encode()))


def _status(status: int, body: bytes, content_type: str) -> Wrong:
    meaning = Meaning.EMPTY if status < 300 else Meaning.FAILURE
    spoiler = replace(body=body, status=status, content_type=content_type, is_done=status < 300)
    return Wrong(spoiler, meaning, is_lost=status in _EXECUTED_UNKNOWN)


def _redirects() -> Iterator[tuple[str, Wrong]]:
    for status in _REDIRECTS:
        location = (("Location", _PLACES["other-host"]),)
        moved = replace(body=b"", status=status, headers=location, is_done=False)
        yield f"redirect-{status}", Wrong(moved, is_lost=True)
    for name, place in _PLACES.items():
        moved = replace(body=b"Moved", status=302, headers=(("Location", place),))
        yield f"redirect-{name}", Wrong(moved, is_lost=True)
    yield (
        "redirect-nowhere",
        Wrong(replace(body=LOGIN_PAGE, status=302, content_type="text/html"), is_lost=True),
    )


def _retries() -> Iterator[tuple[str, Wrong]]:
    for name, text in _RETRY_AFTER.items():
        for status in (429, 503):
            headers = (("Retry-After", text),)
            spoiler = replace(body=b"Busy", status=status, headers=headers, is_done=False)
            yield f"retry-after-{name}-{status}", Wrong(spoiler, is_lost=status == 503)


def _all() -> Iterator[tuple[str, Wrong]]:
    for status in _STATUSES:
        yield f"http-{status}", _status(status, b"", "text/plain")
    for status in (400, 401, 403, 404, 407, 500, 502, 503, 504):
        yield f"http-{status}-page", _status(status, LOGIN_PAGE, "text/html")
        yield f"http-{status}-json", _status(status, _PROXY_JSON, "application/json")
        yield (
            f"http-{status}-once",
            Wrong(
                replace(body=LOGIN_PAGE, status=status, content_type="text/html", is_done=False),
                is_lost=status in _EXECUTED_UNKNOWN,
                calls=frozenset({1}),
            ),
        )
    yield "echo-400", _echo(400)
    yield "echo-500", _echo(500)
    yield "echo-page", Wrong(_echo_page, is_lost=True)
    yield from _redirects()
    yield from _retries()


STATUSES: dict[str, Wrong] = dict(_all())
"""Odd statuses by name."""
