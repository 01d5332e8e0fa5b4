"""Read the account for the verbs of `fleet`: progress, what was read before, what failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from hpcli.errors import SomeFailedError
from hpcli.fleet.document import Document, Origin, make_document
from hpcli.fleet.partial import PartialReading
from hpcli.fleet.reading import read_lists, read_parts
from hpcli.fleet.state import OFFLINE, AccountState, Parts, SiteState
from hpcli.local.own_folder import OwnFolder
from hpcli.plurals import quantity
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.run.account import AccountSession

_LONG: Final = 10.0
"""Seconds of work that are said beforehand, and between two lines of progress."""
_NAMED: Final = 5


def fleet_folder(ctx: Context, session: AccountSession, *names: str) -> OwnFolder:
    """Return the folder in which `fleet` keeps things of an account."""
    return OwnFolder(ctx.settings.state_dir, ("fleet", session.account_id, *names))


def read_document(ctx: Context, *, channels: bool = False, fresh: bool = False) -> Document:
    """Return the document of the account; an unfinished reading of the last 24 hours goes on where it was.

    Args:
        ctx: the command's context.
        channels: with the channels of devices.
        fresh: read everything again.
    """
    session = ctx.run.session
    before = PartialReading(
        fleet_folder(ctx, session), f"unfinished{'-channels' * channels}.jsonl", ctx.run.now()
    )
    if not fresh:
        before.load()
    account = read_lists(session.client)
    parts = Parts(channels=channels)
    known = [site for site in account.sites if site.id in before.sites]
    for site in known:
        site.take(before.sites[site.id])
    left = [site for site in account.sites if site.id not in before.sites]
    if known:
        begun = before.begun.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        ctx.info(f"Going on with what was read from {begun} on: {len(known)} of {len(account.sites)} sites.")
    before.begin()
    try:
        _read(ctx, session, left, lambda _site: parts, before.keep)
    except KeyboardInterrupt:
        done = len(account.sites) - len(left) + sum(site.id in before.sites for site in left)
        ctx.info(
            f"Interrupted: {done} of {len(account.sites)} sites are read; the same command goes on there."
        )
        raise
    finally:
        before.close()
    origin = Origin(
        session.account_id, session.account.login_host, ctx.settings.profile_name, before.begun, ctx.run.now()
    )
    if not account.failures:
        before.finish()
    warn_of_failures(ctx, account)
    return make_document(account, origin, arc_settings(ctx, session, account))


def read_live(ctx: Context, session: AccountSession) -> Document:
    """Return the document of an account as it is now, without what was read before."""
    begun = ctx.run.now()
    account = read_lists(session.client)
    _read(ctx, session, account.sites, lambda _site: Parts(), lambda _site: None)
    warn_of_failures(ctx, account)
    name = session.settings.profile_name
    origin = Origin(session.account_id, session.account.login_host, name, begun, ctx.run.now())
    return make_document(account, origin, arc_settings(ctx, session, account))


def read_some(ctx: Context, account: AccountState, parts: Mapping[str, Parts]) -> None:
    """Read parts of some sites of an account: site id to what is read of it."""
    sites = [site for site in account.sites if site.id in parts]
    _read(ctx, ctx.run.session, sites, lambda site: parts[site.id], lambda _site: None)


def _read(
    ctx: Context,
    session: AccountSession,
    sites: list[SiteState],
    parts: Callable[[SiteState], Parts],
    keep: Callable[[SiteState], None],
) -> None:
    from hpcli.run.parallel import fan_out

    at_once = ctx.settings.get("concurrency")
    _announce(ctx, session, sites, parts)

    def working(items: Iterable[SiteState], work: Callable[[SiteState], SiteState]) -> Iterable[Any]:
        def work_and_keep(site: SiteState) -> SiteState:
            keep(work(site))
            return site

        return fan_out(items, work_and_keep, at_once=at_once)

    with site_progress(ctx, len(sites)) as advance:
        for _ in read_parts(session.client, sites, parts, working):
            advance()


def _announce(
    ctx: Context, session: AccountSession, sites: list[SiteState], parts: Callable[[SiteState], Parts]
) -> None:
    """Say how long the reading takes by the call limit, where that is long."""
    calls = 0
    for site in sites:
        wanted = parts(site)
        calls += wanted.managers + wanted.customers
        calls += wanted.since and any(row.get("deviceOnlineStatus") == OFFLINE for row in site.devices)
        calls += len(site.devices) if wanted.channels else 0
    seconds = calls / session.settings.get("call-rate")
    if seconds > _LONG:
        ctx.info(f"{quantity(len(sites), 'site')}: about {seconds:.0f} s or more, by the call limit.")


@contextmanager
def site_progress(ctx: Context, count: int) -> Iterator[Callable[[], None]]:
    """Show how many sites are done: a bar on a terminal, else a line every 10 s."""
    from hpcli.output.progress import progress

    run = ctx.run
    is_terminal = run.stderr.isatty()
    is_shown = is_terminal and not run.messages.is_json and not ctx.settings.get("quiet")
    done, last = 0, run.clock()
    with progress(run.stderr, "Sites", count, is_shown=is_shown) as bar:

        def advance() -> None:
            nonlocal done, last
            done += 1
            bar.advance()
            if not is_terminal and run.clock() - last >= _LONG:
                last = run.clock()
                ctx.info(f"{done} of {count} sites read.")

        yield advance


def warn_of_failures(ctx: Context, account: AccountState) -> None:
    """Name what could not be read."""
    for site, part, error in account.failures[:_NAMED]:
        ctx.warn(f"{site.name}: {part}: {error}")
    if len(account.failures) > _NAMED:
        ctx.warn(f"… and {len(account.failures) - _NAMED} more parts could not be read.")


def raise_incomplete(document: Document) -> None:
    """Fail where something could not be read.

    Raises:
        SomeFailedError: something could not.
    """
    unread = len(document.get("unread", ()))
    if unread:
        raise SomeFailedError(f"{quantity(unread, 'part')} of the account could not be read.")


def arc_settings(
    ctx: Context, session: AccountSession, account: AccountState
) -> Callable[[str], Mapping[str, Any]]:
    """Return what this computer last set of the ARC service of devices; the log of changes has it."""
    from hpcli.commands.fleet.arc_record import last_set

    if not any(device.get("arcId") for _, device in account.devices):
        return lambda _serial: {}
    return partial(last_set, ctx, session)
