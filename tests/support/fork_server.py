"""Starts the command as processes of their own that need not import it: forks of a process that did.

`python -m tests.support.fork_server FD` reads requests from a socket and answers each with the number of the process
it started. That process leads a session, has the streams, variables and folder of the request, and runs the entry
point; it is a child of the one that asked (see forked.py). The server has one thread, so that forking is safe.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import importlib
import io
import json
import os
import pkgutil
import signal
import socket
import sys
import tempfile
import termios
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

STREAMS = 3
_COMMANDS = (
    ("device", "list"),
    ("device", "list", "-o", "json"),
    ("panel", "zones", "Q10254783"),
    ("device", "isapi", "GET", "/ISAPI/System/time", "Q10254783"),
    ("commands", "-o", "json"),
)
"""Between them they import what most commands do, and read what is read once a process."""
_IMPORTED_BY_NAME = ("keyring.core", "keyring.backends.SecretService", "secretstorage", "cryptography.x509")
"""What the keyring imports; its backend is chosen by each process."""


def send(connection: socket.socket, message: Any, files: list[int] | None = None) -> None:
    """Send a message and, with its first bytes, open files."""
    text = json.dumps(message).encode()
    socket.send_fds(connection, [len(text).to_bytes(4, "big")], files or [])
    connection.sendall(text)


def receive(connection: socket.socket) -> tuple[Any, list[int]]:
    """Return the next message and the files that came with it.

    Raises:
        EOFError: the other end is closed.
    """
    head, files, _, _ = socket.recv_fds(connection, 4, STREAMS)
    if len(head) < 4:
        raise EOFError
    rest = int.from_bytes(head, "big")
    text = b""
    while len(text) < rest:
        text += connection.recv(rest - len(text))
    return json.loads(text), list(files)


def prepare() -> None:
    """Import all of the command, and run some in this process, so that a fork finds what they read."""
    from tests.support.inside import InsideRunner

    hpcli = importlib.import_module("hpcli")
    entry = importlib.import_module("hpcli.__main__")
    entry.leave_out_charset_guessing()
    for module in pkgutil.walk_packages(hpcli.__path__, "hpcli."):
        importlib.import_module(module.name)
    for name in _IMPORTED_BY_NAME:
        importlib.import_module(name)
    with tempfile.TemporaryDirectory(prefix="hpcli-") as folder, _no_time_limits():
        environment = {
            **{f"HPCLI_{name}_DIR": folder for name in ("STATE", "CONFIG", "CACHE")},
            "HPCLI_PROFILE": "sandbox",
            "HPCLI_SANDBOX_AUDIT": str(Path(folder) / "audit.txt"),
        }
        for command in _COMMANDS:
            done = InsideRunner()(*command, environment=environment)
            assert done.exit_code == 0, done.stderr
    gc.collect()
    gc.freeze()


@contextlib.contextmanager
def _no_time_limits() -> Iterator[None]:
    """Let requests begin no thread that watches their time: it would stay, and a process with threads is not forked."""
    from hpcli.client.time_limits import TimeLimits

    begin = TimeLimits.begin
    TimeLimits.begin = lambda *_: None  # type: ignore[method-assign]  # put back below
    try:
        yield
    finally:
        TimeLimits.begin = begin  # type: ignore[method-assign]  # as it was


def serve(connection: socket.socket) -> None:
    """Fork a process for every request, until the other end is closed."""
    with contextlib.suppress(EOFError):
        while True:
            request, streams = receive(connection)
            assert threading.active_count() == 1, threading.enumerate()
            send(connection, _fork(request, streams))
            for stream in streams:
                os.close(stream)


def _fork(request: dict[str, Any], streams: list[int]) -> int:
    """Return the number of a process that runs the command and whose parent has ended.

    The system makes it a child of the nearest process that asked for orphans: the one that sent the request.
    """
    reading, writing = os.pipe()
    between = os.fork()
    if not between:
        number = os.fork()
        if not number:
            _become(request, streams)
        os.write(writing, number.to_bytes(4, "big"))
        os._exit(0)
    os.close(writing)
    os.waitpid(between, 0)
    number = int.from_bytes(os.read(reading, 4), "big")
    os.close(reading)
    return number


def _become(request: dict[str, Any], streams: list[int]) -> None:
    """Be the command as a new interpreter would be it; never return."""
    try:
        _take_place(request, streams)
        sys.argv = ["hpcli", *request["arguments"]]
        importlib.import_module(request["module"]).main()
    except BaseException:  # noqa: BLE001 - Python's own boundary, without running what the server is in the middle of
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
        os._exit(1)


def _take_place(request: dict[str, Any], streams: list[int]) -> None:
    """Take the streams, session, folder and variables of the request."""
    if request["session"]:
        os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(STREAMS, os.sysconf("SC_OPEN_MAX"))
    if request["terminal"]:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    if request["environment"].get("PYTHONWARNINGS") == "error":
        warnings.simplefilter("error")
    sys.stdin = _open(0, "r", "strict")
    sys.stdout = _open(1, "w", "strict")
    sys.stderr = _open(2, "w", "backslashreplace")


def _open(number: int, mode: str, errors: str) -> io.TextIOWrapper:
    """Open a standard stream as Python does where UTF-8 is the encoding."""
    raw = os.fdopen(number, f"{mode}b", closefd=False)
    lines = number == 2 or raw.isatty()
    return io.TextIOWrapper(raw, "utf-8", errors, None if mode == "r" else "\n", line_buffering=lines)


if __name__ == "__main__":
    prepare()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    serve(socket.socket(fileno=int(sys.argv[1])))
