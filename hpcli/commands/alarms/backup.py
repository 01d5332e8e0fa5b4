"""`hpcli alarms backup` and `restore`: the journal as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hpcli.commands.alarms.journal import JournalPath, open_journal
from hpcli.commands.framework.verb import calls
from hpcli.errors import LocalError
from hpcli.parse import epoch_milliseconds
from hpcli.plurals import quantity
from hpcli.run.context import Context

BackupFile = Annotated[Path, typer.Argument(help="The backup.", metavar="FILE")]


def back_up(ctx: Context, file: BackupFile, journal: JournalPath = None) -> None:
    """Write the journal with its pictures to a file.

    A tail may go on running. The file has the positions of all outputs too, so
    that a restored journal prints nothing twice that it knows of.

    $ hpcli alarms backup alarms-backup.zip
    """
    from hpcli.alarms.journal.pictures import last_seq
    from hpcli.alarms.proof.backup import write_backup
    from hpcli.alarms.proof.holds import note_copy
    from hpcli.alarms.tail.reader_lock import bring_up_to_date
    from hpcli.commands.alarms.proof_tables import COPY

    folder = ctx.run.session.alarms_folder
    path = journal or folder / "journal.db"
    if file.exists():
        raise LocalError(f"{file} exists.", hint="Choose another name, or remove it first.")
    if ctx.plans_only(f"Would write {path} to {file}."):
        return
    now = ctx.run.now()
    bring_up_to_date(folder, path)
    made = write_backup(path, folder / "pictures", file, now)
    with open_journal(ctx, journal) as kept:
        kept.write(lambda db: note_copy(db, "backup", file, (1, last_seq(db)), epoch_milliseconds(now)))
    ctx.info(f"Wrote {quantity(made.events, 'event')} to {file}.")
    if ctx.run.printer.format in ("json", "ndjson"):
        ctx.show_one({"file": str(file), "events": made.events, "size": file.stat().st_size}, COPY)


@calls(asks=True)
def restore_backup(ctx: Context, file: BackupFile) -> None:
    """Make a backup the journal of this account again.

    No tail may be running. The journal before is kept beside the new one. Alarms
    since the backup are missing, which the journal says with a gap; numbers of
    entries go on a million later, so that none is ever given twice.

    $ hpcli alarms restore alarms-backup.zip --yes
    """
    from hpcli.alarms.forward.lock import hold_all_outputs
    from hpcli.alarms.journal.folder import make_account_folder
    from hpcli.alarms.proof.backup import opened_backup, restore
    from hpcli.alarms.tail.reader_lock import hold_reader_lock

    session = ctx.run.session
    folder = session.alarms_folder
    with opened_backup(file) as (backup, archive):
        what = f"{quantity(backup.events, 'event')} of {backup.made}"
        if backup.account not in (None, session.account_id):
            raise LocalError(
                f"{file} is of another account.", hint="Choose the account it is of with --profile."
            )
        if ctx.plans_only(f"Would restore {what}."):
            return
        make_account_folder(folder)
        with hold_reader_lock(folder, None), hold_all_outputs(folder):
            ctx.confirm(f"Replace the journal of this account by the backup ({what})?")
            kept = restore(archive, folder, session.account_id, ctx.run.now())
    ctx.info(f"Restored {what}." + (f" The journal before is {kept}." if kept else ""))
    ctx.info(
        "Start the tail and outputs again: they go on where they were at the backup, and mark what they may repeat."
        " `hpcli alarms audit` shows the gap since then."
    )
