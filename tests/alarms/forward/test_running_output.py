"""A running output: what it notices from outside, an hour without the other side, and a full disk."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from hpcli.alarms.forward.config import OutputConfig
from hpcli.alarms.forward.forwarder import Forwarder
from hpcli.alarms.forward.outcome import DONE, down, misconfigured, refused
from hpcli.alarms.journal.claims import expire_claims
from hpcli.alarms.journal.deliveries import forget, revive
from hpcli.alarms.journal.retention import Retention
from hpcli.alarms.journal.schema import JournalFullError
from hpcli.alarms.journal.writer import Journal
from tests.support.forward_journal import (
    Receiver,
    config_for,
    forwarder_for,
    keep_alarms,
    marks_of,
    place_of,
)
from tests.support.waiting import wait_for


@pytest.fixture
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hpcli.alarms.forward.forwarder._RECHECK_SECONDS", 0.01)
    monkeypatch.setattr("hpcli.alarms.forward.forwarder._LOOK_SECONDS", 0.01)


@contextmanager
def running(config: OutputConfig, journal: Journal) -> Iterator[Forwarder]:
    made = replace(forwarder_for(config, journal), is_once=False)
    made.start()
    try:
        yield made
    finally:
        made.stop()
        assert made.join()


def test_a_running_output_notices_a_retry_from_outside(journal: Journal, looks_often: None) -> None:
    keep_alarms(journal, "A1", "B1")
    receiver = Receiver(lambda message: refused("bad") if message.device == "A1" else misconfigured("401"))
    with running(config_for(receiver), journal):
        wait_for(lambda: [mark.state for mark in marks_of(journal)] == ["dead"])
        wait_for(lambda: place_of(journal).state == "suspended")
        receiver.answer = lambda _message: DONE
        assert journal.write(lambda db: revive(db, "out")) == (1, 0)
        wait_for(lambda: sorted(receiver.seqs) == [1, 2])
        wait_for(lambda: marks_of(journal) == [])
    assert len(receiver.tried) == 4
    assert place_of(journal).state == "ok"


def test_a_running_output_takes_over_what_has_expired(journal: Journal, looks_often: None) -> None:
    keep_alarms(journal, "A1", "B1", "C1")
    receiver = Receiver(lambda _message: down("gone"))
    with running(config_for(receiver), journal) as made:
        wait_for(lambda: place_of(journal).tries == 1)
        now = place_of(journal).moved + 7_200_000
        assert expire_claims(journal.write, Retention(seconds=1e9, size=1), now, None)
        wait_for(lambda: made._progress.adopted == 1)
    assert (place_of(journal).position, [mark.state for mark in marks_of(journal)]) == (1, ["expired"])


def test_an_output_that_is_removed_ends(journal: Journal, looks_often: None) -> None:
    keep_alarms(journal, "A1")
    receiver = Receiver()
    with running(config_for(receiver), journal) as made:
        wait_for(lambda: place_of(journal).position == 1)
        journal.write(lambda db: forget(db, "out"))
        assert made.ended.wait(20)


def test_an_hour_without_the_other_side_costs_no_event_and_no_order(
    journal: Journal, looks_often: None
) -> None:
    keep_alarms(journal, *["A1", "B1"] * 20)
    later = [0.0]
    receiver = Receiver(lambda _message: down("gone"))
    made = forwarder_for(config_for(receiver), journal)
    made = replace(made, is_once=False, steady=lambda: time.monotonic() + later[0])
    made.start()

    def is_tried_a_minute_later() -> bool:
        later[0] += 60  # at each look: a pause may begin only after the clock was put forward
        return bool(receiver.tried)

    for _ in range(60):
        receiver.tried.clear()
        wait_for(is_tried_a_minute_later)
    keep_alarms(journal, "A1", "B1", batch="c")
    receiver.answer = lambda _message: DONE
    wait_for(lambda: is_tried_a_minute_later() and place_of(journal).position == 42)
    made.stop()
    assert made.join()
    assert [seq for seq in receiver.seqs if seq % 2] == list(range(1, 43, 2))
    assert [seq for seq in receiver.seqs if not seq % 2] == list(range(2, 43, 2))


def test_a_full_disk_stops_no_sending(
    journal: Journal, looks_often: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hpcli.alarms.forward.forwarder._FULL_SECONDS", 0.01)
    keep_alarms(journal, "A1", "B1")
    receiver, write, writes = Receiver(), journal.write, [0]

    def full(change: Any) -> Any:
        writes[0] += 1
        if 1 < writes[0] < 7:  # the first one registers the output
            raise JournalFullError("The journal cannot be written: the disk is full.")
        return write(change)

    made = replace(forwarder_for(config_for(receiver), journal), is_once=False)
    monkeypatch.setattr(journal, "write", full)
    made.start()
    wait_for(lambda: place_of(journal).position == 2)
    made.stop()
    assert made.join()
    assert sorted(receiver.seqs) == [1, 2]
    assert writes[0] >= 7
