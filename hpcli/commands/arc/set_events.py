"""`hpcli arc set-events`: which events go to the receiving centre."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from hpcli.api.operations.arc import SET_EVENTS
from hpcli.api.operations.device.devices import SEARCH as SEARCH_DEVICES
from hpcli.client.arc import camera_events, panel_events
from hpcli.client.device.devices import PANEL
from hpcli.client.known import check_kind
from hpcli.client.rows import needed
from hpcli.commands.arc.lookup import WAITING
from hpcli.commands.framework.options import SerialArgument, complete_codes
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.verb import calls
from hpcli.errors import UsageError
from hpcli.reference.codes import code_list
from hpcli.run.context import Context

_AX_HOME = "arcAx2PermissionListAxHome"


PanelEvents = Annotated[
    list[str] | None,
    typer.Option(
        "--panel",
        help="Panel events, such as panic,zone-alarm, or groups: alarms, faults, operations, system-events.",
        metavar="EVENTS",
        autocompletion=complete_codes("arcAx2PermissionList"),
    ),
]


CameraEvents = Annotated[
    list[str] | None,
    typer.Option(
        "--cctv",
        help="Camera or recorder events, such as motion,video-loss, or none.",
        metavar="EVENTS|none",
        autocompletion=complete_codes("CCTVEventList"),
    ),
]


@calls(SET_EVENTS, SEARCH_DEVICES)
@many("serial", question="Replace the events that {targets} report?", needs_rows=True)
def set_events(
    ctx: Context,
    serial: SerialArgument,
    panel: PanelEvents = None,
    cctv: CameraEvents = None,
) -> None:
    """Set which events go to the receiving centre.

    The list replaces the current one. The command first shows which events will be
    reported. For an AX Home panel use numbers: 5 alarms, 6 faults, 7 operations,
    8 system events.

    $ hpcli arc set-events Q19323594 --panel alarms,panel-power
    $ hpcli arc set-events F55121300 --cctv motion,line-crossing
    """
    if bool(panel) == bool(cctv):
        raise UsageError("Give one of --panel and --cctv.")
    words = ctx.inputs.read_list(panel or cctv or (), "event")
    events = panel_events(words) if panel else camera_events(words)
    row = check_kind(ctx.lookups.device(serial))
    if (row.get("deviceCategory") == PANEL) != bool(panel):
        right = "--panel" if row.get("deviceCategory") == PANEL else "--cctv"
        kind = code_list("deviceCategory").label(row.get("deviceCategory"))
        raise UsageError(f"{serial} ({kind}) needs {right}.")
    reported, rest = _named_events("CCTVEventList" if cctv else "arcAx2PermissionList", events)
    ctx.info(f"Reported: {reported}.")
    ctx.info(f"Not reported: {rest}.")
    ctx.confirm(f"Replace the events that {serial} reports?")
    send = ctx.client.arc.set_panel_events if panel else ctx.client.arc.set_camera_events

    def done(answer: Mapping[str, Any]) -> str:
        is_waiting = answer.get("permission") == WAITING
        return f"{serial}: the change is in progress." if is_waiting else f"{serial} reports: {reported}."

    ctx.change(needed(row, "deviceSerial"), lambda: send(needed(row, "deviceSerial"), events), done)


def _named_events(codes: str, events: list[int]) -> tuple[str, str]:
    """Return the names of the events that are reported and of those that are not; groups are not events."""
    of_home = code_list(_AX_HOME)
    listed = of_home.codes if codes != "CCTVEventList" and of_home.find(events[0]) else code_list(codes).codes
    parents = {code.parent for code in listed if code.parent}
    named = [code for code in listed if code.value not in parents and code.value != 0]
    on = [code.name for code in named if code.value in events]
    off = [code.name for code in named if code.value not in events]
    return ", ".join(on) or "nothing", ", ".join(off) or "nothing"
