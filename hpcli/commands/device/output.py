"""`hpcli device output`: show and switch alarm outputs of devices."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from hpcli.api.operations.device.output import LIST_OUTPUTS, OUTPUT_STATE, SET_OUTPUT
from hpcli.client.device.output import LEVELS
from hpcli.commands.framework.columns import code_column
from hpcli.commands.framework.device_messages import message_fields, read_number
from hpcli.commands.framework.device_user import device_user
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.options import SerialArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.output import Column, View
from hpcli.parse import parse_serial
from hpcli.run.context import Context
from hpcli.run.settings import choose

OutputArgument = Annotated[str, typer.Argument(help="Output from 1.", metavar="N")]


OUTPUTS = View(
    noun="output",
    id="id",
    columns=(
        Column("OUTPUT", "id"),
        Column("NAME", "name", wide=True),
        code_column("USE", "IOUseType", "IOUseType"),
        code_column("NORMALLY", "normalStatus", "normalStatus", priority=1),
        code_column("WHEN TRIGGERED", "PowerOnState.outputState", "powerOnOutputState", priority=2),
        Column("ENABLED", "enabled"),
    ),
    fields=message_fields("XML_IOOutputPort", "IOOutputPort"),
)


def _state_tone(value: Any, _row: Mapping[str, Any]) -> str | None:
    return {"active": "warn", "inactive": "quiet"}.get(str(value), "unknown") if value else None


STATE = View(
    noun="output",
    id="ioPortID",
    columns=(
        Column("OUTPUT", "ioPortID"),
        Column("KIND", "ioPortType"),
        Column("STATE", "ioState", style=_state_tone),
    ),
    fields=message_fields("XML_IOPortStatus", "IOPortStatus"),
)


@calls(LIST_OUTPUTS)
@lists
@many("serial", selected=True)
def list_outputs(
    ctx: Context,
    serial: SerialArgument,
) -> None:
    """List the alarm outputs of a device.

    $ hpcli device output list Q10254783
    """
    user = device_user(ctx, serial)
    ctx.show(ctx.client.device.output.outputs(serial, user=user), OUTPUTS)


@calls(OUTPUT_STATE, LIST_OUTPUTS)
@many("serial", selected=True)
def show_state(
    ctx: Context,
    serial: SerialArgument,
    output: OutputArgument,
) -> None:
    """Show whether an alarm output is active.

    $ hpcli device output status Q10254783 1
    """
    user = device_user(ctx, serial)
    ctx.show_one(ctx.client.device.output.state(serial, read_number(output, "output"), user=user), STATE)


@calls(SET_OUTPUT, OUTPUT_STATE, LIST_OUTPUTS)
@many("serial", selected=True, question="Switch output {output} of {targets} to {level}?")
def set_output(
    ctx: Context,
    serial: SerialArgument,
    output: OutputArgument,
    level: Annotated[
        str,
        typer.Argument(
            help="high switches the output on, low off.",
            metavar="high|low",
            autocompletion=lambda: list(LEVELS),
        ),
    ],
) -> None:
    """Switch an alarm output.

    $ hpcli device output set Q10254783 1 high --yes
    """
    number, name = read_number(output, "output"), parse_serial(serial)
    level = choose(level, tuple(LEVELS), "The level")
    user = device_user(ctx, serial)
    ctx.confirm(f"Switch output {number} of {name} to {level}?")
    ctx.change(
        output,
        lambda: ctx.client.device.output.set(serial, number, level, user=user),
        f"Output {number} of {name} is {level}.",
    )
