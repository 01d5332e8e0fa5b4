"""How a tail ends in one process: at its limit, with what it read confirmed."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from hpcli.alarms.clock import Clock
from hpcli.alarms.journal.writer import Journal
from hpcli.alarms.tail.error_log import ErrorLog
from hpcli.alarms.tail.gaps import GapDetector
from hpcli.alarms.tail.keeper import BatchKeeper
from hpcli.alarms.tail.lines import EventLines
from hpcli.alarms.tail.pipeline import Tail
from hpcli.alarms.tail.poller import Poller
from hpcli.client.queue_answer import Batch
from hpcli.commands.alarms.tables import events_view
from hpcli.errors import NetworkError
from hpcli.output import Format, Options, Printer
from hpcli.run.stderr_thread import StderrThread
from hpcli.stop import Stop
from tests.soak.stage import wait_until
from tests.support.alarm_messages import message, notice


class Platform:
    """Gives two batches and takes no confirmation before it gave both, then a slow one."""

    def __init__(self, stop: Stop, out: Path) -> None:
        self.stop, self.out = stop, out
        online, offline = message(notice("deviceonline")), message(notice("deviceoffline"))
        self.batches = [Batch("b1", [online]), Batch("b2", [offline])]
        self.confirmed: list[str] = []
        self.printed = threading.Event()

    def poll(self) -> Batch:
        if self.batches:
            return self.batches.pop(0)
        self.stop.wait()
        return Batch(None, [])

    def confirm(self, batch_id: str) -> None:
        if self.batches:
            raise NetworkError("The platform cannot be reached.")
        if not self.confirmed:
            self.printed.wait(30)
            self.stop.wait(0.5)  # which would come too early
        self.confirmed.append(batch_id)

    def subscribe(self, serials: Sequence[str] | None) -> None:
        pass


class Lines(EventLines):
    """Tells when all is printed."""

    printed: threading.Event

    def finish(self) -> None:
        super().finish()
        self.printed.set()


def test_a_call_that_the_end_cuts_off_is_no_fault(journal: Journal, tmp_path: Path) -> None:
    told: list[str] = []
    platform, clock = Platform(Stop(), tmp_path / "out"), Clock()

    def poll() -> Batch:
        platform.stop.set()
        raise NetworkError("Connection reset by peer")

    platform.poll = poll  # type: ignore[method-assign]  # the one call that differs
    error_log = ErrorLog(told.append, time.monotonic)
    keeper = BatchKeeper(journal, platform.stop, error_log)
    Poller(platform, journal, platform.stop, GapDetector(clock, None), error_log, keeper).run()
    assert told == []


def run_tail(platform: Platform, journal: Journal, limit: int | None) -> None:
    with platform.out.open("w", encoding="utf-8") as out:
        lines = Lines(Printer(out, Options(Format.NDJSON)), events_view(utc=False))
        lines.printed = platform.printed
        Tail(platform, journal, lines, platform.stop, StderrThread(print), out, limit=limit).run()


def test_what_was_read_at_the_limit_is_confirmed_before_the_end(journal: Journal, tmp_path: Path) -> None:
    platform = Platform(Stop(), tmp_path / "out")
    run_tail(platform, journal, 2)

    assert platform.confirmed == ["b1", "b2"]
    assert len(platform.out.read_text(encoding="utf-8").splitlines()) == 2


@pytest.mark.parametrize("limit", [1, None], ids=["limit", "signal"])
def test_the_end_wakes_a_tail_that_does_not_look(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int | None
) -> None:
    monkeypatch.setattr("hpcli.alarms.tail.pipeline._TICK_SECONDS", 3600.0)
    platform = Platform(Stop(), tmp_path / "out")
    tail = threading.Thread(target=run_tail, args=(platform, journal, limit), daemon=True)
    tail.start()
    if limit is None:
        wait_until(lambda: not platform.batches, "both batches are read")
        platform.stop.set()
    tail.join(60)

    assert not tail.is_alive()
