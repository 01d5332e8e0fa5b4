"""Receivers of DC-09 that stay silent, for one account or for all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hpcli.alarms.forward.kind import read_address
from hpcli.alarms.forward.outcome import DONE
from hpcli.alarms.forward.trial import send_trial
from hpcli.alarms.journal.deliveries import read_marks
from hpcli.alarms.journal.retention import Retention, prune
from hpcli.alarms.journal.writer import Journal
from hpcli.backoff import Backoff
from tests.support.dc09_receiver import (
    HANGS_UP,
    account_of,
    answer_to,
    message,
    receiver,
    send_until_decided,
    sender,
)
from tests.support.forward_journal import forward, forwarder_for, keep_alarms, marks_of, output_at, place_of
from tests.support.journal_messages import NOW_MS
from tests.support.waiting import wait_for


def test_the_first_receiver_is_tried_again_after_a_minute() -> None:
    now = [0.0]
    with receiver(lambda _frame: HANGS_UP) as first, receiver(answer_to) as second:
        made = sender(first.server_address[1], back_up=second.server_address[1])
        silence = made._link._silence
        silence.steady = silence.paths.steady = lambda: now[0]
        assert send_until_decided(made, message(1)).kind == "done"
        assert (len(first.frames), len(second.frames)) == (3, 1)
        assert made.send([message(2)]).kind == "done"
        assert (len(first.frames), len(second.frames)) == (3, 2)
        first.reply = answer_to
        now[0] += 61
        assert made.send([message(3)]).kind == "done"
        assert (len(first.frames), len(second.frames)) == (4, 2)


def test_an_account_without_an_answer_delays_others_by_one_round(journal: Journal, tmp_path: Path) -> None:
    (tmp_path / "map").write_text("Q1 AAA1\nQ2 BBB2\nQ3 CCC3\n")
    keep_alarms(journal, "Q1", "Q2", "Q3", "Q1", "Q2")
    with receiver(lambda frame: HANGS_UP if account_of(frame) == b"AAA1" else answer_to(frame)) as server:
        to = f"sia-dc09://127.0.0.1:{server.server_address[1]}"
        config = output_at(to, **{"account-map": str(tmp_path / "map")})
        forward(config, journal, event=Backoff((0.02,)))
        order = [account_of(frame) for frame in server.frames]
    assert order[:4] == [b"AAA1", b"BBB2", b"CCC3", b"BBB2"]
    assert order[4:].count(b"AAA1") == len(order[4:])
    assert len(order[4:]) >= 2
    assert [mark.state for mark in marks_of(journal) if mark.seq == 1] == ["waiting"]


def test_a_test_event_goes_to_the_back_up_of_a_silent_receiver() -> None:
    with receiver(lambda _frame: HANGS_UP) as first, receiver(answer_to) as second:
        made = sender(first.server_address[1], "default-account=1409", back_up=second.server_address[1])
        assert send_trial(made, message(0)).kind == "done"
    assert (len(first.frames), len(second.frames)) == (3, 1)


def test_a_link_test_says_since_when_a_receiver_cannot_be_reached(journal: Journal) -> None:
    with receiver(lambda _frame: HANGS_UP) as server:
        to = f"sia-dc09://127.0.0.1:{server.server_address[1]}?account=1409&supervision=0.5"
        made = replace(forwarder_for(output_at(to), journal), is_once=False)
        made.start()
        wait_for(lambda: place_of(journal).since is not None)
        server.reply = answer_to
        wait_for(lambda: place_of(journal).since is None)
        made.stop()
        assert made.join()


def test_what_a_back_up_takes_is_said_until_the_first_receiver_answers(journal: Journal) -> None:
    keep_alarms(journal, "Q1")
    with receiver(lambda _frame: HANGS_UP) as first, receiver(answer_to) as second:
        addresses = [f"sia-dc09://127.0.0.1:{one.server_address[1]}" for one in (first, second)]
        config = output_at(addresses[0] + "?default-account=1409", timeout="1s")
        config = replace(config, to=(*config.to, read_address(addresses[1])))
        forward(config, journal)
        place = place_of(journal)
        assert (place.position, place.state, place.since is not None) == (1, "ok", True)
        assert place.error == (
            f"{addresses[0]} did not answer within 1 s; the back-up {addresses[1]} has the events"
        )
        (mark,) = journal.read(lambda db: read_marks(db, "out", "noted"))
        assert (mark.seq, mark.error) == (1, f"from the back-up {addresses[1]}")
        first.reply = answer_to
        keep_alarms(journal, "Q1", batch="c")
        forward(config, journal)
    assert (place_of(journal).since, place_of(journal).error) == (None, None)
    prune(journal.write, Retention(seconds=1), NOW_MS * 2)
    assert journal.read(lambda db: read_marks(db, "out", "noted")) == []


def test_an_account_that_only_the_back_up_answers_goes_there_and_others_stay() -> None:
    now = [0.0]
    with (
        receiver(lambda frame: HANGS_UP if b"#AAA" in frame else answer_to(frame)) as first,
        receiver(answer_to) as second,
    ):
        made = sender(first.server_address[1], back_up=second.server_address[1])
        silence = made._link._silence
        silence.steady = silence.paths.steady = lambda: now[0]
        quiet = message(1, account="AAA1")
        for tries in range(2):
            assert made.send([replace(quiet, tries=tries)]).is_soon
            assert made.send([message(10 + tries)]).kind == "done"
        held = made.send([message(2, account="AAA1")])
        assert (held.kind, (held.wait or 0) > 0) == ("retry", True)
        other = f"sia-dc09://127.0.0.1:{second.server_address[1]}"
        outcome = made.send([replace(quiet, tries=2)])
        assert (outcome.kind, outcome.remark) == ("done", f"from the back-up {other}")
        assert "account AAA1: " in made.send([message(13)]).error
        for seq in (3, 4):
            assert made.send([message(seq, account="AAA1")]).kind == "done"
        assert made.send([message(12)]).kind == "done"
        assert ([account_of(frame) for frame in second.frames], len(first.frames)) == ([b"AAA1"] * 3, 7)
        now[0] += 61
        assert made.send([message(5, account="AAA1")]).kind == "done"
        assert (len(second.frames), len(first.frames)) == (4, 8)
        now[0] += 61
        first.reply = answer_to
        assert [made.send([message(seq, account="AAA1")]) for seq in (6, 7)] == [DONE, DONE]
        assert (len(second.frames), len(first.frames)) == (4, 10)


def test_a_receiver_that_may_be_silent_for_one_account_alone_is_tried_for_others(
    journal: Journal, tmp_path: Path
) -> None:
    (tmp_path / "map").write_text("Q1 AAA1\nQ2 BBB2\n")
    keep_alarms(journal, "Q1")
    with receiver(lambda frame: HANGS_UP if account_of(frame) == b"AAA1" else answer_to(frame)) as server:
        to = f"sia-dc09://127.0.0.1:{server.server_address[1]}"
        config = output_at(to, **{"account-map": str(tmp_path / "map")})
        made = replace(forwarder_for(config, journal), is_once=False)
        made.start()
        wait_for(lambda: place_of(journal).since is not None)
        assert len(server.frames) == 3
        keep_alarms(journal, "Q2", batch="c")
        journal.tell()
        wait_for(lambda: len(server.frames) == 4)
        wait_for(lambda: place_of(journal).since is None)
        made.stop()
        assert made.join()
    assert account_of(server.frames[-1]) == b"BBB2"
