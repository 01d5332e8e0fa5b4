"""Frames of the raw stream: what becomes of a batch that is split, repeated, or not whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from hpcli.alarms.lease.stream import Assembly, Frame, Position, Shared, make_confirmation, make_frames
from hpcli.client.queue_answer import Batch

BATCH = Batch(
    "b-1",
    [
        {"deviceSerial": "Q1", "alarmData": "ä" * 3000},
        "not a message",
        {"deviceSerial": "Q1", "alarmData": "x"},
    ],
    {1: "it is not JSON"},
    b"\xff the answer",
)


def numbered(frames: Sequence[Frame], first: int = 1) -> list[Frame]:
    return [replace(frame, seq=seq) for seq, frame in enumerate(frames, first)]


def put_together(assembly: Assembly, frames: Sequence[Frame], now: float = 0.0) -> list[Shared]:
    return [found for frame in frames if (found := assembly.add(frame, now)) is not None]


@pytest.mark.parametrize("largest", [1 << 20, 4096])
def test_a_batch_comes_out_as_it_went_in(largest: int) -> None:
    frames = numbered(make_frames(BATCH, "j1", 1000, largest))
    assert all(len(frame.data) <= largest - 2048 for frame in frames)
    assert len(frames) == (4 if largest > 4096 else 6)
    assembly = Assembly("j2")
    assert put_together(assembly, frames) == [Shared(BATCH, 1000)]
    assert assembly.done == len(frames)


@pytest.mark.parametrize("batch_id", ["ü" * 1000, "b\n1", None])
def test_the_headers_of_an_odd_batch_id_are_short_and_of_one_line(batch_id: str | None) -> None:
    batch = Batch(batch_id, [{"a": 1}])
    frames = numbered(make_frames(batch, "j1", 1000, 1 << 20))
    text = "".join(f"{name}: {value}" for name, value in frames[0].headers.items())
    assert len(text) < 2048
    assert text.isprintable()
    (found,) = put_together(Assembly("j2"), frames)
    assert found.batch.messages == batch.messages
    assert found.batch.id in (batch_id, None)


def test_the_server_can_tell_repeats_by_batch_place_and_content() -> None:
    def ids(batch: Batch, received: int) -> list[str]:
        return [frame.headers["Nats-Msg-Id"] for frame in make_frames(batch, "j1", received, 1 << 20)]

    assert ids(BATCH, 1000) == ids(BATCH, 2000)
    assert len(set(ids(Batch("b", [{"a": 1}, {"a": 1}]), 1))) == 2
    assert ids(Batch("b", [{"a": 1}]), 1) != ids(Batch("b", [{"a": 2}]), 1)
    assert ids(Batch("b", [{"a": 1}]), 1) != ids(Batch("c", [{"a": 1}]), 1)


def test_a_batch_of_several_publishers_is_put_together_and_is_own_to_each() -> None:
    """The first one died half-way; of the second one's frames the server dropped those that it had."""
    first = make_frames(BATCH, "j1", 1000, 1 << 20)
    second = make_frames(BATCH, "j2", 2000, 1 << 20)
    frames = numbered([*first[:2], *second[2:]])
    for journal, is_own in (("j1", True), ("j2", True), ("j3", False)):
        (found,) = put_together(Assembly(journal), frames)
        assert (found.batch, found.is_own) == (BATCH, is_own)


def test_what_is_needed_again_after_a_restart_is_kept_in_the_position() -> None:
    torn = numbered(make_frames(BATCH, "j1", 1000, 1 << 20)[:2], 5)
    whole = numbered(make_frames(Batch("b-2", [{"a": 1}]), "j1", 1000, 1 << 20), 7)
    assembly = Assembly("j2")
    assert len(put_together(assembly, [*torn, *whole])) == 1
    assert assembly.done == 4
    assert assembly.overdue(59.0) is None
    late = assembly.overdue(61.0)
    assert late is not None
    assert (late.batch.messages, late.batch.is_whole, late.batch.id) == (BATCH.messages[:2], False, "b-1")
    assert assembly.done == 7


def test_a_confirmation_and_a_strangers_message_hold_nothing_up() -> None:
    assembly = Assembly("j2")
    (found,) = put_together(assembly, numbered([make_confirmation("b-1", "j1", 5), Frame({}, b"?")]))
    assert (found.is_confirmed, found.batch.id, assembly.done) == (True, "b-1", 2)


@pytest.mark.parametrize("text", [None, "", "nonsense", "2026-11-28 x"])
def test_an_unreadable_position_is_the_beginning(text: Any) -> None:
    assert Position.read(text) == Position()
    assert Position.read(str(Position("2026-11-28 12:00:00", 7))) == Position("2026-11-28 12:00:00", 7)
