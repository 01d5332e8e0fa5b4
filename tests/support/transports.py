"""Transports to the stand-in, and a platform that gives one answer."""

from __future__ import annotations

import http.server
import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hpcli.auth.account import Account
from hpcli.auth.tokens import MemoryTokenCache
from hpcli.client import Client
from hpcli.client.transport import Transport
from hpcli.sandbox import control
from tests.support.platform_server import Platform


class Clock:
    """Time that only passes during a sleep."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


def transport_of(platform: Platform, **settings: Any) -> Transport:
    clock = Clock()
    account = Account(platform.base_url, platform.app_key)
    secret = settings.pop("secret", platform.secret_key)
    tokens = settings.pop("tokens", MemoryTokenCache())
    return Transport(account, lambda: secret, tokens, sleep=clock.sleep, clock=clock, **settings)


def requests_to(platform: Platform, path: str) -> int:
    return control.statistics(platform.state)["requests"].get(f"POST /api/hpcgw/{path}", 0)


def client_of(host: str) -> Client:
    return Client("key", "secret", host, timeout=5)


@contextmanager
def answering(
    body: bytes,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    seen: list[str] | None = None,
    area: str | None = None,
    token: bytes | None = None,
    counting: bool = False,
    bodies: list[bytes] | None = None,
) -> Iterator[str]:
    """Serve a token to the sign-in and `body` to every other call; keep the Authorization headers.

    With `counting` the number of the call takes the place of `%d` in the body.
    """
    calls = itertools.count(1)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body go apart: 40 ms a call otherwise

        def answer(self) -> None:
            if seen is not None:
                seen.append(self.headers.get("Authorization", ""))
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if bodies is not None:
                bodies.append(sent)
            is_sign_in = self.path.endswith("token/get")
            fields = {"accessToken": "hpc.t", "expireTime": 9_999_999_999_999, "areaDomain": area or host}
            signed_in = token or json.dumps({"data": fields, "errorCode": "0"}).encode()
            content = signed_in if is_sign_in else body % next(calls) if counting else body
            self.send_response(200 if is_sign_in else status)
            for name, value in ({} if is_sign_in else headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = answer  # noqa: N815 - the names of the base class

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
