"""`hpcli device update`: rename a device."""

from typing import Annotated

import typer

from hpcli.api.operations.device.devices import SEARCH, UPDATE
from hpcli.client.rows import needed
from hpcli.commands.framework.old_new import changed_words, in_brackets
from hpcli.commands.framework.options import DeviceArgument
from hpcli.commands.framework.verb import calls
from hpcli.errors import UsageError
from hpcli.run.context import Context


@calls(UPDATE, SEARCH)
def update_device(
    ctx: Context,
    device: DeviceArgument,
    name: Annotated[str | None, typer.Option(help="New name, up to 128 characters.", metavar="NAME")] = None,
    info: Annotated[
        str | None, typer.Option(help="Extra text, up to 256 characters.", metavar="TEXT")
    ] = None,
) -> None:
    """Rename a device or change its extra text.

    $ hpcli device update Q10254783 --name "Alarm panel, shop"
    """
    if name is None and info is None:
        raise UsageError("There is nothing to change.", hint="Use --name or --info.")
    row = ctx.lookups.device(device)
    serial, kept = needed(row, "deviceSerial"), str(row.get("deviceName") or "")
    new_name = name if name is not None else kept
    ctx.run.changes.name(needed(row, "id"), serial)
    ctx.run.changes.note_before(
        UPDATE, needed(row, "id"), {"deviceName": kept, "extendInfo": row.get("extInfo") or ""}
    )
    words = changed_words({"name": kept, "info": row.get("extInfo")}, {"name": new_name, "info": info})
    ctx.change(
        serial,
        lambda: ctx.client.device.update(needed(row, "id"), new_name, info=info),
        f"Changed {serial}{in_brackets(words)}.",
    )
