"""A receiver of DC-09 whose replies a test makes, and events for it."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hpcli.alarms.forward.dc09 import enclose
from hpcli.alarms.forward.kind import Message, Setup, read_address
from hpcli.alarms.forward.outcome import Outcome
from hpcli.alarms.forward.outputs.sia_dc09 import Dc09Sender

Reply = Callable[[bytes], bytes | None]
"""A frame to its answer; None stays silent."""

HANGS_UP = b""
"""Ends the connection: as good as no answer, without the wait."""


class Scripted(socketserver.ThreadingTCPServer):
    """A receiver whose replies a test makes."""

    daemon_threads = True

    def __init__(self, reply: Reply) -> None:
        super().__init__(("127.0.0.1", 0), ScriptedHandler)
        self.reply = reply
        self.frames: list[bytes] = []


class ScriptedHandler(socketserver.BaseRequestHandler):
    server: Scripted

    def handle(self) -> None:
        while frame := self.request.recv(4096):
            self.server.frames.append(frame)
            answer = self.server.reply(frame)
            if answer == HANGS_UP:
                return
            if answer is not None:
                self.request.sendall(answer)


@contextmanager
def receiver(reply: Reply) -> Iterator[Scripted]:
    with Scripted(reply) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def answer_to(frame: bytes, kind: str = "ACK") -> bytes:
    head = frame[frame.index(b'"', 10) + 1 : frame.index(b"[")].decode()
    return enclose(f'"{kind}"{head}[]')


def nak(offset: timedelta) -> bytes:
    return enclose(f'"NAK"0000R0L0A0[]_{datetime.now(UTC) + offset:%H:%M:%S,%m-%d-%Y}')


def sender(port: int, query: str = "", *, back_up: int | None = None, **more: Any) -> Dc09Sender:
    ports = [port, *([back_up] if back_up else [])]
    to = tuple(read_address(f"sia-dc09://127.0.0.1:{one}?{query}") for one in ports)
    return Dc09Sender(Setup("out", to, **{"seconds": 5.0, **more}))


def send_until_decided(made: Dc09Sender, message: Message) -> Outcome:
    """Send an event as the framework does after silence: again, until it is acknowledged or known to have failed."""
    for tries in range(3):
        outcome = made.send([replace(message, tries=tries)])
        if not outcome.is_soon:
            return outcome
    raise AssertionError(outcome)


def message(seq: int = 1, **more: Any) -> Message:
    return Message(seq, json.dumps(event(**more)), "")


def event(**more: Any) -> dict[str, Any]:
    cid = {"code": 1103, "standard": 1130, "areas": [1], "zone": 3, "user": None} | more.pop("cid", {})
    found = {
        "id": "e1", "type": "cidEvent", "name": "CID event", "category": "burglary", "priority": "critical",
        "state": "new", "account": "1409", "device": "Q1", "cid": cid, "raw": None,
    }  # fmt: skip
    return found | more


def account_of(frame: bytes) -> bytes:
    return frame[frame.index(b"#") + 1 : frame.index(b"[")]
