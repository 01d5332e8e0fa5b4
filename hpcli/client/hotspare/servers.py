"""Servers that stand in for each other, and their heartbeats (Guide §3.53–3.56, flow in §2.9)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from hpcli.api.operations.hotspare.servers import ADD, DELETE, HEARTBEAT, LIST
from hpcli.client.calls import Calls
from hpcli.client.checks import check_count, check_length
from hpcli.errors import UsageError
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
        rows = self._change(HEARTBEAT, {"uuid": check_uuid(uuid)})
        return [self._with_lag(row) for row in rows]

    def _with_lag(self, row: HeartbeatRow) -> HeartbeatRow:
        lag = row.get("timeLag")
        if not isinstance(lag, int) or lag <= _TEN_YEARS:
            return row
        return {**row, "timeLag": max(0, round(self._transport.now() * 1000) - lag)}


def check_uuid(uuid: str) -> str:
    """Return the UUID of a server, 1 to 128 characters.

    Raises:
        UsageError: it is empty or longer.
    """
    return check_length("UUID", uuid.strip(), 1, 128)
