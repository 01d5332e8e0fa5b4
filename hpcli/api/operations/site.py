"""Calls of docs/openapi/site.yaml. Made by `python -m docs.generate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcli.api.operation import Operation

if TYPE_CHECKING:
    from hpcli.api.rows.site import ManagerRow, SiteRow

ADD = Operation("POST", "/api/hpcgw/v1/site/add", "§3.3", change=True, look="site list")
"""Create a site."""

DELETE = Operation(
    "POST",
    "/api/hpcgw/v1/site/{id}/delete",
    "§3.4",
    change=True,
    asks=True,
    repeatable=True,
    removes=True,
    look="site list",
)
"""Delete a site with all its devices."""

UPDATE = Operation(
    "POST",
    "/api/hpcgw/v1/site/{id}/update",
    "§3.5",
    change=True,
    repeatable=True,
    look="site show SITE",
)
"""Change the name and address of a site."""

SEARCH: Operation[list[SiteRow]] = Operation("POST", "/api/hpcgw/v1/site/search", "§3.6", repeatable=True)
"""List or search sites."""

SHARE = Operation("POST", "/api/hpcgw/v1/site/share", "§3.7", change=True, asks=True, look="site show SITE")
"""Share a site with an installation partner."""

UNSHARE = Operation(
    "POST",
    "/api/hpcgw/v1/site/share/cancel/{id}",
    "§3.8",
    change=True,
    asks=True,
    removes=True,
    look="site show SITE",
)
"""Stop sharing a site."""

ASSIGN = Operation(
    "POST",
    "/api/hpcgw/v2/site/assign",
    "§3.9",
    change=True,
    asks=True,
    repeatable=True,
    look="site managers SITE",
)
"""Set the managers of sites."""

MANAGERS: Operation[list[ManagerRow]] = Operation(
    "POST",
    "/api/hpcgw/v1/site/sitemanagers",
    "§3.10",
    repeatable=True,
)
"""List the managers of a site."""

HANDOVER = Operation(
    "POST",
    "/api/hpcgw/v2/site/handover/share",
    "§3.11",
    change=True,
    asks=True,
    look="customer list SITE",
)
"""Hand a site over to end users by sharing."""

APP_ACCESS = Operation(
    "POST",
    "/api/hpcgw/v1/device/cloud/enable",
    "§3.26",
    change=True,
    asks=True,
    repeatable=True,
)
"""Switch the end users' access to a site on or off."""
