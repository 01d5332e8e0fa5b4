"""Calls of docs/openapi/access/permissions.yaml. Made by `python -m docs.generate`."""

from hpcli.api.operation import Operation

GRANT = Operation(
    "POST",
    "/api/hpcgw/v1/acs/privilege/config",
    "§3.46",
    change=True,
    asks=True,
    repeatable=True,
)
"""Bring persons and their permissions to devices."""

STATUS = Operation("POST", "/api/hpcgw/v1/acs/privilege/status", "§3.47", repeatable=True)
"""Follow how persons are brought to devices."""

REVOKE = Operation(
    "POST",
    "/api/hpcgw/v1/acs/privilege/delete",
    "§3.48",
    change=True,
    asks=True,
    repeatable=True,
)
"""Take persons and their permissions off devices."""
