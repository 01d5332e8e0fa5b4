"""The log of changes: what this computer has sent, in `changes.db` in the state folder.

A run is one command line; a change is one call that it sent. Times are epoch milliseconds, values are JSON. The
sandbox's changes are kept apart by `is_sandbox`: whoever lists those of real accounts does not see them.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hpcli.errors import LocalError
from hpcli.local import change_names
from hpcli.local.change_records import ItemOutcome, LoggedCall, LoggedRun, Query
from hpcli.local.change_schema import (
    ADD_CHANGE,
    ADD_RUN,
    FIND_OLD,
    KEEP_OF_SIDE,
    READ_CHANGES,
    READ_REST,
    SETTLE_TARGET,
    prepare,
)
from hpcli.local.own_folder import OwnFolder, unusable

if TYPE_CHECKING:
    import sqlite3

NAME: Final = "changes.db"
_WAIT_SECONDS: Final = 5.0


@dataclass
class ChangeLog:
    """The log; threads may share it.

    Args:
        folder: the state folder.
    """

    folder: Path
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _db: sqlite3.Connection | None = None

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / NAME

    def begin_run(self, run: LoggedRun) -> int:
        """Note a command line that is about to send a change; return its number.

        Raises:
            LocalError: it cannot be written.
        """
        values = {name: getattr(run, name) for name in LoggedRun.__slots__}
        with self._writing() as db:
            return int(db.execute(ADD_RUN, values).lastrowid or 0)

    def begin_change(self, run: int, call: LoggedCall) -> int:
        """Note a call that is about to be sent; return its number.

        Raises:
            LocalError: it cannot be written.
        """
        values = {
            name: getattr(call, name) for name in LoggedCall.__slots__ if name not in ("targets", "names")
        }
        values |= {"run": run, "before": _text(call.before or None), "sent": _text(call.sent)}
        with self._writing() as db:
            number = int(db.execute(ADD_CHANGE, values).lastrowid or 0)
            db.executemany(
                "INSERT OR IGNORE INTO target (change, name) VALUES (?, ?)",
                [(number, target) for target in call.targets],
            )
            db.executemany(change_names.ADD, call.names)
        return number

    def end_change(
        self, number: int, outcome: str, ended: int, *, code: str | None = None, message: str | None = None
    ) -> None:
        """Note what became of a call.

        Raises:
            LocalError: it cannot be written.
        """
        with self._writing() as db:
            db.execute(
                "UPDATE change SET outcome = ?, ended = ?, code = ?, message = ? WHERE id = ?",
                (outcome, ended, code, message, number),
            )

    def settle(
        self, number: int, outcome: str, code: str | None, message: str | None, items: Sequence[ItemOutcome]
    ) -> None:
        """Note what became of a call after its targets were looked at one by one.

        Args:
            number: the call.
            outcome: of the whole.
            code: of the error.
            message: of the error.
            items: the targets that were not done.

        Raises:
            LocalError: it cannot be written.
        """
        with self._writing() as db:
            db.execute(
                "UPDATE change SET outcome = ?, code = ?, message = ? WHERE id = ?",
                (outcome, code, message, number),
            )
            db.executemany(SETTLE_TARGET, [{"change": number, **item._asdict()} for item in items])

    def read(self, query: Query) -> list[dict[str, Any]]:
        """Return the changes that a query asks for, the newest first.

        Raises:
            LocalError: the log cannot be read.
        """
        with self._reading() as db:
            if db is None:
                return []
            change_names.find_changes_of(db, query.targets or ())
            rows = db.execute(READ_CHANGES, query.parameters())
            names = [column[0] for column in rows.description]
            return [_row(dict(zip(names, row, strict=True))) for row in rows]

    def add_rest(
        self,
        run: int,
        began: int,
        done: int,
        file: str,
        arguments: Sequence[str],
        inputs: Mapping[str, Sequence[str]],
        folder: str,
    ) -> None:
        """Note what is left of a run.

        Args:
            run: its number.
            began: when it ended.
            done: how many targets are done.
            file: has those that are left.
            arguments: the command line, masked.
            inputs: files that it read, path as typed to [whole path, SHA-256].
            folder: the one where it ran.

        Raises:
            LocalError: it cannot be written.
        """
        values = (run, began, done, file, json.dumps(list(arguments)), json.dumps(dict(inputs)), folder)
        with self._writing() as db:
            db.execute(
                "INSERT OR REPLACE INTO rest (run, began, done, file, arguments, inputs, folder)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                values,
            )

    def rest(self, run: int | None, *, is_sandbox: bool) -> dict[str, Any] | None:
        """Return what is left of a run, or of the last one that was not resumed; None where nothing is.

        Raises:
            LocalError: the log cannot be read.
        """
        return next(iter(self.rests(run, is_sandbox=is_sandbox)), None)

    def rests(self, run: int | None = None, *, is_sandbox: bool) -> list[dict[str, Any]]:
        """Return what is left of a run, or of all that were not resumed, the last one first.

        Raises:
            LocalError: the log cannot be read.
        """
        with self._reading() as db:
            if db is None:
                return []
            found = db.execute(READ_REST, {"run": run, "is_sandbox": int(is_sandbox)})
            names = [column[0] for column in found.description]
            rows = [dict(zip(names, row, strict=True)) for row in found]
        read = ("arguments", "inputs")
        return [{**row, **{name: json.loads(row[name]) for name in read}} for row in rows]

    def end_rest(self, run: int, at: int) -> None:
        """Note that a run is resumed.

        Raises:
            LocalError: it cannot be written.
        """
        with self._writing() as db:
            db.execute("UPDATE rest SET resumed = ? WHERE run = ?", (at, run))

    def prune(self, before: int, *, is_sandbox: bool) -> int:
        """Remove the changes that began before a moment; return their number.

        Raises:
            LocalError: it cannot be written.
        """
        if not self.path.exists():
            return 0
        with self._writing() as db:
            db.execute(FIND_OLD, (before, int(is_sandbox)))
            db.execute("DELETE FROM target WHERE change IN (SELECT id FROM old)")
            removed = db.execute("DELETE FROM change WHERE id IN (SELECT id FROM old)").rowcount
            db.execute(
                "DELETE FROM run WHERE id NOT IN (SELECT run FROM change) AND id NOT IN (SELECT run FROM rest)"
            )
            db.execute("DROP TABLE old")
            db.execute("DELETE FROM alias WHERE id NOT IN (SELECT name FROM target)")
        self._compact()
        return removed

    def forget(self, targets: Sequence[str], *, is_sandbox: bool) -> int:
        """Remove the values, command lines and reasons of all changes of a target; return their number.

        That a change was made stays: when, by whom, which call, its outcome.

        Args:
            targets: words for it, as in a `Query`.
            is_sandbox: it is one of the sandbox.

        Raises:
            LocalError: it cannot be written.
        """
        if not self.path.exists():
            return 0
        with self._writing() as db:
            change_names.find_changes_of(db, targets)
            db.execute(KEEP_OF_SIDE, (int(is_sandbox),))
            db.execute(
                "UPDATE run SET line = verb, reason = NULL"
                " WHERE id IN (SELECT run FROM change WHERE id IN (SELECT id FROM found))"
            )
            removed = db.execute(
                "UPDATE change SET before = NULL, sent = NULL, message = NULL, path = operation"
                " WHERE id IN (SELECT id FROM found)"
            ).rowcount
            db.execute("DELETE FROM target WHERE change IN (SELECT id FROM found)")
            change_names.forget_names(db, targets)
        self._compact()
        return removed

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    def _compact(self) -> None:
        """Overwrite what was removed: values of a person must not stay in free pages."""
        with self._errors("written"), self._lock:
            self._opened().execute("VACUUM")
            self._opened().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._errors("written"):
            db = self._opened()
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """Yield the log, None where nothing was ever written."""
        with self._lock, self._errors("read"):
            if self._db is None and not self.path.exists():
                yield None
                return
            yield self._opened()

    @contextmanager
    def _errors(self, done: str) -> Iterator[None]:
        import sqlite3

        try:
            yield
        except OSError as error:
            raise unusable(self.path, error, done) from error
        except sqlite3.Error as error:
            raise LocalError(f"{self.path} cannot be {done}: {error}.") from error

    def _opened(self) -> sqlite3.Connection:
        import sqlite3

        if self._db is None:
            # Refuses a link and the file of another user, and corrects its rights.
            os.close(OwnFolder(self.folder).open(NAME, os.O_RDWR | os.O_CREAT))
            db = sqlite3.connect(
                self.path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                prepare(db)
            except BaseException:
                db.close()
                raise
            self._db = db
        return self._db


def _text(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    values: Iterable[str] = ("before", "sent", "targets", "failed")
    read = {name: None if row[name] is None else json.loads(row[name]) for name in values}
    return {**row, **read, "is_sandbox": bool(row["is_sandbox"])}
