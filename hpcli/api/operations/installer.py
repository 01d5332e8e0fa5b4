"""Calls of docs/openapi/installer.yaml. Made by `python -m docs.generate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcli.api.operation import Operation

if TYPE_CHECKING:
    from hpcli.api.rows.installer import InstallerRow

SEARCH: Operation[list[InstallerRow]] = Operation(
    "POST",
    "/api/hpcgw/v1/installers/search",
    "§3.2",
    repeatable=True,
)
"""List or search the employees of the company."""
