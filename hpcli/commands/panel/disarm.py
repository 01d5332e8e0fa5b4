"""`hpcli panel disarm`: disarm areas and clear their alarms."""

from hpcli.api.operations.panel import AREAS, DISARM
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


@calls(DISARM, AREAS)
@many("serial", question="Disarm area {areas} of {targets}?")
def disarm_areas(
    ctx: Context,
    serial: SerialArgument,
    areas: AreasArgument,
    operation_code_stdin: OperationCode = False,
) -> None:
    """Disarm areas and clear their alarms.

    $ hpcli panel disarm Q10254783 2 --yes
    $ hpcli panel disarm Q10254783 all --yes
    """
    wanted = read_areas(ctx, areas)
    code = read_operation_code(ctx, from_stdin=operation_code_stdin)
    user = device_user(ctx, serial)
    ctx.confirm(f"Disarm {area_named(wanted)} of {parse_serial(serial)}?")
    ctx.each(
        wanted,
        lambda area: ctx.client.panel.disarm(serial, area_number(area), code=code, user=user),
        lambda area, _: f"{area_label(area)}: disarmed.",
        named=area_label,
    )
