"""`hpcli device iot-ability`: how an object-model device can join a site."""

from typing import Annotated

from hpcli.api.operations.device.devices import IOT_ABILITY
from hpcli.api.operations.site import SEARCH as SEARCH_SITES
from hpcli.commands.framework.columns import code_column
from hpcli.commands.framework.options import SITE_OPTION, SerialArgument
from hpcli.commands.framework.targets import one
from hpcli.commands.framework.verb import calls
from hpcli.output import Column, View
from hpcli.parse import parse_serial
from hpcli.run.context import Context

ABILITIES = View(
    noun="ability",
    id="deviceSerial",
    columns=(
        Column("SERIAL", "deviceSerial"),
        code_column("CONFIRMED AT THE DEVICE", "supportForceCheckAuth", "supportForceCheckAuth"),
    ),
)


@calls(IOT_ABILITY, SEARCH_SITES)
@one("it goes before adding one device")
def show_iot_ability(
    ctx: Context,
    serial: SerialArgument,
    site: Annotated[str, SITE_OPTION],
) -> None:
    """Show how an object-model device can join a site.

    $ hpcli device iot-ability Q77300512 --site "Bäckerei Grünwald"
    """
    site_id = ctx.lookups.site_id(site)
    answer = ctx.client.device.iot_ability(serial, site_id)
    ctx.show_one({"deviceSerial": parse_serial(serial), **answer}, ABILITIES)
