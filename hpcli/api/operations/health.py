"""Calls of docs/openapi/health.yaml. Made by `python -m docs.generate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcli.api.operation import Operation

if TYPE_CHECKING:
    from hpcli.api.rows.health import HealthRow

REPORT: Operation[list[HealthRow]] = Operation(
    "POST",
    "/api/hpcgw/v1/site/health/report",
    "§3.17",
    repeatable=True,
)
"""Report the state of all devices of a site."""
