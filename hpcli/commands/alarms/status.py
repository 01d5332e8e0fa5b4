"""`hpcli alarms status`: the state of the reader, the subscription and the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpcli.api.operations.device.devices import SEARCH
from hpcli.commands.alarms.journal import JournalPath
from hpcli.commands.framework.verb import calls, metrics
from hpcli.errors import HpcliError, ProblemsFoundError, UsageError
from hpcli.plurals import quantity
from hpcli.run.context import Context

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

    from hpcli.commands.alarms.status_checks import Wanted
    from hpcli.commands.alarms.status_row import StatusReader
    from hpcli.run.account import AccountSession


def _complete_checks() -> list[str]:
    from hpcli.commands.alarms.status_checks import CHECK_NAMES

    return list(CHECK_NAMES)


@calls(SEARCH)
@metrics
def show_status(
    ctx: Context,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-on",
            help="Exit with 10 if one of these checks finds a problem: reader, poll[=3m], waiting[=100], "
            "forward, subscription, silent[=25h], pictures[=0], disk[=100M].",
            metavar="CHECK[=LIMIT],...",
            autocompletion=_complete_checks,
        ),
    ] = None,
    all_profiles: Annotated[
        bool, typer.Option("--all-profiles", help="One row for each profile of config.toml.")
    ] = False,
    journal: JournalPath = None,
) -> None:
    """Show the state of reader, subscription and journal.

    A running `alarms tail` compares the subscription with the device list every 15
    minutes; where none runs, this command asks the platform. Devices are listed as
    silent if they have sent messages before, but none for 25 hours.

    For a reader with --lease the lease is shown too: the reader holds it, or waits for
    the machine that does. For one with --standby-of or --heartbeat-as, `hotspare` has
    its state as a spare or host; LAST POLL of a spare that stands by is the time of its
    host's last heartbeat.

    That no reader runs, or that there is no journal yet, is a state and not an error.
    With --fail-on the exit code is 10 if a check finds a problem, and stderr says which:
    no reader, no answer of the platform for 3 minutes, more than 100 events waiting for
    an output, outputs that cannot be reached, are suspended or declared wrongly, have
    dead letters, or an event waiting for over 10 minutes (forward), devices no longer
    subscribed, silent devices, pictures that are locked or failed in the last 24 hours,
    less than 100 MiB free.

    -o prometheus prints numbers for Prometheus; install hpcli with [metrics] for it.

    $ hpcli alarms status
    $ hpcli alarms status --fail-on reader,poll=3m,subscription
    $ hpcli alarms status -o prometheus
    $ hpcli alarms status --all-profiles --fail-on reader,waiting=500 -o json
    """
    from hpcli.commands.alarms.status_checks import parse_checks

    wanted = parse_checks(ctx.inputs.read_list(fail_on, "check")) if fail_on else []
    if not all_profiles:
        from hpcli.commands.alarms.status_tables import status_view

        is_for_metrics = ctx.wants_metrics
        row = _reader(ctx, ctx.run.session, wanted, journal).read()
        if is_for_metrics:
            _show_metrics(ctx, [{"profile": ctx.settings.profile_name, **row}])
        else:
            ctx.show_one(row, status_view())
        _conclude(ctx, [row], wanted)
        return
    if journal is not None or ctx.settings.flags.get("profile"):
        other = "--profile" if journal is None else "--journal"
        raise UsageError(f"--all-profiles and {other} cannot be used together.")
    _show_all(ctx, wanted)


def _show_all(ctx: Context, wanted: Sequence[Wanted]) -> None:
    from hpcli.commands.alarms.status_tables import profiles_view
    from hpcli.run.attempts import raise_failures
    from hpcli.run.parallel import fan_out

    is_for_metrics = ctx.wants_metrics
    names = ctx.settings.profiles.names()
    rows: list[dict[str, Any]] = []
    errors: list[HpcliError | None] = []
    for reply in fan_out(
        names, lambda name: _read_profile(ctx, name, wanted), at_once=ctx.settings.get("concurrency")
    ):
        errors.append(reply.error)
        if reply.error is not None:
            ctx.warn(f"{reply.item}: {reply.error}")
        rows.append({"profile": reply.item, **(reply.result or {}), "error": _error_fields(reply.error)})
    if is_for_metrics:
        _show_metrics(ctx, rows)
    else:
        ctx.show(rows, profiles_view())
    raise_failures(errors)
    _conclude(ctx, rows, wanted)


def _show_metrics(ctx: Context, rows: Sequence[Mapping[str, Any]]) -> None:
    from hpcli.commands.alarms.metrics import status_metrics

    ctx.show_metrics(status_metrics(rows))


def _error_fields(error: HpcliError | None) -> dict[str, Any] | None:
    return None if error is None else error.as_dict()


def _read_profile(ctx: Context, name: str, wanted: Sequence[Wanted]) -> dict[str, Any]:
    from contextlib import closing

    with closing(ctx.run.session_of(name)) as session:
        return _reader(ctx, session, wanted, None).read()


def _reader(
    ctx: Context, session: AccountSession, wanted: Sequence[Wanted], journal: Path | None
) -> StatusReader:
    from hpcli.commands.alarms.status_row import SILENT_FOR, StatusReader

    limits: list[timedelta] = [check.limit for check in wanted if check.name == "silent"]
    return StatusReader(session, journal, ctx.run.now(), min(limits, default=SILENT_FOR))


def _conclude(ctx: Context, rows: Sequence[Mapping[str, Any]], wanted: Sequence[Wanted]) -> None:
    """Say each problem on stderr.

    Raises:
        ProblemsFoundError: there is one.
    """
    failed: list[str] = []
    for row in rows:
        for check in wanted:
            problem = check.problem(row)
            if problem is not None:
                whose = f"{row['profile']}: " if "profile" in row else ""
                ctx.warn(f"{whose}{check.name}: {problem}")
                failed.append(check.name)
    if failed:
        names = ", ".join(dict.fromkeys(failed))
        raise ProblemsFoundError(f"{quantity(len(failed), 'problem')} found: {names}.")
