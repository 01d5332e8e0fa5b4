"""Rows of docs/openapi/access/permissions.yaml. Made by `python -m docs.generate`."""

from typing import TypedDict


class PermissionDeviceLists(TypedDict, total=False):
    """`deviceLists` of `PermissionRow`."""

    deviceSerial: str
    """Serial number."""
    status: int
    """State; codes `privilegeStatus`."""
    subStatus: int
    """What was applied, see the code list privilegeSubStatusBits."""
    error: str | None
    """LAP or EVZ code."""


class PermissionRow(TypedDict, total=False):
    """Row of `STATUS`: follow how persons are sent to devices."""

    personId: str
    """Person ID."""
    deviceLists: list[PermissionDeviceLists]
