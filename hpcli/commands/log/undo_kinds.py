"""The changes that can be undone: what is there now, what was sent, and how the value before is set again.

Nothing physical is among them: no arming, no outputs, no door.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hpcli.api.operations.arc import SET_EVENTS
from hpcli.api.operations.customer import PERMIT
from hpcli.api.operations.device.devices import UPDATE as UPDATE_DEVICE
from hpcli.api.operations.device.time import SET_TIME
from hpcli.api.operations.site import APP_ACCESS, ASSIGN
from hpcli.api.operations.site import UPDATE as UPDATE_SITE
from hpcli.client.device.isapi import ANY_ISAPI
from hpcli.client.device.messages import content_of
from hpcli.client.site import ADDRESS_FIELDS, PERMANENT, manager_times
from hpcli.commands.framework.old_new import changed_words
from hpcli.errors import UsageError
from hpcli.isapi.clock import zone_of
from hpcli.isapi.clock_changes import ntp_server_of
from hpcli.local.change_records import Query
from hpcli.masking import HIDDEN
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.api.operation import Operation

Values = Mapping[str, Any]
_NTP_SERVER: Final = "/ISAPI/System/time/ntpServers/1"


class UndoStep(NamedTuple):
    """One target of a change in the log.

    Attributes:
        change: the change.
        target: as the value before is noted.
        before: that value, in the form of the change's body.
    """

    change: Mapping[str, Any]
    target: str
    before: Values

    @property
    def kind(self) -> Kind:
        """How it is undone."""
        kind = kind_of(self.change)
        assert kind is not None  # `steps_of` looked
        return kind

    @property
    def label(self) -> str:
        """The target as people know it."""
        names = [name for name in self.change["targets"] or () if name not in self.target.split(" ")]
        return names[0] if len(names) == 1 else self.target


class Kind(NamedTuple):
    """How a change is undone; values are compared label by label.

    Attributes:
        now: what the platform says; None if it cannot be asked.
        sent: what was sent.
        was: what was there before.
        restore: sets that again.
    """

    now: Callable[[Context, UndoStep], Values] | None
    sent: Callable[[UndoStep], Values]
    was: Callable[[UndoStep], Values]
    restore: Callable[[Context, UndoStep], object]


def steps_of(ctx: Context, change: Mapping[str, Any]) -> list[UndoStep]:
    """Return the steps that undo a change.

    Raises:
        UsageError: it cannot be undone.
    """
    number, verb = change["id"], change["verb"]
    if kind_of(change) is None:
        raise UsageError(f"Change {number} ({verb}) is not one that can be undone.", hint=_HINT)
    if change["outcome"] == "failed":
        raise UsageError(f"Change {number} ({verb}) failed, so there is nothing to undo.")
    before = change["before"] or {}
    if change["operation"] == SET_EVENTS.path:
        before = _events_before(ctx, change)
    refused = {item["target"] for item in change["failed"] or ()}
    steps = [
        UndoStep(change, target, value)
        for target, value in before.items()
        if refused.isdisjoint(target.split(" "))
    ]
    if not steps or change["sent"] is None:
        raise UsageError(f"The value before change {number} ({verb}) is not in the log.", hint=_HINT)
    if HIDDEN in json.dumps(before):
        raise UsageError(f"The log does not keep all values before change {number} ({verb}).", hint=_HINT)
    return steps


_HINT: Final = "`hpcli log show ID` shows what is known of it."


def is_list(sent: Values) -> bool:
    """Whether labels are ids or serials, all of which were sent, and not names of fields."""
    fields = (
        "name",
        "deviceName",
        "cloudEnable",
        "timeMode",
        "NTP server",
        "ax2PermissionList",
        "CCTVEventList",
    )
    return not any(field in sent for field in fields)


def compared_words(before: Values, after: Values) -> str:
    """Return how two values of a change differ, in words."""
    is_whole = is_list(before) and is_list(after)
    labels = {**before, **after} if is_whole else [label for label in before if label in after]
    return changed_words(dict(before), {label: after.get(label) for label in labels}) or "unchanged"


def _site_now(ctx: Context, step: UndoStep) -> Values:
    row = ctx.client.site.find(step.target)
    return {"name": row.get("siteName")} | {key: row.get(key) for key in ADDRESS_FIELDS.values()}


def _restore_site(ctx: Context, step: UndoStep) -> None:
    address = {option: str(step.before.get(key) or "") for option, key in ADDRESS_FIELDS.items()}
    ctx.client.site.update(step.target, str(step.before["name"]), address=address)


def _device_now(ctx: Context, step: UndoStep) -> Values:
    row = ctx.client.device.find(_serial(step))
    return {"deviceName": row.get("deviceName"), "extendInfo": row.get("extInfo")}


def _restore_device(ctx: Context, step: UndoStep) -> None:
    info = step.before.get("extendInfo") if "extendInfo" in step.change["sent"] else None
    if info == "":
        raise UsageError(f"{step.label} had no extra text before, and the platform takes no empty one.")
    ctx.client.device.update(step.target, str(step.before["deviceName"]), info=info)


def _device_sent(step: UndoStep) -> Values:
    return {name: value for name, value in step.change["sent"].items() if name != "deviceId"}


def _serial(step: UndoStep) -> str:
    """Return the serial of a device that the call has by its id; looking for a serial takes one call."""
    return next((name for name in step.change["targets"] if name != step.target), step.target)


def _managers(times: Sequence[Mapping[str, Any]]) -> Values:
    return {str(entry["installerId"]): entry["expiredDurationTime"] for entry in times}


def _managers_now(ctx: Context, step: UndoStep) -> Values:
    """Return the managers but those who may manage all sites and stay whatever is assigned (§3.9)."""
    admins = {str(row.get("id")) for row in ctx.client.installer.list() if row.get("isAdmin")}
    now = _managers(manager_times(ctx.client.site.managers(step.target)))
    sent = _managers_sent(step)
    return {name: end for name, end in now.items() if name not in admins or name in sent}


def _managers_sent(step: UndoStep) -> Values:
    return _managers(step.change["sent"]["installerPermissionTimes"])


def _managers_before(step: UndoStep) -> Values:
    return _managers(step.before["installerPermissionTimes"])


def _restore_managers(ctx: Context, step: UndoStep) -> None:
    ends = {
        name: None if end in (None, PERMANENT) else datetime.fromtimestamp(int(end) / 1000, UTC)
        for name, end in _managers_before(step).items()
    }
    if not ends:
        raise UsageError(f"{step.label} had no manager before, and the platform takes no empty list.")
    ctx.client.site.assign([step.target], ends)


def _permissions(devices: list[Mapping[str, Any]]) -> Values:
    from hpcli.client.handover_permissions import words_of

    return {str(entry.get("deviceSerial")): ", ".join(sorted(words_of(entry))) for entry in devices}


def _permissions_now(ctx: Context, step: UndoStep) -> Values:
    site, _, account = step.target.partition(" ")
    return _permissions(list(ctx.client.customer.show(site, account)))


def _restore_permissions(ctx: Context, step: UndoStep) -> None:
    site, _, account = step.target.partition(" ")
    ctx.client.customer.permit(site, account, step.before["sharedHc"]["shareDevices"])


def _access_now(ctx: Context, step: UndoStep) -> Values:
    return {"cloudEnable": ctx.client.site.find(step.target).get("cloudEnable")}


def _clock(content: Values) -> Values:
    """Return mode and zone of a clock, the zone as all devices write it."""
    zone, text = zone_of(content)
    shown = {"timeZone": str(zone) if zone else text}
    return {"timeMode": content.get("timeMode"), **(shown if "timeZone" in content else {})}


def _clock_now(ctx: Context, step: UndoStep) -> Values:
    return _clock(content_of(ctx.client.device.time.read(step.target), "Time"))


def _restore_mode(ctx: Context, step: UndoStep) -> None:
    client = ctx.client.device.time
    client.set_back(step.target, client.read(step.target), step.before, ctx.run.now())


def _server(content: Values) -> Values:
    server = ntp_server_of(content)
    every = f"{server.minutes} minutes" if server and server.minutes else None
    return {"NTP server": server and str(server), "interval": every}


def _server_now(ctx: Context, step: UndoStep) -> Values:
    return _server(ctx.client.device.time.read_ntp_server(step.target))


def _restore_server(ctx: Context, step: UndoStep) -> None:
    server = ntp_server_of(step.before)
    assert server is not None  # only a server that could be read was noted
    ctx.client.device.time.set_ntp_server(step.target, server, {})


def _events(body: Values) -> Values:
    return {name: value for name, value in body.items() if name in ("ax2PermissionList", "CCTVEventList")}


def _events_before(ctx: Context, change: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was sent to the same device last: the platform tells nobody which events it reports."""
    (serial,) = change["targets"][:1] or ("",)
    query = Query(targets=[serial], is_sandbox=ctx.settings.is_sandbox)
    for other in ctx.run.changes.log.read(query):
        is_older = other["id"] < change["id"] and other["account"] == change["account"]
        if is_older and (other["operation"], other["outcome"]) == (SET_EVENTS.path, "done"):
            return {serial: _events(other["sent"] or {})}
    return {}


def _restore_events(ctx: Context, step: UndoStep) -> None:
    if "CCTVEventList" in step.before:
        ctx.client.arc.set_camera_events(step.target, step.before["CCTVEventList"])
    else:
        ctx.client.arc.set_panel_events(step.target, step.before["ax2PermissionList"])


def _sent(step: UndoStep) -> Values:
    sent: Values = step.change["sent"]
    return sent


def _before(step: UndoStep) -> Values:
    return step.before


_BY_OPERATION: Final[Mapping[Operation, Kind]] = {
    UPDATE_SITE: Kind(_site_now, _sent, _before, _restore_site),
    UPDATE_DEVICE: Kind(_device_now, _device_sent, _before, _restore_device),
    ASSIGN: Kind(_managers_now, _managers_sent, _managers_before, _restore_managers),
    PERMIT: Kind(
        _permissions_now,
        lambda step: _permissions(step.change["sent"]["sharedHc"]["shareDevices"]),
        lambda step: _permissions(step.before["sharedHc"]["shareDevices"]),
        _restore_permissions,
    ),
    APP_ACCESS: Kind(
        _access_now,
        lambda step: {"cloudEnable": step.change["sent"]["cloudEnable"]},
        _before,
        lambda ctx, step: ctx.client.site.set_app_access(step.target, is_on=step.before["cloudEnable"]),
    ),
    SET_TIME: Kind(
        _clock_now,
        lambda step: _clock(step.change["sent"].get("Time", {})),
        lambda step: _clock(step.before),
        _restore_mode,
    ),
    SET_EVENTS: Kind(None, lambda step: _events(_sent(step)), _before, _restore_events),
}
KINDS: Final = {operation.path: kind for operation, kind in _BY_OPERATION.items()}
_OPERATIONS: Final = {operation.path: operation for operation in _BY_OPERATION}
_SERVER: Final = Kind(
    _server_now,
    lambda step: _server(step.change["sent"].get("NTPServer", {})),
    lambda step: _server(step.before),
    _restore_server,
)
"""The guide has the NTP server of a device as an example of a call by hand (§3.23), not as an operation."""


def kind_of(change: Mapping[str, Any]) -> Kind | None:
    """Return how a change is undone; None for one that cannot be."""
    if change["method"] == "PUT" and change["path"].endswith(_NTP_SERVER):
        return _SERVER
    return KINDS.get(change["operation"])


def operation_of(change: Mapping[str, Any]) -> Operation:
    """Return the call of a change that can be undone."""
    return _OPERATIONS.get(change["operation"], ANY_ISAPI["PUT"])
