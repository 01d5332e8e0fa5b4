"""Frames of DC-09: their numbers, also over a kill and beside a test event, their times and keys."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from siadc09.message import parse_frame

from hpcli.alarms.forward.forwarder import Forwarder
from hpcli.alarms.forward.journal_notes import JournalNotes
from hpcli.alarms.forward.kind import NotesInMemory
from hpcli.alarms.forward.outputs.sia_dc09 import OUTPUT
from hpcli.alarms.journal.writer import Journal
from tests.support.dc09_receiver import answer_to, message, receiver, sender
from tests.support.forward_journal import forward, keep_alarms, output_at


@pytest.mark.parametrize("key", [b"", bytes(16)])
def test_the_time_of_an_event_goes_along_on_request(key: bytes) -> None:
    with receiver(answer_to) as server:
        made = sender(server.server_address[1], "event-time=yes", key=key.hex())
        assert made.send([message(time="2026-11-22T15:31:07+01:00")]).kind == "done"
        assert made.send([message(2, time="?")]).kind == "done"
    read, other = (parse_frame(frame, keys=key or None) for frame in server.frames)
    assert [(one.prefix, one.value) for one in read.xdata] == [
        ("H", datetime(2026, 11, 22, 14, 31, 7, tzinfo=UTC))
    ]
    assert (read.data.content, other.xdata) == (b"#1409|1130 01 003", [])


def test_numbers_follow_each_other_and_begin_again_after_9999() -> None:
    notes = NotesInMemory({"last 1409": "9998"})
    with receiver(answer_to) as server:
        made = sender(server.server_address[1], "keep-alive=yes", notes=notes)
        for seq in (1, 2):
            assert made.send([message(seq)]).kind == "done"
        made.close()
    assert [frame[18:22] for frame in server.frames] == [b"9999", b"0001"]


def test_a_frame_comes_again_with_its_number_where_its_acknowledgement_was_not_noted(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_alarms(journal, *["Q1"] * 70)
    with receiver(answer_to) as server:
        config = output_at(f"sia-dc09://127.0.0.1:{server.server_address[1]}?default-account=1409")
        with monkeypatch.context() as killed:
            killed.setattr(Forwarder, "_save", lambda _self: None)
            forward(config, journal)
        forward(config, journal)
        keep_alarms(journal, "Q1", batch="c")
        forward(config, journal)
    numbers = [frame[18:22] for frame in server.frames]
    assert (len(numbers), numbers[70:140]) == (141, numbers[:70])
    assert {"last 1409"} <= JournalNotes(journal, "out").read().keys() <= {"last 1409", "frame 71/1130/0"}


def test_a_test_has_a_number_that_no_alarm_has(journal: Journal) -> None:
    notes = JournalNotes(journal, "out")
    with receiver(answer_to) as server:
        forwarder, trial = (sender(server.server_address[1], notes=notes) for _ in range(2))
        for made, one in ((forwarder, message(1)), (trial, message(0)), (forwarder, message(2))):
            assert made.send([one]).kind == "done"
        assert sender(server.server_address[1]).send([message(0)]).kind == "done"
    numbers = [frame[18:22] for frame in server.frames]
    assert (numbers[:3], len({*notes.read()} - {"last 1409"})) == ([b"0001", b"0002", b"0003"], 2)
    assert numbers[3] != b"0001"  # without a journal, a number at random


@pytest.mark.parametrize(
    ("key", "words"), [("AAAABBBBCCCCDDDD", "characters: AES-128"), ("0" * 64, "hex digits: AES-256")]
)
def test_how_a_key_is_read_is_said(key: str, words: str) -> None:
    assert f"the key is read as {words}." in OUTPUT.advice(sender(1, key=key).setup)
