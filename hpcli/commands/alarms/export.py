"""`hpcli alarms export`: a case file of events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpcli.commands.alarms.hold import EventIds
from hpcli.commands.alarms.journal import JournalPath, knowledge, known_sites, open_journal
from hpcli.errors import LocalError
from hpcli.parse import epoch_milliseconds
from hpcli.plurals import quantity
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.alarms.proof.exhibits import Exhibit


def export_events(
    ctx: Context,
    events: EventIds,
    to: Annotated[Path, typer.Option("--to", help="The archive to write.", metavar="FILE.zip")],
    journal: JournalPath = None,
) -> None:
    """Write a case file of events, with messages and pictures.

    The archive has a readable report.html, each event with the raw message and
    the pictures, their place in the chain of the journal, the changes that were sent
    from here to its device that day (changes.json), and SHA256SUMS.

    $ hpcli alarms export last --to case.zip
    """
    from hpcli.alarms.proof.case_file import head_of, write_case_file
    from hpcli.alarms.proof.exhibits import find_exhibits
    from hpcli.alarms.proof.holds import note_copy
    from hpcli.commands.alarms.proof_tables import COPY

    ids = ctx.inputs.read_list(events, "event id")
    path = journal or ctx.run.session.alarms_folder / "journal.db"
    if ctx.plans_only(f"Would write {quantity(len(ids), 'event')} to {to}."):
        return
    now = ctx.run.now()
    sites = known_sites(ctx)
    known = knowledge(ctx, sites)
    with open_journal(ctx, journal) as kept:
        exhibits = kept.read(lambda db: find_exhibits(db, ids, path.parent, known))
        head = kept.read(head_of)
        changes = _changes(ctx, exhibits, None if journal else ctx.run.session.account_id)
        try:
            write_case_file(to, exhibits, head, now, changes, sites)
        except FileExistsError as error:
            raise LocalError(f"{to} exists.", hint="Choose another name, or remove it first.") from error
        except OSError as error:
            raise LocalError(f"{to} cannot be written: {error.strerror or error}.") from error
        seqs = [exhibit.entry.seq for exhibit in exhibits]
        kept.write(lambda db: note_copy(db, "export", to, seqs, epoch_milliseconds(now)))
    ctx.info(f"Wrote {quantity(len(exhibits), 'event')} to {to}.")
    if ctx.run.printer.format in ("json", "ndjson"):
        ctx.show_one({"file": str(to), "events": len(exhibits), "size": to.stat().st_size}, COPY)


def _changes(ctx: Context, exhibits: Sequence[Exhibit], account: str | None) -> list[dict[str, Any]]:
    """Return the changes of the log that touch the devices of events on their days, in this computer's zone.

    Args:
        ctx: the command's context.
        exhibits: the events.
        account: only changes of this account; None for a journal of which nobody knows whose it is.
    """
    from hpcli.commands.log.tables import change_row
    from hpcli.local.change_records import Query

    found: dict[int, dict[str, Any]] = {}
    for device, day in {(one.entry.device, _day(one.entry.happened)) for one in exhibits if one.entry.device}:
        end = day + timedelta(days=1)
        query = Query(
            epoch_milliseconds(day), epoch_milliseconds(end), [device], is_sandbox=ctx.settings.is_sandbox
        )
        for change in ctx.run.changes.log.read(query):
            if account is None or change["account"] == account:
                found[change["id"]] = change_row(change)
    return [found[number] for number in sorted(found)]


def _day(milliseconds: int) -> datetime:
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone()
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
