"""`hpcli alarms count`: how many alarms there were."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from hpcli.commands.alarms.filters import check_range
from hpcli.commands.alarms.journal import JournalPath, knowledge, reading
from hpcli.commands.framework.lists import lists
from hpcli.errors import UsageError
from hpcli.parse import epoch_milliseconds, parse_since, parse_until
from hpcli.run.context import Context
from hpcli.run.settings import choose


@lists
def count_alarms(
    ctx: Context,
    by: Annotated[
        list[str],
        typer.Option(
            "--by",
            help="What to count by: site, device, type, category, priority, state, name, account, channel, code,"
            " hour, day, weekday or month.",
            metavar="NAME[,NAME]",
        ),
    ],
    month: Annotated[str | None, typer.Option(help="Only alarms of this month.", metavar="YYYY-MM")] = None,
    since: Annotated[
        str | None, typer.Option(help="Only alarms received since this time.", metavar="TIME")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Only alarms received before this time.", metavar="TIME")
    ] = None,
    journal: JournalPath = None,
) -> None:
    """Count the alarms of the journal.

    $ hpcli alarms count --by site,category
    $ hpcli alarms count --by day,category --since 30d -o csv
    """
    from hpcli.alarms.proof.counts import GROUPS, count_events
    from hpcli.commands.alarms.proof_tables import counts_view

    groups = [choose(name, GROUPS, "--by") for name in ctx.inputs.read_list(by, "name")]
    if month is not None and (since is not None or until is not None):
        raise UsageError("--month cannot be combined with --since or --until.", hint="Leave out one of them.")
    now = ctx.run.now()
    zone = UTC if ctx.run.options.utc else None
    if month is None:
        begin = 0 if since is None else epoch_milliseconds(parse_since(since, now))
        end = epoch_milliseconds(now if until is None else parse_until(until, now)) + (until is None)
    else:
        begin, end = (epoch_milliseconds(moment) for moment in _month(month, is_utc=zone is UTC))
    check_range(begin, end)
    view = counts_view(groups)
    ctx.run.printer.check(view)
    known = knowledge(ctx)
    with reading(ctx, journal) as read:
        rows = read(lambda db: count_events(db, groups, begin, end, zone, known))
    ctx.show(rows, view)


def _month(text: str, *, is_utc: bool) -> tuple[datetime, datetime]:
    try:
        first = datetime.strptime(text, "%Y-%m")  # noqa: DTZ007 - its zone is set below
        after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
        if is_utc:
            return first.replace(tzinfo=UTC), after.replace(tzinfo=UTC)
        return first.astimezone(), after.astimezone()
    except (ValueError, OverflowError) as error:  # also at the ends of the calendar
        raise UsageError(f"'{text}' is not a month.", hint="Write it as 2026-11.") from error
