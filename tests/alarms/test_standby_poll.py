"""The poller of a host or a spare: what is confirmed before the queue is handed back, marked, and no gap."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from typing import Protocol

import pytest

from hpcli.alarms.decode.decode import Receipt
from hpcli.alarms.forward.messages import read_messages
from hpcli.alarms.forward.queue import Item
from hpcli.alarms.journal.batches import keep_batch
from hpcli.alarms.journal.facts import note_fact
from hpcli.alarms.journal.rows import make_rows
from hpcli.alarms.journal.writer import Journal
from hpcli.alarms.standby.host import Host
from hpcli.alarms.standby.spare import Spare
from hpcli.alarms.tail.error_log import ErrorLog
from hpcli.alarms.tail.gaps import GapDetector
from hpcli.alarms.tail.keeper import BatchKeeper
from hpcli.alarms.tail.output import Output
from hpcli.alarms.tail.poller import Poller
from hpcli.alarms.tail.reader_state import ReaderState
from hpcli.client.queue_answer import Batch
from hpcli.errors import ConflictError, HpcliError, NetworkError
from hpcli.stop import Stop
from tests.support.alarm_messages import message
from tests.support.journal_messages import entries
from tests.support.spare_servers import NOW, Servers


class Pauses(Stop):
    """A stop whose pauses take no time; the end comes where this machine has nothing to read."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses: list[float] = []

    def wait(self, seconds: float | None = None) -> bool:
        self.pauses.append(seconds or 0.0)
        if self.pauses[-2:] == [0.2, 0.2] or len(self.pauses) > 20:
            self.set()
        return self.is_set


@dataclass
class Queue:
    """Gives one batch, then nothing; the host comes back while the batch is read."""

    servers: Servers
    server: Spare | Host
    stop: Pauses
    answers: list[Batch | HpcliError]
    calls: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    is_unconfirmable: bool = False

    def poll(self) -> Batch:
        self.calls.append("poll")
        if not self.answers:
            self.stop.set()
            return Batch(None, [])
        answer = self.answers.pop(0)
        if not self.answers:
            self.servers.lags["h"] = 0.0
            self.server.beat()
        if isinstance(answer, HpcliError):
            raise answer
        return answer

    def confirm(self, batch_id: str) -> None:
        assert self.server.holds
        self.calls.append(f"confirm {batch_id}")
        if self.is_unconfirmable:
            self.is_unconfirmable = False
            raise NetworkError("The answer was lost.")

    def subscribe(self, serials: object) -> None:
        """Nothing to do."""


class Read(Protocol):
    def __call__(
        self,
        server: Spare | Host,
        *answers: Batch | HpcliError,
        hours_away: float | None = None,
        is_unconfirmable: bool = False,
    ) -> Queue: ...


@pytest.fixture
def read(journal: Journal) -> Read:
    """Runs a poller until it has nothing to read; its errors go to the `said` of the queue."""

    def read(
        server: Spare | Host,
        *answers: Batch | HpcliError,
        hours_away: float | None = None,
        is_unconfirmable: bool = False,
    ) -> Queue:
        assert isinstance(server.calls, Servers)
        queue = Queue(server.calls, server, Pauses(), list(answers), is_unconfirmable=is_unconfirmable)
        error_log = ErrorLog(queue.said.append, lambda: 0.0)
        if hours_away is not None:
            last = round(NOW.timestamp() * 1000 - hours_away * 3_600_000)
            journal.write(lambda db: note_fact(db, "last-poll", last))
        keeper = BatchKeeper(journal, queue.stop, error_log, clock=server.clock)
        detector = GapDetector(server.clock, None)
        server.beat()
        Poller(
            queue, journal, queue.stop, detector, error_log, keeper, clock=server.clock, turns=server
        ).run()
        journal.write(lambda _db: None)  # with what was to be written later
        return queue

    return read


ALARM = Batch("b-1", [message({"eventType": "x"})])
NOTHING = Batch(None, [])


def test_the_batch_in_hand_is_stored_and_confirmed_before_the_queue_is_handed_back(
    read: Read, journal: Journal
) -> None:
    said: list[str] = []
    spare = Servers({"h": 500.0, "s1": 0.0}).spare(said.append)
    queue = read(spare, ALARM)
    assert queue.calls == ["poll", "confirm b-1"]
    assert (spare.holds, spare.state) == (False, "standby")
    assert said[-1] == "h is back: alarms are no longer read here."
    assert [(entry.type, entry.repeats) for entry in entries(journal)] == [("x", 1)], (
        "the host may have read it"
    )


def test_a_confirmation_that_was_lost_is_tried_again_before_the_queue_is_handed_back(read: Read) -> None:
    queue = read(Servers({"h": 500.0, "s1": 0.0}).spare(), ALARM, is_unconfirmable=True)
    assert queue.calls == ["poll", "confirm b-1", "confirm b-1"]


def test_the_dead_hosts_poll_is_waited_for_without_a_word(read: Read) -> None:
    busy = ConflictError("Someone else reads.", code="LAP068001")
    queue = read(Servers({"h": 500.0, "s1": 0.0}).spare(), busy, busy, NOTHING)
    assert queue.stop.pauses[:2] == [2.0, 2.0]
    assert queue.said == []


@pytest.mark.parametrize(("hours_away", "repeats"), [(0.01, 0), (0.1, 1), (None, 0)])
def test_a_host_marks_what_a_spare_may_have_read_only_if_it_was_away(
    read: Read, journal: Journal, hours_away: float | None, repeats: int
) -> None:
    read(Servers().host(), ALARM, hours_away=hours_away)
    assert [(entry.type, entry.repeats) for entry in entries(journal)] == [("x", repeats)]


@pytest.mark.parametrize("code", ["LAP068001", "LAP500007"])
def test_a_host_marks_what_comes_after_another_reader(read: Read, journal: Journal, code: str) -> None:
    read(Servers().host(), ConflictError("Busy.", code=code), ALARM, hours_away=0.01)
    assert [entry.repeats for entry in entries(journal)] == [int(code == "LAP068001")]


def test_a_gap_of_the_host_names_the_spare_that_read_meanwhile(read: Read, journal: Journal) -> None:
    read(Servers({"h": 0.0, "s1": 7.0}).host(), NOTHING, hours_away=4)
    (gap,) = entries(journal)
    text = json.loads(f"{{{gap.body}}}")["text"]
    assert (gap.type, "4 h" in text) == ("gap", True)
    assert text.endswith("alarms that s1 read meanwhile are in its own journal")


def test_the_time_that_a_spare_stands_by_is_no_gap(read: Read, journal: Journal) -> None:
    read(Servers({"h": 200.0, "s1": 0.0}).spare(), NOTHING, NOTHING, hours_away=4)
    assert entries(journal) == []
    assert journal.read(_outages) == [(200_000, "no reader was running")]


def _outages(db: sqlite3.Connection) -> list[tuple[int, str]]:
    return db.execute("SELECT ended - began, reason FROM outage").fetchall()


def test_what_may_have_been_read_elsewhere_is_marked_wherever_it_is_printed(journal: Journal) -> None:
    rows = make_rows(message({"eventType": "x"}), Receipt(NOW))
    kept = journal.write(lambda db: keep_batch(db, "b-1", rows, now=0, wants_pictures=False, may_repeat=True))
    stdout = Output(journal, lines=None)  # type: ignore[arg-type] # nothing is printed
    assert [again for _, again in stdout._marked(list(kept.entries))] == [True]
    sent = journal.read(lambda db: read_messages(db, [Item(1, "", is_critical=False)], "uuid", 0))
    assert sent[1].event["redelivered"] is True


def test_the_state_of_a_spare_is_a_line_and_ends_what_was_said_of_polling() -> None:
    state = ReaderState()
    state.update(60.0, NOW, NOW, "away")
    state.tell("standby", NOW, None, host="h")
    assert not state.update(0.0, NOW, NOW)
    lines = [json.loads(line) for line in state.take().splitlines()]
    assert [line["state"] for line in lines] == ["offline", "standby"]
    assert lines[1] == {
        "type": "reader", "state": "standby", "time": "2026-11-28T20:00:00Z", "lastPoll": None, "error": None,
        "host": "h",
    }  # fmt: skip
