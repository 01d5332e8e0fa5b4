"""A full disk under the output of a tail, at every byte of what it prints: nothing is lost, the torn line is ended.

    python -m tests.soak.alarms output-full

runs this module in a mount namespace where a small tmpfs can be mounted. A tmpfs gives room by pages of 4096 bytes: the
file is filled up with empty lines until its last page ends at the wanted byte, the rest of the disk with another file.
"""

from __future__ import annotations

import errno
import io
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from unittest import mock

from hpcli.alarms.decode.decode import Receipt
from hpcli.alarms.journal.batches import keep_batch
from hpcli.alarms.journal.rows import make_rows
from hpcli.alarms.journal.writer import Journal
from hpcli.alarms.tail import page_writer
from hpcli.alarms.tail.lines import EventLines
from hpcli.alarms.tail.output import Output
from hpcli.commands.alarms.tables import events_view
from hpcli.output import Format, Options, Printer
from tests.soak.feed import Feed
from tests.soak.scarcity import NAMESPACE
from tests.soak.stage import Stage, wait_until
from tests.soak.verdict import await_end, check, check_repeats
from tests.support.alarm_messages import message, notice

WAYS = ("goes on", "next run", "emptied")
_PAGE = 4096
_DISK_BYTES = 1 << 20
_LINES = 3
_A_JOURNAL = 50
_NOTICE = "the disk is full"


class Disk(Protocol):
    """A disk with a file that a tail writes to."""

    @property
    def path(self) -> Path:
        """The file."""

    def open(self) -> io.TextIOWrapper:
        """Open the file as the stdout of a run."""

    def fill(self, room: int) -> None:
        """Leave room for so many bytes after the end of the file."""

    def clear(self) -> None:
        """Make room."""


@dataclass
class FakeDisk:
    """A disk that is a number: a file on it takes so many bytes and then none, as a full disk does."""

    path: Path
    room: int | None = None

    def open(self) -> io.TextIOWrapper:
        """Open the file as a stdout without a buffer, as PYTHONUNBUFFERED makes it."""
        stream: Any = _FakeFile(self)
        return io.TextIOWrapper(stream, encoding="utf-8", newline="\n", write_through=True)

    def fill(self, room: int) -> None:
        """Leave room for so many bytes."""
        self.path.touch()
        self.room = room

    def clear(self) -> None:
        """Make room for everything."""
        self.room = None


class _FakeFile(io.FileIO):
    def __init__(self, disk: FakeDisk) -> None:
        super().__init__(disk.path, "ab")
        self.disk = disk

    def write(self, data: Any) -> int:
        room = self.disk.room
        if room is None:
            return super().write(data)
        if room == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = super().write(bytes(data)[:room])
        self.disk.room = room - taken
        return taken


@dataclass
class SmallDisk:
    """A tmpfs mounted at a folder."""

    folder: Path

    @property
    def path(self) -> Path:
        """The file that tails write to."""
        return self.folder / "out.ndjson"

    def __post_init__(self) -> None:
        """Mount it."""
        self.folder.mkdir(parents=True)
        options = ["-t", "tmpfs", "-o", f"size={_DISK_BYTES}", "none", str(self.folder)]
        subprocess.run(["mount", *options], check=True)

    def open(self) -> io.TextIOWrapper:
        """Open the file as a stdout."""
        return self.path.open("a", encoding="utf-8", newline="\n")

    def fill(self, room: int) -> None:
        """Leave room for so many bytes, fewer than a page."""
        with self.path.open("ab", buffering=0) as out:
            out.write(b"\n" * (-(out.seek(0, os.SEEK_END) + room) % _PAGE))
        with (self.folder / "filler").open("ab", buffering=0) as filler, suppress(OSError):
            while filler.write(bytes(_PAGE)):
                continue

    def clear(self) -> None:
        """Make room."""
        (self.folder / "filler").unlink(missing_ok=True)


@dataclass
class Run:
    """One run of the output in this process."""

    journal: Journal
    disk: Disk
    warnings: list[str] = field(default_factory=list)

    @contextmanager
    def printing(self) -> Iterator[Output]:
        """Print while the block runs; end as after a signal."""
        with self.disk.open() as stream:
            lines = EventLines(Printer(stream, Options(Format.NDJSON)), events_view(utc=False))
            output = Output(self.journal, lines, stream=stream, warn=self.warnings.append)
            output.start()
            try:
                yield output
            finally:
                assert output.stop(30)
            assert output.error is None, output.error


def fill_at(journal: Journal, disk: Disk, offset: int, way: str) -> bool:
    """Fill the disk at a byte of what is printed next; return whether there was that much to print.

    Args:
        journal: of this and earlier offsets.
        disk: has room now.
        offset: how many bytes still have room.
        way: what follows: there is room and the output `goes on`, it ends and the `next run` has room, or somebody
            makes room by having the file `emptied`.
    """
    names = add_events(journal)
    disk.fill(offset)
    start = disk.path.stat().st_size
    run = Run(journal, disk)
    with mock.patch.object(page_writer, "_FULL_SECONDS", 0.005), run.printing() as output:
        journal.tell()
        wait_until(
            lambda: bool(run.warnings) or output.position == _last(journal), "the disk is full", every=0.001
        )
        is_full = bool(run.warnings)
        assert not is_full or disk.path.stat().st_size == start + offset
        whole = _names_in(disk.path, start, ended=True)
        if way == "emptied" and is_full:
            os.truncate(disk.path, 0)
            start = 0
        if way != "next run":
            disk.clear()
            wait_until(lambda: output.position == _last(journal), "all is printed", every=0.001)
        assert len(run.warnings) == is_full, "it says so once"
    disk.clear()
    with Run(journal, disk).printing() as output:
        wait_until(lambda: output.position == _last(journal), "all is printed", every=0.001)
    printed = _names_in(disk.path, start)
    gone = whole if way == "emptied" and is_full else []  # what somebody threw away whole was printed
    wanted = [name for name in names if name not in gone]
    assert printed == wanted, f"{offset}, {way}: {printed} instead of {wanted}"
    return is_full


def add_events(journal: Journal) -> list[str]:
    """Add events that differ from all before; return their ids."""
    known = _last(journal)
    rows = [
        row
        for number in range(known, known + _LINES)
        for row in make_rows(
            message(notice("deviceonline") | {"remark": f"é{number}"}), Receipt(datetime.now(UTC))
        )
    ]
    journal.write(lambda db: keep_batch(db, f"b{known}", rows, now=1, wants_pictures=False))
    return [row.id for row in rows]


def _last(journal: Journal) -> int:
    found = journal.read(lambda db: db.execute("SELECT max(seq) FROM entry").fetchone())
    return int(found[0] or 0)


def _names_in(path: Path, start: int, *, ended: bool = False) -> list[str]:
    """Return the ids in the lines from an offset on, each once; half lines are allowed, repeats must say so.

    Args:
        path: a file of lines.
        start: of the first line.
        ended: only of lines that have their end.
    """
    events = []
    lines = path.read_bytes()[start:].split(b"\n")
    for line in lines[:-1] if ended else lines:
        with suppress(ValueError):
            events.append(json.loads(line))
    check_repeats(events)  # a line that lacks its end only may have been read, and comes again
    return list(dict.fromkeys(str(event["id"]) for event in events))


def fill_everywhere(folder: Path, step: int) -> str:
    """Fill a tmpfs at every byte of three lines, in each way."""
    disk = SmallDisk(folder / "disk")
    return ", ".join(
        f"{way}: full at {_fill_each(folder / f'{way}.db', disk, way, step)} bytes" for way in WAYS
    )


def _fill_each(path: Path, disk: SmallDisk, way: str, step: int) -> int:
    """Fill a disk at every byte until all lines are whole; return how often it was full."""
    count = 0
    while True:
        with Journal(path) as journal:  # opened again now and then: it keeps a connection for each thread
            for _ in range(_A_JOURNAL):
                if not fill_at(journal, disk, count * step, way):
                    return count
                count += 1
                if disk.path.stat().st_size > _DISK_BYTES // 4:
                    os.truncate(disk.path, 0)


def fill_under_tails(folder: Path, rng: random.Random, times: int) -> str:
    """Fill a tmpfs under real tails, at random bytes; then make room, kill the tail or end it by a signal."""
    disk = SmallDisk(folder / "tails")
    counts = {"goes on": 0, "SIGKILL": 0, "SIGTERM": 0}
    with Stage(folder / "stage") as stage:
        feed = Feed(stage.state, rng)
        for _ in range(times):
            disk.fill(rng.randrange(1500))
            ending = rng.choice(list(counts))
            feed.put(4)
            said = len(_text(stage.errors))
            with disk.path.open("ab") as out:
                process = stage.start_tail(stdout=out)
            _await_notice(stage, said)
            counts[ending] += 1
            if ending == "SIGKILL":
                process.kill()
            elif ending == "goes on":
                disk.clear()
                await_end(stage, feed)
            process.terminate()
            assert process.wait(60) == (-signal.SIGKILL if ending == "SIGKILL" else 0), _text(stage.errors)
            disk.clear()
            if disk.path.stat().st_size > _DISK_BYTES // 4:
                _move(disk.path, stage.out)
        with disk.path.open("ab") as out, stage.tail(stdout=out):
            feed.put(1)
            await_end(stage, feed)
        _move(disk.path, stage.out)
        return f"{counts} under tails: {check(stage, feed, most_warnings=2 * times)}"


def _await_notice(stage: Stage, said: int) -> None:
    """Wait until a tail says that the disk is full, after so many characters of others."""
    wait_until(lambda: _NOTICE in _text(stage.errors)[said:], "it says that the disk is full")


def _move(source: Path, target: Path) -> None:
    with target.open("ab") as out:
        out.write(source.read_bytes())
    os.truncate(source, 0)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def fill_output(folder: Path, rng: random.Random, *, step: int, times: int) -> str:
    """Run all of this module in a namespace of its own."""
    numbers = [str(step), str(times), str(rng.randrange(10**6))]
    command = [*NAMESPACE, sys.executable, "-m", "tests.soak.full_output", str(folder), *numbers]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip().replace("\n", "; ")


def main() -> None:
    """Run it in this namespace."""
    folder, (step, times, seed) = Path(sys.argv[1]), map(int, sys.argv[2:])
    folder.mkdir(parents=True, exist_ok=True)
    sys.stdout.write(fill_everywhere(folder, step) + "\n")
    if times:
        sys.stdout.write(fill_under_tails(folder, random.Random(seed), times) + "\n")


if __name__ == "__main__":
    main()
