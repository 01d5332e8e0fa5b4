"""The table of sites."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from hpcli.api.operations.site import SEARCH
from hpcli.commands.framework.columns import code_column, show_zone
from hpcli.commands.framework.times import clock_of, row_clock
from hpcli.output import Column, View, show_time
from hpcli.reference.document import answer_codes, answer_fields


def _address(_value: Any, row: Mapping[str, Any]) -> str:
    """Return the parts of the address; a city that the line before has already is not repeated."""
    shown: list[str] = []
    for key in ("siteStreet", "location", "siteCity", "siteState"):
        part = str(row.get(key) or "")
        if part and not any(f" {part} " in f" {earlier} " for earlier in shown):
            shown.append(part)
    return ", ".join(shown)


SITES = View(
    noun="site",
    id="id",
    columns=(
        Column("NAME", "siteName", wide=True, width=24),
        Column("CITY", "siteCity", wide=True, priority=1),
        code_column("HANDOVER", "siteDeliveryStatus", "siteDeliveryStatus"),
        code_column("SHARING", "sharedInfo.shareType", "shareType", priority=3),
        code_column("SHARE STATE", "sharedInfo.shareState", "shareState", priority=4),
        Column("TIME ZONE", "timeZone", show=show_zone, priority=2),
        Column("ADDRESS", "siteStreet", show=_address, wide=True, priority=5),
        Column("ID", "id", priority=3),
    ),
    fields=lambda: answer_fields(SEARCH.method, SEARCH.path),
    zone_of=row_clock,
    codes=lambda: answer_codes(SEARCH.method, SEARCH.path),
)


def _local_time(zone: object, now: datetime) -> str:
    """Return what the clocks at a site show."""
    clock = clock_of(zone)
    return "" if clock is None else show_time(now.isoformat(), clock)


def _company(key: str) -> Callable[[Any, Mapping[str, Any]], str]:
    """Return what shows the company that shares a site, or with which it is shared."""

    def show(_value: Any, row: Mapping[str, Any]) -> str:
        company = (row.get("sharedInfo") or {}).get(key) or {}
        person = " ".join(str(company[name]) for name in ("firstName", "lastName") if company.get(name))
        parts = (company.get("companyName"), person, *(company.get(one) for one in _CONTACT))
        return ", ".join(str(part) for part in parts if part)

    return show


_CONTACT = ("email", "phone", "address", "street")


def one_site_view(now: datetime) -> View:
    """Return the view of everything that is known of one site; the columns of the list come first."""
    groups = {"TIME ZONE": "Place", "CITY": "Place", "ADDRESS": "Place"}
    columns = [column._replace(group=groups.get(column.title, "Site")) for column in SITES.columns]
    columns += [
        Column("STATE", "siteState", wide=True, priority=6, group="Place"),
        Column(
            "LOCAL TIME",
            "timeZone",
            show=lambda value, _row: _local_time(value, now),
            priority=6,
            group="Place",
        ),
        Column("DEVICES TAKE THE ZONE", "timeSync", priority=6, group="Place"),
        Column("INSTALLER", "installerFirstName", show=_installer, wide=True, priority=6, group="People"),
        Column("INSTALLER ID", "installerId", priority=7, group="People"),
        Column(
            "SHARED WITH",
            "sharedInfo",
            show=_company("shareToCompany"),
            wide=True,
            priority=6,
            group="People",
        ),
        Column(
            "SHARED BY",
            "sharedInfo",
            show=_company("shareFromCompany"),
            wide=True,
            priority=6,
            group="People",
        ),
        Column("APP ACCESS", "cloudEnable", show=_access, priority=6, group="People"),
        Column("DEVICES", "devices", priority=6, group="Devices"),
        Column("OFFLINE", "offlineDevices", priority=6, group="Devices"),
    ]
    return SITES._replace(columns=tuple(columns))


def _installer(_value: Any, row: Mapping[str, Any]) -> str:
    return " ".join(str(row[key]) for key in ("installerFirstName", "installerLastName") if row.get(key))


def _access(value: Any, _row: Mapping[str, Any]) -> str:
    return "" if value is None else "on" if value else "off"
