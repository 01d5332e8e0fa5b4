"""The journal of an account while a tail runs: its threads write in turn, and readers never hold them up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from hpcli.alarms.journal.schema import (
    JournalFullError,
    compact,
    open_for_reading,
    open_for_writing,
    open_in_memory,
    translate,
)

if TYPE_CHECKING:
    import sqlite3
    from types import TracebackType

    from hpcli.alarms.journal.entries import Entry

Result = TypeVar("Result")
Change = Callable[["sqlite3.Connection"], Any]

_LATER_SECONDS = 0.2
"""How long a change that may wait is kept for the next commit; each commit waits for the disk."""

_FULL_SECONDS = 2.0
"""Pause before the next try after the disk was full."""

_MOST_LATEST = 512 * 1024
"""Characters of entries kept for printing: a few batches, because the output gathers lines for a moment."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """The reading connection of one thread, and the lock under which it is used and closed."""

    db: sqlite3.Connection
    lock: threading.Lock = field(default_factory=threading.Lock)
    closed: threading.Event = field(default_factory=threading.Event)

    def close(self) -> None:
        """Close it after the running query."""
        with self.lock:
            self.closed.set()
            self.db.close()


class Journal:
    """An open journal. Any thread may use it; `close` it.

    Args:
        path: the SQLite file; None for one in memory (`--no-journal`).
        upgrades: bring a journal of an older version up to date; only the holder of the reader's lock may do so.

    Raises:
        LocalError: it cannot be opened, see `schema.open_for_writing`.
    """

    def __init__(self, path: Path | None, *, upgrades: bool = False) -> None:
        self.path = path
        self._writer = open_in_memory() if path is None else open_for_writing(path, upgrades=upgrades)
        self._turn = threading.Lock()
        self._work = threading.Condition()
        self._later: dict[str, Change] = {}
        self._closing = threading.Event()
        self._own = threading.local()
        self._readers: list[_Reader] = []
        self._changed = threading.Condition()
        self._changes = 0
        self._latest: Sequence[Entry] = ()
        self._latest_size = 0
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def write(self, change: Callable[[sqlite3.Connection], Result]) -> Result:
        """Make a change in a transaction of its own and return once it is on the disk.

        Raises:
            JournalFullError: there is no room; nothing was changed.
            LocalError: the journal is damaged.
        """
        return self._ask(lambda: self._commit(change))

    def write_later(self, name: str, change: Change) -> None:
        """Make a change with the next commit, within a moment; it is kept until there is room.

        Args:
            name: a later change of the same name replaces one that still waits.
            change: writes; must not fail.
        """
        with self._work:
            self._later[name] = change
            self._work.notify()

    def read(self, query: Callable[[sqlite3.Connection], Result]) -> Result:
        """Read in one transaction, without waiting for the writer.

        Raises:
            LocalError: the journal is damaged.
        """
        if self.path is None:
            return self._ask(lambda: read_once(self._writer, query))
        import sqlite3

        try:
            with self._reader(self.path) as db:
                return read_once(db, query)
        except sqlite3.Error as error:
            raise translate(error, self.path) from error

    @property
    def changes(self) -> int:
        """How many changes `tell` announced."""
        return self._changes

    @property
    def latest(self) -> Sequence[Entry]:
        """The latest entries, without a gap; an output that has printed all before them need not read them."""
        return self._latest

    def tell(self, latest: Sequence[Entry] = ()) -> None:
        """Wake the threads that wait for something new.

        Args:
            latest: the new entries in order, without a gap; empty if they must be read from the journal.
        """
        size = sum([len(entry.body) + len(entry.raw or "") for entry in latest])
        with self._changed:
            if self._latest_size + size <= _MOST_LATEST and _follow(latest, self._latest):
                latest, size = [*self._latest, *latest], self._latest_size + size
            self._latest, self._latest_size = latest, size
            self._changes += 1
            self._changed.notify_all()

    def wait_for_change(self, seen: int, seconds: float) -> int:
        """Wait until `changes` is no longer `seen`, for some seconds at most; return it."""
        with self._changed:
            self._changed.wait_for(lambda: self._changes != seen, seconds)
            return self._changes

    def compact(self) -> None:
        """Return freed space to the disk, as far as readers allow.

        Raises:
            LocalError: the journal is damaged, or there is no room to shrink it.
        """
        import sqlite3

        try:
            self._ask(lambda: compact(self._writer))
        except sqlite3.Error as error:
            raise translate(error, self.path) from error

    def close(self) -> None:
        """Write the waiting changes and close the file."""
        with self._work:
            self._closing.set()
            self._work.notify()
        for reader in self._readers:
            reader.close()
        self._thread.join()

    @contextmanager
    def _reader(self, path: Path) -> Iterator[sqlite3.Connection]:
        """Lend this thread its reading connection; after `close`, a temporary one."""
        own: _Reader | None = getattr(self._own, "reader", None)
        if own is None and not self._closing.is_set():
            own = self._own.reader = self._add_reader(path)
        if own is not None:
            with own.lock:
                if not own.closed.is_set():
                    yield own.db
                    return
        with closing(open_for_reading(path)) as db:
            yield db

    def _add_reader(self, path: Path) -> _Reader:
        reader = _Reader(open_for_reading(path))
        with self._work:
            self._readers.append(reader)
            is_late = self._closing.is_set()
        if is_late:
            reader.close()
        return reader

    def _ask(self, work: Callable[[], Result]) -> Result:
        """Use the writing connection in this thread, when it is its turn: handing over to another thread costs more."""
        with self._turn:
            return work()

    def _run(self) -> None:
        """Write the changes that may wait, unless another commit takes them within a moment."""
        pause = _LATER_SECONDS
        while not self._closing.is_set():
            with self._work:
                self._work.wait_for(lambda: self._later or self._closing.is_set())
            self._closing.wait(pause)
            pause = _LATER_SECONDS if self._write_waiting() else _FULL_SECONDS
        self._write_waiting()
        self._ask(self._close_writer)

    def _write_waiting(self) -> bool:
        """Write the changes that may wait; if there is no room, keep them for another try."""
        if not self._later:
            return True
        try:
            self.write(_nothing)
        except JournalFullError:
            return False
        return True

    def _commit(self, change: Callable[[sqlite3.Connection], Result]) -> Result:
        import sqlite3

        with self._work:
            later, self._later = self._later, {}
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            for one in later.values():
                one(self._writer)
            result = change(self._writer)
            self._writer.execute("COMMIT")
        except BaseException as error:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            with self._work:
                self._later = later | self._later
            if isinstance(error, sqlite3.Error):
                raise translate(error, self.path) from error
            raise
        return result

    def _close_writer(self) -> None:
        import contextlib
        import sqlite3

        with contextlib.suppress(sqlite3.Error):
            if self.path is not None:
                self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._writer.close()


def read_once(db: sqlite3.Connection, query: Callable[[sqlite3.Connection], Result]) -> Result:
    """Run a query in one transaction, so that its parts see the same state."""
    db.execute("BEGIN")
    try:
        return query(db)
    finally:
        db.execute("COMMIT")


def _follow(entries: Sequence[Entry], earlier: Sequence[Entry]) -> bool:
    """Return whether entries directly follow earlier ones, with nothing written in between."""
    return bool(entries and earlier) and entries[0].seq == earlier[-1].seq + 1


def _nothing(_db: sqlite3.Connection) -> None:
    """Change nothing, so that the waiting changes are written."""
