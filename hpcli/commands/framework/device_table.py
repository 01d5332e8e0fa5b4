"""The table of devices."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hpcli.api.operations.device.devices import SEARCH
from hpcli.commands.framework.columns import code_column, show_zone
from hpcli.commands.framework.times import clock_of, row_clock
from hpcli.output import Column, View, show_time
from hpcli.reference.codes import category_label, code_list, shown_categories, shown_category
from hpcli.reference.document import answer_codes, answer_fields

_TONES = {0: "off", 1: "good", 2: "unknown"}


def _online(value: Any, _row: Mapping[str, Any]) -> str:
    return "" if value is None else code_list("deviceOnlineStatus").label(value).lower()


def _online_tone(value: Any, _row: Mapping[str, Any]) -> str | None:
    return _TONES.get(value)


def _category(_value: Any, row: Mapping[str, Any]) -> str:
    return category_label(row)


DEVICES = View(
    noun="device",
    id="deviceSerial",
    columns=(
        Column("SERIAL", "deviceSerial"),
        Column("NAME", "deviceName", wide=True, width=18),
        Column("STATE", "deviceOnlineStatus", show=_online, style=_online_tone, codes="deviceOnlineStatus"),
        Column("CATEGORY", "deviceCategory", show=_category, codes=shown_categories, code_of=shown_category),
        Column("SITE", "siteName", wide=True, priority=1, width=18),
        Column("MODEL", "deviceType", priority=2),
        Column("VERSION", "deviceVersion", priority=3),
        Column("ALARMS", "isSubscribed", show=lambda value, _row: "yes" if value else "no", priority=4),
        Column("ID", "id", priority=5),
    ),
    fields=lambda: answer_fields(SEARCH.method, SEARCH.path),
    zone_of=row_clock,
    codes=lambda: answer_codes(SEARCH.method, SEARCH.path),
    elsewhere=dict.fromkeys(
        ("offline since", "offlinesince", "lastofflinetime", "since", "age"),
        "hpcli health report --all --where 'offline-since > 1h'",
    ),
)


def one_device_view(now: datetime, *, utc: bool) -> View:
    """Return the view of everything that is known of one device; the columns of the list come first."""
    groups = {"SITE": "Place", "ALARMS": "Account", "ID": "Account"}

    def local_time(value: Any, _row: Mapping[str, Any]) -> str:
        clock = clock_of(value)
        return "" if clock is None else show_time(now.isoformat(), clock)

    def added(value: Any, row: Mapping[str, Any]) -> str:
        return show_time(value, row_clock(row), utc=utc, has_offset=True)

    columns = [column._replace(group=groups.get(column.title, "Device")) for column in DEVICES.columns]
    columns += [
        code_column("SUB-CATEGORY", "deviceSubCategory", "deviceSubCategory", priority=6, group="Device"),
        Column("EXTRA TEXT", "extInfo", wide=True, priority=6, group="Device"),
        Column("SITE ID", "siteID", priority=7, group="Place"),
        Column("TIME ZONE", "timeZone", show=show_zone, priority=6, group="Place"),
        Column("LOCAL TIME", "timeZone", show=local_time, priority=6, group="Place"),
        Column("ADDED", "deviceAddTime", show=added, priority=6, group="Account"),
        Column("SHARED", "deviceShareFlag", priority=6, group="Account"),
        Column("RECEIVING CENTRE", "arcCompanyName", priority=6, group="Account"),
        Column("ARC ID", "arcId", priority=7, group="Account"),
    ]
    return DEVICES._replace(columns=tuple(columns))
