"""A server of pictures that answers as a test wants, and a fetch from it."""

import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

from hpcli.client.fetch import (
    fetch,
)

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 800


HOST = "pictures.example.com"


Answer = Callable[["Handler"], object]


class Server(ThreadingHTTPServer):
    daemon_threads = True
    answers: dict[str, Answer]
    seen: list[tuple[str, dict[str, str]]]
    stopped: threading.Event

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what some of these tests are about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        self.close_connection = True
        self.server.answers[self.path](self)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"content_length": str(len(body))} | headers).items():
            self.send_header(name.replace("_", "-").title(), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Keep stderr quiet."""


def serve(context: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.answers, server.seen, server.stopped = {}, [], threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.stopped.set()
    server.shutdown()
    server.server_close()
    thread.join()


def url_of(server: Server, path: str, scheme: str = "http", host: str = "127.0.0.1") -> str:
    return f"{scheme}://{host}:{server.server_port}{path}"


def get(server: Server, answer: Answer, *, limit: int = 1 << 20, total: float = 60.0) -> bytes:
    server.answers["/p"] = answer
    sink = BytesIO()
    fetch(url_of(server, "/p"), sink, allow_local=True, limit=limit, total=total)
    return sink.getvalue()
