"""Which of an account's hot-spare servers this machine is, and which of them come before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from hpcli.client.hotspare.servers import HOST, check_spare, find_server
from hpcli.errors import NotFoundError, PlatformError, UsageError
from hpcli.plurals import counted

if TYPE_CHECKING:
    from hpcli.api.rows.hotspare.servers import HeartbeatRow, ServerRow

Servers = Sequence[Mapping[str, Any]]


class ServerCalls(Protocol):
    """The calls about servers: `client.hotspare.HotspareCalls`."""

    def list(self) -> Sequence[ServerRow]:
        """Return the registered servers."""

    def heartbeat(self, uuid: str) -> Sequence[HeartbeatRow]:
        """Send a heartbeat of a server; return all servers with the milliseconds since theirs."""


class Heard(NamedTuple):
    """When servers were heard, in milliseconds before now.

    Attributes:
        host: since the host's last heartbeat.
        before: since the last one of the host or a spare with a lower number, whichever is later.
        first: UUID of the server whose heartbeat that was.
    """

    host: int
    before: int
    first: str


def check_host(servers: Servers, uuid: str) -> None:
    """Refuse to send heartbeats as a server that is not the host.

    Raises:
        NotFoundError: the server is not registered.
        UsageError: it is a spare.
    """
    row = find_server(servers, uuid)
    if row is None:
        raise NotFoundError(
            f"The server {uuid} is not registered.", hint=f"Run `hpcli hotspare add {uuid} --role host`."
        )
    if row.get("type") != HOST:
        raise UsageError(
            f"{uuid} is a spare, and a spare reads only while the host is silent.",
            hint=f"Add --standby-of {_host_of(servers)}.",
        )


def choose_spare(servers: Servers, own: str | None, host: str) -> str:
    """Return the UUID of this machine as a spare of a host.

    Args:
        servers: those of the account.
        own: what the user gave; None for the only spare that is registered.
        host: UUID of the host.

    Raises:
        NotFoundError: the host or the spare is not registered.
        UsageError: the host is a spare, this machine is the host, or there are several spares to choose from.
    """
    row = find_server(servers, host)
    if row is None:
        raise NotFoundError(
            f"The host {host} is not registered.", hint="`hpcli hotspare list` shows the servers."
        )
    if row.get("type") != HOST:
        raise UsageError(f"{host} is not the host.", hint=f"Use --standby-of {_host_of(servers)}.")
    if own is None:
        own = _only_spare(servers)
    check_spare(servers, own, host)
    return own


def hear(servers: Servers, own: str, host: str) -> Heard:
    """Return when the servers before this one were last heard.

    Raises:
        NotFoundError: the host or this machine is not registered (any more).
        UsageError: this machine is the host by now.
        PlatformError: the platform does not say when the host was last heard.
    """
    check_spare(servers, own, host)
    lags = {
        str(row.get("uuid")): row.get("timeLag") for row in servers if _comes_before(row, servers, own, host)
    }
    if host not in lags:
        raise NotFoundError(f"The host {host} is not registered.")
    known = {uuid: lag for uuid, lag in lags.items() if isinstance(lag, int)}
    if host not in known:
        raise PlatformError("The platform did not say when the host was last heard.")
    first = min(known, key=lambda uuid: known[uuid])
    return Heard(known[host], known[first], first)


def last_spare(servers: Servers, own: str) -> tuple[str, int] | None:
    """Return the server, other than this one, that was heard last, and how many milliseconds ago, or None."""
    found = [
        (lag, str(row.get("uuid")))
        for row in servers
        if row.get("uuid") != own and isinstance(lag := row.get("timeLag"), int)
    ]
    if not found:
        return None
    lag, uuid = min(found)
    return uuid, lag


def _comes_before(row: Mapping[str, Any], servers: Servers, own: str, host: str) -> bool:
    """Whether a server reads before this one does: the host, or a spare with a lower number."""
    if row.get("uuid") == host:
        return True
    mine, other = (find_server(servers, own) or {}).get("type"), row.get("type")
    return isinstance(mine, int) and isinstance(other, int) and HOST < other < mine


def _host_of(servers: Servers) -> str:
    return next((str(row.get("uuid")) for row in servers if row.get("type") == HOST), "HOST")


def _only_spare(servers: Servers) -> str:
    spares = [str(row.get("uuid")) for row in servers if row.get("type") != HOST]
    if not spares:
        raise NotFoundError(
            "No spare is registered.",
            hint="Run `hpcli hotspare add UUID --role spare1` with a UUID of your choice for this machine.",
        )
    if len(spares) > 1:
        raise UsageError(
            f"There are {counted(spares, 'spare')}: which one is this machine?",
            hint="Add --heartbeat-as UUID.",
        )
    return spares[0]
