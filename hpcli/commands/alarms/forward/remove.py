"""`hpcli alarms forward remove`: an output is no longer sent to."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hpcli.commands.alarms.forward.configuration import NameArgument, forward_file
from hpcli.run.context import Context

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from hpcli.alarms.forward.lock import OutputLock
    from hpcli.alarms.journal.deliveries import Forwarded

_LET_GO_SECONDS = 20.0
_LOOK_SECONDS = 0.1


def remove_output(ctx: Context, name: NameArgument) -> None:
    """Remove an output, its dead letters and its place.

    The events themselves stay in the journal; how many of them are no longer sent to
    the output is said, with --dry-run beforehand. To change an output, edit its table
    in forward.toml: its place, and what waits, stay. A running `alarms tail --forward`
    or `alarms forward run` finishes what it is sending to the output, then stops it.

    $ hpcli alarms forward remove log
    """
    from hpcli.alarms.forward.lock import OutputLock
    from hpcli.alarms.journal.deliveries import ask_again, forget
    from hpcli.alarms.journal.schema import is_journal_there
    from hpcli.commands.alarms.journal import open_journal

    file = forward_file(ctx)
    folder: Path = ctx.run.session.alarms_folder
    is_there = folder.is_dir() and is_journal_there(folder / "journal.db")
    is_declared = name in file.tables()
    known, after = _known(ctx, name) if is_there else (None, None)
    if not is_declared and known is None:
        file.find_table(name)
    if ctx.plans_only(f"Would remove the output '{name}'.{_given_up(known, after)}"):
        return
    if is_declared:
        file.remove(name)
    if is_there:
        with open_journal(ctx, None) as journal:
            journal.write(lambda db: ask_again(db, name))
            lock = _take_lock(OutputLock(folder, name))
            try:
                known, after = _known(ctx, name)
                journal.write(lambda db: forget(db, name))
            finally:
                lock.release()
    ctx.info(f"Removed the output '{name}'.")
    if lost := _given_up(known, after):
        ctx.warn(lost.strip())


def _known(ctx: Context, name: str) -> tuple[Forwarded | None, str | None]:
    """Return what the journal knows of an output, and the id of the last event before those that wait."""
    from hpcli.alarms.journal.deliveries import read_forwarded
    from hpcli.commands.alarms.journal import reading

    def read(db: sqlite3.Connection) -> tuple[Forwarded | None, str | None]:
        known = next((one for one in read_forwarded(db) if one.name == name), None)
        place = (known.place.position if known else 0,)
        row = db.execute(
            "SELECT id FROM entry WHERE about IS NULL AND seq<=? ORDER BY seq DESC", place
        ).fetchone()
        return known, row and str(row[0])

    with reading(ctx, None) as run:
        found: tuple[Forwarded | None, str | None] = run(read)
    return found


def _given_up(known: Forwarded | None, after: str | None) -> str:
    """Return a sentence that says what is no longer sent to an output, empty if all is done."""
    from hpcli.plurals import quantity

    if known is None or not (known.waiting or known.dead):
        return ""
    counts = [quantity(known.waiting, "event that waits", "events that wait")] if known.waiting else []
    counts += [quantity(known.dead, "dead letter")] if known.dead else []
    again = (
        f" `alarms forward add … --from {after or 'beginning'}` sends what waits." if known.waiting else ""
    )
    return f" Not sent to it any more: {' and '.join(counts)}.{again}"


def _take_lock(lock: OutputLock) -> OutputLock:
    """Take the lock of an output when the process that sends for it has let go.

    Raises:
        LocalError: it does not.
    """
    from hpcli.alarms.forward.lock import held_elsewhere
    from hpcli.stop import Stop

    end = time.monotonic() + _LET_GO_SECONDS
    while (holder := lock.take()) is not None:
        if time.monotonic() >= end:
            error = held_elsewhere(lock.name, holder)
            error.hint = "It is no longer in forward.toml. Stop that process, then remove the output again."
            raise error
        Stop().wait(_LOOK_SECONDS)
    return lock
