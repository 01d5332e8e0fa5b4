"""`hpcli` for the shells of tests: a small program that has the command forked, see fork_server.py."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.support.fork_server import receive
from tests.support.forked import Forked

_PROGRAM = """\
#!{python} -IS
import json, os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect({address!r})
request = {{"arguments": sys.argv[1:], "environment": dict(os.environ), "folder": os.getcwd()}}
text = json.dumps(request).encode()
socket.send_fds(server, [len(text).to_bytes(4, "big")], [0, 1, 2])
server.sendall(text)
code = int.from_bytes(server.recv(4), "big", signed=True)
if code < 0:
    os.kill(os.getpid(), -code)
os._exit(code)
"""


@contextlib.contextmanager
def shell_command() -> Iterator[Path]:
    """Yield a folder for PATH with a program `hpcli`, which works until the block ends."""
    with (
        tempfile.TemporaryDirectory(prefix="hpcli-") as folder,
        socket.socket(socket.AF_UNIX) as listener,
    ):
        address = Path(folder) / "socket"
        listener.bind(str(address))
        listener.listen()
        program = Path(folder) / "hpcli"
        program.write_text(_PROGRAM.format(python=sys.executable, address=str(address)), encoding="utf-8")
        program.chmod(0o700)
        accepting = threading.Thread(target=_accept, args=(listener,), daemon=True)
        accepting.start()
        try:
            yield program.parent
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()


def _accept(listener: socket.socket) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:  # shut down
            return
        threading.Thread(target=_run, args=(connection,), daemon=True).start()


def _run(connection: socket.socket) -> None:
    """Run one command; its program gets the exit code."""
    with connection:
        request, streams = receive(connection)
        process = Forked(
            request["arguments"],
            stdin=streams[0],
            stdout=streams[1],
            stderr=streams[2],
            env=request["environment"],
            cwd=request["folder"],
            start_new_session=True,
        )
        for stream in streams:
            os.close(stream)
        connection.sendall(process.wait().to_bytes(4, "big", signed=True))
