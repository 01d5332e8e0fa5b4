"""Stdout as an output: prints the journal from its own position, and never holds up polling."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Container, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol, TextIO

from hpcli.alarms.journal.entries import Entry
from hpcli.alarms.journal.pictures import count_due_pictures, last_seq, want_pictures
from hpcli.alarms.journal.queries import EVERYTHING, Filter, read_media, read_page
from hpcli.alarms.journal.schema import JournalFullError
from hpcli.alarms.journal.writer import Journal
from hpcli.alarms.tail.page_writer import PageWriter
from hpcli.alarms.tail.receipts import Receipts
from hpcli.alarms.tail.torn_line import follows_torn_line
from hpcli.alarms.tail.unread import find_reader, is_reader_gone
from hpcli.errors import HpcliError, OutputClosedError
from hpcli.output.stdout_writer import OutputFullError
from hpcli.plurals import quantity

if TYPE_CHECKING:
    import sqlite3

_NAME: Final = "stdout"
_LOOK_SECONDS: Final = 0.5
"""How often the journal is checked without a signal: another process may add lines (`retry-pictures`)."""

_EMPTY_SECONDS: Final = 10.0
"""How long it waits at the end for the reader of a pipe or socket to take the rest."""

_STOP_SECONDS: Final = 1.0
"""How long it does so after a signal."""

_EMPTY_LOOK_SECONDS: Final = 0.005

_SILENT_SECONDS: Final = 2.0
"""How long it waits for pictures before it says so."""

_GATHER_SECONDS: Final = 0.003
"""How long lines gather for one write; a page of many costs little more than one of few."""

_WAITS: Final = "Waiting for {}, up to {:.0f} s; a signal (Ctrl-C) ends it at once."

Line = tuple[Entry, bool]
"""An entry, and whether it may have been printed before."""

Page = tuple[list[Entry], int]
"""Entries that are wanted, and the number of the last one looked at."""


class Lines(Protocol):
    """Prints entries."""

    @property
    def is_deferred(self) -> bool:
        """Whether nothing is written before `finish` (json, which is written as a whole)."""

    @property
    def written(self) -> int:
        """The number of bytes that the system took so far."""

    def render(self, page: Sequence[Line]) -> list[bytes]:
        """Return entries as they are printed, a piece each; nothing if they are held back."""

    def put(self, data: bytes) -> None:
        """Write bytes at once; a failure leaves in `written` how many of them the system took."""

    def finish(self) -> None:
        """Print what was held back."""


@dataclass
class Output:
    """Prints entries in a separate thread until it is told to end.

    Args:
        journal: what is printed.
        lines: prints them.
        stream: what `lines` write to: where a torn line of a killed run can end it, and a reader may lag behind.
        wanted: which events.
        with_media: whether media lines are printed too.
        limit: number of events after which it ends.
        pictures_due: since when pictures are to be fetched of what an earlier run kept and did not print, epoch
            milliseconds; None where nobody fetches pictures.
        picture_seconds: how long it waits at the end for pictures of printed events.
        unwritten: numbers of pictures that this computer cannot write; it does not wait for them.
        warn: shows a warning to the user.
        on_end: called when it has ended.
        between: returns lines to print between events, which count as none.

    Attributes:
        error: what ended it, None if it ended by itself.
        ended: set when it has ended.
        position: number of the last entry that was written.
    """

    journal: Journal
    lines: Lines
    stream: TextIO | None = None
    wanted: Filter = EVERYTHING
    with_media: bool = True
    limit: int | None = None
    pictures_due: int | None = None
    picture_seconds: float = 60.0
    unwritten: Container[int] = ()
    warn: Callable[[str], None] | None = None
    on_end: Callable[[], None] = field(default=lambda: None)
    between: Callable[[], bytes] = field(default=lambda: b"")
    clock: Callable[[], float] = time.monotonic
    error: BaseException | None = None
    ended: threading.Event = field(default_factory=threading.Event)
    position: int = 0
    _printed: int = 0
    _maybe_printed: int = 0
    _first_batch: str | None = None
    _early: set[int] = field(default_factory=set)
    _is_stopping: bool = False
    _is_torn: bool = False
    _printed_early: set[int] = field(default_factory=set)
    _last: int | None = None
    _passed: threading.Condition = field(default_factory=threading.Condition)
    _thread: threading.Thread | None = None

    def __post_init__(self) -> None:
        """Prepare writing."""
        self._receipts = Receipts(lambda: self.lines.written, clock=self.clock)
        self._writer = PageWriter(
            self.lines,
            self._receipts,
            self.stream,
            self._wait_to_give_up,
            self._warn,
            "in the journal" if self.journal.path is not None else "on the platform",
        )

    def start(self) -> None:
        """Start after what was printed before; raises JournalFullError where the journal has no room."""
        self.journal.write(self._begin)
        self._thread = threading.Thread(target=self._run, name="stdout", daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """End after everything that is in the journal now is printed and its pictures are done."""
        self._last = self.journal.read(last_seq)
        self.wake()

    def stop(self, seconds: float) -> bool:
        """End after the current page; return whether it did so within some seconds."""
        self._is_stopping = True
        self.wake()
        return self.ended.wait(seconds)

    def wait_printed(self, seq: int) -> bool:
        """Wait until the entries up to a number are printed; return False if the output ends before."""
        with self._passed:
            self._passed.wait_for(lambda: self.position >= seq or self.ended.is_set() or self._is_stopping)
            return self.position >= seq

    def _begin(self, db: sqlite3.Connection) -> None:
        """Read where the last run ended, and what it may have printed after that."""
        row = db.execute("SELECT position, is_clean FROM output WHERE name=?", (_NAME,)).fetchone()
        self.position, is_clean = row or (0, 1)
        self._maybe_printed = self.position if is_clean else last_seq(db)
        self._early = {seq for (seq,) in db.execute("SELECT seq FROM early")}
        self._receipts.start(self.position)
        if self.stream is not None:
            self._receipts.reader = find_reader(self.stream)
            self._is_torn = follows_torn_line(db, self.stream, is_clean=bool(is_clean))
        _set_position(db, self.position, is_clean=False)
        if self.pictures_due is not None:
            want_pictures(db, self.position, self.pictures_due)

    def _run(self) -> None:
        try:
            if self._is_torn:
                self._writer.write([(self.position, b"\n")])
            self._print_events()
            if not self._is_stopping:
                self._print_late_media()
            self._finish()
        except BaseException as error:  # noqa: BLE001 - it is raised in the main thread
            if not isinstance(
                error, OutputClosedError
            ):  # else what the reader took last may not have been used
                self._keep_settled_position()
            # After a signal, what there was no room for is simply not printed.
            self.error = None if self._is_stopping and isinstance(error, OutputFullError) else error
        finally:
            self.ended.set()
            with self._passed:
                self._passed.notify_all()
            self.on_end()
            self.journal.tell()

    def _finish(self) -> None:
        """Print what was held back, and store what the reader has taken of everything."""
        self.lines.finish()
        self._receipts.note(self.position, self.lines.written)
        start = self.clock()
        while not self._receipts.is_complete() and self.clock() < start + (
            _STOP_SECONDS if self._is_stopping else _EMPTY_SECONDS
        ):
            self._check_reader()
            self.ended.wait(_EMPTY_LOOK_SECONDS)
        self._check_reader()
        is_taken = self._receipts.is_complete()
        self._receipts.close()
        if is_taken:
            self._note_early()
        elif not self._is_stopping:
            self._warn(
                "The reader of the output has not taken all alarms; the next tail prints the rest again."
            )
        self._store_position(is_clean=is_taken and self.position >= self._maybe_printed)

    def _wait_to_give_up(self, seconds: float) -> bool:
        """Wait some seconds; return whether the output shall end instead of waiting for room."""
        with self._passed:
            return self._passed.wait_for(lambda: self._is_stopping or self._last is not None, seconds)

    def wake(self) -> None:
        """Look for something new to print."""
        self.journal.tell()
        with self._passed:
            self._passed.notify_all()

    def _warn(self, line: str) -> None:
        if self.warn is not None:
            self.warn(line)

    def _print_events(self) -> None:
        seen = self.journal.changes
        while not self._is_over():
            self._keep_settled_position()
            if note := self.between():
                self._writer.write([(self.position, note)])
            latest, is_finishing = self._latest_page(), self._last is not None
            entries, end = latest or self._next_page()
            is_all = latest is not None or end == self.position
            if is_finishing and end == self.position:
                return  # the rest does not match, such as media lines
            if end != self.position:
                self._print(*self._cut(entries, end))
            if is_all and not self._is_over():
                seen = self.journal.wait_for_change(seen, _LOOK_SECONDS)
                self.ended.wait(_GATHER_SECONDS)

    def _latest_page(self) -> Page | None:
        """Return the latest entries if they follow directly; None if the journal must be read."""
        latest = self.journal.latest
        printed = self.position + 1 - latest[0].seq if latest else 0
        if not 0 <= printed < len(latest):
            return None
        return [entry for entry in latest[printed:] if self.wanted.admits(entry)], latest[-1].seq

    def _next_page(self) -> Page:
        return self.journal.read(
            lambda db: read_page(db, self.position, wanted=self.wanted, with_media=self.with_media)
        )

    def _is_over(self) -> bool:
        return (
            self._is_stopping
            or (self.limit is not None and self._printed >= self.limit)
            or (self._last is not None and self.position >= self._last)
        )

    def _cut(self, entries: list[Entry], end: int) -> Page:
        """Cut a page after the last event of the limit."""
        if self.limit is None:
            return entries, end
        left = self.limit - self._printed
        if len(entries) < left:
            return entries, end
        for index, entry in enumerate(entries):
            left -= not entry.is_media
            if left == 0:
                return entries[: index + 1], entry.seq
        return entries, end

    def _print(self, entries: list[Entry], end: int) -> None:
        fresh = [entry for entry in entries if entry.seq not in self._early] if self._early else entries
        if fresh:
            self._write(self._marked(fresh))
            self._check_reader()
        if not self.lines.is_deferred:
            self._receipts.note(end, self.lines.written)
        self._printed += sum([entry.about is None for entry in fresh])
        with self._passed:
            self.position = end
            self._passed.notify_all()
        self._keep_settled_position()

    def _write(self, lines: list[Line], *, place: int | None = None) -> None:
        """Write entries; `place` is the position that they do not move on, where they are ahead of their turn."""
        pieces = self._render(lines)
        seqs = [entry.seq if place is None else place for entry, _ in lines]
        self._writer.write(list(zip(seqs, pieces, strict=False)))  # json is held back: no pieces

    def _render(self, lines: list[Line]) -> list[bytes]:
        """Return entries as they are printed; one that a fault of hpcli does not let print costs no other."""
        try:
            return self.lines.render(lines)
        except HpcliError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the others must be printed
            if len(lines) > 1:
                return [piece for line in lines for piece in self._render([line])]
            self._warn(
                f"The alarm {lines[0][0].id} cannot be printed for a fault of hpcli ({type(error).__name__});"
                " the journal has it."
            )
            return [b""]

    def _marked(self, entries: list[Entry]) -> list[Line]:
        if self.journal.path is not None and entries[0].seq > self._maybe_printed:
            return [(entry, entry.repeats > 0) for entry in entries]
        return [(entry, self._may_be_printed(entry)) for entry in entries]

    def _keep_settled_position(self) -> None:
        """Store the position of what was taken, once its reader has outlived it for a moment."""
        if self._receipts.reader is not None:
            self._check_reader()
        if self._receipts.look():
            end = self._receipts.position
            self.journal.write_later("position", lambda db: _set_position(db, end, is_clean=False))

    def _check_reader(self) -> None:
        if self.stream is not None and is_reader_gone(self.stream):
            raise OutputClosedError("The output was closed by its reader.")

    def _may_be_printed(self, entry: Entry) -> bool:
        """Return whether an earlier run, or another machine, may have printed an entry.

        A journal in memory knows no earlier run, but the first messages may be those that one left unconfirmed.
        """
        if self.journal.path is None and not self._printed and self._first_batch is None:
            self._first_batch = entry.batch
        return (
            entry.seq <= self._maybe_printed
            or entry.repeats > 0
            or (self._first_batch is not None and entry.batch == self._first_batch)
        )

    def _print_late_media(self) -> None:
        """Wait for pictures of printed events; print their lines ahead of events that are not printed yet."""
        start = self.clock()
        deadline = start + self.picture_seconds
        is_told = self.warn is None
        seen = self.journal.changes
        while not self._is_stopping:
            left = self._count_coming_pictures()
            is_last = self.clock() >= deadline or not left
            if self.warn is not None and not is_told and left and self.clock() >= start + _SILENT_SECONDS:
                is_told = True
                self.warn(_WAITS.format(quantity(left, "picture"), self.picture_seconds))
            late = self.journal.read(lambda db: read_media(db, self.position, self.position))
            late = [entry for entry in late if entry.seq not in self._early and self.wanted.admits(entry)]
            if late and self.with_media:
                self._write([(entry, False) for entry in late], place=self.position)
            self._early.update([entry.seq for entry in late])
            self._printed_early.update([entry.seq for entry in late])
            if is_last:
                return
            seen = self.journal.wait_for_change(seen, min(_LOOK_SECONDS, max(0.0, deadline - self.clock())))

    def _count_coming_pictures(self) -> int:
        """Count the pictures still to be fetched; those of an earlier run count only if this run fetches pictures."""
        if self.pictures_due is None:
            return 0
        return self.journal.read(lambda db: count_due_pictures(db, self.position, self.unwritten))

    def _note_early(self) -> None:
        """Store which lines were printed ahead of their place, once the reader has taken them."""
        if not self._printed_early:
            return
        with suppress(JournalFullError):  # then they are printed again, which is allowed
            self.journal.write(
                lambda db: db.executemany(
                    "INSERT OR IGNORE INTO early (seq) VALUES (?)", [(seq,) for seq in self._printed_early]
                )
            )

    def _store_position(self, *, is_clean: bool) -> None:
        end = self._receipts.position
        with suppress(JournalFullError):  # then the next run marks what it prints as a possible repeat
            self.journal.write(lambda db: _set_position(db, end, is_clean=is_clean))


def _set_position(db: sqlite3.Connection, position: int, *, is_clean: bool) -> None:
    db.execute(
        "INSERT OR REPLACE INTO output (name, position, is_clean) VALUES (?, ?, ?)",
        (_NAME, position, int(is_clean)),
    )
    db.execute("DELETE FROM early WHERE seq<=?", (position,))
