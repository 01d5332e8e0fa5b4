"""Outputs that take part of what is written: the position follows whole lines that were taken, and nothing else."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import random
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hpcli.alarms.journal import entries
from hpcli.alarms.journal.entries import Entry
from hpcli.alarms.journal.writer import Journal
from hpcli.alarms.tail import receipts, unread
from hpcli.alarms.tail.lines import EventLines
from hpcli.alarms.tail.output import Output
from hpcli.alarms.tail.page_writer import PageWriter
from hpcli.alarms.tail.receipts import Receipts
from hpcli.commands.alarms.tables import events_view
from hpcli.errors import OutputClosedError
from hpcli.output import Format, Options, Printer
from hpcli.output.stdout_writer import OutputFullError, Sink
from tests.soak.full_output import WAYS, FakeDisk, add_events, fill_at
from tests.soak.stage import wait_until

if sys.platform == "win32":
    pytest.skip("the soak uses pipes of Unix", allow_module_level=True)

OFFSETS = sorted(random.Random(14).sample(range(1500), 6))


@pytest.mark.parametrize("way", WAYS)
def test_a_disk_full_at_any_byte_loses_no_alarm(journal: Journal, tmp_path: Path, way: str) -> None:
    disk = FakeDisk(tmp_path / "out.ndjson")

    assert all(fill_at(journal, disk, offset, way) for offset in (0, *OFFSETS))


class Trickle(io.RawIOBase):
    """Takes a few bytes at once, and at the end of its room none."""

    def __init__(self, room: int = sys.maxsize) -> None:
        self.room, self.taken = room, b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if len(self.taken) == self.room:
            raise OSError(errno.ENOSPC, "full")
        new = bytes(data)[: min(7, self.room - len(self.taken))]
        self.taken += new
        return len(new)


def unbuffered(raw: io.RawIOBase) -> io.TextIOWrapper:
    """Return a stdout as PYTHONUNBUFFERED makes it."""
    stream: Any = raw
    return io.TextIOWrapper(stream, encoding="utf-8", newline="\n", write_through=True)


def test_a_write_is_done_when_all_its_bytes_are() -> None:
    raw = Trickle()
    sink = Sink(unbuffered(raw))
    sink.write("é twenty bytes and more\n")

    assert raw.taken.decode() == "é twenty bytes and more\n"
    assert sink.written == len(raw.taken)


def test_a_full_disk_says_how_much_it_took_and_the_rest_can_follow() -> None:
    raw = Trickle(room=10)
    sink = Sink(unbuffered(raw))
    with pytest.raises(OutputFullError, match="the disk is full"):
        sink.write("0123456789ABC\n")
    assert sink.written == 10
    raw.room = 100
    sink.write("ABC\n")

    assert raw.taken == b"0123456789ABC\n"


def test_a_full_disk_is_said_once_however_often_it_is_tried() -> None:
    raw = Trickle(room=10)
    sink = Sink(unbuffered(raw))
    warnings: list[str] = []
    tries = iter((10, 10, 12, 100))

    class Paper:
        @property
        def written(self) -> int:
            return sink.written

        def put(self, data: bytes) -> None:
            sink.write_bytes(data)

    def wait(_seconds: float) -> bool:
        raw.room = next(tries)
        return False

    made = Receipts(lambda: sink.written)
    PageWriter(Paper(), made, None, wait, warnings.append).write([(1, b"first\n"), (2, b"second\n")])

    assert raw.taken == b"first\nsecond\n"
    assert warnings == [
        "The output cannot be written: the disk is full. Alarms wait in the journal until there is room."
    ]


def test_a_line_is_whole_in_a_file_that_is_emptied_just_after_a_try(tmp_path: Path) -> None:
    disk = FakeDisk(tmp_path / "out")
    with disk.open() as stream:
        sink = Sink(stream)
        tries = []

        class Paper:
            @property
            def written(self) -> int:
                return sink.written

            def put(self, data: bytes) -> None:
                tries.append(data)
                try:
                    sink.write_bytes(data)
                except OutputFullError:
                    if len(tries) == 2:
                        os.truncate(disk.path, 0)
                        disk.clear()
                    raise

        disk.fill(9)
        made = Receipts(lambda: sink.written)
        writer = PageWriter(Paper(), made, stream, lambda _seconds: False, lambda _line: None)
        writer.write([(1, b"first\n"), (2, b"second\n")])

    assert disk.path.read_bytes() == b"second\n"


class Watch:
    """A clock that is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def receipts_of(number: int, clock: Watch) -> tuple[Receipts, io.TextIOWrapper]:
    stream = os.fdopen(number, "w")
    sink = Sink(stream)
    made = Receipts(lambda: sink.written, unread.find_reader(stream), clock)
    for seq in (1, 2, 3):
        sink.write("four")
        made.note(seq, sink.written)
    return made, stream


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux promises to tell what is unread")
def test_the_position_follows_what_the_reader_of_a_pipe_took_and_outlived() -> None:
    reader, writer = os.pipe()
    clock = Watch()
    made, stream = receipts_of(writer, clock)
    with stream:
        positions = []
        for count in (0, 7, 1, 4):
            os.read(reader, count)
            made.look()
            positions.append(made.position)
            clock.now += receipts._SETTLE_SECONDS
            made.look()
            positions.append(made.position)
        assert positions == [0, 0, 0, 1, 1, 2, 2, 3]
        os.close(reader)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux promises to tell what is unread")
def test_what_a_dead_reader_left_in_a_pipe_stays_unread() -> None:
    reader, writer = os.pipe()
    made, stream = receipts_of(writer, Watch())
    with stream:
        os.read(reader, 5)
        os.close(reader)
        assert not made.is_complete()
        made.close()
        assert made.position == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux promises to tell what is unread")
def test_a_socket_is_read_when_its_send_queue_is_empty_and_its_other_side_is_there() -> None:
    ours, theirs = socket.socketpair()
    made, stream = receipts_of(ours.detach(), Watch())
    with stream:
        theirs.recv(11)
        assert not made.is_complete()
        theirs.recv(1)
        assert made.is_complete()
        made.note(4, 16)
        stream.write("more")
        stream.flush()
        theirs.close()  # which empties the queue
        assert not made.is_complete()
        assert unread.is_reader_gone(stream)


def test_a_pipe_that_does_not_tell_counts_its_last_fill_as_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unread, "tells_unread", lambda: False)
    monkeypatch.setattr(unread, "_capacity", lambda _number: 5)
    reader, writer = os.pipe()
    made, stream = receipts_of(writer, Watch())
    with stream:
        os.read(reader, 12)
        made.look()
        assert made._taken == 1
        made.close()  # the regular end of a reader that is there
        assert made.position == 3
        os.close(reader)


def test_a_pipe_of_our_own_shows_whether_the_write_end_tells_the_unread_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert unread.tells_unread() == (sys.platform == "linux")
    for answer in (None, 0, 3):
        monkeypatch.setattr(unread, "_ask", lambda _number, _request, answer=answer: answer)
        assert not unread.tells_unread()


@pytest.fixture
def pipe() -> Iterator[tuple[int, io.TextIOWrapper]]:
    """The read end of a pipe, and its write end as a stdout."""
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as stream:
        yield reader, stream
    with contextlib.suppress(OSError):  # closed by the test
        os.close(reader)


def make_output(journal: Journal, stream: io.TextIOWrapper, warnings: list[str]) -> Output:
    lines = EventLines(Printer(stream, Options(Format.NDJSON)), events_view(utc=False))
    return Output(journal, lines, stream=stream, warn=warnings.append)


def stored_position(journal: Journal) -> int:
    return int(journal.read(lambda db: db.execute("SELECT position FROM output").fetchone())[0])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux promises to tell what is unread")
def test_the_end_waits_for_the_reader_of_a_pipe(journal: Journal, pipe: tuple[int, io.TextIOWrapper]) -> None:
    add_events(journal)
    warnings: list[str] = []
    output = make_output(journal, pipe[1], warnings)
    output.start()
    output.finish()
    wait_until(lambda: output.position == 3, "all is written")
    assert not output.ended.wait(0.1)
    assert len(os.read(pipe[0], 65536).splitlines()) == 3
    assert output.ended.wait(30)

    assert stored_position(journal) == 3
    assert warnings == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux promises to tell what is unread")
@pytest.mark.parametrize("is_killed", [False, True])
def test_what_nobody_took_from_a_pipe_comes_again_marked(
    journal: Journal,
    pipe: tuple[int, io.TextIOWrapper],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_killed: bool,
) -> None:
    monkeypatch.setattr("hpcli.alarms.tail.output._EMPTY_SECONDS", 0.1)
    ids = add_events(journal)
    warnings: list[str] = []
    output = make_output(journal, pipe[1], warnings)
    output.start()
    wait_until(lambda: output.position == 3, "all is written")
    if is_killed:
        os.close(pipe[0])
    output.finish()
    assert output.ended.wait(30)
    assert isinstance(output.error, OutputClosedError) == is_killed
    assert bool(warnings) != is_killed
    with (tmp_path / "again").open("w", encoding="utf-8") as stream:
        again = make_output(journal, stream, warnings)
        again.start()
        again.finish()
        assert again.ended.wait(30)

    printed = [json.loads(line) for line in (tmp_path / "again").read_text(encoding="utf-8").splitlines()]
    assert [(event["id"], event["redelivered"]) for event in printed] == [(name, True) for name in ids]


def test_an_event_that_cannot_be_printed_costs_no_other(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = add_events(journal)

    def line_of(entry: Entry, **options: bool) -> str:
        if entry.id == ids[1]:
            raise TypeError("a fault")
        return entries.line_of(entry, **options)

    monkeypatch.setattr("hpcli.alarms.tail.lines.line_of", line_of)
    warnings: list[str] = []
    with (tmp_path / "out").open("w", encoding="utf-8") as stream:
        output = make_output(journal, stream, warnings)
        output.start()
        output.finish()
        assert output.ended.wait(30)

    assert output.error is None
    assert [json.loads(line)["id"] for line in (tmp_path / "out").read_text().splitlines()] == [
        ids[0],
        ids[2],
    ]
    assert warnings == [
        f"The alarm {ids[1]} cannot be printed for a fault of hpcli (TypeError); the journal has it."
    ]


@pytest.mark.parametrize(("form", "start"), [(Format.JSON, b"[{"), (Format.XLSX, b"PK")])
def test_what_is_printed_as_a_whole_is_printed_at_the_end(
    journal: Journal, tmp_path: Path, form: Format, start: bytes
) -> None:
    add_events(journal)
    with (tmp_path / "out").open("w", encoding="utf-8") as stream:
        lines = EventLines(Printer(stream, Options(form)), events_view(utc=False))
        output = Output(journal, lines, stream=stream)
        output.start()
        wait_until(lambda: output.position == 3, "all is read")
        assert stored_position(journal) == 0
        output.finish()
        assert output.ended.wait(30)

    assert output.error is None
    assert (tmp_path / "out").read_bytes().startswith(start)
    assert stored_position(journal) == 3
