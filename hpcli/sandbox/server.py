"""Serve the stand-in on loopback: threads, HTTP/1.1 with persistent connections, no log."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from hpcli.errors import LocalError
from hpcli.sandbox import APP_KEY, SECRET_KEY
from hpcli.sandbox.http.app import Application
from hpcli.sandbox.state import seed

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from hpcli.sandbox.http.audit import Audit

HOST = "127.0.0.1"
_BACKLOG = 128


class Sandbox:
    """A stand-in platform that is being served; close it, or use it in a `with` statement.

    Attributes:
        base_url: login host and area domain, such as `http://127.0.0.1:8321`.
        app_key: key of the demo account.
        secret_key: its secret.
        state: the SQLite file.
    """

    app_key = APP_KEY
    secret_key = SECRET_KEY

    def __init__(self, state: Path, server: _Server, application: Application) -> None:
        self.state = state
        self.base_url = application.base_url
        self._server = server
        self._application = application
        # Keeps the write-ahead log alive between requests; SQLite removes it when the last connection closes.
        self._store = seed.open_state(state)
        self._thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Answer waiting polls, close all connections and stop. A second call does nothing."""
        if self._application.closing.is_set():
            return
        self._application.closing.set()
        self._server.stop()
        self._thread.join()
        self._server.hang_up()
        self._store.close()


def start(
    state: Path, *, port: int = 0, log: Callable[[str], None] | None = None, audit: Audit | None = None
) -> Sandbox:
    """Serve the stand-in in threads of this process.

    Args:
        state: the SQLite file; created with the demo account on first use.
        port: port on 127.0.0.1; 0 picks a free one.
        log: gets one line for each request; None for no log.
        audit: checks every answer against the OpenAPI document; None for no check.

    Raises:
        LocalError: the port is taken, a newer hpcli made the file, or it cannot be written.
    """
    with seed.open_state(state) as store:
        store.count("start")  # every request writes: on a full disk all of them would fail
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise LocalError(f"Port {port} is taken.", hint="Choose another one, or 0 to pick one.") from error
    application = Application(state, audit=audit)
    # The server duplicates the descriptor, so this one can be closed.
    with listener:
        server = _Server(HOST, listener.getsockname()[1], application, _Handler, fd=listener.fileno())
    server.log_line = log
    application.base_url = f"http://{HOST}:{server.port}"
    return Sandbox(state, server, application)


class _Server(ThreadedWSGIServer):
    """The threaded server of Werkzeug, which also knows its open connections."""

    log_line: Callable[[str], None] | None = None

    def __init__(self, host: str, port: int, app: WSGIApplication, handler: type[_Handler], fd: int) -> None:
        self._talks: dict[threading.Thread, socket.socket] = {}
        super().__init__(host, port, app, handler, fd=fd)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection to its end."""
        me = threading.current_thread()
        self._talks[me] = request
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._talks.pop(me, None)

    def stop(self) -> None:
        """Take no more connections. `shutdown` waits for the loop's next look; a connection brings that about."""
        stopping = threading.Thread(target=self.shutdown, daemon=True)
        stopping.start()
        with contextlib.suppress(OSError):  # the loop may be over by now
            socket.create_connection((HOST, self.port), timeout=1).close()
        stopping.join()

    def hang_up(self) -> None:
        """Close all connections and wait until their threads are done."""
        for thread, connection in list(self._talks.items()):
            with contextlib.suppress(OSError):  # the client may have closed it already
                connection.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=5)


class _Handler(WSGIRequestHandler):
    """Persistent connections; Werkzeug's own handler closes them after each answer."""

    protocol_version = "HTTP/1.1"
    # Head and body are sent together; waiting for more would cost 40 ms for each answer.
    disable_nagle_algorithm = True
    server: _Server

    def run_wsgi(self) -> None:
        """Answer one request completely; the application reads it to its end, so that the next can follow."""
        if self.headers.get("Expect", "").strip().lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], _error: Any = None
        ) -> Callable[[bytes], object]:
            started.append((status, headers))
            return self.wfile.write

        body = b"".join(self.server.app(self.make_environ(), start_response))
        status, headers = started[-1]
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self._headers_buffer.append(b"\r\n" + (b"" if self.command == "HEAD" else body))
        self.flush_headers()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:  # noqa: ARG002 - the base class names it
        """Log the answer, if there is a log."""
        if self.server.log_line is not None:
            self.server.log_line(f"{self.command} {self.path} {code}")
