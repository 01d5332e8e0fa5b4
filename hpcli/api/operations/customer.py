"""Calls of docs/openapi/customer.yaml. Made by `python -m docs.generate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcli.api.operation import Operation

if TYPE_CHECKING:
    from hpcli.api.rows.customer import CustomerRow, SharedDevice

LIST: Operation[list[CustomerRow]] = Operation(
    "POST",
    "/api/hpcgw/v2/site/customer/list",
    "§3.12",
    repeatable=True,
)
"""List the end users of a site."""

DETAIL: Operation[list[SharedDevice]] = Operation(
    "POST",
    "/api/hpcgw/v1/site/customer/detail",
    "§3.13",
    repeatable=True,
)
"""Show the devices and permissions of an end user."""

REPLACE = Operation(
    "POST",
    "/api/hpcgw/v1/site/customer/account/update",
    "§3.14",
    change=True,
    asks=True,
    look="customer list SITE",
)
"""Replace an end user with another account."""

PERMIT = Operation(
    "POST",
    "/api/hpcgw/v1/site/customer/devices/update",
    "§3.15",
    change=True,
    asks=True,
    repeatable=True,
    look="customer show SITE ACCOUNT",
)
"""Set what an end user may do with devices."""

REMOVE = Operation(
    "POST",
    "/api/hpcgw/v1/site/customer/cancle",
    "§3.16",
    change=True,
    asks=True,
    repeatable=True,
    removes=True,
    look="customer list SITE",
)
"""Stop sharing a site with end users."""
