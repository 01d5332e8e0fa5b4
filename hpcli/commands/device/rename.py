"""Rename a device, with what it replaces in the log of changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpcli.api.operations.device.devices import UPDATE
from hpcli.client.rows import needed
from hpcli.run.context import Context


def rename_device(ctx: Context, row: Mapping[str, Any], name: str | None, info: str | None) -> None:
    """Set name and extra text of a device; None leaves them as they are.

    Args:
        ctx: the command's context.
        row: the device as the platform lists it.
        name: its new name.
        info: its new extra text.
    """
    device_id, kept = needed(row, "id"), str(row.get("deviceName") or "")
    ctx.run.changes.name(device_id, needed(row, "deviceSerial"))
    ctx.run.changes.note_before(
        UPDATE, device_id, {"deviceName": kept, "extendInfo": row.get("extInfo") or ""}
    )
    ctx.client.device.update(device_id, kept if name is None else name, info=info)
