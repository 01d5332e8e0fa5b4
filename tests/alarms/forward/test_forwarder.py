"""The framework of outputs: order, failures, dead letters, suspension, and what a restart sends again."""

from __future__ import annotations

import json
import re
import socketserver
import sys
import threading
from dataclasses import replace
from types import ModuleType

import pytest

from hpcli.alarms.forward.forwarder import Forwarder
from hpcli.alarms.forward.kind import Message, read_address
from hpcli.alarms.forward.outcome import DONE, Outcome, down, misconfigured, refused, retry
from hpcli.alarms.forward.storms import Storms
from hpcli.alarms.journal.claims import expire_claims
from hpcli.alarms.journal.deliveries import read_forwarded, revive
from hpcli.alarms.journal.entries import StoredBody
from hpcli.alarms.journal.retention import Retention, prune
from hpcli.alarms.journal.routing import Candidate
from hpcli.alarms.journal.writer import Journal
from tests.support.forward_journal import (
    AT_ONCE,
    Receiver,
    config_for,
    forward,
    forwarder_for,
    keep_alarms,
    marks_of,
    place_of,
)
from tests.support.journal_messages import NOW_MS, entries
from tests.support.tree import ROOT


def test_every_event_is_sent_once_and_the_cursor_follows(journal: Journal) -> None:
    keep_alarms(journal, "A1", "B1", "A1")
    receiver = Receiver()
    forward(config_for(receiver), journal)
    forward(config_for(receiver), journal)
    assert (sorted(receiver.seqs), place_of(journal).position, marks_of(journal)) == ([1, 2, 3], 3, [])
    assert not any(message.event["redelivered"] for message in receiver.got)


def test_what_a_killed_run_may_have_sent_is_marked(journal: Journal) -> None:
    keep_alarms(journal, "A1", "A1")
    killed = forwarder_for(config_for(Receiver()), journal)
    killed.start()
    assert killed.ended.wait(20)
    assert not place_of(journal).is_clean
    killed.stop()  # what a kill leaves is what is in the journal before it ends by itself
    keep_alarms(journal, "A1", batch="c")
    receiver = Receiver()
    forward(config_for(receiver), journal)
    assert [(one.seq, one.event["redelivered"]) for one in receiver.got] == [(3, True)]
    assert place_of(journal).is_clean


def test_a_failing_event_holds_back_its_own_device_only(journal: Journal) -> None:
    keep_alarms(journal, "A1", "B1", "A1", "B1", "C1")
    receiver = Receiver(lambda message: retry("no") if message.device == "A1" else DONE)
    forward(config_for(receiver), journal)
    assert receiver.seqs == [2, 5, 4]
    assert [one.seq for one in receiver.tried if one.device == "A1"] == [1]
    assert place_of(journal).position == 0
    assert [(mark.seq, mark.state) for mark in marks_of(journal)] == [
        (1, "waiting"), (2, "sent"), (4, "sent"), (5, "sent"),
    ]  # fmt: skip
    (known,) = journal.read(read_forwarded)
    assert (known.place.error, known.error) == (None, "A1 waits after 1 try: no")
    receiver.answer = lambda _message: DONE
    journal.write(lambda db: db.execute("UPDATE delivery SET due=0"))
    forward(config_for(receiver), journal)
    assert receiver.seqs == [2, 5, 4, 1, 3]
    assert (place_of(journal).position, marks_of(journal)) == (5, [])


def test_a_failing_event_is_sent_again_before_the_others_of_its_device_and_marked(journal: Journal) -> None:
    keep_alarms(journal, "A1", "A1")
    failures = [retry("no")] * 2
    receiver = Receiver(lambda _message: failures.pop() if failures else DONE)
    config = config_for(receiver)
    forward(config, journal, event=AT_ONCE)
    assert [(one.seq, one.event["redelivered"], one.id == receiver.tried[0].id) for one in receiver.tried] == [
        (1, False, True), (1, True, True), (1, True, True), (2, False, False),
    ]  # fmt: skip


def test_critical_events_go_first_among_devices(journal: Journal) -> None:
    keep_alarms(journal, *["Q7"] * 20, code=1301)
    keep_alarms(journal, "Q8", batch="c")
    receiver = Receiver()
    forward(config_for(receiver), journal)
    assert receiver.seqs == [21, *range(1, 21)]


def test_devices_take_turns(journal: Journal) -> None:
    keep_alarms(journal, "A1", "A1", "A1", "B1", code=1301)
    receiver = Receiver()
    forward(config_for(receiver), journal)
    assert receiver.seqs == [1, 4, 2, 3]


def test_a_refused_event_is_a_dead_letter_that_retry_sends_again(journal: Journal) -> None:
    keep_alarms(journal, "A1", "A1")
    receiver = Receiver(lambda message: refused("bad") if message.seq == 1 else DONE)
    forward(config_for(receiver), journal)
    assert receiver.seqs == [2]
    assert [(mark.seq, mark.state, mark.error) for mark in marks_of(journal)] == [(1, "dead", "bad")]
    (known,) = journal.read(read_forwarded)
    assert (known.dead, known.waiting) == (1, 0)
    assert journal.write(lambda db: revive(db, "out")) == (1, 0)
    receiver.answer = lambda _message: DONE
    forward(config_for(receiver), journal)
    assert (receiver.seqs, marks_of(journal)) == ([2, 1], [])


def test_three_dead_letters_in_a_row_suspend_and_nothing_more_is_dropped(journal: Journal) -> None:
    keep_alarms(journal, "A1", "A2", "A3", "A4", "A5")
    receiver = Receiver(lambda _message: refused("bad"))
    forward(config_for(receiver), journal)
    forward(config_for(receiver), journal)
    assert [mark.seq for mark in marks_of(journal) if mark.state == "dead"] == [1, 2, 3]
    assert place_of(journal).state == "suspended"
    (known,) = journal.read(read_forwarded)
    assert (known.dead, known.waiting) == (3, 2)


@pytest.mark.parametrize(("outcome", "state"), [(down("gone"), "ok"), (misconfigured("401"), "suspended")])
def test_an_output_that_cannot_send_pauses_as_a_whole(journal: Journal, outcome: Outcome, state: str) -> None:
    keep_alarms(journal, "A1", "A2", "A3")
    receiver = Receiver(lambda _message: outcome)
    forward(config_for(receiver), journal)
    place = place_of(journal)
    assert (len(receiver.tried), place.state, place.error, place.tries) == (1, state, outcome.error, 1)
    receiver.answer = lambda _message: DONE
    journal.write(lambda db: revive(db, "out"))
    forward(config_for(receiver), journal)
    assert (sorted(receiver.seqs), place_of(journal).state) == ([1, 2, 3], "ok")


def test_an_output_that_works_again_says_so_and_its_next_failure_too(journal: Journal) -> None:
    outcomes = [down("away"), DONE, down("away"), DONE, down("away"), DONE]
    said: list[str] = []
    receiver = Receiver(lambda _message: outcomes.pop(0))
    keep_alarms(journal, "A1", "A1", "A1")
    forward(config_for(receiver), journal, said=said, down=AT_ONCE)
    failed, well = "out: cannot be reached: away", "out: works again."
    assert said == [failed, well, failed]  # not the end of a third failure, which is counted


def test_a_fault_of_an_output_is_a_failure_of_its_event(journal: Journal) -> None:
    def answer(message: Message) -> Outcome:
        if message.device == "A1":
            raise KeyError("x")
        return DONE

    keep_alarms(journal, "A1", "B1")
    receiver, said = Receiver(answer), list[str]()
    forward(config_for(receiver), journal, said=said)
    assert receiver.seqs == [2]
    assert "a fault of hpcli (KeyError" in said[0]


def test_a_batch_that_is_refused_is_sent_one_by_one(journal: Journal) -> None:
    keep_alarms(journal, "A1", "B1", "C1")

    class Whole(Receiver):
        def send(self, batch):  # type: ignore[no-untyped-def]  # as its base
            self.tried += batch
            if any(message.device == "B1" for message in batch):
                return refused("bad")
            self.got += batch
            return DONE

    receiver = Whole()
    forward(config_for(receiver, kind={"most": 10}), journal)
    assert receiver.seqs == [1, 3]
    assert [(mark.seq, mark.state) for mark in marks_of(journal)] == [(2, "dead")]


@pytest.mark.parametrize(("keeps_order", "first"), [(True, [1, 3, 2]), (False, [1, 3])])
def test_a_batch_has_one_event_of_a_device_unless_the_output_keeps_order(
    journal: Journal, *, keeps_order: bool, first: list[int]
) -> None:
    keep_alarms(journal, "A1", "A1", "B1")
    sizes: list[list[int]] = []

    class Counting(Receiver):
        def send(self, batch):  # type: ignore[no-untyped-def]  # as its base
            sizes.append([message.seq for message in batch])
            return super().send(batch)

    receiver = Counting()
    forward(config_for(receiver, kind={"most": 10, "keeps_order": keeps_order}), journal)
    assert sizes[0] == first
    assert sorted(receiver.seqs) == [1, 2, 3]


@pytest.mark.parametrize(
    ("only", "excluded", "seqs"),
    [
        ([], [], [1, 2, 3]),
        (["category=burglary"], [], [1, 2]),
        (["critical"], ["device=a1"], [2]),
        (["cid=1301,1130"], ["device=B1,C1"], [1]),
        (["cid=130"], [], [1, 2]),
        (["type=CIDEVENT"], ["priority=normal,high"], [1, 2]),
        (["hours=14:00-15:00"], [], [1, 2, 3]),
        (["hours=15:00-14:00"], [], []),
        (["site=none"], [], []),
    ],
)
def test_routing_chooses_what_an_output_takes(
    journal: Journal, only: list[str], excluded: list[str], seqs: list[int]
) -> None:
    keep_alarms(journal, "A1", "B1")
    keep_alarms(journal, "C1", code=1301, batch="c")
    receiver = Receiver()
    forward(config_for(receiver, only, excluded), journal)
    assert sorted(receiver.seqs) == seqs
    assert place_of(journal).position == 3


def test_the_output_that_contributing_md_shows_works(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    block = re.search(r'```python\n("""`pager:.*?)```', text, re.DOTALL)
    assert block is not None
    pager = ModuleType("pager")
    monkeypatch.setitem(sys.modules, "pager", pager)  # where a data class looks for its module
    exec(block[1], pager.__dict__)
    taken: list[bytes] = []

    class Pager(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            taken.append(self.rfile.readline())
            self.wfile.write(b"OK\n")

    keep_alarms(journal, "A1", "B1")
    with socketserver.TCPServer(("127.0.0.1", 0), Pager) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        to = (read_address(f"pager://127.0.0.1:{server.server_address[1]}"),)
        forward(replace(config_for(Receiver()), kind=pager.__dict__["OUTPUT"], to=to), journal)
        server.shutdown()
    assert [json.loads(line)["device"] for line in taken] == ["A1", "B1"]


def test_a_storm_goes_as_its_first_event_and_one_for_the_rest(journal: Journal) -> None:
    keep_alarms(journal, *["Q1"] * 5, code=1301)
    keep_alarms(journal, "Q2", code=1301, batch="c")
    keep_alarms(journal, "Q1", "Q1", code=1103, batch="d")  # critical ones are never merged
    receiver = Receiver()
    forward(config_for(receiver, collapse=30.0), journal)
    events = [message.event for message in receiver.got]
    assert sorted(event.get("count", 1) for event in events) == [1, 1, 1, 1, 4]
    (storm,) = [event for event in events if "count" in event]
    ids = [row.id for row in entries(journal)]
    assert (storm["ids"], storm["first"], storm["last"]) == (ids[1:5], storm["time"], storm["time"])
    assert storm["id"] not in ids
    assert storm["text"].endswith("(×4)")
    assert (place_of(journal).position, marks_of(journal)) == (8, [])


def test_a_storm_that_is_not_acknowledged_leaves_its_events_waiting(journal: Journal) -> None:
    keep_alarms(journal, *["Q1"] * 4, code=1301)
    receiver = Receiver(lambda message: retry("no") if message.members else DONE)
    forward(config_for(receiver, collapse=30.0), journal)
    assert place_of(journal).position == 1
    assert [mark.seq for mark in marks_of(journal)] == [2, 3, 4]


def test_a_storm_lasts_as_long_as_its_window(journal: Journal) -> None:
    keep_alarms(journal, *["Q1"] * 6, code=1301)
    journal.write(lambda db: db.execute("UPDATE entry SET received=received+20000*seq"))
    receiver = Receiver()
    forward(config_for(receiver, collapse=45.0), journal)
    assert [len(message.members) or message.seq for message in receiver.got] == [1, 4, 2, 2]


MONTH = 31 * 86_400_000


@pytest.mark.parametrize(("later", "size", "expired"), [(0, None, 0), (MONTH, None, 3), (7_200_000, 1, 1)])
def test_an_output_that_stands_still_loses_its_claim_on_the_oldest(
    journal: Journal, later: int, size: int | None, expired: int
) -> None:
    keep_alarms(journal, "A1", "B1", "C1")
    config = config_for(Receiver(lambda _message: down("gone")))
    forward(config, journal)
    now = place_of(journal).moved + later
    journal.write(lambda db: db.execute("UPDATE entry SET received=?", (now - later - 1,)))
    lines = expire_claims(journal.write, Retention(seconds=1e9, size=size), now, None)
    assert len(lines) == (1 if expired else 0)
    assert [mark.state for mark in marks_of(journal) if mark.state == "expired"] == ["expired"] * expired
    assert place_of(journal).position == expired
    (known,) = journal.read(read_forwarded)
    assert (known.dead, known.waiting) == (expired, 3 - expired)


def test_what_outputs_wait_for_is_not_pruned(journal: Journal) -> None:
    keep_alarms(journal, "A1", "B1")
    journal.write(lambda db: db.execute("INSERT OR REPLACE INTO output VALUES ('stdout', 2, 1)"))
    forward(config_for(Receiver(lambda message: DONE if message.device == "A1" else retry("no"))), journal)
    assert prune(journal.write, Retention(seconds=1), NOW_MS + MONTH) == 1
    forward(config_for(Receiver()), journal)


def test_a_storm_delays_no_critical_event_of_another_device(journal: Journal) -> None:
    """By order, not by the clock: once it is read, it is the next to be sent."""
    keep_alarms(journal, *["Q7"] * 500, code=1301)
    made: list[Forwarder] = []

    def answer(message: Message) -> Outcome:
        if message.seq == 100:
            keep_alarms(journal, "Q8", batch="c")
            journal.tell()
            while made[0]._progress.seen < 501:
                made[0].ended.wait(0.001)
        return DONE

    receiver = Receiver(answer)
    made.append(forwarder_for(config_for(receiver), journal))
    made[0].start()
    assert made[0].ended.wait(60)
    made[0].stop()
    assert made[0].join()
    assert receiver.seqs == [*range(1, 101), 501, *range(101, 501)]
    assert place_of(journal).position == 501


def test_an_output_that_started_after_an_event_runs_on_when_that_is_pruned(journal: Journal) -> None:
    keep_alarms(journal, "A1", "B1")
    receiver = Receiver()
    config = replace(config_for(receiver), origin=entries(journal)[0].id)
    forward(config, journal)
    journal.write(lambda db: db.execute("DELETE FROM entry WHERE seq=1"))
    keep_alarms(journal, "C1", batch="c")
    forward(config, journal)
    assert receiver.seqs == [2, 3]


def test_what_is_due_between_events_does_not_wait_for_the_end_of_a_storm(journal: Journal) -> None:
    keep_alarms(journal, *["Q1"] * 5)
    moment, tested = 0.0, list[int]()

    class Tested(Receiver):
        def idle(self) -> float | None:
            tested.append(len(self.got))
            if len(tested) == 1:
                raise ValueError
            return 2.0

    def take(_message: Message) -> Outcome:
        nonlocal moment
        moment += 1.0
        return DONE

    receiver = Tested(take)
    made = forwarder_for(config_for(receiver), journal, steady=lambda: moment)
    made._idle_at = 0.0
    made.start()
    assert made.ended.wait(20)
    made.stop()
    assert made.join()
    assert receiver.seqs == [1, 2, 3, 4, 5]
    assert any(0 < count < 5 for count in tested)


def test_a_clock_that_was_set_back_does_not_hold_a_storm_back() -> None:
    body = StoredBody('"state": "new", "channel": 1, "cid": null, "source": null')

    def camera(received: int) -> Candidate:
        return Candidate(received, "Q1", "normal", "video", "VMD", None, 0, received, body)

    storms = Storms(30.0)
    assert [storms.keeps(camera(at), None) for at in (3_600_000, 3_601_000)] == [False, True]
    assert storms.ended(3_602_000) == []
    assert [[event.seq for event in kept] for kept in storms.ended(1_000)] == [[3_601_000]]
    assert [storms.keeps(camera(at), None) for at in (3_700_000, 2_000, 3_000)] == [False, False, True]
