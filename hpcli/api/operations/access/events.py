"""Calls of docs/openapi/access/events.yaml. Made by `python -m docs.generate`."""

from hpcli.api.operation import Operation

SEARCH_EVENTS = Operation(
    "POST",
    "/api/hpcgw/v1/device/transparent/ISAPI/AccessControl/AcsEvent",
    "A.4.1",
    repeatable=True,
)
"""Search access control events."""

SEARCH_USERS = Operation(
    "POST",
    "/api/hpcgw/v1/device/transparent/ISAPI/AccessControl/UserInfo/Search",
    "A.4.2",
    repeatable=True,
)
"""Search the persons on a device."""
