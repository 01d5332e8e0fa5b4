"""`hpcli alarms history`: print the journal; a running tail is not affected."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import typer

from hpcli.commands.alarms.filters import Devices, KeepAlives, Types, check_range, make_filter
from hpcli.commands.alarms.journal import JournalPath, knowledge, known_sites, reading
from hpcli.commands.alarms.screen import make_screen
from hpcli.commands.framework.lists import lists
from hpcli.errors import NotFoundError, UsageError
from hpcli.names import normal
from hpcli.parse import epoch_milliseconds, parse_since, parse_until
from hpcli.run.context import Context
from hpcli.run.selection import Selection
from hpcli.run.settings import choose

if TYPE_CHECKING:
    import sqlite3

    from hpcli.alarms.event.event import Event
    from hpcli.alarms.journal.entries import Entry
    from hpcli.alarms.journal.queries import Filter
    from hpcli.alarms.journal.renewal import Knowledge
    from hpcli.alarms.screen.screen import Screen
    from hpcli.alarms.tail.site_lookup import SiteLookup
    from hpcli.output import View
    from hpcli.stop import Stop

    Read = Callable[[Callable[[sqlite3.Connection], Any]], Any]

_LOOK_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class _Events:
    """The events of the journal that a command prints.

    Args:
        read: runs a query.
        wanted: which events.
        known: what entries of older journals, and codes of the user's own table, are decoded with.
    """

    read: Read
    wanted: Filter
    known: Knowledge

    def page(self, after: int, *, with_media: bool = False) -> tuple[list[Entry], int]:
        """Return the next events after an entry, and the number to continue after."""
        from hpcli.alarms.journal.queries import read_page

        found: tuple[list[Entry], int] = self.read(
            lambda db: read_page(db, after, wanted=self.wanted, with_media=with_media, known=self.known)
        )
        return found

    def pages(self) -> Iterator[list[Entry]]:
        """Yield what the journal holds now, page by page."""
        after = 0
        while True:
            entries, end = self.page(after)
            if end == after:
                return
            after = end
            yield entries

    def newest(self, limit: int) -> list[Entry]:
        """Return the newest events in the journal; media lines do not count."""
        from collections import deque

        kept: deque[Entry] = deque(maxlen=limit)
        for page in self.pages():
            kept.extend(page)
        return list(kept)

    def new_pages(self, stop: Stop, limit: int | None, *, with_media: bool) -> Iterator[list[Entry]]:
        """Yield pages until stopped, an empty one now and then while nothing arrives."""
        after, is_old = 0, True
        if limit is not None:
            newest = self.newest(limit)
            yield newest
            after = newest[-1].seq if newest else 0
        while not stop.is_set:
            entries, end = self.page(after, with_media=with_media and not is_old)
            yield entries
            if end == after:
                is_old = False
                stop.wait(_LOOK_SECONDS)
            after = end


@lists
def show_history(
    ctx: Context,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Continue with new alarms.")] = False,
    since: Annotated[
        str | None,
        typer.Option(help="Only events received since this time, such as 24h or 22:00.", metavar="TIME"),
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Only events received before this time.", metavar="TIME")
    ] = None,
    by: Annotated[
        str,
        typer.Option(help="What --since and --until mean: received, or time (of the event).", metavar="WHAT"),
    ] = "received",
    after: Annotated[
        str | None, typer.Option(help="Only what came after this event, by its id.", metavar="ID")
    ] = None,
    types: Types = None,
    device: Devices = None,
    site: Annotated[
        list[str] | None,
        typer.Option(help="Only this site, by id or exact name; may be repeated.", metavar="SITE"),
    ] = None,
    category: Annotated[
        list[str] | None, typer.Option(help="Only this category; may be repeated.", metavar="CATEGORY")
    ] = None,
    text: Annotated[str, typer.Option(help="Only events that contain this text.", metavar="TEXT")] = "",
    limit: Annotated[int | None, typer.Option(help="Only the newest N events.", min=1, metavar="N")] = None,
    keep_alives: KeepAlives = False,
    journal: JournalPath = None,
) -> None:
    """Print alarms from the journal, oldest first.

    On a terminal of 100 columns or more each line has the number of its event (#12);
    show, ack, hold and export take 12 instead of the id. Pictures that came later and
    events folded into one line have numbers too, so some are not shown. Times have
    their offset where it is not that of this computer.

    $ hpcli alarms history --since 24h --category burglary
    $ hpcli alarms history --device Q10254783 --text kitchen
    $ hpcli alarms history --limit 20
    $ hpcli alarms history --after "$(hpcli alarms history -o ids | head -1)" -o ndjson
    $ hpcli alarms history -f -o ndjson
    """
    from dataclasses import replace

    from hpcli.reference.categories import CATEGORIES

    wanted = make_filter(
        ctx,
        types,
        device,
        sites=frozenset(map(normal, site or ())),
        categories=frozenset(
            choose(word, CATEGORIES, "--category")
            for word in (ctx.inputs.read_list(category, "category") if category else ())
        ),
        text=text,
        since=None if since is None else epoch_milliseconds(parse_since(since, ctx.run.now())),
        until=None if until is None else epoch_milliseconds(parse_until(until, ctx.run.now())),
        by_happened=choose(by, ("received", "time"), "--by") == "time",
        with_keep_alives=keep_alives,
    )
    check_range(wanted.since, wanted.until)
    sites = known_sites(ctx)
    known = knowledge(ctx, sites)
    with reading(ctx, journal, is_once=not follow) as read:
        if after is not None:
            wanted = replace(wanted, after=_number_of(read, after))
        _name_unknown(ctx, read, wanted, sites)
        events = _Events(read, wanted, known)
        if follow:
            _follow(ctx, events, limit, journal, sites)
        else:
            _show_all(ctx, events, limit, journal, sites)


def _number_of(read: Read, name: str) -> int:
    from hpcli.alarms.journal.event_names import find_number

    try:
        return int(read(lambda db: find_number(db, name)))
    except NotFoundError as error:
        hint = "It may have been pruned; --since chooses by time."
        raise NotFoundError(error.message, hint=hint) from error


def _name_unknown(ctx: Context, read: Read, wanted: Filter, lookup: SiteLookup) -> None:
    """Name devices and sites without any event: they may be misspelt, and a quiet day looks the same."""
    from hpcli.alarms.journal.queries import find_unknown

    devices, sites = read(lambda db: find_unknown(db, wanted))
    if not (devices or sites):
        return
    from hpcli.alarms.journal.queries import known_places
    from hpcli.reference.choices import did_you_mean, nearest

    quiet_devices, quiet_sites = lookup.known()
    loud_devices, loud_sites = read(known_places)

    def tell(what: str, name: str, shown_by: str, known: set[str], candidates: set[str]) -> None:
        meant = did_you_mean(nearest(name, candidates)).strip()
        end = "." if name in known else f". {meant}" if meant else f"; {shown_by}."
        ctx.info(f"The journal has no events of {what}{end}")

    for serial in devices:
        by = "`hpcli device list` shows serials"
        tell(f"device {serial}", serial, by, quiet_devices, quiet_devices | set(loud_devices))
    for site in sites:
        by = "`hpcli site list` shows ids and names"
        tell(f"site '{site}'", site, by, quiet_sites, quiet_sites | set(loud_sites))


def _view(ctx: Context, sites: SiteLookup) -> View:
    """Return the view of events, with times in the time zone of their site where it is known."""
    from hpcli.commands.alarms.tables import events_view_for

    return events_view_for(ctx.run.options, sites)


def _show_all(
    ctx: Context, events: _Events, limit: int | None, journal: Path | None, sites: SiteLookup
) -> None:
    from hpcli.alarms.journal.entries import event_of, line_of, numbered_event
    from hpcli.alarms.tail.lines import is_plain_table

    printer = ctx.run.printer
    view = _view(ctx, sites)
    printer.check(view)
    if ctx.run.selection:
        make = numbered_event if is_plain_table(printer.options) else event_of
        every: Iterator[Event] = (
            make(entry, redelivered=entry.repeats > 0) for page in events.pages() for entry in page
        )
        if ctx.run.selection.has_newest_first(("time", "received")):
            every = iter(list(every)[::-1])  # so the order among equal times is that of the journal too
        _show_selected(ctx, every, view, limit, make_screen(ctx, sites, journal))
        return
    pages = events.pages() if limit is None else [events.newest(limit)]
    if printer.format == "ndjson" and not printer.options.fields and printer.options.query is None:
        for page in pages:
            lines = "".join(line_of(entry, redelivered=entry.repeats > 0) for entry in page)
            printer.ready(printer.encode(lines))
        return
    entries = (entry for page in pages for entry in page)
    if is_plain_table(printer.options):
        numbered = (numbered_event(entry, redelivered=entry.repeats > 0) for entry in entries)
        _show_lines(ctx, numbered, make_screen(ctx, sites, journal))
    else:
        ctx.show((event_of(entry, redelivered=entry.repeats > 0) for entry in entries), view)


def _show_lines(ctx: Context, events: Iterable[Event], screen: Screen) -> None:
    """Print events as `tail` prints them."""
    is_empty = True
    with ctx.run.paged() as printer:
        for line in screen.history(events):
            is_empty = False
            printer.ready(printer.encode(line))
    if is_empty:
        ctx.info("No events.")


def _show_selected(
    ctx: Context, rows: Iterator[Event], view: View, limit: int | None, screen: Screen
) -> None:
    """Print the events that the options of a list choose; a limit keeps the newest of those, else the first counts."""
    from collections import deque

    from hpcli.alarms.tail.lines import is_plain_table

    chosen = Selection(ctx.run.selection.where)
    kept, _ = chosen.apply(rows, view, ctx.run.now())
    ctx.run.selection.where = []
    is_newest = limit is not None and not ctx.run.selection
    chosen_rows = deque(kept, maxlen=limit) if is_newest else kept
    if is_plain_table(ctx.run.options) and not ctx.run.selection.count_by:
        events, _ = ctx.run.selection.apply(chosen_rows, view, ctx.run.now(), limit=limit)
        _show_lines(ctx, cast("Iterable[Event]", events), screen)
    else:
        ctx.show(chosen_rows, view, limit=limit)
    for line in chosen.left_out_words():
        ctx.info(line)


def _follow(
    ctx: Context, events: _Events, limit: int | None, journal: Path | None, sites: SiteLookup
) -> None:
    """Print past and new events until stopped; later pictures are printed as media lines."""
    from hpcli.alarms.tail.lines import EventLines
    from hpcli.alarms.tail.reader_lock import find_reader
    from hpcli.errors import OutputClosedError
    from hpcli.run.signals import until_stopped

    if ctx.run.printer.format in ("json", "xlsx"):
        raise UsageError(
            f"-o {ctx.run.printer.format} prints one complete list, but --follow never ends.",
            hint="Use -o ndjson.",
        )
    if ctx.run.selection:
        raise UsageError(
            "--where, --sort and --count-by need the whole list, but --follow never ends.",
            hint="Leave out --follow, or use --category, --device, --type and --text.",
        )
    view = _view(ctx, sites)
    ctx.run.printer.check(view)
    lines = EventLines(ctx.run.printer, view, screen=make_screen(ctx, sites, journal))
    with until_stopped(is_service=False) as stop:
        if find_reader(ctx.run.session.alarms_folder) is None:
            ctx.info(
                "No tail is running on this computer, so no new alarms arrive; `hpcli alarms tail` reads them."
            )
        for page in events.new_pages(stop, limit, with_media=ctx.run.printer.format != "ids"):
            if page:
                lines.write([(entry, entry.repeats > 0) for entry in page])
            elif _has_lost_reader(ctx):
                raise OutputClosedError("The output was closed by its reader.")


def _has_lost_reader(ctx: Context) -> bool:
    from hpcli.alarms.tail.unread import is_reader_gone

    return is_reader_gone(ctx.run.stdout)
