"""`hpcli alarms tail`: follow the alarms as they happen."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpcli.errors import ExitCode, UsageError
from hpcli.parse import parse_duration, parse_serial
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.alarms.journal.queries import Filter
    from hpcli.alarms.journal.writer import Journal
    from hpcli.alarms.pictures.saver import PictureSaver
    from hpcli.alarms.tail.pipeline import Tail
    from hpcli.alarms.tail.poller import Subscriber
    from hpcli.alarms.tail.site_lookup import SiteLookup
    from hpcli.stop import Stop
from hpcli.api.operations.alarms import MESSAGES, OFFSET, PICTURE_URL, SUBSCRIBE
from hpcli.api.operations.device.devices import SEARCH
from hpcli.commands.framework.verb import calls

_FIRST_LIST_SECONDS = 3.0


_LEFTOVER_SECONDS = 3600.0


Types = Annotated[
    list[str] | None,
    typer.Option("--type", help="Only this event type; may be repeated.", metavar="TYPE"),
]


Devices = Annotated[
    list[str] | None,
    typer.Option("--device", help="Only this device; may be repeated.", metavar="SERIAL"),
]


@dataclass(frozen=True)
class _Wishes:
    """What the options of `tail` ask for."""

    subscribe: bool
    decrypt: bool
    pictures: Path | None
    wanted: Filter
    limit: int | None
    duration: timedelta | None
    journal: Path | None
    is_kept: bool
    with_raw: bool


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

    wishes = _Wishes(
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
    _check(ctx, wishes)
    if ctx.settings.get("dry-run"):
        _plan(ctx, wishes)
        return
    made: list[Tail] = []
    try:
        with until_stopped() as stop, _prepared(ctx, wishes, stop) as following:
            made.append(following)
            following.run()
    finally:
        if made and made[0].is_output_stuck:
            ctx.run.leave(ExitCode.INTERRUPTED if made[0].stop.signal == signal.SIGINT else ExitCode.DONE)


def make_filter(ctx: Context, types: list[str] | None, devices: list[str] | None, **more: Any) -> Filter:
    """Return the filter of `--type` and `--device`; an unknown type is told, since there may be new ones."""
    from hpcli.alarms.event.types import find_event_type
    from hpcli.alarms.journal.queries import Filter
    from hpcli.alarms.journal.rows import GAP

    names = set()
    for name in ctx.inputs.read_list(types, "event type") if types else ():
        known = find_event_type(name)
        if known is None and name != GAP:
            ctx.info(f"'{name}' is no known event type; `hpcli alarms types` lists those.")
        names.add(known.type if known else name)
    serials = ctx.inputs.read_list(devices, "serial") if devices else ()
    return Filter(types=frozenset(names), devices=frozenset(map(parse_serial, serials)), **more)


def _check(ctx: Context, wishes: _Wishes) -> None:
    from hpcli.alarms.journal.queries import EVERYTHING

    if wishes.journal is not None and wishes.journal.is_dir():
        raise UsageError(f"--journal takes a file, and '{wishes.journal}' is a folder.")
    if not wishes.is_kept and wishes.journal is not None:
        raise UsageError("--journal and --no-journal exclude each other.")
    if not wishes.is_kept and wishes.wanted != EVERYTHING:
        raise UsageError(
            "--no-journal takes no filters: what they leave out would be lost.",
            hint="Filters choose what is printed, never what is kept.",
        )
    if ctx.run.printer.format == "json" and wishes.limit is None and wishes.duration is None:
        raise UsageError(
            "json is written whole, and this has no end.", hint="Use -o ndjson, or add --limit or --for."
        )
    from hpcli.commands.alarms.tables import events_view

    ctx.run.printer.check(events_view(utc=False))


def _plan(ctx: Context, wishes: _Wishes) -> None:
    """Print the changes a tail would make; the alarms stay where they are."""
    from hpcli.errors import DryRun

    again = _subscriber(ctx, wishes)
    calls = [again] if again else []
    for call in (*calls, lambda: ctx.client.alarms.confirm("<each batch>")):
        try:
            call()
        except DryRun as planned:
            ctx.run.plans.append(planned.plan)


@contextmanager
def _prepared(ctx: Context, wishes: _Wishes, stop: Stop) -> Iterator[Tail]:
    """Take the reader's lock, open the journal, and put the tail together."""
    import requests  # noqa: F401 - the threads of a tail all use it, and importing it from several at once can fail

    from hpcli.alarms.journal.batches import claim_journal
    from hpcli.alarms.journal.folder import make_account_folder
    from hpcli.alarms.journal.schema import check_content
    from hpcli.alarms.journal.writer import Journal
    from hpcli.alarms.tail.lines import EventLines
    from hpcli.alarms.tail.pipeline import Tail
    from hpcli.alarms.tail.reader_lock import hold_reader_lock
    from hpcli.commands.alarms.tables import events_view
    from hpcli.run.stderr_thread import StderrThread

    session = ctx.run.session
    session.is_service = True
    folder = session.alarms_folder
    make_account_folder(folder)
    path = (
        (wishes.journal.expanduser() if wishes.journal else folder / "journal.db") if wishes.is_kept else None
    )
    if path is not None:
        check_content(path)
    with ExitStack() as stack:
        stack.enter_context(hold_reader_lock(folder, path))
        _ask_first(ctx, path)
        journal = stack.enter_context(Journal(path))
        journal.write(lambda db: claim_journal(db, session.account_id))
        if wishes.subscribe:
            _subscribe_all(ctx)
        sites = stack.enter_context(_site_lookup(ctx))
        yield Tail(
            ctx.client.alarms,
            journal,
            EventLines(ctx.run.printer, events_view(utc=ctx.run.options.utc, sites=sites), wishes.with_raw),
            stop,
            StderrThread(ctx.warn),
            ctx.run.stdout,
            subscribe=_subscriber(ctx, wishes),
            sites=sites,
            saver=_saver(ctx, wishes, journal),
            retention=_retention(ctx),
            wanted=wishes.wanted,
            with_media=ctx.run.printer.format != "ids",
            limit=wishes.limit,
            seconds=wishes.duration.total_seconds() if wishes.duration is not None else None,
        )


def _ask_first(ctx: Context, path: Path | None) -> None:
    """Ask on a terminal before the first read: what is read here reaches no other reader of the key."""
    has_journal = path is not None and path.exists()
    if has_journal or ctx.settings.is_sandbox or not ctx.inputs.can_ask:
        return
    ctx.confirm("Alarms read here reach no other program that reads with this API key. Read them here?")


def _subscribe_all(ctx: Context) -> None:
    from hpcli.alarms.tail.subscription import Subscription, keep_subscription

    ctx.client.alarms.subscribe(None)
    keep_subscription(ctx.run.session.alarms_folder, Subscription(everything=True))


def _subscriber(ctx: Context, wishes: _Wishes) -> Subscriber | None:
    """Return what sets the subscription again: exactly what `subscribe` last set, and nothing else."""
    from hpcli.alarms.tail.subscription import Subscription, load_subscription

    known = load_subscription(ctx.run.session.alarms_folder)
    if wishes.subscribe:
        known = Subscription(everything=True)
    if known is None or not known.can_be_repeated:
        return None
    serials = None if known.everything else known.serials
    return lambda: ctx.client.alarms.subscribe(serials)


@contextmanager
def _site_lookup(ctx: Context) -> Iterator[SiteLookup]:
    """Keep the device list fresh; the very first time its answer is waited for a moment."""
    lookup = make_site_lookup(ctx)
    is_known = lookup.load()
    lookup.start()
    if not is_known:
        lookup.wait(_FIRST_LIST_SECONDS)
    try:
        yield lookup
    finally:
        lookup.stop()


def make_site_lookup(ctx: Context) -> SiteLookup:
    """Return the account's lookup of sites, not read yet."""
    from hpcli.alarms.tail.site_lookup import SiteLookup

    session = ctx.run.session
    return SiteLookup(
        session.settings.cache_dir / f"places-{session.account_id}.json",
        ctx.client.device.list,
        lambda: _tell_unsubscribed(ctx),
    )


def _tell_unsubscribed(ctx: Context) -> None:
    from hpcli.alarms.tail.subscription import load_subscription

    if load_subscription(ctx.run.session.alarms_folder) is None:
        ctx.warn("No device is subscribed, so no alarms will come. Run `hpcli alarms subscribe --all`.")


def _saver(ctx: Context, wishes: _Wishes, journal: Journal) -> PictureSaver | None:
    """Return what saves pictures, None to leave them; `retry-pictures` reads in the journal how."""
    if not wishes.decrypt and wishes.pictures is None:
        return None
    from hpcli.alarms.journal.batches import note_fact
    from hpcli.alarms.pictures.files import remove_leftovers
    from hpcli.commands.alarms.picture_files import picture_saver

    own = ctx.run.session.alarms_folder / "pictures"
    folder = wishes.pictures.expanduser() if wishes.pictures else own
    saved_in, decrypts = str(folder.absolute()), int(wishes.decrypt)
    journal.write_later("picture-folder", lambda db: note_fact(db, "picture-folder", saved_in))
    journal.write_later("decrypt", lambda db: note_fact(db, "decrypt", decrypts))
    remove_leftovers(folder, before=ctx.run.now().timestamp() - _LEFTOVER_SECONDS)
    return picture_saver(ctx, folder.absolute(), decrypts=wishes.decrypt)


def _retention(ctx: Context) -> Any:
    from hpcli.alarms.journal.retention import Retention

    return Retention(
        ctx.settings.get("journal-days") * 86400.0,
        ctx.settings.get("journal-size"),
        ctx.run.session.alarms_folder / "pictures",
    )
