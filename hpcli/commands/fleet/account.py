"""Read the account for the verbs of `fleet`: progress, what was read before, what failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from hpcli.commands.framework.long_work import announce, watched
from hpcli.errors import SomeFailedError
from hpcli.fleet.document import Document, Origin, make_document
from hpcli.fleet.partial import PartialReading
from hpcli.fleet.reading import may_succeed, read_lists, read_parts
from hpcli.fleet.state import OFFLINE, AccountState, Parts, SiteState
from hpcli.local.own_folder import OwnFolder
from hpcli.plurals import quantity
from hpcli.run.context import Context
from hpcli.run.parallel import Reply

if TYPE_CHECKING:
    from hpcli.run.account import AccountSession

_NAMED: Final = 5
_SILENCE: Final = 2.0
"""Seconds that a reading may take without a word."""


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
    if not may_succeed(account):
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
    announce(ctx, sum(_calls(site, parts(site)) for site in sites), "call", longer_than=_SILENCE)

    def working(items: Iterable[SiteState], work: Callable[[SiteState], SiteState]) -> Iterable[Any]:
        def work_and_keep(site: SiteState) -> SiteState:
            keep(work(site))
            return site

        replies = fan_out(items, work_and_keep, at_once=at_once)
        return watched(ctx, replies, "site", lambda: len(sites), is_failed=_is_failed)

    for _ in read_parts(session.client, sites, parts, working):
        pass


def _calls(site: SiteState, wanted: Parts) -> int:
    """Return how many calls a site costs, without those for its end users, who are not known yet."""
    has_offline = any(row.get("deviceOnlineStatus") == OFFLINE for row in site.devices)
    channels = len(site.devices) if wanted.channels else 0
    return wanted.managers + wanted.customers + (wanted.since and has_offline) + channels


def _is_failed(reply: Reply[SiteState, SiteState]) -> bool:
    return reply.result is None or bool(reply.result.errors)


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
    known = last_set(ctx, session)
    return lambda serial: known.get(serial, {})
