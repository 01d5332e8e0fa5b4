"""`hpcli alarms forward run`: send what the journal has to the outputs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from hpcli.commands.alarms.forward.configuration import NamesArgument, chosen_outputs, declared_outputs
from hpcli.errors import UsageError
from hpcli.plurals import quantity
from hpcli.run.context import Context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hpcli.stop import Stop

_TICK_SECONDS = 0.05


def run_outputs(
    ctx: Context,
    names: NamesArgument = None,
    duration: Annotated[
        str | None, typer.Option("--for", help="Stop after this time.", metavar="DURATION")
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Stop when all that is due was sent or has failed.")
    ] = False,
) -> None:
    """Send the alarms of the journal to the outputs.

    Each event is sent until the other side acknowledges it; events of a device go in
    order, and a failing one holds back its own device only. What was not acknowledged
    when the process ended, even by kill -9, is sent again at the next start, with the
    same id and `redelivered` true.

    One process at a time sends for an output: exits with 11 and the pid of the other
    one. `hpcli alarms tail --forward` does the same beside the reader. Without NAME the
    rules of forward.toml are watched too. Changes to forward.toml and to the files that it
    names take effect within 10 s; an error in them is reported, and changes nothing.

    $ hpcli alarms forward run --once
    $ hpcli alarms forward run log --for 1s
    """
    from hpcli.parse import parse_duration
    from hpcli.run.signals import until_stopped

    seconds = None if duration is None else parse_duration(duration).total_seconds()
    configs = chosen_outputs(ctx, names)
    if not configs:
        raise UsageError("There is no output.", hint="Declare one: hpcli alarms forward add NAME --to URL")
    if ctx.plans_only(f"Would send to: {', '.join(config.name for config in configs)}."):
        return
    if not once:
        ctx.info(f"Sending to {', '.join(config.name for config in configs)}.")
    with until_stopped() as stop:
        chosen = [config.name for config in configs] if names else None
        _run(ctx, chosen, stop, seconds, is_once=once)


def _run(
    ctx: Context, names: Sequence[str] | None, stop: Stop, seconds: float | None, *, is_once: bool
) -> None:
    from hpcli.alarms.forward.runner import Forwarders
    from hpcli.alarms.forward.watch import Watch
    from hpcli.alarms.journal.batches import claim_journal
    from hpcli.alarms.journal.folder import make_account_folder
    from hpcli.alarms.tail.error_log import ErrorLog
    from hpcli.commands.alarms.journal import open_journal
    from hpcli.run.stderr_thread import StderrThread

    session = ctx.run.session
    make_account_folder(session.alarms_folder)
    notices = StderrThread(ctx.warn)
    log = ErrorLog(notices.warn, time.monotonic)
    end = None if seconds is None else time.monotonic() + seconds
    try:
        with open_journal(ctx, None) as journal:
            journal.write(lambda db: claim_journal(db, session.account_id))
            forwarders = Forwarders(
                session.alarms_folder, journal, log, is_once=is_once, environment=ctx.run.environment
            )
            watch = Watch(
                forwarders,
                declared_outputs(ctx, names),
                lambda: declared_outputs(ctx, names),
                notices.warn,
                stop,
                needs_all=True,
                finishes=False,
            )
            with watch:
                while not (stop.is_set or (end is not None and time.monotonic() >= end)):
                    if is_once and forwarders.have_ended:
                        break
                    stop.wait(_TICK_SECONDS)
                sent = forwarders.sent
            if is_once:
                for name, count in sent.items():
                    ctx.info(f"{name}: {quantity(count, 'event')} sent.")
    finally:
        log.sum_up()
        notices.close(2.0)
