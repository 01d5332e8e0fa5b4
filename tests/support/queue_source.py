"""A source of alarms that gives whole answers of the queue, byte for byte, and a tail that reads them."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hpcli.alarms.journal.writer import Journal
from hpcli.alarms.tail.lines import EventLines
from hpcli.alarms.tail.pipeline import Tail
from hpcli.client.answers import Answer
from hpcli.client.queue_answer import Batch, QueueReader
from hpcli.commands.alarms.tables import events_view
from hpcli.output import Format, Options, Printer
from hpcli.run.stderr_thread import StderrThread
from hpcli.stop import Stop


def answer_of(body: bytes, *, status: int = 200, is_whole: bool = True) -> Answer:
    return Answer(status, {}, body, "https://platform.example/mq/messages", is_whole=is_whole)


class Lines(EventLines):
    """Tells how many entries are printed."""

    printed = 0
    changed: threading.Condition

    def put(self, data: bytes) -> None:
        super().put(data)
        with self.changed:
            self.printed += data.count(b"\n")
            self.changed.notify_all()


@dataclass
class Bodies:
    """Gives each body once, and stops the tail when all is printed; an exception among them is raised."""

    bodies: list[bytes | Exception]
    stop: Stop
    journal: Journal
    lines: Lines
    before: int
    is_whole: bool = True
    confirmed: list[str] = field(default_factory=list)

    def poll(self) -> Batch:
        if not self.bodies:
            due = self.journal.read(_count_events) - self.before
            with self.lines.changed:
                self.lines.changed.wait_for(lambda: self.lines.printed >= due, 20)
            self.stop.set()
            return Batch(None, [])
        body = self.bodies.pop(0)
        if isinstance(body, Exception):
            raise body
        answer = answer_of(body, is_whole=self.is_whole)
        return QueueReader().batch(answer)

    def confirm(self, batch_id: str) -> None:
        self.confirmed.append(batch_id)

    def subscribe(self, serials: Sequence[str] | None) -> None:
        """Nothing to do."""


@dataclass
class Outcome:
    """What a tail printed, confirmed and said."""

    events: list[dict[str, Any]]
    confirmed: list[str]
    said: list[str]


def _count_events(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM entry").fetchone()[0])


def tail_bodies(folder: Path, *bodies: bytes | Exception, is_whole: bool = True) -> Outcome:
    """Run a tail over answers of the queue until it has read all of them, with the journal of a folder."""
    stop, said, out, journal = Stop(), list[str](), folder / "out", Journal(folder / "journal.db")
    with out.open("w", encoding="utf-8") as file:
        lines = Lines(Printer(file, Options(Format.NDJSON)), events_view(utc=False))
        lines.changed = threading.Condition()
        before = journal.read(_count_events)
        source = Bodies(list(bodies), stop, journal, lines, before, is_whole=is_whole)
        Tail(source, journal, lines, stop, StderrThread(said.append), file).run()
    events = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    return Outcome(events, source.confirmed, said)
