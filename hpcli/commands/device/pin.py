"""`hpcli device pin`: the PIN of an alarm panel."""

from hpcli.api.operations.device.devices import PIN
from hpcli.commands.framework.options import SerialArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.output import Column, View
from hpcli.parse import parse_serial
from hpcli.run.context import Context

PINS = View(
    noun="PIN",
    id="deviceSerial",
    columns=(Column("SERIAL", "deviceSerial"), Column("PIN", "pin")),
    as_it_came=True,
)


@calls(PIN)
@many("serial")
def show_pin(ctx: Context, serial: SerialArgument) -> None:
    """Show the PIN of an alarm panel.

    The platform returns it at most 100 times a day for each device.

    $ hpcli device pin Q10254783
    """
    pin = ctx.client.device.pin(serial)
    ctx.show_one({"deviceSerial": parse_serial(serial), "pin": pin}, PINS)
