"""A line among the events says when the platform has not been read for a minute, and when it is read again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hpcli.alarms.clock import Clock
from hpcli.alarms.journal.writer import Journal
from hpcli.alarms.tail.lines import EventLines, is_whole_ndjson
from hpcli.alarms.tail.pipeline import Tail
from hpcli.alarms.tail.reader_state import ReaderState
from hpcli.client.queue_answer import Batch
from hpcli.commands.alarms.tables import events_view
from hpcli.errors import NetworkError
from hpcli.output import Format, Options, Printer
from hpcli.run.stderr_thread import StderrThread
from hpcli.stop import Stop
from tests.soak.stage import wait_until
from tests.support.alarm_messages import message, notice

NOW = datetime(2026, 11, 28, 14, 0, tzinfo=UTC)


@dataclass
class Platform:
    """Cannot be reached for some seconds by the tail's clock, then gives an alarm, then another."""

    stop: Stop
    out: Path
    outage: float
    seconds: float = 0.0
    batches: list[str] = field(default_factory=lambda: ["deviceonline", "deviceoffline"])

    def poll(self) -> Batch:
        if self.seconds < self.outage:
            self.seconds += 1.0
            if self.seconds == self.outage:  # the tail looks at it now and then
                wait_until(lambda: self.outage < 60 or bool(self.shown()), "the state")
            raise NetworkError("The platform cannot be reached.")
        if not self.batches:
            self.stop.wait()
            return Batch(None, [])
        kind = self.batches.pop(0)
        return Batch(kind, [message(notice(kind))])

    def shown(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.read_text(encoding="utf-8").splitlines()]

    def confirm(self, batch_id: str) -> None:
        pass

    def subscribe(self, serials: Sequence[str] | None) -> None:
        pass


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hpcli.alarms.tail.pipeline._LOOK_SECONDS", 0.0)
    monkeypatch.setattr("hpcli.alarms.tail.pipeline._TICK_SECONDS", 0.01)
    monkeypatch.setattr("hpcli.alarms.tail.poller.seconds_after", lambda _error, _failures: 0.0)


def run_tail(platform: Platform, journal: Journal, *, tells_state: bool = True) -> list[dict[str, Any]]:
    clock = Clock(lambda: NOW, lambda: platform.seconds)
    with platform.out.open("w", encoding="utf-8") as out:
        lines = EventLines(Printer(out, Options(Format.NDJSON)), events_view(utc=False))
        Tail(
            platform, journal, lines, platform.stop, StderrThread(lambda _line: None), out,
            limit=2, clock=clock, tells_state=tells_state,
        ).run()  # fmt: skip
    return platform.shown()


def test_an_outage_of_a_minute_is_a_line_and_so_is_its_end(journal: Journal, tmp_path: Path) -> None:
    shown = run_tail(Platform(Stop(), tmp_path / "out", 90.0), journal)
    states = [line for line in shown if line["type"] == "reader"]
    assert states == [
        {"type": "reader", "state": "offline", "time": "2026-11-28T14:00:00Z", "lastPoll": None,
         "error": "The platform cannot be reached."},
        {"type": "reader", "state": "online", "time": "2026-11-28T14:00:00Z", "lastPoll": None,
         "error": None},
    ]  # fmt: skip
    assert [line["type"] for line in shown if line not in states] == ["deviceonline", "deviceoffline"]
    assert shown[0] == states[0]


def test_a_short_outage_is_no_line(journal: Journal, tmp_path: Path) -> None:
    shown = run_tail(Platform(Stop(), tmp_path / "out", 30.0), journal)
    assert [line["type"] for line in shown] == ["deviceonline", "deviceoffline"]


def test_other_formats_have_no_such_line() -> None:
    assert is_whole_ndjson(Options(Format.NDJSON))
    for options in (
        Options(Format.CSV),
        Options(Format.TABLE),
        Options(Format.NDJSON, fields=("id",)),
        Options(Format.NDJSON, query="id"),
    ):
        assert not is_whole_ndjson(options)


def test_each_change_is_one_line_once() -> None:
    state = ReaderState()
    assert not state.update(59.9, NOW, NOW, "x")
    assert state.update(60.0, NOW, NOW, "x\nbroken \x1b")
    assert not state.update(600.0, NOW, NOW, "y")
    assert state.update(0.0, NOW, NOW, "y")
    lines = state.take().splitlines()
    assert [json.loads(line)["state"] for line in lines] == ["offline", "online"]
    assert state.take() == b""
