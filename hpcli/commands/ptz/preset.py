"""`hpcli ptz preset`: manage the presets of a camera."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from hpcli.api.operations.device.devices import CHANNELS
from hpcli.api.operations.ptz import (
    ADD_PRESET,
    DELETE_PRESET,
    DELETE_PRESETS,
    GO_TO_PRESET,
    PRESET,
    PRESETS,
    SET_PRESET,
)
from hpcli.commands.framework.device_messages import message_fields, read_number
from hpcli.commands.framework.device_user import device_user
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.options import SerialArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.commands.ptz.options import ChannelArgument
from hpcli.errors import UsageError
from hpcli.output import Column, View
from hpcli.parse import parse_serial
from hpcli.run.context import Context

PresetArgument = Annotated[str, typer.Argument(help="Preset from 1.", metavar="PRESET")]


NameOption = Annotated[str, typer.Option("--name", help="Name of the preset.", metavar="NAME")]


Disabled = Annotated[bool, typer.Option("--disabled", help="Save it as a preset that is not in use.")]


def _position(value: Any, _row: Mapping[str, Any]) -> str:
    """Show a position: azimuth and elevation in degrees, zoom; the device counts in tenths."""
    if not isinstance(value, Mapping):
        return ""
    parts = [
        f"{value[name] / 10:g}{unit}"
        for name, unit in (("azimuth", "°"), ("elevation", "°"), ("absoluteZoom", "×"))
        if isinstance(value.get(name), int)
    ]
    return " ".join(parts)


PRESET_VIEW = View(
    noun="preset",
    id="id",
    columns=(
        Column("PRESET", "id"),
        Column("NAME", "presetName", wide=True),
        Column("ENABLED", "enabled", priority=2),
        Column("POSITION", "AbsoluteHigh", show=_position, priority=1),
    ),
    fields=message_fields("XML_PTZPreset", "PTZPreset"),
)


@calls(PRESETS, CHANNELS)
@lists
@many("serial")
def list_presets(
    ctx: Context,
    serial: SerialArgument,
    channel: ChannelArgument,
) -> None:
    """List the presets of a camera.

    $ hpcli ptz preset list G20419934 1
    """
    user = device_user(ctx, serial)
    ctx.show(ctx.client.ptz.presets(serial, read_number(channel, "channel"), user=user), PRESET_VIEW)


@calls(PRESET, PRESETS, CHANNELS)
@many("serial")
def show_preset(
    ctx: Context,
    serial: SerialArgument,
    channel: ChannelArgument,
    preset: PresetArgument,
) -> None:
    """Show one preset.

    $ hpcli ptz preset show G20419934 1 2
    """
    place = read_number(channel, "channel"), read_number(preset, "preset")
    user = device_user(ctx, serial)
    ctx.show_one(ctx.client.ptz.preset(serial, *place, user=user), PRESET_VIEW)


@calls(GO_TO_PRESET, PRESETS, CHANNELS)
@many("serial")
def go_to_preset(
    ctx: Context,
    serial: SerialArgument,
    channel: ChannelArgument,
    preset: PresetArgument,
) -> None:
    """Move a camera to a preset.

    $ hpcli ptz preset goto G20419934 1 2
    """
    place = read_number(channel, "channel"), read_number(preset, "preset")
    user = device_user(ctx, serial)
    ctx.change(
        preset,
        lambda: ctx.client.ptz.go_to(serial, *place, user=user),
        f"{parse_serial(serial)} is moving to preset {preset}.",
    )


@calls(ADD_PRESET, PRESETS, CHANNELS)
@many("serial")
def add_preset(
    ctx: Context,
    serial: SerialArgument,
    channel: ChannelArgument,
    name: NameOption,
    disabled: Disabled = False,
) -> None:
    """Save the current position as a new preset.

    The preset gets the first free number.

    $ hpcli ptz preset add G20419934 1 --name "Back gate"
    """
    number = read_number(channel, "channel")
    user = device_user(ctx, serial)
    ctx.change(
        name,
        lambda: {"id": ctx.client.ptz.add_preset(serial, number, name, enabled=not disabled, user=user)},
        lambda made: f"Saved the current position as preset {made['id']}, '{name}'.",
    )


@calls(SET_PRESET, CHANNELS)
@many("serial")
def set_preset(
    ctx: Context,
    serial: SerialArgument,
    channel: ChannelArgument,
    preset: PresetArgument,
    name: NameOption,
    disabled: Disabled = False,
) -> None:
    """Save the current position as a numbered preset.

    This overwrites an existing preset.

    $ hpcli ptz preset set G20419934 1 2 --name "Front gate"
    """
    place = read_number(channel, "channel"), read_number(preset, "preset")
    user = device_user(ctx, serial)
    ctx.change(
        preset,
        lambda: ctx.client.ptz.set_preset(serial, *place, name, enabled=not disabled, user=user),
        f"Saved the current position as preset {preset}, '{name}'.",
    )


@calls(DELETE_PRESET, DELETE_PRESETS, PRESETS, CHANNELS)
@many("serial", question="Delete presets of channel {channel} of {targets}?")
def delete_presets(
    ctx: Context,
    serial: SerialArgument,
    channel: ChannelArgument,
    preset: Annotated[str | None, typer.Argument(help="Preset from 1.", metavar="PRESET")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All presets of the channel.")] = False,
) -> None:
    """Delete a preset, or all presets of a channel.

    $ hpcli ptz preset delete G20419934 1 2 --yes
    """
    if (preset is None) != everything:
        raise UsageError("Give a preset or --all.")
    number = read_number(channel, "channel")
    user = device_user(ctx, serial)
    if preset is None:
        ctx.confirm(f"Delete all presets of channel {number} of {parse_serial(serial)}?")
        ctx.change(
            "all",
            lambda: ctx.client.ptz.delete_presets(serial, number, user=user),
            "Deleted all presets.",
        )
        return
    wanted = read_number(preset, "preset")
    ctx.confirm(f"Delete preset {wanted} of channel {number} of {parse_serial(serial)}?")
    ctx.change(
        preset,
        lambda: ctx.client.ptz.delete_preset(serial, number, wanted, user=user),
        f"Deleted preset {wanted}.",
    )
