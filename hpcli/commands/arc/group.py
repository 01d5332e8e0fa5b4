"""`hpcli arc`: devices that report to an alarm receiving centre."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from hpcli.client.arc import (
    DISABLE,
    ENABLE,
    SEARCH,
    SET_ACCOUNT,
    SET_EVENTS,
    SITE,
    camera_events,
    panel_events,
)
from hpcli.client.checks import check_length
from hpcli.client.device.devices import PANEL
from hpcli.client.device.devices import SEARCH as SEARCH_DEVICES
from hpcli.client.site import SEARCH as SEARCH_SITES
from hpcli.commands.device.group import DEVICES
from hpcli.commands.framework.family import Family
from hpcli.commands.framework.options import (
    SerialArgument,
    SerialsArgument,
    SiteArgument,
    SiteOption,
    complete_codes,
)
from hpcli.commands.framework.plurals import counted
from hpcli.commands.site.group import SITES
from hpcli.errors import UsageError
from hpcli.output import Column, View
from hpcli.parse import parse_serial
from hpcli.reference import answer_fields, code_list
from hpcli.run.context import Context

app = Family("arc", "Devices that report to an alarm receiving centre.")

_AX_HOME = "arcAx2PermissionListAxHome"
_WAITING = 0

ARC_DEVICES = View(
    noun="device",
    id="deviceSerial",
    columns=tuple(column for column in DEVICES.columns if column.title != "ALARMS"),
    fields=lambda: answer_fields(SEARCH.method, SEARCH.path),
)
ARC_SITE = View(
    noun="site",
    id="id",
    columns=(
        *(column for column in SITES.columns if column.title != "HANDOVER"),
        Column("INSTALLER", "installerEmail", wide=True),
        Column("INSTALLER'S PHONE", "installerPhone"),
        Column("OWNER", "siteOwnerName", wide=True),
        Column("OWNER'S EMAIL", "siteOwnerEmail", wide=True),
        Column("OWNER'S PHONE", "siteOwnerPhone"),
    ),
    fields=lambda: answer_fields(SITE.method, SITE.path),
)

PanelEvents = Annotated[
    list[str] | None,
    typer.Option(
        "--panel",
        help="Events of a panel, such as panic,zone-alarm; alarms, faults, operations, system-events for groups.",
        metavar="EVENTS",
        autocompletion=complete_codes("arcAx2PermissionList"),
    ),
]
CameraEvents = Annotated[
    list[str] | None,
    typer.Option(
        "--cctv",
        help="Events of a camera or recorder, such as motion,video-loss; none for none.",
        metavar="EVENTS|none",
        autocompletion=complete_codes("CCTVEventList"),
    ),
]


@app.verb("list", SEARCH, SEARCH_SITES)
def list_devices(
    ctx: Context,
    site: SiteOption = None,
    device: Annotated[
        list[str] | None,
        typer.Option("--device", help="Only these serials, at most 200; may be repeated.", metavar="SERIAL"),
    ] = None,
) -> None:
    """List the devices that report to your receiving centre.

    For users with an ARC id.

    $ hpcli arc list
    $ hpcli arc list --device Q19323594,Q10254783 -o json
    """
    serials = ctx.inputs.read_list(device, "serial") if device else ()
    site_id = _site_id(ctx, site) if site else None
    ctx.show(ctx.client.arc.list(site_id=site_id, serials=serials), ARC_DEVICES)


@app.verb("site", SITE, SEARCH_SITES)
def show_site(ctx: Context, site: SiteArgument) -> None:
    """Show the site of devices, its installer and its owner.

    For users with an ARC id.

    $ hpcli arc site "Colegio San Martín"
    """
    ctx.show_one(ctx.client.arc.site(_site_id(ctx, site)), ARC_SITE)


@app.verb("enable", ENABLE)
def enable_devices(
    ctx: Context,
    serials: SerialsArgument,
    arc_id: Annotated[str, typer.Option("--arc-id", help="Id of the receiving centre.", metavar="ID")],
) -> None:
    """Let devices report to a receiving centre.

    All events are reported then; `hpcli arc set-events` changes that. The end user of a site
    that is handed over has to approve.

    $ hpcli arc enable Q10254783 --arc-id arc-4711
    """
    targets = [parse_serial(serial) for serial in ctx.inputs.read_list(serials, "serial")]
    check_length("ARC id", arc_id, 1)
    ctx.confirm(f"Let {counted(targets, 'device')} report to {arc_id}?")

    def done(serial: str, answer: Mapping[str, Any]) -> str:
        if "permission" not in answer:
            return f"{serial}: accepted; the platform did not say whether it is in force."
        if answer["permission"] == _WAITING:
            return f"{serial} waits for the approval of the end user."
        return f"{serial} reports to {arc_id}."

    ctx.each(targets, lambda serial: ctx.client.arc.enable(serial, arc_id), done)


@app.verb("disable", DISABLE)
def disable_devices(ctx: Context, serials: SerialsArgument) -> None:
    """Stop devices from reporting to a receiving centre.

    $ hpcli arc disable Q19323594
    """
    targets = [parse_serial(serial) for serial in ctx.inputs.read_list(serials, "serial")]
    ctx.confirm(f"Stop {counted(targets, 'device')} from reporting to the receiving centre?")
    ctx.each(
        targets,
        ctx.client.arc.disable,
        lambda serial, _data: f"{serial} no longer reports to a receiving centre.",
    )


@app.verb("set-account", SET_ACCOUNT)
def set_account(
    ctx: Context,
    serial: SerialArgument,
    number: Annotated[str, typer.Argument(help="Account number at the receiving centre.", metavar="NUMBER")],
) -> None:
    """Set the account number under which a device reports.

    $ hpcli arc set-account Q19323594 4711
    """
    check_length("account number", number, 1)
    ctx.confirm(f"Let {parse_serial(serial)} report as account {number}?")
    ctx.change(
        serial, lambda: ctx.client.arc.set_account(serial, number), f"{serial} reports as account {number}."
    )


@app.verb("set-events", SET_EVENTS, SEARCH_DEVICES)
def set_events(
    ctx: Context,
    serial: SerialArgument,
    panel: PanelEvents = None,
    cctv: CameraEvents = None,
) -> None:
    """Set which events go to the receiving centre.

    The list replaces the former one; what is and what is not reported then is told first. On
    an AX Home panel give the numbers 5 alarms, 6 faults, 7 operations, 8 system events.

    $ hpcli arc set-events Q19323594 --panel alarms,panel-power
    $ hpcli arc set-events F55121300 --cctv motion,line-crossing
    """
    if bool(panel) == bool(cctv):
        raise UsageError("Give one of --panel and --cctv.")
    words = ctx.inputs.read_list(panel or cctv or (), "event")
    events = panel_events(words) if panel else camera_events(words)
    row = ctx.client.device.find(serial)
    if (row.get("deviceCategory") == PANEL) != bool(panel):
        right = "--panel" if row.get("deviceCategory") == PANEL else "--cctv"
        kind = code_list("deviceCategory").label(row.get("deviceCategory"))
        raise UsageError(f"{serial} ({kind}) takes {right}.")
    reported, rest = _named_events("CCTVEventList" if cctv else "arcAx2PermissionList", events)
    ctx.say(f"Reported: {reported}.")
    ctx.say(f"Not reported: {rest}.")
    ctx.confirm(f"Replace the events that {serial} reports?")
    send = ctx.client.arc.set_panel_events if panel else ctx.client.arc.set_camera_events

    def done(answer: Mapping[str, Any]) -> str:
        is_waiting = answer.get("permission") == _WAITING
        return f"{serial}: the change is on its way." if is_waiting else f"{serial} reports: {reported}."

    ctx.change(str(row["deviceSerial"]), lambda: send(str(row["deviceSerial"]), events), done)


def _site_id(ctx: Context, site: str) -> str:
    """Return a site's id; an id is not looked up, as ARC users see no sites but those of their devices."""
    return site if re.fullmatch(r"[0-9a-f]{32}", site) else str(ctx.client.site.find(site)["id"])


def _named_events(codes: str, events: list[int]) -> tuple[str, str]:
    """Return the names of the events that are reported, and of those that are not; second levels are no events."""
    of_home = code_list(_AX_HOME)
    listed = of_home.codes if codes != "CCTVEventList" and of_home.find(events[0]) else code_list(codes).codes
    parents = {code.parent for code in listed if code.parent}
    named = [code for code in listed if code.value not in parents and code.value != 0]
    on = [code.name for code in named if code.value in events]
    off = [code.name for code in named if code.value not in events]
    return ", ".join(on) or "nothing", ", ".join(off) or "nothing"
