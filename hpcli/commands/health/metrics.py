"""`health report -o prometheus`: the health of devices in numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from hpcli.commands.health.coverage import MISSING, OFFLINE
from hpcli.output.prometheus import Metric

if TYPE_CHECKING:
    from hpcli.run.context import Context
    from hpcli.stop import Stop

_ONLINE: Final = 1
_DEVICE_LABELS: Final = ("site", "site_id", "serial", "device")


def read_health_metrics(ctx: Context, stop: Stop) -> list[Metric]:
    """Return the metrics of the whole account, without haste; `stop` ends that early. Raises HpcliError."""
    from hpcli.commands.health.account_rows import account_rows
    from hpcli.run.device_counts import DeviceCounts

    return health_metrics(account_rows(ctx.client, DeviceCounts(ctx.run.session), stop))


def health_metrics(rows: Iterable[Mapping[str, Any]]) -> list[Metric]:
    """Return the metrics of the rows of a report, those with an error included."""
    found = list(rows)
    devices = [
        ((row.get("siteName"), row.get("siteId"), row.get("deviceSerial"), row.get("deviceName")), row)
        for row in found
        if row.get("deviceSerial")
    ]
    sites = {(row.get("siteName"), row.get("siteId")): 1.0 for row in found}
    sites |= {(row.get("siteName"), row.get("siteId")): 0.0 for row in found if row.get("error")}
    return [
        Metric(
            "hpcli_health_report_success",
            "1 if the report of a site could be read.",
            ("site", "site_id"),
            list(sites.items()),
        ),
        Metric(
            "hpcli_health_device_online",
            "1 if a device is online, 0 if the report or the device list says offline.",
            _DEVICE_LABELS,
            [(labels, _online(row)) for labels, row in devices],
        ),
        Metric(
            "hpcli_health_device_problems",
            "Problems of a device.",
            _DEVICE_LABELS,
            [(labels, len(row.get("problems") or ())) for labels, row in devices],
        ),
        Metric(
            "hpcli_health_device_reported",
            "1 if the report covers a device, 0 if only the device list knows it.",
            _DEVICE_LABELS,
            [(labels, float(row.get("report") != MISSING)) for labels, row in devices],
        ),
    ]


def _online(row: Mapping[str, Any]) -> float | None:
    states = (row.get("onlineStatus"), row.get("deviceOnlineStatus"))
    if OFFLINE in states:
        return 0.0
    return 1.0 if _ONLINE in states else None
