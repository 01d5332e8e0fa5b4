"""`hpcli device iot-result`: the result of adding an object-model device."""

from hpcli.api.operations.device.devices import IOT_RESULT
from hpcli.commands.framework.columns import code_column
from hpcli.commands.framework.options import SerialArgument, Wait, WaitTimeout
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.commands.framework.waiting import reporting_progress, wait_seconds
from hpcli.output import Column, View
from hpcli.parse import parse_serial
from hpcli.reference.document import answer_fields
from hpcli.run.context import Context

RESULTS = View(
    noun="result",
    id="deviceSerial",
    columns=(
        Column("SERIAL", "deviceSerial"),
        Column("NAME", "deviceName", wide=True),
        code_column("CATEGORY", "deviceCategory", "deviceCategory"),
        code_column("KIND", "subType", "deviceSubCategory"),
    ),
    fields=lambda: answer_fields(IOT_RESULT.method, IOT_RESULT.path),
)


@calls(IOT_RESULT)
@many("serial", selected=True)
def show_iot_result(
    ctx: Context, serial: SerialArgument, wait: Wait = False, wait_timeout: WaitTimeout = None
) -> None:
    """Show the result of adding an object-model device.

    $ hpcli device iot-result Q10254783
    $ hpcli device iot-result Q10254783 --wait
    """
    limit = wait_seconds(wait_timeout, 600.0, is_waiting=wait)
    if wait:
        with reporting_progress(ctx, parse_serial(serial)) as report:
            row = ctx.client.device.wait_for_iot(
                serial,
                limit=limit,
                progress=lambda state: report.update(0, 1, "" if state else "Not added yet"),
            )
    else:
        row = ctx.client.device.iot_result(serial)
    if not row:
        ctx.info(f"{serial} is not added yet; use --wait to wait for it.")
    ctx.show_one(row or {"deviceSerial": parse_serial(serial)}, RESULTS)
