"""Calls of docs/openapi/access/permissions.yaml. Made by `python -m docs.generate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcli.api.operation import Operation

if TYPE_CHECKING:
    from hpcli.api.rows.access.permissions import PermissionRow

GRANT = Operation(
    "POST",
    "/api/hpcgw/v1/acs/privilege/config",
    "§3.46",
    change=True,
    asks=True,
    repeatable=True,
    look="access status PERSON",
)
"""Send persons and their permissions to devices."""

STATUS: Operation[list[PermissionRow]] = Operation(
    "POST",
    "/api/hpcgw/v1/acs/privilege/status",
    "§3.47",
    repeatable=True,
)
"""Follow how persons are sent to devices."""

REVOKE = Operation(
    "POST",
    "/api/hpcgw/v1/acs/privilege/delete",
    "§3.48",
    change=True,
    asks=True,
    repeatable=True,
    removes=True,
    look="access status PERSON",
)
"""Remove persons and their permissions from devices."""
