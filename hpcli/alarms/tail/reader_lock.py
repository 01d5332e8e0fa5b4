"""One reader of an account's alarm queue on this computer: the platform serves only one at a time (LAP068001)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hpcli.alarms.journal.folder import make_account_folder
from hpcli.alarms.journal.schema import is_older, open_for_writing
from hpcli.errors import LocalError
from hpcli.local.atomic_write import replace_file
from hpcli.local.locks import lock_file
from hpcli.parse import utc_text

_LOCK: Final = "reader.lock"
_HOLDER: Final = "reader.json"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the queue: its process id, and since when."""

    pid: int
    since: str


class ReaderRunningError(LocalError):
    """Another process reads the alarms of the account.

    Args:
        who: it, for people.
        since: since when, empty if that is unknown.
    """

    def __init__(self, who: str, since: str = "") -> None:
        super().__init__(
            f"The alarms of this account are being read by {who}{since and f', since {since}'}.",
            hint="Stop that process first, or read its alarms with `hpcli alarms history -f`.",
        )
        self.who = who


def bring_up_to_date(folder: Path, journal: Path) -> None:
    """Bring a journal of an older version up to date, as the account's only reader; leave any other alone.

    Args:
        folder: the account's.
        journal: a journal that may be missing.

    Raises:
        LocalError: another process reads the alarms, or the journal cannot be used.
    """
    if not is_older(journal):
        return
    make_account_folder(folder)
    try:
        with hold_reader_lock(folder, journal):
            open_for_writing(journal, upgrades=True).close()
    except ReaderRunningError as error:
        raise LocalError(
            f"The journal {journal} was made by an older hpcli, and {error.who} is reading alarms.",
            hint="Stop that process and start it again with this version, which brings the journal up to date.",
        ) from error


@contextmanager
def hold_reader_lock(folder: Path, journal: Path | None) -> Iterator[bool]:
    """Be the only reader of an account while the block runs; the lock of a killed process is released.

    Yields whether the reader before was killed: the platform may still wait for the end of its poll.

    Args:
        folder: the account's.
        journal: a journal outside that folder, which is locked too; None for none.

    Raises:
        ReaderRunningError: another process is the reader; the message names its pid.
        LocalError: the lock cannot be used.
    """
    with ExitStack() as locks:
        locks.enter_context(_held(folder / _LOCK, folder))
        if journal is not None and journal.parent.resolve() != folder.resolve():
            locks.enter_context(_held(journal.with_name(f"{journal.name}.lock"), None))
        was_killed = (folder / _HOLDER).exists()
        moment = utc_text(datetime.now(UTC))
        with suppress(OSError):  # it only serves messages; the lock works without it
            replace_file(folder / _HOLDER, json.dumps({"pid": os.getpid(), "since": moment}).encode())
        try:
            yield was_killed
        finally:
            with suppress(OSError):
                (folder / _HOLDER).unlink()


@contextmanager
def _held(path: Path, folder: Path | None) -> Iterator[None]:
    lock = lock_file(path, timeout=0)
    try:
        lock.acquire()
    except TimeoutError as error:
        reader = None if folder is None else _read_holder(folder)
        who = f"hpcli with pid {reader.pid}" if reader else "another hpcli"
        raise ReaderRunningError(who, reader.since if reader else "") from error
    except OSError as error:
        raise LocalError(f"{path} cannot be locked: {error.strerror}.") from error
    try:
        yield
    finally:
        lock.release()


def find_reader(folder: Path) -> Reader | None:
    """Return who reads the queue now, None if no process on this computer does."""
    if not (folder / _LOCK).exists():
        return None
    lock = lock_file(folder / _LOCK, timeout=0)
    try:
        lock.acquire()
    except TimeoutError:
        return _read_holder(folder) or Reader(0, "")
    except OSError:
        return None
    lock.release()
    return None


def _read_holder(folder: Path) -> Reader | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads((folder / _HOLDER).read_text(encoding="utf-8"))
        return Reader(int(kept["pid"]), str(kept["since"]))
    return None
