"""`hpcli device`: devices of your sites."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from hpcli.client.device import SEARCH
from hpcli.client.device_isapi import CHANGE_ISAPI, READ_ISAPI
from hpcli.commands.family import Family
from hpcli.commands.options import DeviceArgument, Limit, Search, SiteOption
from hpcli.context import Context, coded, numbered
from hpcli.output import Column, View
from hpcli.reference import answer_fields, code_list

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


def matching(
    rows: Iterator[dict[str, Any]], *, offline: bool, category: str | None, search: str | None
) -> Iterator[dict[str, Any]]:
    """Keep the devices that are offline, of a category, named so; the platform filters by none of these."""
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
    offline: Annotated[bool, typer.Option("--offline", help="Only devices that are offline.")] = False,
    category: Annotated[
        str | None, typer.Option(help="Only this category, such as NVR or AlarmHost.", metavar="CATEGORY")
    ] = None,
    search: Search = None,
    limit: Limit = None,
) -> None:
    """List the devices.

    $ hpcli device list
    $ hpcli device list --offline
    $ hpcli device list --site "Villa Rosengarten" -o ids
    """
    site_id = ctx.client.site.find(site)["id"] if site else None
    rows = ctx.client.device.list(site_id=site_id, serial=device)
    kept = matching(rows, offline=offline, category=category, search=search)
    ctx.show(numbered(kept, limit), DEVICES)


@app.verb("show", SEARCH)
def show_device(ctx: Context, device: DeviceArgument) -> None:
    """Show one device.

    $ hpcli device show Q10254783
    """
    ctx.show_one(ctx.client.device.find(device), DEVICES)


# Its many options have a file of their own.
from hpcli.commands.device_isapi import send_isapi  # noqa: E402 - the family must exist first

app.verb("isapi", READ_ISAPI, CHANGE_ISAPI)(send_isapi)
