"""Calls of docs/openapi/device/upgrade.yaml. Made by `python -m docs.generate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpcli.api.operation import Operation

if TYPE_CHECKING:
    from hpcli.api.rows.device.upgrade import NewerFirmware, UpgradeProgress, UpgradeStart

CHECK: Operation[NewerFirmware] = Operation(
    "POST",
    "/api/hpcgw/v1/device/upgrade/state",
    "§3.25",
    repeatable=True,
)
"""Ask whether there is newer firmware."""

START: Operation[UpgradeStart] = Operation(
    "POST",
    "/api/hpcgw/v1/device/upgrade",
    "§3.28",
    change=True,
    asks=True,
    look="device upgrade progress SERIAL",
)
"""Start a firmware upgrade."""

PROGRESS: Operation[UpgradeProgress] = Operation(
    "POST",
    "/api/hpcgw/v1/device/upgrade/progress",
    "§3.29",
    repeatable=True,
)
"""Follow a firmware upgrade."""
