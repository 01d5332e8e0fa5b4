"""Calls of docs/openapi/device/otap.yaml. Made by `python -m docs.generate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcli.api.operation import Operation

if TYPE_CHECKING:
    from hpcli.api.rows.device.otap import BatchReplyRow, DeviceProperties, DeviceReplies, ObjectModel

GET = Operation("GET", "/api/hpcgw/v2/device/transparent/otap/prop", "§3.24.1", repeatable=True)
"""Read a property from the platform's copy."""

SET = Operation(
    "PUT",
    "/api/hpcgw/v2/device/transparent/otap/prop",
    "§3.24.2",
    change=True,
    asks=True,
    look="device otap get",
)
"""Write a property."""

GET_DIRECT = Operation("GET", "/api/hpcgw/v2/device/transparent/otap/direct", "§3.24.3", repeatable=True)
"""Read a property straight from the device."""

SET_DIRECT = Operation(
    "PUT",
    "/api/hpcgw/v2/device/transparent/otap/direct",
    "§3.24.4",
    change=True,
    asks=True,
    look="device otap get-direct",
)
"""Write a property straight to the device."""

ACTION = Operation("PUT", "/api/hpcgw/v2/device/transparent/otap/action", "§3.24.5", change=True, asks=True)
"""Run an operation on a device."""

PROFILE: Operation[ObjectModel] = Operation(
    "POST",
    "/api/hpcgw/v2/device/transparent/otap/product/profile",
    "§3.24.6",
    repeatable=True,
)
"""Get the object model of a device."""

BATCH_GET: Operation[list[DeviceProperties]] = Operation(
    "POST",
    "/api/hpcgw/v2/device/transparent/otap/multi/prop/get/by/shadow",
    "§3.24.7",
    repeatable=True,
)
"""Read properties of several devices from the platform's copy."""

BATCH_SET: Operation[list[BatchReplyRow]] = Operation(
    "PUT",
    "/api/hpcgw/v2/device/transparent/otap/multi/prop/put/by/shadow",
    "§3.24.8",
    change=True,
    asks=True,
    look="device otap batch-get",
)
"""Write properties of several devices."""

BATCH_GET_DIRECT: Operation[list[DeviceReplies]] = Operation(
    "PUT",
    "/api/hpcgw/v2/device/transparent/otap/multi/prop/get",
    "§3.24.9",
    repeatable=True,
)
"""Read properties straight from one device."""

BATCH_SET_DIRECT: Operation[list[DeviceReplies]] = Operation(
    "PUT",
    "/api/hpcgw/v2/device/transparent/otap/multi/prop/put",
    "§3.24.10",
    change=True,
    asks=True,
    look="device otap batch-get-direct",
)
"""Write properties straight to one device."""

TABLE: Operation[list[str]] = Operation(
    "GET",
    "/api/hpcgw/v2/device/transparent/api/service/device/otap/table/list",
    "§3.24.11",
    repeatable=True,
)
"""Read a list of a device page by page."""
