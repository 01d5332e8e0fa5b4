"""`hpcli alarms tail`: follow alarms as they happen."""

from __future__ import annotations

import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hpcli.api.operations.alarms import MESSAGES, OFFSET, PICTURE_URL, SUBSCRIBE
from hpcli.api.operations.arc import SEARCH as ARC_SEARCH
from hpcli.api.operations.device.devices import SEARCH
from hpcli.api.operations.hotspare.servers import HEARTBEAT, LIST
from hpcli.commands.alarms.filters import Devices, KeepAlives, Types, make_filter
from hpcli.commands.alarms.tail_setup import TailOptions, make_subscriber, prepare_tail
from hpcli.commands.alarms.tail_standby import check_server_options, plan_heartbeat, read_server_options
from hpcli.commands.framework.verb import calls
from hpcli.errors import ExitCode, UsageError
from hpcli.parse import parse_duration
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.alarms.tail.pipeline import Tail


@calls(SUBSCRIBE, MESSAGES, OFFSET, PICTURE_URL, SEARCH, ARC_SEARCH, HEARTBEAT, LIST)
def tail(
    ctx: Context,
    subscribe: Annotated[
        bool, typer.Option("--subscribe", help="First subscribe to all devices, and remember it.")
    ] = False,
    decrypt: Annotated[bool, typer.Option("--decrypt", help="Fetch pictures and decrypt them.")] = False,
    pictures: Annotated[
        Path | None, typer.Option(help="Fetch pictures into this folder.", metavar="DIR")
    ] = None,
    keep_originals: Annotated[
        bool, typer.Option("--keep-originals", help="Keep the encrypted files of decrypted pictures too.")
    ] = False,
    types: Types = None,
    device: Devices = None,
    keep_alives: KeepAlives = False,
    limit: Annotated[
        int | None, typer.Option(help="Stop after this many events.", min=1, metavar="N")
    ] = None,
    duration: Annotated[
        str | None, typer.Option("--for", help="Stop after this time.", metavar="DURATION")
    ] = None,
    journal: Annotated[Path | None, typer.Option(help="Store alarms in this file.", metavar="PATH")] = None,
    no_journal: Annotated[
        bool, typer.Option("--no-journal", help="Do not store alarms; confirm them once printed.")
    ] = False,
    no_raw: Annotated[bool, typer.Option("--no-raw", help="Omit the raw message.")] = False,
    forward: Annotated[
        bool, typer.Option("--forward", help="Send alarms to the outputs of `alarms forward` too.")
    ] = False,
    lease: Annotated[
        str | None,
        typer.Option(help="Share the account with other machines: nats://HOST/BUCKET.", metavar="ADDRESS"),
    ] = None,
    standby_of: Annotated[
        str | None, typer.Option("--standby-of", help="Read only while this host is silent.", metavar="UUID")
    ] = None,
    down_after: Annotated[
        str | None,
        typer.Option("--down-after", help="Silence after which the host is down (3m).", metavar="DURATION"),
    ] = None,
    heartbeat_as: Annotated[
        str | None,
        typer.Option("--heartbeat-as", help="UUID of this server: send its heartbeats.", metavar="UUID"),
    ] = None,
    heartbeat_every: Annotated[
        str | None,
        typer.Option("--heartbeat-every", help="Time between heartbeats (60s).", metavar="DURATION"),
    ] = None,
) -> None:
    """Follow alarms as they happen.

    Each alarm is stored in the journal before it is confirmed to the platform, so
    none is lost. Alarms that were not printed when tail stopped are printed first
    at the next start, with `redelivered` true if they may be repeats. No other
    reader of the same API key receives an alarm that is read here.

    An alarm counts as printed when its whole line is in the file, or when the
    reader of a pipe has taken it; of a socket, when all that was sent is taken. If
    that reader dies, the next start prints again what it had not taken. Where the
    system cannot count what is unread in a pipe (macOS, Windows), that is the last
    pipe-full. On a full disk the alarms wait until there is room. A line that was
    cut off is ended before the next one. At the end of --limit and --for, tail waits
    up to 10 seconds for the reader. What a reader took but lost is its own concern.

    With --no-journal an alarm is confirmed once it is printed. If the program that
    reads the output pauses, the alarms pause; what it loses is lost for good. The
    rest of a batch that --limit cuts off is delivered again.

    Pictures follow their event as a line of type `media`, in csv and plain as a row of
    the category `media`. The file of a picture is
    kept as it came until the picture is decrypted. A picture whose key is missing
    or wrong is `locked`; `hpcli auth device-key set SERIAL` opens it.

    The account number of an event is that of account-map.txt in the config directory
    (lines of SERIAL ACCOUNT), else that of the message, else what `hpcli arc
    set-account` set from this computer.

    With -o ndjson a line of type `reader` has the state `offline` when the platform
    could not be read for a minute, and `online` when it can be read again. It is not
    an event: it does not count towards --limit and is not in the journal.

    With --forward the outputs of `hpcli alarms forward` run too. One that another
    process runs is named, and taken over when that process ends. Changes to forward.toml
    and to the files that it names take effect within 10 s. A slow output delays neither
    reading nor printing.

    With --lease several machines run tail for one account, and one of them reads. The
    lease is a key in a bucket of NATS JetStream, nats://HOST[:PORT][,HOST...]/BUCKET;
    when the reader dies or is cut off, another one reads within 60 seconds. A batch is
    confirmed once JetStream has its messages, and each machine prints and forwards
    all alarms from its own journal. Options follow a `?` and are joined by `&`:
    tls=true, ca-file=FILE, credentials=FILE, or user=NAME and secret-file=FILE (a
    secret-file alone holds a token). Install hpcli with [nats] for it.

    With --standby-of this machine is the spare of a host, both registered by `hpcli
    hotspare add`. It sends heartbeats as the spare that --heartbeat-as names, or as
    the only one there is, and reads while the host has sent none for --down-after.
    When the host is back it confirms what it has and stops. The host runs tail with
    --heartbeat-as, so that its heartbeats end when its reader stops polling. What a
    spare reads is in its own journal only, with `redelivered` true in the first minute,
    as the host may have printed it. Nothing is read on a guess: as long as the platform
    cannot be asked for heartbeats, a spare that stands by keeps standing by, and one
    that reads keeps reading.

    $ hpcli alarms tail
    $ hpcli alarms tail --subscribe --decrypt --pictures alarms -o ndjson
    $ hpcli alarms tail --type cidEvent --limit 1 -o json
    """
    from hpcli.run.signals import until_stopped

    options = TailOptions(
        subscribe=subscribe,
        decrypt=decrypt,
        pictures=pictures,
        keep_originals=keep_originals,
        wanted=make_filter(ctx, types, device, with_keep_alives=keep_alives),
        limit=limit,
        duration=parse_duration(duration) if duration is not None else None,
        journal=journal,
        is_kept=not no_journal,
        with_raw=not no_raw,
        forwards=forward,
        lease=lease,
        server=read_server_options(standby_of, down_after, heartbeat_as, heartbeat_every),
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
    from dataclasses import replace

    from hpcli.alarms.journal.queries import EVERYTHING

    if options.journal is not None and options.journal.is_dir():
        raise UsageError(f"--journal needs a file, but '{options.journal}' is a folder.")
    if not options.is_kept and options.journal is not None:
        raise UsageError("--journal and --no-journal cannot be used together.")
    if options.keep_originals and not options.decrypt:
        raise UsageError("--keep-originals needs --decrypt: without it files are saved as they come.")
    if not options.is_kept and options.forwards:
        raise UsageError(
            "--forward and --no-journal cannot be used together.",
            hint="Outputs read the journal; without one, nothing is kept until they acknowledge.",
        )
    if options.server is not None:
        check_server_options(options.server, has_lease=options.lease is not None, is_kept=options.is_kept)
    if options.lease is not None:
        _check_lease(options)
    if not options.is_kept and replace(options.wanted, with_keep_alives=False) != EVERYTHING:
        raise UsageError(
            "--no-journal cannot be used with filters: filtered alarms would be lost.",
            hint="Filters limit what is printed, not what is stored.",
        )
    whole = {"json": "array", "xlsx": "workbook"}.get(ctx.run.printer.format)
    if whole is not None and options.limit is None and options.duration is None:
        raise UsageError(
            f"-o {ctx.run.printer.format} prints one complete {whole}, but tail never ends.",
            hint="Use -o ndjson, or add --limit or --for.",
        )
    from hpcli.commands.alarms.tables import events_view_for

    ctx.run.printer.check(events_view_for(ctx.run.options))


def _check_lease(options: TailOptions) -> None:
    from hpcli.alarms.lease.address import check_lease_library, read_lease_address

    assert options.lease is not None  # the caller looked
    if not options.is_kept:
        raise UsageError(
            "--lease and --no-journal cannot be used together.",
            hint="Each machine keeps the alarms of all in its journal.",
        )
    read_lease_address(options.lease)
    check_lease_library()


def _plan(ctx: Context, options: TailOptions) -> None:
    """Print the changes that a tail would make; no alarms are read."""
    from hpcli.errors import DryRun

    again = make_subscriber(ctx, options)
    calls: list[Callable[[], object]] = [again] if again else []
    if options.server is not None:
        calls.append(partial(plan_heartbeat, ctx, options.server))
    calls.append(lambda: ctx.client.alarms.confirm("<each batch>"))
    for call in calls:
        try:
            call()
        except DryRun as planned:
            ctx.run.plans.append(planned.plan)
