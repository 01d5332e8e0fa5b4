"""`hpcli device update`: rename a device."""

from typing import Annotated

import typer

from hpcli.api.operations.device.devices import SEARCH, UPDATE
from hpcli.client.rows import needed
from hpcli.commands.device.rename import rename_device
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
    words = changed_words({"name": kept, "info": row.get("extInfo")}, {"name": name or kept, "info": info})
    ctx.change(
        serial,
        lambda: rename_device(ctx, row, name, info),
        f"Changed {serial}{in_brackets(words)}.",
    )
