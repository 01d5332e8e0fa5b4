"""A server whose connections follow a script, and a transport to it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

from hpcli.api.operation import Operation
from hpcli.auth.account import Account
from hpcli.auth.tokens import MemoryTokenCache, Token
from hpcli.client.transport import Transport

READ = Operation("GET", "/api/hpcgw/v1/any", "§3.6", repeatable=True)


CHANGE = Operation("POST", "/api/hpcgw/v1/any", "§3.3", change=True)


OK = b'{"errorCode": "0", "data": 1}'


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


def no_second_try(_seconds: float) -> None:
    raise AssertionError("it was about to be tried again")
