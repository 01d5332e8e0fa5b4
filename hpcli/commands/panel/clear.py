"""`hpcli panel clear`: clear the alarms of areas."""

from hpcli.api.operations.panel import AREAS, CLEAR
from hpcli.commands.framework.device_user import device_user
from hpcli.commands.framework.options import SerialArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.commands.panel.options import (
    AreasArgument,
    OperationCode,
    area_label,
    area_named,
    area_number,
    read_areas,
    read_operation_code,
)
from hpcli.parse import parse_serial
from hpcli.run.context import Context


@calls(CLEAR, AREAS)
@many("serial", question="Clear the alarms in area {areas} of {targets}?")
def clear_alarms(
    ctx: Context,
    serial: SerialArgument,
    areas: AreasArgument,
    operation_code_stdin: OperationCode = False,
) -> None:
    """Clear the alarms of areas without disarming them.

    $ hpcli panel clear Q10254783 2 --yes
    """
    wanted = read_areas(ctx, areas)
    code = read_operation_code(ctx, from_stdin=operation_code_stdin)
    user = device_user(ctx, serial)
    ctx.confirm(f"Clear the alarms in {area_named(wanted)} of {parse_serial(serial)}?")
    ctx.each(
        wanted,
        lambda area: ctx.client.panel.clear(serial, area_number(area), code=code, user=user),
        lambda area, _: f"{area_label(area)}: alarm cleared.",
        named=area_label,
    )
