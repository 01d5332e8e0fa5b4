"""The document that stands for an account: what `fleet export` writes and `fleet apply` makes.

A key that is missing is not known, or is to be left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from hpcli.client.site import ADDRESS_FIELDS, PERMANENT
from hpcli.fleet.permissions import allowed_by_device
from hpcli.fleet.state import AccountState, Row, SiteState
from hpcli.parse import utc_text
from hpcli.reference.codes import code_list

FORMAT: Final = "hpcli-fleet"
VERSION: Final = 1
FOR_EVER: Final = "permanent"
Document = dict[str, Any]
ArcSettings = Callable[[str], Mapping[str, Any]]
"""Serial to what this computer last set of its ARC service: `account` and `events`; the platform does not tell."""


class Origin(NamedTuple):
    """Where and when an account was read.

    Attributes:
        account: the id of the account.
        host: the login host.
        name: what the user calls the account, the name of its profile.
        begun: when the reading began.
        made: when it was done.
    """

    account: str
    host: str
    name: str | None
    begun: datetime
    made: datetime


def nothing_set(_serial: str) -> Mapping[str, Any]:
    """Say that this computer set nothing of the ARC service of a device."""
    return {}


def make_document(state: AccountState, origin: Origin, arc: ArcSettings = nothing_set) -> Document:
    """Return the document of an account that was read; what was not read is missing, and named under `unread`."""
    settings = None if state.is_of_centre else arc
    account = {"id": origin.account, "host": origin.host, "name": origin.name}
    unread: list[dict[str, Any]] = [
        {"site": site.name, "siteId": site.id, "part": part, "error": str(error)}
        for site, part, error in state.failures
    ]
    unread += [{"site": None, "siteId": None, "part": "lists", "error": gap} for gap in state.gaps]
    document: Document = {
        "format": FORMAT,
        "version": VERSION,
        "account": {name: value for name, value in account.items() if value},
        "begun": utc_text(origin.begun),
        "made": utc_text(origin.made),
        "complete": not unread,
        **({"unread": unread} if unread else {}),
        "sites": [site_entry(site, settings) for site in state.sites],
    }
    if state.homeless:
        document["withoutSite"] = [device_entry(row, None, settings) for row in state.homeless]
    return document


def site_entry(site: SiteState, arc: ArcSettings | None) -> dict[str, Any]:
    """Return a site of the document."""
    row = site.row
    entry = {
        "name": row.get("siteName"),
        "id": row.get("id"),
        "timeZone": _number(row.get("timeZone")),
        "timeSync": row.get("timeSync"),
        **{option: row.get(key) for option, key in ADDRESS_FIELDS.items()},
        "handover": code_name("siteDeliveryStatus", row.get("siteDeliveryStatus")),
        "appAccess": row.get("cloudEnable"),
        "share": row.get("sharedInfo"),
    }
    found = {name: value for name, value in entry.items() if value is not None}
    if site.managers is not None:
        found["managers"] = [manager_entry(manager) for manager in site.managers]
    if site.customers is not None:
        found["customers"] = [_customer_entry(customer, site) for customer in site.customers]
    found["devices"] = [device_entry(device, site, arc) for device in site.devices]
    return found


def manager_entry(row: Row) -> dict[str, Any]:
    """Return a manager of the document."""
    names = (row.get("installerFirstName"), row.get("installerLastName"))
    entry = {
        "email": row.get("installerEmail"),
        "name": " ".join(str(name) for name in names if name),
        "id": row.get("installerId"),
        "until": until_of(row.get("expireDurationTime")),
    }
    return {name: value for name, value in entry.items() if value}


def until_of(end: Any) -> str | None:
    """Return the end of a manager's permission as the document has it; None where the platform does not say."""
    if not isinstance(end, int) or isinstance(end, bool):
        return None
    if end == PERMANENT:
        return FOR_EVER
    try:
        return utc_text(datetime.fromtimestamp(end / 1000, UTC))
    except (OverflowError, OSError, ValueError):
        return None


def _customer_entry(row: Row, site: SiteState) -> dict[str, Any]:
    account = str(row.get("hcAccount") or "")
    entry: dict[str, Any] = {"account": account, "status": code_name("customerStatus", row.get("status"))}
    if account in site.permissions:
        entry["permissions"] = allowed_by_device(site.permissions[account])
    return {name: value for name, value in entry.items() if value is not None}


def device_entry(row: Row, site: SiteState | None, arc: ArcSettings | None) -> dict[str, Any]:
    """Return a device of the document."""
    serial = str(row.get("deviceSerial") or "")
    since = site.since.get(serial) if site is not None else None
    entry = {
        "serial": serial,
        "name": row.get("deviceName"),
        "id": row.get("id"),
        "model": row.get("deviceType"),
        "category": code_name("deviceCategory", row.get("deviceCategory")),
        "subCategory": row.get("deviceSubCategory"),
        "firmware": row.get("deviceVersion"),
        "online": code_name("deviceOnlineStatus", row.get("deviceOnlineStatus")),
        "offlineSince": since,
        "info": row.get("extInfo") or None,
        "added": row.get("deviceAddTime"),
    }
    found = {name: value for name, value in entry.items() if value is not None}
    if arc is not None:
        found["arc"] = _arc_entry(row, arc(serial)) if row.get("arcId") else None
    if site is not None and serial in site.channels:
        found["channels"] = [_channel_entry(channel) for channel in site.channels[serial]]
    return found


def _arc_entry(row: Row, known: Mapping[str, Any]) -> dict[str, Any]:
    company = row.get("arcCompanyName")
    return {"id": row["arcId"], **({"company": company} if company else {}), **known}


def _channel_entry(row: Row) -> dict[str, Any]:
    entry = {
        "number": row.get("channelNo"),
        "name": row.get("channelName"),
        "camera": row.get("ipcSerial"),
        "state": code_name("channelStatus", row.get("status")),
    }
    return {name: value for name, value in entry.items() if value is not None}


def code_name(codes: str, value: Any) -> str | None:
    """Return the name of a code, its number where hpcli does not know it, None where there is none."""
    if value is None or value == "":
        return None
    code = code_list(codes).find(value)
    return code.name if code else str(value)


def _number(value: Any) -> Any:
    text = str(value or "")
    return int(text) if text.isdecimal() and len(text) < 6 else value
