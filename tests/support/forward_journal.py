"""Outputs for tests: a kind whose answers the test decides, and a forwarder that ends when all due is sent."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from hpcli.alarms.forward.config import OutputConfig, read_output
from hpcli.alarms.forward.forwarder import Forwarder
from hpcli.alarms.forward.kind import Message, OutputKind, Setup, read_address
from hpcli.alarms.forward.outcome import DONE, Outcome
from hpcli.alarms.journal.deliveries import Mark, Place, read_marks, read_place
from hpcli.alarms.journal.routing import make_routing
from hpcli.alarms.journal.writer import Journal
from hpcli.alarms.tail.error_log import ErrorLog
from hpcli.backoff import Backoff
from hpcli.errors import UsageError
from tests.support.journal_messages import alarm, keep

AT_ONCE = Backoff((0.0,))
LONG = Backoff((60.0,))


@dataclass
class Receiver:
    """The other side: takes everything, or answers as the test says."""

    answer: Callable[[Message], Outcome] = lambda _message: DONE
    got: list[Message] = field(default_factory=list)
    tried: list[Message] = field(default_factory=list)

    def send(self, batch: Sequence[Message]) -> Outcome:
        outcomes = [self.answer(message) for message in batch]
        self.tried += batch
        self.got += [m for m, outcome in zip(batch, outcomes, strict=True) if outcome.kind == "done"]
        return outcomes[0] if len(batch) == 1 else Outcome("retry", parts=tuple(outcomes))

    def idle(self) -> float | None:
        return None

    def close(self) -> None:
        pass

    @property
    def seqs(self) -> list[int]:
        return [message.seq for message in self.got]


def config_for(
    receiver: Receiver, only: Iterable[str] = (), excluded: Iterable[str] = (), **more: Any
) -> OutputConfig:
    """An output that a receiver takes, from the beginning of the journal."""

    def made(_setup: Setup) -> Receiver:
        return receiver

    kind = OutputKind(("test",), "a test", made, **more.pop("kind", {}))
    to = (read_address("test:here"),)
    routing = make_routing(only, excluded)
    return OutputConfig("out", to, kind, routing, "beginning", **more)


def forwarder_for(config: OutputConfig, journal: Journal, **more: Any) -> Forwarder:
    said = more.pop("said", [])
    log = ErrorLog(said.append, time.monotonic)
    pauses = {"down": LONG, "suspended": LONG, "event": LONG} | more
    return Forwarder(config, journal, log, is_once=True, environment=os.environ, **pauses)


def forward(config: OutputConfig, journal: Journal, **more: Any) -> None:
    """Send all that is due, then end."""
    made = forwarder_for(config, journal, **more)
    made.start()
    assert made.ended.wait(20)
    made.stop()
    assert made.join()


def output_at(address: str, **table: Any) -> OutputConfig:
    """An output as forward.toml declares it, from the beginning of the journal."""
    return replace(read_output("out", {"to": [address], **table}), origin="beginning")


def place_of(journal: Journal) -> Place:
    place = journal.read(lambda db: read_place(db, "out"))
    assert place is not None
    return place


def marks_of(journal: Journal) -> list[Mark]:
    return journal.read(lambda db: read_marks(db, "out", "sent", "waiting", "dead", "expired"))


def keep_alarms(journal: Journal, *devices: str, code: int = 1103, batch: str = "b") -> None:
    """Store an alarm of each device, in order: numbers 1, 2, 3 …"""
    event = {"code": code, "zone": 1, "evttype": "11"}
    messages = [
        alarm(deviceSerial=device, body={"CIDEvent": event, "n": f"{batch}{number}"})
        for number, device in enumerate(devices)
    ]
    keep(journal, batch, *messages)


def alarm_message(device: str = "Q1", seq: int = 1, *, journal: str = "", **more: object) -> Message:
    """An event on its way to an output."""
    event = {
        "id": f"id-{device}", "type": "cidEvent", "category": "burglary", "priority": "critical", "state": "new",
        "device": device, "site": {"id": "1", "name": "Café *.> /Nord #1"}, "text": "Zone 3",
    }  # fmt: skip
    return Message(seq, json.dumps(event | more), journal)


ODD_IDS = ("e\n1", "e\r\nX: 1", " e1 ", "\0e", "\x7f", "é", "x" * 100_000)
"""Ids that no header can have as they are."""


def ids_by_device(journal: Journal) -> dict[str, list[str]]:
    """The ids of the journal's events in its order, of each device."""
    found: dict[str, list[str]] = {}
    for device, event_id in journal.read(
        lambda db: db.execute("SELECT device, id FROM entry ORDER BY seq").fetchall()
    ):
        found.setdefault(device, []).append(event_id)
    return found


def assert_refused(
    kind: OutputKind, addresses: Sequence[str], options: dict[str, Any], secret: str, words: str
) -> None:
    """A kind of output refuses a configuration, with some words."""
    with pytest.raises(UsageError) as caught:
        checked_setup(kind, *addresses, secret=secret, **options)
    assert words in f"{caught.value.message} {caught.value.hint}"


def checked_setup(kind: OutputKind, *addresses: str, secret: str = "", **options: Any) -> Setup:
    """A setup that a kind of output takes."""
    to = tuple(read_address(text) for text in addresses)
    setup = Setup("out", to, options=options, secret=secret, seconds=20)
    kind.check(setup)
    return setup


def send_once(kind: OutputKind, setup: Setup, *messages: Message) -> list[Outcome]:
    """Open an output, send a batch, and close it; return the outcome of each event."""
    sender = kind.open(setup)
    try:
        outcome = sender.send(messages)
    finally:
        sender.close()
    return [outcome.of(index) for index in range(len(messages))]
