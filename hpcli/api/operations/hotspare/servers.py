"""Calls of docs/openapi/hotspare/servers.yaml. Made by `python -m docs.generate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcli.api.operation import Operation

if TYPE_CHECKING:
    from hpcli.api.rows.hotspare.servers import HeartbeatRow, ServerRow

ADD = Operation("POST", "/api/hpcgw/v1/hotspare/add", "§3.53", change=True, look="hotspare list")
"""Register a server as host or spare."""

LIST: Operation[list[ServerRow]] = Operation("POST", "/api/hpcgw/v1/hotspare/get", "§3.54", repeatable=True)
"""List the registered servers."""

DELETE = Operation(
    "POST",
    "/api/hpcgw/v1/hotspare/delete",
    "§3.55",
    change=True,
    asks=True,
    repeatable=True,
    removes=True,
    look="hotspare list",
)
"""Remove servers."""

HEARTBEAT: Operation[list[HeartbeatRow]] = Operation(
    "POST",
    "/api/hpcgw/v1/hotspare/heartbeat",
    "§3.56",
    change=True,
    repeatable=True,
    look="hotspare list",
)
"""Send a heartbeat and see those of the others."""
