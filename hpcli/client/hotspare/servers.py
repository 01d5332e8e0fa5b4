"""Servers that stand in for each other, and their heartbeats (Guide §3.53–3.56, flow in §2.9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeGuard

from hpcli.api.operations.hotspare.servers import ADD, DELETE, HEARTBEAT, LIST
from hpcli.client.calls import Calls
from hpcli.client.checks import check_count, check_length
from hpcli.errors import NotFoundError, UsageError
from hpcli.reference.codes import code_list

if TYPE_CHECKING:
    from hpcli.api.rows.hotspare.servers import HeartbeatRow, ServerRow
    from hpcli.client.hotspare.files import HotspareFileCalls


HOST = 0
_TEN_YEARS = 10 * 365 * 86400 * 1000  # milliseconds


class HotspareCalls(Calls):
    """Calls about servers."""

    @cached_property
    def file(self) -> HotspareFileCalls:
        """Files that servers leave for each other (Guide §3.57–3.60)."""
        from hpcli.client.hotspare.files import HotspareFileCalls

        return HotspareFileCalls(self._transport)

    def add(self, uuid: str, role: int) -> None:
        """Register a server; the host first, then up to three spares. Guide §3.53.

        Args:
            uuid: of your own choice, at most 128 characters.
            role: 0 host, 1 to 3 the spares (`hotSpareType`).

        Raises:
            ConflictError: there is no host yet (LAP026338), or the role is taken (LAP026339).
        """
        if code_list("hotSpareType").find(role) is None:
            raise UsageError(f"There is no role {role}.", hint="It is 0 (host) or 1 to 3 (spares).")
        self._change(ADD, {"uuid": check_uuid(uuid), "type": role})

    def list(self) -> Sequence[ServerRow]:
        """Return the registered servers: [{uuid, type}]. Guide §3.54."""
        return self._read(LIST)

    def delete(self, uuids: Sequence[str] | None) -> None:
        """Remove these servers, or all (None). Guide §3.55."""
        if uuids is None:
            self._change(DELETE, {"deleteMode": "all"})
        else:
            listed = [check_uuid(uuid) for uuid in check_count("UUID", uuids)]
            self._change(DELETE, {"deleteMode": "list", "list": listed})

    def heartbeat(self, uuid: str) -> Sequence[HeartbeatRow]:
        """Send a heartbeat of a server, once a minute, and return all servers. Guide §3.56.

        Returns:
            [{uuid, type, timeLag}]; `timeLag` is milliseconds since the server's last heartbeat, also where the
            platform gives the moment instead (errata 151).
        """
        own = check_uuid(uuid)
        rows: Sequence[HeartbeatRow] = self._change(HEARTBEAT, {"uuid": own})
        moments = [
            row["timeLag"] for row in rows if row.get("uuid") == own and _is_moment(row.get("timeLag"))
        ]
        # The server's own heartbeat was just taken: its moment is the present by the platform's clock.
        now = max(moments, default=round(self._transport.now() * 1000))
        return [_with_lag(row, now) for row in rows]


def _is_moment(lag: Any) -> TypeGuard[int]:
    return isinstance(lag, int) and lag > _TEN_YEARS


def _with_lag(row: HeartbeatRow, now: int) -> HeartbeatRow:
    lag = row.get("timeLag")
    return {**row, "timeLag": max(0, now - lag)} if _is_moment(lag) else row


def check_spare(servers: Sequence[Mapping[str, Any]], own: str, host: str | None = None) -> None:
    """Refuse to send the heartbeats of a host for a spare; they would hide its silence.

    Args:
        servers: those of the account.
        own: UUID of the server that shall be a spare.
        host: UUID of the server that it watches, None for the one with the role host.

    Raises:
        UsageError: the server is the host, or the watched server.
        NotFoundError: the server is not registered.
    """
    row = find_server(servers, own)
    if row is None:
        raise NotFoundError(
            f"The server {own} is not registered.", hint=f"Run `hpcli hotspare add {own} --role spare1`."
        )
    if row.get("type") == HOST or own == host:
        raise UsageError(
            f"{own} is the host, but a spare is needed here.",
            hint="On the host, run `hpcli alarms tail --heartbeat-as UUID`, or `hpcli hotspare heartbeat UUID`.",
        )


def find_server(servers: Sequence[Mapping[str, Any]], uuid: str) -> Mapping[str, Any] | None:
    """Return the row of a server, None if it is not registered."""
    return next((server for server in servers if server.get("uuid") == uuid), None)


def check_uuid(uuid: str) -> str:
    """Return the UUID of a server, 1 to 128 characters.

    Raises:
        UsageError: it is empty or longer.
    """
    return check_length("UUID", uuid.strip(), 1, 128)
