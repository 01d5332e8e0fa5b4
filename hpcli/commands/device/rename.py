"""Rename a device, with what it replaces in the log of changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpcli.api.operations.device.devices import UPDATE
from hpcli.client.rows import needed
from hpcli.commands.framework.old_new import changed_words
from hpcli.run.context import Context


def device_words(row: Mapping[str, Any], name: str | None, info: str | None) -> str:
    """Return what a change of a device would replace: `name Shop → Bakery`; empty for nothing."""
    before = {"name": row.get("deviceName"), "info": row.get("extInfo")}
    wanted = {"name": name, "info": info}
    return changed_words(before, {label: text for label, text in wanted.items() if text is not None})


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
