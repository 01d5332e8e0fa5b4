"""`hpcli alarms erase`: remove what is known of a person, a device or a time."""

from __future__ import annotations

from typing import Annotated

import typer

from hpcli.client.checks import check_serials
from hpcli.commands.alarms.journal import JournalPath, open_journal, reading
from hpcli.commands.framework.verb import calls
from hpcli.errors import UsageError
from hpcli.parse import epoch_milliseconds, parse_time
from hpcli.plurals import quantity
from hpcli.run.context import Context


@calls(asks=True)
def erase_messages(
    ctx: Context,
    device: Annotated[str | None, typer.Option(help="Alarms of this device.", metavar="SERIAL")] = None,
    person: Annotated[
        str | None,
        typer.Option(help="Alarms that contain this name, employee number or card.", metavar="TEXT"),
    ] = None,
    before: Annotated[
        str | None, typer.Option(help="Alarms received before this time.", metavar="TIME")
    ] = None,
    journal: JournalPath = None,
) -> None:
    """Erase messages, texts and pictures from the journal.

    Times, ids and digests stay, so that the chain of the journal stays whole.
    Several options narrow the choice. Held events stay. Exports and backups that
    hold the erased events are named; they are yours to remove.

    $ hpcli alarms erase --person "Anna Berg" --yes
    $ hpcli alarms erase --device C94115305 --before 30d --yes
    """
    from hpcli.alarms.proof.holds import Erasure, copies_of, count_held, erase, find_erasable

    if person is not None and not person.strip():  # such as a variable that is not set
        raise UsageError("--person is empty.", hint="Give a name, an employee number or a card.")
    if device is None and person is None and before is None:
        raise UsageError(
            "Nothing to erase was named.", hint="Give --device, --person or --before, or several of them."
        )
    now = ctx.run.now()
    limit = None if before is None else epoch_milliseconds(parse_time(before, now))
    serial = None if device is None else check_serials([device])[0]
    erasure = Erasure(serial, person and person.strip(), limit)
    folder = ctx.run.session.alarms_folder / "pictures"
    with reading(ctx, journal) as read:
        seqs = read(lambda db: find_erasable(db, erasure))
        held = 0 if person else read(lambda db: count_held(db, erasure))
    if held:
        ctx.warn(f"{quantity(held, 'held event')} will stay; `hpcli alarms release ID` lets them go.")
    if not seqs:
        ctx.info("The journal has nothing to erase.")
        return
    if ctx.plans_only(f"Would erase {quantity(len(seqs), 'entry', 'entries')}."):
        return
    ctx.confirm(f"Erase {quantity(len(seqs), 'entry', 'entries')} of the journal for good?")
    with open_journal(ctx, journal) as kept:
        kept.write(lambda db: erase(db, seqs, erasure, folder, epoch_milliseconds(now)))
        copies = kept.read(lambda db: copies_of(db, seqs))
    ctx.info(f"Erased {quantity(len(seqs), 'entry', 'entries')}.")
    for kind, path in copies:
        ctx.warn(f"The {kind} {path} may still hold them.")
