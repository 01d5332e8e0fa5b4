"""`hpcli device info`: show or change the basic information of a device."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from hpcli.api.operations.device.info import READ_INFO, SET_INFO
from hpcli.client.device.messages import content_of
from hpcli.commands.framework.columns import code_column
from hpcli.commands.framework.device_messages import message_fields
from hpcli.commands.framework.device_user import device_user
from hpcli.commands.framework.options import SerialArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.errors import UsageError
from hpcli.masking import is_secret, mask
from hpcli.output import Column, View
from hpcli.parse import parse_assignment, parse_serial
from hpcli.run.context import Context

INFORMATION = View(
    noun="device",
    id="deviceSerial",
    columns=(
        Column("SERIAL", "deviceSerial"),
        Column("NAME", "deviceName", wide=True),
        Column("MODEL", "model"),
        code_column("KIND", "deviceType", "deviceInfoType"),
        Column("FIRMWARE", "firmwareVersion"),
        Column("RELEASED", "firmwareReleasedDate"),
        Column("SERIAL NUMBER", "serialNumber"),
        Column("MAC", "macAddress"),
        Column("LOCATION", "deviceLocation", wide=True),
        Column("CONTACT", "systemContact", wide=True),
        Column("ID", "deviceID"),
    ),
    fields=message_fields("XML_DeviceInfo", "DeviceInfo", also=("deviceSerial",)),
)


@calls(READ_INFO, SET_INFO)
@many(
    "serial",
    selected=True,
    changes_with=["values"],
    question="Change {values} of {targets}?",
    calls=lambda values: 2 if values.get("values") else 1,
)
def show_information(
    ctx: Context,
    serial: SerialArgument,
    values: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change a value; may be repeated.", metavar="NAME=VALUE"),
    ] = None,
) -> None:
    """Show or change the basic information of a device.

    Values that --set does not name are sent back unchanged.

    $ hpcli device info Q10254783
    $ hpcli device info Q10254783 --set name="Shop panel" --yes
    """
    user = device_user(ctx, serial)
    name, client = parse_serial(serial), ctx.client.device.info
    wanted = dict(_assignment(text) for text in values or ())
    plain = client.read(serial, user=user)
    before = content_of(plain, "DeviceInfo")
    if not wanted:
        ctx.show_one({"deviceSerial": name, **before}, INFORMATION)
        return
    ctx.run.changes.note_before(SET_INFO, name, before)
    changed = client.change(plain, wanted)
    differences = _differences(before, content_of(changed, "DeviceInfo"))
    if not differences:
        ctx.change(name, lambda: None, f"{name} already has these values.")
        return
    ctx.confirm(f"Change {', '.join(differences)} of {name}?")
    ctx.change(name, lambda: client.write(serial, changed, user=user), f"Changed {', '.join(differences)}.")


def _assignment(text: str) -> tuple[str, str]:
    name, value = parse_assignment(text, "--set")
    if is_secret(name):
        raise UsageError(
            "Do not give a password on the command line, where other users can read it.",
            hint="Send the whole message with `hpcli device isapi PUT`.",
        )
    return name, value


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the changes, as `deviceName from 'a' to 'b'`, without secrets."""
    old, new = mask(before), mask(after)
    return [
        f"{key} from {old.get(key)!r} to {new[key]!r}"
        if not isinstance(new[key], Mapping) and old.get(key) != new[key]
        else key
        for key in after
        if after[key] != before.get(key)
    ]
