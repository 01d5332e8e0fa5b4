"""`hpcli device`: devices of your sites."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from hpcli.client.device.devices import ADD, DELETE, IOT_ABILITY, IOT_RESULT, PIN, SEARCH, UPDATE, WAKE
from hpcli.client.device.devices import CHANNELS as LIST_CHANNELS
from hpcli.client.device.info import READ_INFO, SET_INFO
from hpcli.client.device.ip_channels import REFRESH_PLAYBACK
from hpcli.client.device.isapi import ANY_ISAPI
from hpcli.client.device.time import READ_TIME, SET_TIME
from hpcli.client.site import SEARCH as SEARCH_SITES
from hpcli.commands.device import ip_channels as device_ip_channels
from hpcli.commands.device import otap as device_otap
from hpcli.commands.device import output as device_output
from hpcli.commands.device import upgrade as device_upgrade
from hpcli.commands.device.add import add_devices
from hpcli.commands.device.info import show_information
from hpcli.commands.device.isapi import send_isapi
from hpcli.commands.device.time import show_clock
from hpcli.commands.framework.family import Family
from hpcli.commands.framework.options import (
    SITE_OPTION,
    DeviceArgument,
    Limit,
    Search,
    SerialArgument,
    SiteOption,
    Wait,
    WaitTimeout,
    complete_codes,
    several,
)
from hpcli.commands.framework.plurals import counted
from hpcli.commands.framework.waiting import wait_seconds, watching
from hpcli.errors import NotFoundError, UsageError
from hpcli.output import Column, View
from hpcli.parse import LONGEST_SERIAL, is_serial, naming, parse_serial
from hpcli.reference import answer_fields, code_list
from hpcli.run.context import Context, coded

app = Family("device", "Devices: list, add, ask and change them.")

_TONES = {0: "off", 1: "good", 2: "unknown"}


def _online(value: Any, _row: Mapping[str, Any]) -> str:
    return "" if value is None else code_list("deviceOnlineStatus").label(value).lower()


def _online_tone(value: Any, _row: Mapping[str, Any]) -> str | None:
    return _TONES.get(value)


DEVICES = View(
    noun="device",
    id="deviceSerial",
    columns=(
        Column("SERIAL", "deviceSerial"),
        Column("NAME", "deviceName", wide=True),
        Column("STATE", "deviceOnlineStatus", show=_online, style=_online_tone),
        coded("CATEGORY", "deviceCategory", "deviceCategory"),
        Column("SITE", "siteName", wide=True, priority=1),
        Column("MODEL", "deviceType", priority=2),
        Column("VERSION", "deviceVersion", priority=3),
        Column("ALARMS", "isSubscribed", show=lambda value, _row: "yes" if value else "no", priority=4),
        Column("ID", "id", priority=5),
    ),
    fields=lambda: answer_fields(SEARCH.method, SEARCH.path),
)

CHANNELS = View(
    noun="channel",
    id="channelNo",
    columns=(
        Column("CHANNEL", "channelNo"),
        Column("NAME", "channelName", wide=True),
        coded("STATE", "status", "channelStatus"),
        Column("CAMERA", "ipcSerial", priority=1),
        coded("QUALITY", "videoLevel", "videoLevel", priority=3),
        coded("ENCRYPTED", "isEncrypt", "isEncrypt", priority=2),
        coded("SHARING", "isShared", "channelShared", priority=4),
    ),
    fields=lambda: answer_fields(LIST_CHANNELS.method, LIST_CHANNELS.path),
)
PINS = View(noun="PIN", id="deviceSerial", columns=(Column("SERIAL", "deviceSerial"), Column("PIN", "pin")))
ABILITIES = View(
    noun="ability",
    id="deviceSerial",
    columns=(
        Column("SERIAL", "deviceSerial"),
        coded("CONFIRMED AT THE DEVICE", "supportForceCheckAuth", "supportForceCheckAuth"),
    ),
)
RESULTS = View(
    noun="result",
    id="deviceSerial",
    columns=(
        Column("SERIAL", "deviceSerial"),
        Column("NAME", "deviceName", wide=True),
        coded("CATEGORY", "deviceCategory", "deviceCategory"),
        coded("KIND", "subType", "deviceSubCategory"),
    ),
    fields=lambda: answer_fields(IOT_RESULT.method, IOT_RESULT.path),
)


def matching(
    rows: Iterator[dict[str, Any]], *, offline: bool, category: str | None, search: str | None
) -> Iterator[dict[str, Any]]:
    """Keep the devices that are offline, of a category, named so; the platform filters by none of these."""
    with naming("--category"):
        wanted = code_list("deviceCategory").value_of(category) if category else None
    words = (search or "").casefold()
    for row in rows:
        names = f"{row.get('deviceName')} {row.get('deviceSerial')} {row.get('deviceType')}".casefold()
        if offline and row.get("deviceOnlineStatus") != 0:
            continue
        if wanted is not None and row.get("deviceCategory") != wanted:
            continue
        if words in names:
            yield row


@app.verb("list", SEARCH)
def list_devices(
    ctx: Context,
    site: SiteOption = None,
    device: Annotated[str | None, typer.Option(help="Only this serial.", metavar="SERIAL")] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Only devices that are offline; not those of unknown state.")
    ] = False,
    category: Annotated[
        str | None,
        typer.Option(
            help="Only this category, such as nvr or panel; the vendor's words (AlarmHost, IPC) too.",
            metavar="CATEGORY",
            autocompletion=complete_codes("deviceCategory"),
        ),
    ] = None,
    search: Search = None,
    limit: Limit = None,
) -> None:
    """List the devices.

    $ hpcli device list
    $ hpcli device list --offline
    $ hpcli device list --site "Harbour View Hotel" -o ids
    """
    site_id = ctx.client.site.find(site)["id"] if site else None
    rows = ctx.client.device.list(site_id=site_id, serial=device)
    kept = matching(rows, offline=offline, category=category, search=search)
    ctx.show(kept, DEVICES, limit=limit)


@app.verb("show", SEARCH)
def show_device(ctx: Context, device: DeviceArgument) -> None:
    """Show one device.

    $ hpcli device show Q10254783
    """
    ctx.show_one(ctx.client.device.find(device), DEVICES)


@app.verb("update", UPDATE, SEARCH)
def update_device(
    ctx: Context,
    device: DeviceArgument,
    name: Annotated[str | None, typer.Option(help="New name, up to 128 characters.", metavar="NAME")] = None,
    info: Annotated[
        str | None, typer.Option(help="Any text of your own, up to 256 characters.", metavar="TEXT")
    ] = None,
) -> None:
    """Rename a device, or change its extra text.

    $ hpcli device update Q10254783 --name "Alarm panel, shop"
    """
    if name is None and info is None:
        raise UsageError("Nothing is to be changed.", hint="Add --name or --info.")
    row = ctx.client.device.find(device)
    serial, kept = str(row["deviceSerial"]), str(row.get("deviceName") or "")
    ctx.change(
        serial,
        lambda: ctx.client.device.update(str(row["id"]), name if name is not None else kept, info=info),
        f"Changed {serial}.",
    )


@app.verb("delete", DELETE, SEARCH)
def delete_devices(
    ctx: Context,
    devices: Annotated[list[str], several("Device serials or ids", "DEVICE")],
) -> None:
    """Delete devices from their sites.

    One that is gone already counts as done.

    $ hpcli device delete F55121301 --yes
    """
    targets = ctx.inputs.read_list(devices, "device")
    found = {target: _look_up(ctx, target) for target in targets}
    there = {target: row for target, row in found.items() if row is not None}
    if there:
        ctx.confirm(f"Delete {_described(there)}?")

    def delete(target: str) -> bool:
        return target in there and ctx.client.device.delete(str(there[target]["id"]))

    def done(target: str, was_there: bool) -> str:  # noqa: FBT001 - the answer of `delete`
        if target not in there:
            return f"{target} is on none of your sites; there was nothing to delete."
        return f"Deleted {target}." if was_there else f"{target} was gone already."

    ctx.each(targets, delete, done)


def _look_up(ctx: Context, device: str) -> Mapping[str, Any] | None:
    """Return the row of a device; None for a serial that is gone already; an id is asked for all the same."""
    try:
        return ctx.client.device.find(device)
    except NotFoundError:
        if is_serial(device):
            return None
        if len(device) <= LONGEST_SERIAL:
            raise
        return {"id": device}


def _described(found: Mapping[str, Mapping[str, Any]]) -> str:
    if len(found) > 1:
        return counted(list(found), "device")
    ((target, row),) = found.items()
    name, site = row.get("deviceName"), row.get("siteName")
    return f"device {target} ('{name}' of '{site}')" if name else f"device {target}"


@app.verb("channels", LIST_CHANNELS)
def list_channels(ctx: Context, serial: SerialArgument) -> None:
    """List the channels of a device.

    $ hpcli device channels Q10254801
    """
    ctx.show(ctx.client.device.channels(serial), CHANNELS)


@app.verb("pin", PIN)
def show_pin(ctx: Context, serial: SerialArgument) -> None:
    """Show the PIN of an alarm panel.

    The platform tells it at most 100 times a day for each device.

    $ hpcli device pin Q10254783
    """
    pin = ctx.client.device.pin(serial)
    ctx.show_one({"deviceSerial": parse_serial(serial), "pin": pin}, PINS)


@app.verb("wake", WAKE)
def wake_camera(ctx: Context, serial: SerialArgument) -> None:
    """Wake a solar camera.

    $ hpcli device wake L90017735
    """
    target = parse_serial(serial)

    def done(is_awake: bool) -> str:  # noqa: FBT001 - the answer of `wake`
        return f"{target} is awake." if is_awake else f"{target} still sleeps; ask again in a few seconds."

    ctx.change(target, lambda: ctx.client.device.wake(target), done)


@app.verb("iot-ability", IOT_ABILITY, SEARCH_SITES)
def show_iot_ability(
    ctx: Context,
    serial: SerialArgument,
    site: Annotated[str, SITE_OPTION],
) -> None:
    """Tell how an object-model device may join a site.

    $ hpcli device iot-ability Q77300512 --site "Bäckerei Grünwald"
    """
    site_id = str(ctx.client.site.find(site)["id"])
    answer = ctx.client.device.iot_ability(serial, site_id)
    ctx.show_one({"deviceSerial": parse_serial(serial), **answer}, ABILITIES)


@app.verb("iot-result", IOT_RESULT)
def show_iot_result(
    ctx: Context, serial: SerialArgument, wait: Wait = False, wait_timeout: WaitTimeout = None
) -> None:
    """Tell what became of adding an object-model device.

    $ hpcli device iot-result Q10254783
    $ hpcli device iot-result Q10254783 --wait
    """
    limit = wait_seconds(wait_timeout, 600.0, is_waiting=wait)
    if wait:
        with watching(ctx, parse_serial(serial)) as watch:
            row = ctx.client.device.wait_for_iot(
                serial, limit=limit, progress=lambda state: watch.tell(0, 1, "" if state else "Not added yet")
            )
    else:
        row = ctx.client.device.iot_result(serial)
    if not row:
        ctx.say(f"{serial} is not added yet; --wait waits for it.")
    ctx.show_one(row or {"deviceSerial": parse_serial(serial)}, RESULTS)


# What has many options has a file of its own.
app.verb("add", ADD, UPDATE, SEARCH, SEARCH_SITES)(add_devices)
app.verb("isapi", *ANY_ISAPI.values())(send_isapi)
app.include(device_upgrade.app)
app.include(device_otap.app)
app.verb("info", READ_INFO, SET_INFO)(show_information)
app.verb("time", READ_TIME, SET_TIME, SEARCH)(show_clock)
app.include(device_ip_channels.app)
app.include(device_output.app)
app.verb("refresh-playback", REFRESH_PLAYBACK)(device_ip_channels.refresh_playback)
