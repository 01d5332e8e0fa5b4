"""Starts the command as a process of its own in a fraction of the time of a new interpreter; see fork_server.py."""

from __future__ import annotations

import atexit
import ctypes
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from tests.support.fork_server import receive, send
from tests.support.tree import ROOT

_PR_SET_CHILD_SUBREAPER = 36
_asking = threading.Lock()


class Forked(subprocess.Popen[Any]):
    """`subprocess.Popen(["hpcli", …])`, but forked from a process that has imported hpcli.

    Args:
        arguments: those of `hpcli`.
        terminal: whether stdin is a terminal that the process shall control.
        module: whose `main` the process runs.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        terminal: bool = False,
        module: str = "hpcli.__main__",
        **more: Any,
    ) -> None:
        self._terminal, self._module = terminal, module
        super().__init__(list(arguments), **more)

    def _execute_child(self, args: list[str], *given: Any) -> None:
        """Take the place of the method that starts a program (alike in Python 3.11 to 3.13)."""
        folder, environment = given[4:6]
        pipes = given[9:15]
        streams = [own if own != -1 else number for number, own in enumerate((pipes[0], pipes[3], pipes[5]))]
        request = {
            "arguments": args,
            "environment": dict(os.environ if environment is None else environment),
            "folder": str(folder or os.getcwd()),  # noqa: PTH109 - sent as text
            "session": given[20] or self._terminal,
            "terminal": self._terminal,
            "module": self._module,
        }
        try:
            with _asking, _adopting():
                server = _server()
                send(server, request, streams)
                self.pid, _ = receive(server)
            self._child_created = True
        finally:
            self._close_pipe_fds(*pipes)  # type: ignore[attr-defined] # of the same class


@contextmanager
def _adopting() -> Iterator[None]:
    """Become the parent of processes whose own parent ends, as the forked one's does at once (Linux)."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    assert prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0, os.strerror(ctypes.get_errno())
    try:
        yield
    finally:
        prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


@cache
def _server() -> socket.socket:
    """Start the server, once a process."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.fork_server", str(theirs.fileno())],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours
