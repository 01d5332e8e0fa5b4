"""`hpcli device update`: rename a device."""

from typing import Annotated

import typer

from hpcli.api.operations.device.devices import SEARCH, UPDATE
from hpcli.client.rows import needed
from hpcli.commands.device.rename import device_words, rename_device
from hpcli.commands.device.update_file import update_devices_of_file
from hpcli.commands.framework.import_report import check_report
from hpcli.commands.framework.old_new import in_brackets
from hpcli.commands.framework.options import DEVICE, ImportFile, ReportFile
from hpcli.commands.framework.targets import one
from hpcli.commands.framework.verb import calls
from hpcli.errors import UsageError
from hpcli.run.context import Context


@calls(UPDATE, SEARCH)
@one("--from FILE has many")
def update_device(
    ctx: Context,
    device: Annotated[str | None, DEVICE] = None,
    name: Annotated[str | None, typer.Option(help="New name, up to 128 characters.", metavar="NAME")] = None,
    info: Annotated[
        str | None, typer.Option(help="Extra text, up to 256 characters.", metavar="TEXT")
    ] = None,
    file: ImportFile = None,
    report: ReportFile = None,
) -> None:
    """Rename devices or change their extra texts.

    Columns of a file are serial, name and info; an empty cell leaves the value as it is.
    --dry-run shows for each row old → new (~), as it is (=) or not possible (!); a second
    run does only what is missing.

    $ hpcli device update Q10254783 --name "Alarm panel, shop"
    $ hpcli device update --from names.csv --dry-run
    """
    check_report(report, file)
    if (device is None) == (file is None):
        raise UsageError("Give a device or --from FILE.", hint="`hpcli device update --help` explains both.")
    if file is not None:
        if name is not None or info is not None:
            raise UsageError("With --from, the values come from the file.")
        update_devices_of_file(ctx, file, report)
        return
    if name is None and info is None:
        raise UsageError("There is nothing to change.", hint="Use --name or --info.")
    row = ctx.lookups.device(device or "")
    serial = needed(row, "deviceSerial")
    ctx.change(
        serial,
        lambda: rename_device(ctx, row, name, info),
        f"Changed {serial}{in_brackets(device_words(row, name, info))}.",
    )
