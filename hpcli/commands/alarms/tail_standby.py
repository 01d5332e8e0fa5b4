"""`hpcli alarms tail --standby-of` and `--heartbeat-as`: be a spare, or the host that has one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from hpcli.errors import UsageError
from hpcli.parse import naming, parse_duration, utc_text
from hpcli.run.context import Context

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from hpcli.alarms.journal.writer import Journal
    from hpcli.alarms.standby.server import Server
    from hpcli.alarms.tail.reader_state import ReaderState
    from hpcli.run.stderr_thread import StderrThread

_EVERY_SECONDS: Final = 60.0
"""The guide's interval of heartbeats (§2.9)."""

_DOWN_SECONDS: Final = 180.0
"""Three heartbeats, as in `hotspare watch`: a single one that is late or lost does not count as silence."""

_SHORTEST_SECONDS: Final = 1.0


@dataclass(frozen=True)
class ServerOptions:
    """What this machine is among the hot-spare servers.

    Attributes:
        own: its UUID, None for the only spare that is registered.
        host: UUID of the host that it stands by for, None if it is the host.
        down_after: seconds of silence after which the host is down.
        every: seconds between two heartbeats.
    """

    own: str | None
    host: str | None
    down_after: float = _DOWN_SECONDS
    every: float = _EVERY_SECONDS


def read_server_options(
    standby_of: str | None, down_after: str | None, heartbeat_as: str | None, every: str | None
) -> ServerOptions | None:
    """Return what the options say, None where they say nothing.

    Raises:
        UsageError: they do not go together, or a value is wrong.
    """
    from hpcli.client.hotspare.servers import check_uuid

    if standby_of is None and down_after is not None:
        raise UsageError(
            "--down-after needs --standby-of.", hint="It is the silence after which a spare reads."
        )
    if standby_of is None and heartbeat_as is None:
        if every is not None:
            raise UsageError("--heartbeat-every needs --heartbeat-as or --standby-of.")
        return None
    host = None if standby_of is None else check_uuid(standby_of)
    own = None if heartbeat_as is None else check_uuid(heartbeat_as)
    if host is not None and host == own:
        raise UsageError(
            "--standby-of names the host, and --heartbeat-as this machine: they cannot be the same.",
            hint="On the host, leave --standby-of out.",
        )
    seconds = _DOWN_SECONDS if down_after is None else _seconds("--down-after", down_after)
    if every is None:
        return ServerOptions(own, host, seconds, min(_EVERY_SECONDS, seconds / 3))
    interval = _seconds("--heartbeat-every", every)
    if host is not None and seconds < 2 * interval:
        raise UsageError(
            "--down-after is shorter than twice --heartbeat-every, so one late heartbeat would mean down.",
            hint=f"Use --down-after {2 * interval:g}s or longer, or a shorter --heartbeat-every.",
        )
    return ServerOptions(own, host, seconds, interval)


def check_server_options(options: ServerOptions, *, has_lease: bool, is_kept: bool) -> None:
    """Refuse options of `tail` that do not go with them.

    Raises:
        UsageError: --lease or --no-journal.
    """
    option = "--heartbeat-as" if options.host is None else "--standby-of"
    if has_lease:
        raise UsageError(
            f"{option} and --lease cannot be used together.",
            hint="Both decide which machine reads. With --lease each machine gets all alarms; "
            "--standby-of needs no broker.",
        )
    if options.host is not None and not is_kept:
        raise UsageError(
            "--standby-of and --no-journal cannot be used together.",
            hint="The journal records which alarms were read here while the host was down.",
        )


def _seconds(option: str, text: str) -> float:
    with naming(option):
        seconds = parse_duration(text).total_seconds()
        if seconds < _SHORTEST_SECONDS:
            raise UsageError(f"{text} is too short; the minimum is {_SHORTEST_SECONDS:g}s.")
    return seconds


def plan_heartbeat(ctx: Context, options: ServerOptions) -> None:
    """Make the first heartbeat of a dry run. Raises DryRun, or what would end the tail."""
    from hpcli.alarms.standby.servers import check_host, choose_spare

    servers = ctx.client.hotspare.list()
    if options.host is not None:
        ctx.client.hotspare.heartbeat(choose_spare(servers, options.own, options.host))
    elif options.own is not None:
        check_host(servers, options.own)
        ctx.client.hotspare.heartbeat(options.own)


@contextmanager
def hot_spare_server(
    ctx: Context, options: ServerOptions | None, journal: Journal, state: ReaderState, notices: StderrThread
) -> Iterator[Server | None]:
    """Be a host or a spare while the block runs.

    Args:
        ctx: the context.
        options: None for neither.
        journal: this machine's.
        state: gets a line of a spare's change.
        notices: shows lines to the user.
    """
    if options is None:
        yield None
        return
    from hpcli.alarms.standby.record import forget_server

    server = _make_server(ctx, options, journal, state, notices)
    if options.host is not None and options.down_after < 2 * _EVERY_SECONDS:
        notices.warn(
            f"The host must send a heartbeat at least every {options.down_after / 2:g} s; "
            "`alarms tail --heartbeat-as` does so with --heartbeat-every."
        )
    try:
        server.start()
        yield server
    finally:
        server.close()
        forget_server(ctx.run.session.alarms_folder)


def _make_server(
    ctx: Context, options: ServerOptions, journal: Journal, state: ReaderState, notices: StderrThread
) -> Server:
    from hpcli.alarms.standby.host import Host
    from hpcli.alarms.standby.spare import Spare
    from hpcli.alarms.tail.faults import is_final

    common: dict[str, Any] = {
        "calls": ctx.client.hotspare,
        "every": options.every,
        "is_final": is_final,
        "warn": notices.warn,
    }
    server: Server
    if options.host is not None:
        server = Spare(of=options.host, uuid=options.own, down_after=options.down_after, **common)
    else:
        assert options.own is not None  # the options were read
        server = Host(uuid=options.own, **common)
    server.on_change = _Notes(ctx, journal, server, state).take
    return server


@dataclass
class _Notes:
    """Notes how a server is: for `alarms status`, for the next start, and among the events."""

    ctx: Context
    journal: Journal
    server: Server
    state: ReaderState
    _noted: str | None = None
    _since: str = ""

    def take(self) -> None:
        """Note the state after a call or a change."""
        from hpcli.alarms.standby.record import keep_server

        now, server = self.ctx.run.now(), self.server
        if server.state != self._noted:
            self._noted, self._since = server.state, utc_text(now)
            if server.role == "spare" and server.state in ("standby", "reading"):
                self._tell(server.state, now)
        if server.role == "spare" and server.state == "standby" and server.last_poll is not None:
            self.journal.write_later("last-poll", partial(_note_poll, at=server.last_poll))
        keep_server(self.ctx.run.session.alarms_folder, {**server.fields(), "since": self._since})

    def _tell(self, word: str, now: datetime) -> None:
        """Add a line of type `reader` to the events."""
        from hpcli.alarms.clock import moment_of

        known, fields = self.server.last_poll, self.server.fields()
        last_poll = None if known is None else moment_of(known)
        self.state.tell(word, now, last_poll, host=fields["host"], hostHeard=fields["hostHeard"])


def _note_poll(db: sqlite3.Connection, at: int) -> None:
    """Note that the host has read the queue, so that standing by does not count as a gap."""
    from hpcli.alarms.journal.facts import note_fact, read_fact

    note_fact(db, "last-poll", max(at, int(read_fact(db, "last-poll") or 0)))
