"""The table of sites."""

from collections.abc import Mapping
from typing import Any

from hpcli.api.operations.site import SEARCH
from hpcli.commands.framework.columns import code_column
from hpcli.commands.framework.times import row_clock
from hpcli.output import Column, View
from hpcli.reference.document import answer_codes, answer_fields


def _zone_name(value: Any, _row: Mapping[str, Any]) -> str:
    from hpcli.reference.timezones import time_zone_by_number

    zone = time_zone_by_number(value) if value is not None else None
    return (zone.iana or zone.name) if zone else str(value or "")


def _address(_value: Any, row: Mapping[str, Any]) -> str:
    return ", ".join(
        str(row[key]) for key in ("siteStreet", "location", "siteCity", "siteState") if row.get(key)
    )


SITES = View(
    noun="site",
    id="id",
    columns=(
        Column("NAME", "siteName", wide=True),
        Column("CITY", "siteCity", wide=True, priority=1),
        code_column("HANDOVER", "siteDeliveryStatus", "siteDeliveryStatus"),
        code_column("SHARING", "sharedInfo.shareType", "shareType", priority=3),
        code_column("SHARE STATE", "sharedInfo.shareState", "shareState", priority=4),
        Column("TIME ZONE", "timeZone", show=_zone_name, priority=2),
        Column("ADDRESS", "siteStreet", show=_address, wide=True, priority=5),
        Column("ID", "id", priority=3),
    ),
    fields=lambda: answer_fields(SEARCH.method, SEARCH.path),
    zone_of=row_clock,
    codes=lambda: answer_codes(SEARCH.method, SEARCH.path),
)
