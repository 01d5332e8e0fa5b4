"""`hpcli hotspare watch` and `heartbeat --every`: services that send heartbeats and watch the host (Guide §2.9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpcli.api.operations.hotspare.servers import HEARTBEAT, LIST
from hpcli.client.hotspare.servers import HOST, check_spare, check_uuid
from hpcli.commands.framework.repeating import Repeater, parse_interval
from hpcli.commands.framework.verb import calls
from hpcli.errors import NotFoundError, UsageError
from hpcli.output import Column, View, show_duration
from hpcli.parse import parse_duration, utc_text
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.client.hotspare.servers import HotspareCalls

UP, DOWN = "up", "down"


_TONES = {UP: "good", DOWN: "bad"}


def _silent(value: Any, _row: Mapping[str, Any]) -> str:
    return show_duration(value / 1000) if isinstance(value, int) else ""


CHANGES = View(
    noun="change",
    id="uuid",
    columns=(
        Column("TIME", "time", width=20),
        Column("HOST", "uuid", width=36),
        Column("STATE", "state", style=lambda value, _row: _TONES.get(value), width=6),
        Column("LAST HEARTBEAT", "timeLag", show=_silent),
    ),
    fields=lambda: ("time", "uuid", "state", "timeLag"),
)


@dataclass
class HostWatch:
    """Detects from the heartbeats of all servers whether the host is up.

    Args:
        own: UUID of the server that watches; it must be a spare.
        host: UUID of the server to watch, None for the one with the role host.
        down_after: milliseconds of silence after which the host is down.

    Attributes:
        state: `up` or `down`, None while unknown.
    """

    own: str
    host: str | None
    down_after: int
    state: str | None = None

    def see(self, servers: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
        """Return {uuid, state, timeLag} if the host went down or came back, or is down at the first look.

        Raises:
            NotFoundError: there is no such host.
        """
        host = next((server for server in servers if self._is_host(server)), None)
        if host is None or not isinstance(host.get("timeLag"), int):
            raise NotFoundError(
                f"The host {self.host} is not registered." if self.host else "No host is registered.",
                hint="`hpcli hotspare list` shows the servers.",
            )
        before, self.state = self.state, DOWN if host["timeLag"] > self.down_after else UP
        if self.state == before or (before is None and self.state == UP):
            return None
        return {"uuid": host.get("uuid"), "state": self.state, "timeLag": host["timeLag"]}

    def _is_host(self, server: Mapping[str, Any]) -> bool:
        return server.get("uuid") == self.host if self.host else server.get("type") == HOST


def beat_for_ever(ctx: Context, uuid: str, every: float) -> None:
    """Send heartbeats until stopped."""
    from hpcli.run.signals import until_stopped

    repeater = Repeater(lambda: ctx.client.hotspare.heartbeat(uuid), every, "The heartbeat", ctx.warn)
    with until_stopped() as stop:
        for number, _ in enumerate(repeater.run(stop)):
            if number == 0:
                ctx.info(f"Sending heartbeats as {uuid} every {show_duration(every)}; press Ctrl-C to stop.")


@calls(HEARTBEAT, LIST)
def watch_host(
    ctx: Context,
    own: Annotated[str, typer.Option("--as", help="UUID of this server, a spare.", metavar="OWN_UUID")],
    host: Annotated[
        str | None,
        typer.Option(help="UUID of the host; by default the server with role host.", metavar="UUID"),
    ] = None,
    down_after: Annotated[
        str,
        typer.Option(
            "--down-after",
            help="Silence after which the host is down; at least twice --every.",
            metavar="DURATION",
        ),
    ] = "3m",
    every: Annotated[str, typer.Option(help="Time between heartbeats.", metavar="DURATION")] = "60s",
) -> None:
    """Send heartbeats as a spare and watch the host.

    Prints a line when the host goes down or comes back. A failed call does not mean
    that the host is down: it is reported on stderr and retried.

    $ hpcli hotspare watch --as 0e0f1a2b-3c4d-4e5f-8a9b-0c1d2e3f4a5b
    $ hpcli hotspare watch --as 0e0f1a2b-3c4d-4e5f-8a9b-0c1d2e3f4a5b --down-after 5m -o ndjson
    """
    from hpcli.run.signals import until_stopped

    limit = round(parse_duration(down_after).total_seconds() * 1000)
    interval = parse_interval(every)
    if limit < 2000 * interval:
        raise UsageError(
            "--down-after is shorter than twice --every, so one late heartbeat would mean down.",
            hint=f"Use --down-after {round(2 * interval)}s or longer, or a shorter --every.",
        )
    watch = HostWatch(check_uuid(own), check_uuid(host) if host else None, limit)
    repeater = Repeater(_Beat(ctx.client.hotspare, watch), interval, "The heartbeat", ctx.warn)
    with until_stopped() as stop:
        ctx.run.printer.rows(_told(ctx, watch, repeater.run(stop)), CHANGES, live=True)


@dataclass
class _Beat:
    """One heartbeat as a spare; the first one checks that the server is a spare."""

    calls: HotspareCalls
    watch: HostWatch
    is_checked: bool = False

    def __call__(self) -> dict[str, Any]:
        """Return the change of the host's state, `{}` for none."""
        if not self.is_checked:
            check_spare(self.calls.list(), self.watch.own, self.watch.host)
            self.is_checked = True
        servers = self.calls.heartbeat(self.watch.own)
        check_spare(servers, self.watch.own, self.watch.host)
        return self.watch.see(servers) or {}


def _told(ctx: Context, watch: HostWatch, changes: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for number, change in enumerate(changes):
        if number == 0:
            ctx.info(f"Watching {watch.host or 'the host'}, which is {watch.state}; press Ctrl-C to stop.")
        if change:
            yield {"time": utc_text(ctx.run.now()), **change}
