"""`hpcli device ip-channels`: digital channels of recorders."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from hpcli.api.operations.device.ip_channels import ADD_CHANNEL, CHANNEL_STATES, LIST_CHANNELS, SET_CHANNELS
from hpcli.commands.framework.columns import code_column
from hpcli.commands.framework.device_messages import message_fields
from hpcli.commands.framework.device_user import device_user
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.options import SerialArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.errors import UsageError
from hpcli.masking import mask_text, without_masked
from hpcli.output import Column, View
from hpcli.parse import parse_serial
from hpcli.run.context import Context

_LIST, _ITEM = "InputProxyChannelList", "InputProxyChannel"


CHANNELS = View(
    noun="channel",
    id="id",
    columns=(
        Column("CHANNEL", "id"),
        Column("NAME", "name", wide=True),
        Column("ADDRESS", "sourceInputPortDescriptor.ipAddress"),
        Column("PORT", "sourceInputPortDescriptor.managePortNo", priority=2),
        Column("PROTOCOL", "sourceInputPortDescriptor.adminProtocol", priority=1),
        Column("USER", "sourceInputPortDescriptor.userName", priority=3),
        Column("CAMERA", "sourceInputPortDescriptor.serialNumber", priority=4),
    ),
    fields=message_fields("XML_InputProxyChannel", "InputProxyChannel"),
)


def _online_tone(value: Any, _row: Mapping[str, Any]) -> str | None:
    return {True: "good", False: "off"}.get(value)


STATES = View(
    noun="channel",
    id="id",
    columns=(
        Column("CHANNEL", "id"),
        Column(
            "STATE",
            "online",
            show=lambda value, _row: {True: "online", False: "offline"}.get(value, ""),
            style=_online_tone,
        ),
        code_column("CONNECTION", "chanDetectResult", "chanDetectResult"),
        Column("ADDRESS", "sourceInputPortDescriptor.ipAddress", priority=1),
    ),
    fields=message_fields(
        "XML_InputProxyChannelStatus",
        "InputProxyChannelStatus",
        also=("sourceInputPortDescriptor.ipAddress", "sourceInputPortDescriptor.adminProtocol"),
    ),
)


Data = Annotated[
    str, typer.Option("--data", help="XML or JSON; - for stdin, @FILE for a file.", metavar="@FILE")
]


@calls(LIST_CHANNELS)
@lists
@many("serial", selected=True)
def list_channels(
    ctx: Context,
    serial: SerialArgument,
) -> None:
    """List the digital channels of a recorder.

    $ hpcli device ip-channels list Q10254801
    """
    user = device_user(ctx, serial)
    ctx.show(ctx.client.device.ip_channels.channels(serial, user=user), CHANNELS)


@calls(CHANNEL_STATES)
@lists
@many("serial", selected=True)
def show_states(
    ctx: Context,
    serial: SerialArgument,
) -> None:
    """Show which digital channels are connected.

    $ hpcli device ip-channels status Q10254801
    """
    user = device_user(ctx, serial)
    ctx.show(ctx.client.device.ip_channels.states(serial, user=user), STATES)


@calls(SET_CHANNELS, LIST_CHANNELS)
@many("serial", question="Change digital channels of {targets}?")
def set_channels(
    ctx: Context,
    serial: SerialArgument,
    data: Data,
) -> None:
    """Change digital channels.

    JSON gives the id of each channel and the fields to change; other fields stay.
    XML must be a complete InputProxyChannelList and is sent unchanged.

    $ hpcli device ip-channels set Q10254801 --data '{"id": 1, "name": "Entrance"}' --yes
    """
    user = device_user(ctx, serial)
    given, client = _read_data(ctx, data), ctx.client.device.ip_channels
    if isinstance(given, dict) and _LIST in given:
        message, words = given, "all digital channels"
    else:
        rows = without_masked(given)  # a password that `list` masked stays unchanged
        channels = rows if isinstance(rows, list) else [rows]
        if not channels or not all(isinstance(channel, dict) and "id" in channel for channel in channels):
            raise UsageError("Each channel needs an id.", hint='For example: {"id": 1, "name": "Entrance"}.')
        message = client.with_changes(serial, channels, user=user)
        words = f"digital channel {', '.join(str(channel['id']) for channel in channels)}"
    name = parse_serial(serial)
    ctx.confirm(f"Change {words} of {name}?")
    ctx.change(name, lambda: client.set(serial, message, user=user), f"Changed {words} of {name}.")


@calls(ADD_CHANNEL)
@many("serial", question="Add a digital channel to {targets}?")
def add_channel(
    ctx: Context,
    serial: SerialArgument,
    data: Data,
) -> None:
    """Add a digital channel.

    The message is an InputProxyChannel: id, name, and in sourceInputPortDescriptor
    adminProtocol, addressingFormatType, ipAddress, managePortNo, srcInputPort,
    userName, password. A message with a password must come from a file or stdin.

    $ hpcli device ip-channels add Q10254801 --data @channel.json
    """
    user = device_user(ctx, serial)
    given = _read_data(ctx, data)
    if not isinstance(given, dict):
        raise UsageError("Add one channel at a time.")
    message = given if _ITEM in given else {_ITEM: given}
    name, number = parse_serial(serial), message[_ITEM].get("id")
    ctx.confirm(f"Add digital channel {number} to {name}?")
    ctx.change(
        str(number),
        lambda: ctx.client.device.ip_channels.add(serial, message, user=user),
        f"Added digital channel {number} to {name}.",
    )


def _read_data(ctx: Context, data: str) -> Any:
    """Return XML or JSON as plain data.

    Raises:
        UsageError: it is neither, or a password is given on the command line.
    """
    from hpcli.errors import DeviceError
    from hpcli.isapi.messages import to_plain

    if not data.startswith(("@", "-")) and mask_text(data) != data:
        raise UsageError("Do not give a password on the command line.", hint="Use --data @FILE or --data -.")
    content = ctx.inputs.read_bytes(data, "channel data")
    if content.lstrip()[:1] != b"<":
        return ctx.inputs.read_json(content.decode("utf-8", "replace"), "channel data")
    try:
        return to_plain(content)
    except DeviceError as error:
        raise UsageError("The channel data is not well-formed XML.", hint=error.hint) from error
