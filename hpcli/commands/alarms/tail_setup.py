"""Build the parts of `hpcli alarms tail`: lock, journal, subscription, pictures, output."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from hpcli.commands.alarms.journal import account_numbers
from hpcli.commands.alarms.sites import keep_site_lookup
from hpcli.commands.alarms.tail_lease import shared_queue
from hpcli.commands.alarms.tail_standby import ServerOptions, hot_spare_server
from hpcli.errors import UsageError
from hpcli.local.service_manager import ServiceManager
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.alarms.journal.queries import Filter
    from hpcli.alarms.journal.retention import Retention
    from hpcli.alarms.journal.writer import Journal
    from hpcli.alarms.lease.shared_queue import SharedQueue
    from hpcli.alarms.pictures.saver import PictureSaver
    from hpcli.alarms.tail.lines import EventLines
    from hpcli.alarms.tail.pipeline import Tail
    from hpcli.alarms.tail.poller import Subscriber
    from hpcli.alarms.tail.reader_state import ReaderState
    from hpcli.alarms.tail.site_lookup import SiteLookup
    from hpcli.alarms.tail.subscription_check import SubscriptionWatch
    from hpcli.alarms.turns import Turns
    from hpcli.run.stderr_thread import StderrThread
    from hpcli.stop import Stop

_LEFTOVER_SECONDS = 3600.0


@dataclass(frozen=True)
class TailOptions:
    """The options of `tail`."""

    subscribe: bool
    decrypt: bool
    pictures: Path | None
    keep_originals: bool
    wanted: Filter
    limit: int | None
    duration: timedelta | None
    journal: Path | None
    is_kept: bool
    with_raw: bool
    forwards: bool = False
    lease: str | None = None
    server: ServerOptions | None = None


@contextmanager
def prepare_tail(ctx: Context, options: TailOptions, stop: Stop) -> Iterator[Tail]:
    """Take the reader lock, open the journal and build the tail."""
    import requests  # noqa: F401 - all threads of a tail use it, and importing it in several at once can fail

    from hpcli.alarms.event.own_codes import read_codes
    from hpcli.alarms.tail.lines import is_whole_ndjson
    from hpcli.alarms.tail.pipeline import Tail
    from hpcli.run.stderr_thread import StderrThread

    codes = read_codes(ctx.settings.config_dir)
    ctx.run.session.is_service = True
    with _open_journal(ctx, options) as (journal, follows_killed):
        subscriber = _subscribe_first(ctx, options)
        watch, notices = _watch(ctx, options), StderrThread(ctx.warn)
        # What is missing before the tail has set the subscription again is no loss.
        site_lookup = keep_site_lookup(ctx, watch.take if subscriber is None else None)
        with _among_machines(ctx, options, journal, notices) as machines, site_lookup as sites:
            yield Tail(
                ctx.client.alarms,
                journal,
                _lines(ctx, options, sites),
                stop,
                notices,
                ctx.run.stdout,
                subscribe=subscriber,
                check_subscription=lambda: sites.take_next_list(watch.take),
                sites=sites,
                account_numbers=account_numbers(ctx).read,
                codes=codes,
                saver=_saver(ctx, options, journal),
                retention=_retention(ctx),
                wanted=options.wanted,
                with_media=ctx.run.printer.format != "ids",
                limit=options.limit,
                seconds=options.duration.total_seconds() if options.duration is not None else None,
                manager=ServiceManager(ctx.run.environment),
                forwarding=_forwarding(ctx, options, journal, stop, notices),
                platform_time=ctx.client.transport.platform_time,
                follows_killed=follows_killed,
                **machines,
                tells_state=is_whole_ndjson(ctx.run.options),
            )


class _Machines(TypedDict):
    """What a tail is among several machines."""

    turns: Turns | None
    shared: SharedQueue | None
    state: ReaderState


@contextmanager
def _among_machines(
    ctx: Context, options: TailOptions, journal: Journal, notices: StderrThread
) -> Iterator[_Machines]:
    """Compete for a lease, or be a host or a spare, while the block runs."""
    from hpcli.alarms.tail.reader_state import ReaderState

    state = ReaderState()
    with (
        shared_queue(ctx, options.lease, journal, notices) as shared,
        hot_spare_server(ctx, options.server, journal, state, notices) as server,
    ):
        yield {"turns": server, "shared": shared, "state": state}


def _lines(ctx: Context, options: TailOptions, sites: SiteLookup) -> EventLines:
    from hpcli.alarms.tail.lines import EventLines
    from hpcli.commands.alarms.screen import make_screen
    from hpcli.commands.alarms.tables import events_view_for

    view = events_view_for(ctx.run.options, sites)
    screen = make_screen(ctx, sites, options.journal)
    return EventLines(ctx.run.printer, view, options.with_raw, screen, has_numbers=options.is_kept)


@contextmanager
def _open_journal(ctx: Context, options: TailOptions) -> Iterator[tuple[Journal, bool]]:
    """Take the reader lock, ask before the very first read, and open the account's journal.

    Yields it, and whether the reader before was killed.
    """
    from hpcli.alarms.journal.batches import claim_journal
    from hpcli.alarms.journal.folder import make_account_folder
    from hpcli.alarms.journal.schema import check_content
    from hpcli.alarms.journal.writer import Journal
    from hpcli.alarms.tail.reader_lock import hold_reader_lock

    session = ctx.run.session
    make_account_folder(session.alarms_folder)
    path = options.journal.expanduser() if options.journal else session.alarms_folder / "journal.db"
    kept_in = path if options.is_kept else None
    if kept_in is not None:
        check_content(kept_in)
    with hold_reader_lock(session.alarms_folder, kept_in) as follows_killed:
        _ask_first(ctx, kept_in)
        with Journal(kept_in, upgrades=True) as journal:
            journal.write(lambda db: claim_journal(db, session.account_id))
            yield journal, follows_killed


def _ask_first(ctx: Context, path: Path | None) -> None:
    """Ask on a terminal before the first read: no other reader of the key receives what is read here."""
    has_journal = path is not None and path.exists()
    if has_journal or ctx.settings.is_sandbox or not ctx.inputs.can_ask:
        return
    ctx.confirm("No other program that uses this API key will receive alarms read here. Read them here?")


def _forwarding(
    ctx: Context, options: TailOptions, journal: Journal, stop: Stop, notices: StderrThread
) -> AbstractContextManager[object]:
    """Return what sends to the outputs while the tail runs; one that is declared wrongly stops no alarm."""
    if not options.forwards:
        return nullcontext()
    import time

    from hpcli.alarms.forward.runner import Forwarders
    from hpcli.alarms.forward.watch import Watch
    from hpcli.alarms.tail.error_log import ErrorLog
    from hpcli.commands.alarms.forward.configuration import declared_outputs

    log = ErrorLog(notices.warn, time.monotonic)
    forwarders = Forwarders(ctx.run.session.alarms_folder, journal, log, environment=ctx.run.environment)
    declared = declared_outputs(ctx)
    if not (declared.outputs or declared.faults):
        raise UsageError("There is no output.", hint="Declare one: hpcli alarms forward add NAME --to URL")
    return Watch(forwarders, declared, lambda: declared_outputs(ctx), notices.warn, stop)


def _subscribe_first(ctx: Context, options: TailOptions) -> Subscriber | None:
    """Subscribe to all devices if `--subscribe` says so; return what sets the subscription again."""
    if options.subscribe:
        from hpcli.alarms.tail.subscription import Subscription, keep_subscription

        ctx.client.alarms.subscribe(None)
        ctx.keep(
            "The subscription",
            lambda: keep_subscription(ctx.run.session.alarms_folder, Subscription(everything=True)),
        )
    return make_subscriber(ctx, options)


def make_subscriber(ctx: Context, options: TailOptions) -> Subscriber | None:
    """Return a function that renews exactly the subscription that `subscribe` last set."""
    from hpcli.alarms.tail.subscription import Subscription, load_subscription

    known = load_subscription(ctx.run.session.alarms_folder)
    if options.subscribe:
        known = Subscription(everything=True)
    if known is None or not known.can_be_repeated:
        return None
    serials = None if known.everything else known.serials
    return lambda: ctx.client.alarms.subscribe(serials)


def _watch(ctx: Context, options: TailOptions) -> SubscriptionWatch:
    """Return what says that another program ended the subscription; with `--subscribe` it is set again."""
    from hpcli.alarms.tail.subscription_check import SubscriptionWatch

    return SubscriptionWatch(
        ctx.run.session.alarms_folder,
        ctx.run.now,
        ctx.warn,
        renew=(lambda: ctx.client.alarms.subscribe(None)) if options.subscribe else None,
    )


def _saver(ctx: Context, options: TailOptions, journal: Journal) -> PictureSaver | None:
    """Return the saver of pictures, None without pictures; `retry-pictures` finds its settings in the journal."""
    if not options.decrypt and options.pictures is None:
        return None
    from hpcli.alarms.journal.picture_settings import PictureSettings, note_settings
    from hpcli.alarms.pictures.files import remove_leftovers
    from hpcli.run.pictures import own_pictures, picture_saver

    folder = (options.pictures.expanduser() if options.pictures else own_pictures(ctx)).absolute()
    known = PictureSettings(folder, options.decrypt, options.keep_originals)
    journal.write_later("pictures", lambda db: note_settings(db, known))
    remove_leftovers(folder, before=ctx.run.now().timestamp() - _LEFTOVER_SECONDS)
    return picture_saver(ctx, folder, decrypts=options.decrypt, keeps_originals=options.keep_originals)


def _retention(ctx: Context) -> Retention:
    from hpcli.alarms.journal.retention import Retention
    from hpcli.run.pictures import own_pictures

    return Retention(
        ctx.settings.get("journal-days") * 86400.0,
        ctx.settings.get("journal-size"),
        own_pictures(ctx),
        ctx.settings.get("picture-days") * 86400.0,
    )
