"""`hpcli device delete`: delete devices from their sites."""

from collections.abc import Mapping
from typing import Annotated, Any

from hpcli.api.operations.device.devices import DELETE, SEARCH
from hpcli.client.rows import needed
from hpcli.commands.framework.options import several
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.errors import NotFoundError
from hpcli.parse import LONGEST_SERIAL, is_serial
from hpcli.plurals import counted
from hpcli.run.context import Context


@calls(DELETE, SEARCH)
@many("devices", is_own=True)
def delete_devices(
    ctx: Context,
    devices: Annotated[list[str], several("Device serials or ids", "DEVICE")],
) -> None:
    """Delete devices from their sites.

    A device that is already gone counts as done.

    $ hpcli device delete F55121301 --yes
    """
    targets = ctx.inputs.read_list(devices, "device")
    found = {target: _look_up(ctx, target) for target in targets}
    for target, row in found.items():
        if row is not None:
            ctx.run.changes.name(needed(row, "id"), str(row.get("deviceSerial") or target))
    there = {target: row for target, row in found.items() if row is not None}
    if there:
        ctx.confirm(f"Delete {_described(there)}?")

    def delete(target: str) -> bool:
        return target in there and ctx.client.device.delete(needed(there[target], "id"))

    def done(target: str, was_there: bool) -> str:  # noqa: FBT001 - the answer of `delete`
        if target not in there:
            return f"{target} is not on any of your sites; nothing to delete."
        return f"Deleted {target}." if was_there else f"{target} was already gone."

    ctx.each(targets, delete, done)


def _look_up(ctx: Context, device: str) -> Mapping[str, Any] | None:
    """Return the row of a device; None for a serial that is already gone; an id is deleted in any case."""
    try:
        return ctx.lookups.device(device)
    except NotFoundError:
        if is_serial(device):
            return None
        if len(device) <= LONGEST_SERIAL:
            raise
        return {"id": device}


def _described(found: Mapping[str, Mapping[str, Any]]) -> str:
    if len(found) > 1:
        return counted(list(found), "device")
    ((target, row),) = found.items()
    name, site = row.get("deviceName"), row.get("siteName")
    return f"device {target} ('{name}' of '{site}')" if name else f"device {target}"
