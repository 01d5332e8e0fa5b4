"""`hpcli alarms ack`: note what became of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hpcli.commands.alarms.hold import EventIds
from hpcli.commands.alarms.journal import JournalPath, open_journal
from hpcli.errors import UsageError
from hpcli.parse import utc_text
from hpcli.plurals import quantity
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.alarms.event.event import Note


def acknowledge_events(
    ctx: Context,
    events: EventIds,
    note: Annotated[str, typer.Option("--note", help="What became of them.", metavar="TEXT")],
    journal: JournalPath = None,
) -> None:
    """Note on events what became of them.

    The note, its time and your user name are kept beside the event and shown as
    `ack` by show and history; export writes them too. A further note does not
    replace the ones before. The message and the chain of the journal stay as they are.

    $ hpcli alarms ack last --note "false alarm: cleaning staff"
    """
    from hpcli.alarms.journal.event_names import find_numbers
    from hpcli.alarms.journal.notes import add_note
    from hpcli.run.changes import user_name

    if not note.strip():
        raise UsageError("--note is empty.", hint="Write what became of the events.")
    ids = ctx.inputs.read_list(events, "event id")
    if ctx.plans_only(f"Would note that on {quantity(len(ids), 'event')}."):
        return
    made: Note = {"time": utc_text(ctx.run.now()), "user": user_name(), "note": note.strip()}
    with open_journal(ctx, journal) as kept:
        found = kept.read(lambda db: find_numbers(db, ids))
        kept.write(lambda db: add_note(db, found, made))
    ctx.info(f"Noted on {quantity(len(found), 'event')}.")
