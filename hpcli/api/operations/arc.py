"""Calls of docs/openapi/arc.yaml. Made by `python -m docs.generate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcli.api.operation import Operation

if TYPE_CHECKING:
    from hpcli.api.rows.arc import ArcDeviceRow, ArcPermission, ArcSite, EventPermission

SEARCH: Operation[list[ArcDeviceRow]] = Operation(
    "POST",
    "/api/hpcgw/v1/arcservice/device/list",
    "§3.37",
    repeatable=True,
)
"""List the devices whose ARC service is on."""

ENABLE: Operation[ArcPermission] = Operation(
    "POST",
    "/api/hpcgw/v1/arcservice/device/enable",
    "§3.38",
    change=True,
    asks=True,
    repeatable=True,
    look="arc list",
)
"""Switch the ARC service of a device on."""

DISABLE = Operation(
    "POST",
    "/api/hpcgw/v1/arcservice/device/disable",
    "§3.39",
    change=True,
    asks=True,
    repeatable=True,
    look="arc list",
)
"""Switch the ARC service of a device off."""

SET_EVENTS: Operation[EventPermission] = Operation(
    "POST",
    "/api/hpcgw/v1/arcservice/event/type/update",
    "§3.40",
    change=True,
    asks=True,
    repeatable=True,
    look="arc list",
)
"""Set which events a device reports to its ARC."""

SET_ACCOUNT = Operation(
    "POST",
    "/api/hpcgw/v1/arcservice/account/number/update",
    "§3.41",
    change=True,
    asks=True,
    repeatable=True,
    may_be_empty=True,
    look="arc list",
)
"""Set the account number of a device."""

SITE: Operation[ArcSite] = Operation(
    "GET",
    "/api/hpcgw/v1/arcservice/site/{id}/info",
    "§3.42",
    repeatable=True,
)
"""Show the site of devices whose ARC service is on."""
