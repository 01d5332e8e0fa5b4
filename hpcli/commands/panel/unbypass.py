"""`hpcli panel unbypass`: end the bypass of zones."""

from hpcli.api.operations.panel import SEARCH_ZONES, UNBYPASS, ZONES
from hpcli.client.device.isapi import DeviceUser
from hpcli.commands.framework.device_messages import change_together, read_numbers
from hpcli.commands.framework.device_user import device_user
from hpcli.commands.framework.options import SerialArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.commands.panel.options import ZonesArgument
from hpcli.errors import HpcliError
from hpcli.run.context import Context


@calls(UNBYPASS, ZONES, SEARCH_ZONES)
@many("serial")
def unbypass_zones(
    ctx: Context,
    serial: SerialArgument,
    zones: ZonesArgument,
) -> None:
    """End the bypass of zones.

    $ hpcli panel unbypass Q10254783 1 3
    """
    wanted = read_numbers(ctx, zones, "zone")
    user = device_user(ctx, serial)
    free = _not_bypassed(ctx, serial, user)

    def done(zone: str, _data: object) -> str:
        return f"Zone {zone}: {'was not bypassed' if int(zone) in free else 'no longer bypassed'}."

    change_together(
        ctx, wanted, lambda zones: ctx.client.panel.unbypass(serial, zones, user=user), done, noun="Zone"
    )


def _not_bypassed(ctx: Context, serial: str, user: DeviceUser) -> set[int]:
    """Return the zones that are not bypassed before the change; none where the panel does not list them now."""
    if ctx.settings.get("dry-run"):
        return set()
    try:
        rows = ctx.client.panel.zones(serial, everything=True, user=user)
    except HpcliError:
        return set()
    return {row["zone"] for row in rows if "zone" in row and row.get("bypassed") is False}
