"""Calls of docs/openapi/person/sync.yaml. Made by `python -m docs.generate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcli.api.operation import Operation

if TYPE_CHECKING:
    from hpcli.api.rows.person.sync import SyncedPersonRow, SyncProgress, SyncTask

START: Operation[SyncTask] = Operation(
    "POST",
    "/api/hpcgw/v1/person/synchronize",
    "§3.49",
    change=True,
    look="person sync progress",
)
"""Start copying persons from a device to the platform."""

PROGRESS: Operation[SyncProgress] = Operation(
    "POST",
    "/api/hpcgw/v1/person/synchronize/progress",
    "§3.50",
    repeatable=True,
)
"""Follow the copying of persons."""

DETAILS: Operation[list[SyncedPersonRow]] = Operation(
    "POST",
    "/api/hpcgw/v1/person/synchronize/details",
    "§3.51",
    repeatable=True,
)
"""List the persons that a task copied, or could not copy."""
