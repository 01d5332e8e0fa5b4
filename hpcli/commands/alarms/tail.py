"""`hpcli alarms tail`: follow the alarms as they happen."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hpcli.api.operations.alarms import MESSAGES, OFFSET, PICTURE_URL, SUBSCRIBE
from hpcli.api.operations.device.devices import SEARCH
from hpcli.commands.alarms.filters import Devices, Types, make_filter
from hpcli.commands.alarms.tail_setup import TailOptions, make_subscriber, prepare_tail
from hpcli.commands.framework.verb import calls
from hpcli.errors import ExitCode, UsageError
from hpcli.parse import parse_duration
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.alarms.tail.pipeline import Tail


@calls(SUBSCRIBE, MESSAGES, OFFSET, PICTURE_URL, SEARCH)
def tail(
    ctx: Context,
    subscribe: Annotated[
        bool, typer.Option("--subscribe", help="Subscribe to all devices first, and remember it.")
    ] = False,
    decrypt: Annotated[bool, typer.Option("--decrypt", help="Fetch pictures and decrypt them.")] = False,
    pictures: Annotated[
        Path | None, typer.Option(help="Fetch pictures into this folder.", metavar="DIR")
    ] = None,
    types: Types = None,
    device: Devices = None,
    limit: Annotated[int | None, typer.Option(help="End after this many events.", min=1, metavar="N")] = None,
    duration: Annotated[
        str | None, typer.Option("--for", help="End after this time.", metavar="DURATION")
    ] = None,
    journal: Annotated[Path | None, typer.Option(help="Keep alarms in this file.", metavar="PATH")] = None,
    no_journal: Annotated[
        bool, typer.Option("--no-journal", help="Keep no alarms; confirm them once they are printed.")
    ] = False,
    no_raw: Annotated[bool, typer.Option("--no-raw", help="Leave the raw message out.")] = False,
) -> None:
    """Follow alarms as they happen.

    Each alarm is kept in the journal before the platform is told that it is safe,
    so none is lost: what was not printed when tail ended is printed first when it
    starts again, with `redelivered` true where it may be a repeat. An alarm read
    here reaches no other reader of the same API key.

    With --no-journal an alarm is confirmed once it is printed: a reader that stops
    reading stops the alarms, what it loses is lost for good, and what --limit leaves
    of a batch comes again.

    Pictures follow their event in a line of type `media`.

    $ hpcli alarms tail
    $ hpcli alarms tail --subscribe --decrypt --pictures alarms -o ndjson
    $ hpcli alarms tail --type cidEvent --limit 1 -o json
    """
    from hpcli.run.signals import until_stopped

    options = TailOptions(
        subscribe=subscribe,
        decrypt=decrypt,
        pictures=pictures,
        wanted=make_filter(ctx, types, device),
        limit=limit,
        duration=parse_duration(duration) if duration is not None else None,
        journal=journal,
        is_kept=not no_journal,
        with_raw=not no_raw,
    )
    _check(ctx, options)
    if ctx.settings.get("dry-run"):
        _plan(ctx, options)
        return
    made: list[Tail] = []
    try:
        with until_stopped() as stop, prepare_tail(ctx, options, stop) as following:
            made.append(following)
            following.run()
    finally:
        if made and made[0].is_output_stuck:
            ctx.run.leave(ExitCode.INTERRUPTED if made[0].stop.signal == signal.SIGINT else ExitCode.DONE)


def _check(ctx: Context, options: TailOptions) -> None:
    from hpcli.alarms.journal.queries import EVERYTHING

    if options.journal is not None and options.journal.is_dir():
        raise UsageError(f"--journal takes a file, and '{options.journal}' is a folder.")
    if not options.is_kept and options.journal is not None:
        raise UsageError("--journal and --no-journal exclude each other.")
    if not options.is_kept and options.wanted != EVERYTHING:
        raise UsageError(
            "--no-journal takes no filters: what they leave out would be lost.",
            hint="Filters choose what is printed, never what is kept.",
        )
    if ctx.run.printer.format == "json" and options.limit is None and options.duration is None:
        raise UsageError(
            "json is written whole, and this has no end.", hint="Use -o ndjson, or add --limit or --for."
        )
    from hpcli.commands.alarms.tables import events_view

    ctx.run.printer.check(events_view(utc=False))


def _plan(ctx: Context, options: TailOptions) -> None:
    """Print the changes a tail would make; the alarms stay where they are."""
    from hpcli.errors import DryRun

    again = make_subscriber(ctx, options)
    calls = [again] if again else []
    for call in (*calls, lambda: ctx.client.alarms.confirm("<each batch>")):
        try:
            call()
        except DryRun as planned:
            ctx.run.plans.append(planned.plan)
