"""`hpcli alarms audit`: what became of all alarms, and whether the journal is whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hpcli.commands.alarms.filters import check_range
from hpcli.commands.alarms.journal import JournalPath, reading
from hpcli.errors import ProblemsFoundError
from hpcli.parse import epoch_milliseconds, parse_since, parse_until
from hpcli.run.context import Context


def audit(
    ctx: Context,
    since: Annotated[
        str | None, typer.Option(help="Count what was received since this time.", metavar="TIME")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Count what was received before this time.", metavar="TIME")
    ] = None,
    anchor: Annotated[
        Path | None,
        typer.Option(help="Compare with an entry that was noted before: SEQ LINK, or JSON.", metavar="FILE"),
    ] = None,
    journal: JournalPath = None,
) -> None:
    """Show what became of all alarms, and check the journal.

    The entries of the journal are a chain. To prove later that nothing was changed
    or taken away, keep the HEAD that this prints in another place, and give it
    back as --anchor. Exit code 10 means that the chain breaks, that alarms may be
    missing, or that a batch or an output has stalled.

    $ hpcli alarms audit --since 30d
    $ hpcli alarms audit -o json --query 'head'
    """
    from hpcli.alarms.proof.audit import Window, read_anchor, read_audit
    from hpcli.commands.alarms.proof_tables import audit_view

    now = ctx.run.now()
    begin = 0 if since is None else epoch_milliseconds(parse_since(since, now))
    end = epoch_milliseconds(now if until is None else parse_until(until, now)) + (until is None)
    check_range(begin, end)
    noted = None if anchor is None else read_anchor(anchor)
    with reading(ctx, journal) as read:
        row = read(lambda db: read_audit(db, Window(begin, end), epoch_milliseconds(now), noted))
    ctx.show_one(row, audit_view())
    if row["problems"]:
        raise ProblemsFoundError(" ".join(row["problems"]))
