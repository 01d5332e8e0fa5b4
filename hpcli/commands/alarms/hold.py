"""`hpcli alarms hold` and `release`: events that no pruning removes."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

import typer

from hpcli.commands.alarms.journal import JournalPath, open_journal
from hpcli.commands.framework.options import several
from hpcli.errors import UsageError
from hpcli.parse import epoch_milliseconds, parse_duration, parse_end_time
from hpcli.plurals import quantity
from hpcli.run.context import Context

_DURATION = re.compile(r"[0-9]+(?:\.[0-9]+)?[smhd]", re.IGNORECASE)
EVENT_HELP = "Id or number of the event, the beginning of its id, or last."
EventIds = Annotated[list[str], several("Ids or numbers of events, or last", "ID")]


def hold_events(
    ctx: Context,
    events: EventIds,
    reason: Annotated[str, typer.Option("--reason", help="Why they are kept.", metavar="TEXT")],
    until: Annotated[
        str | None,
        typer.Option(
            help="Keep them until this time, or for so long (30d); for good without it.", metavar="TIME"
        ),
    ] = None,
    journal: JournalPath = None,
) -> None:
    """Keep events and their pictures, whatever their age.

    $ hpcli alarms hold last --reason "police report"
    """
    from hpcli.alarms.journal.event_names import find_numbers
    from hpcli.alarms.proof.holds import hold

    now = ctx.run.now()
    end = None if until is None else epoch_milliseconds(_end_of(until, now))
    if end is not None and end <= epoch_milliseconds(now):
        raise UsageError(
            "--until is in the past.",
            hint="Give a later day, such as 2027-12-31, or leave it out to keep them.",
        )
    if not reason.strip():
        raise UsageError("--reason is empty.", hint="Say why they are kept: the audit lists it.")
    ids = ctx.inputs.read_list(events, "event id")
    if ctx.plans_only(f"Would hold {quantity(len(ids), 'event')}."):
        return
    with open_journal(ctx, journal) as kept:
        found = kept.read(lambda db: find_numbers(db, ids))
        kept.write(lambda db: hold(db, found, reason, end, epoch_milliseconds(now)))
    ctx.info(f"Holding {quantity(len(found), 'event')}.")


def _end_of(text: str, now: datetime) -> datetime:
    """Return the end of a hold; a duration counts from now on, not back as elsewhere."""
    words = text.strip()
    return now + parse_duration(words) if _DURATION.fullmatch(words) else parse_end_time(text, now)


def release_events(ctx: Context, events: EventIds, journal: JournalPath = None) -> None:
    """Let held events be pruned again.

    $ hpcli alarms release last
    """
    from hpcli.alarms.journal.event_names import find_numbers
    from hpcli.alarms.proof.holds import release

    ids = ctx.inputs.read_list(events, "event id")
    if ctx.plans_only(f"Would release {quantity(len(ids), 'event')}."):
        return
    with open_journal(ctx, journal) as kept:
        found = kept.read(lambda db: find_numbers(db, ids))
        held = kept.write(lambda db: release(db, found))
    others = len(found) - held
    ctx.info(f"Released {quantity(held, 'event')}" + (f"; {others} not held." if others else "."))
