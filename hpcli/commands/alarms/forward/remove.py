"""`hpcli alarms forward remove`: an output is no longer sent to."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hpcli.commands.alarms.forward.configuration import NameArgument, forward_file
from hpcli.run.context import Context

if TYPE_CHECKING:
    from pathlib import Path

    from hpcli.alarms.forward.lock import OutputLock

_LET_GO_SECONDS = 20.0
_LOOK_SECONDS = 0.1


def remove_output(ctx: Context, name: NameArgument) -> None:
    """Remove an output and its dead letters.

    The events themselves stay in the journal. A running `alarms tail --forward` or
    `alarms forward run` finishes what it is sending to the output, then stops it.

    $ hpcli alarms forward remove log
    """
    from hpcli.alarms.forward.lock import OutputLock
    from hpcli.alarms.journal.deliveries import ask_again, forget, read_place
    from hpcli.alarms.journal.schema import is_journal_there
    from hpcli.commands.alarms.journal import open_journal, reading

    file = forward_file(ctx)
    folder: Path = ctx.run.session.alarms_folder
    is_there = folder.is_dir() and is_journal_there(folder / "journal.db")
    is_declared = name in file.tables()
    if not is_declared:
        is_known = False
        if is_there:
            with reading(ctx, None) as read:
                is_known = read(lambda db: read_place(db, name)) is not None
        if not is_known:
            file.find_table(name)
    if ctx.plans_only(f"Would remove the output '{name}'."):
        return
    if is_declared:
        file.remove(name)
    if is_there:
        with open_journal(ctx, None) as journal:
            journal.write(lambda db: ask_again(db, name))
            lock = _take_lock(OutputLock(folder, name))
            try:
                journal.write(lambda db: forget(db, name))
            finally:
                lock.release()
    ctx.info(f"Removed the output '{name}'.")


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
