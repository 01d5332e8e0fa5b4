"""The rows of `health report --detail`: the parts of devices, such as zones and disks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from hpcli.client.health import PERIPHERALS, as_list
from hpcli.commands.framework.columns import code_column
from hpcli.output import Column, View, show_time

_PANEL, _ENCODER = "alarmDeviceStatus", "enCodingDeviceStatus"


def report_time(value: Any, _row: Mapping[str, Any]) -> str:
    """Show a time as the clock at the site shows it; the verb puts what knows that clock in the place of this."""
    return show_time(value)


class Detail(NamedTuple):
    """A kind of part.

    Attributes:
        noun: name of one row.
        group: the status object of a device that holds the parts.
        names: the lists that hold the parts, empty for the object itself.
        columns: the columns after SITE and SERIAL.
        own_fields: list name and item to fields that hpcli adds.
    """

    noun: str
    group: str
    names: tuple[str, ...]
    columns: tuple[Column, ...]
    own_fields: Callable[[str, Mapping[str, Any]], dict[str, Any]] = lambda _name, _item: {}

    def items(self, device: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield list name and item of each part of a device."""
        for status in as_list(device.get(self.group)):
            if not self.names:
                yield "", {name: value for name, value in status.items() if not isinstance(value, list)}
            for name in self.names:
                for item in as_list(status.get(name)):
                    yield name, item


def detail_view(detail: Detail) -> View:
    """Return the view of a detail."""
    return View(
        noun=detail.noun,
        id="deviceSerial",
        columns=(
            Column("SITE", "siteName", wide=True, priority=4),
            Column("SERIAL", "deviceSerial"),
            *detail.columns,
            Column(
                "PROBLEMS", "problems", show=lambda value, _row: "; ".join(value or ()), wide=True, wraps=True
            ),
        ),
    )


def _zone_number(_name: str, item: Mapping[str, Any]) -> dict[str, Any]:
    """Count zones from 1, as panel keypads do; the report counts from 0."""
    number = item.get("zoneId")
    return {"zone": number + 1 if isinstance(number, int) else None}


_STATES = (
    code_column("NETWORK", "networkStatus", "peripheralNetworkStatus", priority=1),
    code_column("BATTERY", "batteryStatus", "peripheralBatteryStatus"),
    code_column("SIGNAL", "signalStrength", "signalStrengthWord", priority=1),
    code_column("SELF-CHECK", "diagnosticsResult", "diagnosticsResult", priority=2),
    code_column("BYPASSED", "byPassStatus", "byPassStatus", priority=2),
)

DETAILS: Mapping[str, Detail] = {
    "panel": Detail(
        "panel",
        _PANEL,
        (),
        (
            Column("NAME", "deviceName", wide=True, priority=2),
            code_column("SELF-CHECK", "operRes", "operRes"),
            code_column("ARMING", "workStatus", "workStatus"),
            code_column("CLOUD", "cloudStatus", "cloudStatus", priority=1),
            code_column("BATTERY", "batteryStatus", "batteryStatus", priority=1),
            code_column("CABLE", "networkCable", "networkCable", priority=2),
            code_column("WI-FI", "wifiSignalStrength", "signalStrengthWord", priority=3),
            code_column("MOBILE", "cellConnectStatus", "cellConnectStatus", priority=2),
            code_column("MOBILE SIGNAL", "cellSignalStrength", "signalStrengthWord", priority=3),
            Column("MOBILE DATA", "dataUsed", priority=4),
            Column("ARC", "arcConnectStatus", wide=True, priority=3),
            Column("INSPECTED", "lastInspected", show=report_time, kind="time", priority=3),
        ),
    ),
    "cameras": Detail(
        "camera",
        _PANEL,
        ("IPCStatusList",),
        (
            Column("CAMERA", "id"),
            code_column("STATE", "status", "ipcStatus"),
            Column("KIND", "type", wide=True, priority=1),
            Column("TRIGGERED", "lastTriggerTime", show=report_time, kind="time", priority=2),
        ),
    ),
    "zones": Detail(
        "zone",
        _PANEL,
        ("zones",),
        (
            Column("ZONE", "zone"),
            Column("NAME", "name", wide=True),
            *_STATES,
            Column("TRIGGERED", "lastTriggerTime", show=report_time, kind="time", priority=3),
        ),
        _zone_number,
    ),
    "peripherals": Detail(
        "peripheral",
        _PANEL,
        tuple(PERIPHERALS),
        (
            Column("KIND", "kind"),
            Column("NAME", "name", wide=True),
            Column("NUMBER", "id", priority=3),
            *_STATES,
        ),
        lambda name, _item: {"kind": PERIPHERALS[name]},
    ),
    "channels": Detail(
        "channel",
        _ENCODER,
        ("channels",),
        (
            Column("CHANNEL", "channelNo"),
            Column("NAME", "name", wide=True),
            code_column("STATE", "status", "channelStatus"),
            Column("ADDRESS", "channelIpaddr", priority=1),
        ),
    ),
    "disks": Detail(
        "disk",
        _ENCODER,
        ("hdds",),
        (
            Column("DISK", "hddNo"),
            Column("TEMPERATURE", "temperature", priority=1),
            Column("DAYS IN USE", "poweronday", priority=1),
            code_column("SELF-EVALUATION", "selfevaluatingstatus", "selfevaluatingstatus"),
            code_column("EVALUATION", "allevaluatingstatus", "allevaluatingstatus"),
        ),
    ),
    "smart": Detail(
        "attribute",
        _ENCODER,
        ("hddAttributeDtoList",),
        (
            Column("DISK", "hddNo"),
            # Several attributes have the same name, so the number is shown too (errata 93).
            Column("NUMBER", "attributed"),
            code_column("ATTRIBUTE", "attributed", "smartAttributeId", wide=True),
            code_column("STATE", "status", "smartStatus"),
        ),
    ),
}
"""Value of `--detail` to the kind of part."""
