"""`hpcli alarms forward remove`: an output is no longer sent to."""

from __future__ import annotations

from hpcli.commands.alarms.forward.configuration import NameArgument, forward_file
from hpcli.run.context import Context


def remove_output(ctx: Context, name: NameArgument) -> None:
    """Remove an output and its dead letters.

    The events themselves stay in the journal.

    $ hpcli alarms forward remove log
    """
    from hpcli.alarms.forward.lock import OutputLock, held_elsewhere
    from hpcli.alarms.journal.deliveries import forget
    from hpcli.alarms.journal.schema import is_journal_there
    from hpcli.commands.alarms.journal import open_journal

    file = forward_file(ctx)
    file.find_table(name)
    folder = ctx.run.session.alarms_folder
    if ctx.plans_only(f"Would remove the output '{name}'."):
        return
    is_there = folder.is_dir() and is_journal_there(folder / "journal.db")
    lock = OutputLock(folder, name)
    holder = lock.take() if folder.is_dir() else None
    if holder is not None:
        raise held_elsewhere(name, holder)
    try:
        if is_there:
            with open_journal(ctx, None) as journal:
                journal.write(lambda db: forget(db, name))
        file.remove(name)
    finally:
        lock.release()
    ctx.info(f"Removed the output '{name}'.")
