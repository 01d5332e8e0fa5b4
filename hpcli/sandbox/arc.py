"""Alarm receiving centres (Guide §3.37 to §3.42). The demo account is installer and ARC user in one.

On a site that is handed over, the end user approves after `Settings.answer_seconds`; a device that is offline
cannot be changed (`permission` null).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpcli.reference.codes import code_list
from hpcli.sandbox import customer
from hpcli.sandbox.http.calls import Call, operation
from hpcli.sandbox.http.envelope import Refused, page_data
from hpcli.sandbox.site import site_now
from hpcli.sandbox.state import account

_WAITING, _APPLIED, _FAILED = 0, 1, None
_PANEL = 3
_AX_PRO = 3
_AX_HOME = frozenset({5, 6, 7, 8})
_NOT_IN_ROWS = ("deviceShareFlag", "arcId", "arcCompanyName")  # fields of §3.21 that §3.37 lacks


@operation("arcserviceDeviceList")
def list_devices(call: Call) -> dict[str, Any]:
    """List the devices whose ARC service is on (§3.37)."""
    number, size = call.page()
    site_id, serials = call.body.get("siteId"), call.body.get("deviceSerialList")
    waiting = set(call.store.arcs_from(call.now))
    if site_id or serials:
        named = [call.store.get("device", serial) for serial in dict.fromkeys(serials or ())]
        among = named if serials else call.store.children("device", site_id)
        found = [row for row in among if row and row.get("arcId") and row["deviceSerial"] not in waiting]
        found = [row for row in found if site_id in (None, row["siteID"])]
        total, rows = len(found), found[(number - 1) * size : number * size]
    else:
        hidden = {call.store.seq("device", serial) for serial in waiting}
        places = [place for place in call.store.places_with_arc() if place not in hidden]
        rows, total = call.store.part(places, number, size)
    shown = [
        {name: value for name, value in account.device_row(device).items() if name not in _NOT_IN_ROWS}
        for device in rows
    ]
    return page_data(shown, total, number, size)


@operation("arcserviceDeviceEnable")
def enable(call: Call) -> dict[str, Any]:
    """Switch the ARC service of a device on, reporting every event (§3.38)."""
    device = account.known_device(call.store, call.body["deviceSerial"])
    if device["deviceOnlineStatus"] != 1:
        return {"permission": _FAILED}
    waits = customer.has_accepted(call, device["siteID"])
    start = call.now + (call.settings.answer_seconds if waits else 0)
    kept = call.store.get("arc", device["deviceSerial"]) or {}
    kept |= {"arcId": call.body["arcId"], "from": start, "panelEvents": None, "cameraEvents": None}
    call.store.put("arc", device["deviceSerial"], kept, parent=device["deviceSerial"])
    account.keep_device(
        call.store, {**device, "arcId": call.body["arcId"], "arcCompanyName": "Receiving centre"}
    )
    return {"permission": _WAITING if waits else _APPLIED}


@operation("arcserviceDeviceDisable")
def disable(call: Call) -> None:
    """Switch the ARC service of a device off (§3.39)."""
    device = account.known_device(call.store, call.body["deviceSerial"])
    call.store.delete("arc", device["deviceSerial"])
    rest = {name: value for name, value in device.items() if name not in ("arcId", "arcCompanyName")}
    account.keep_device(call.store, rest)


@operation("arcserviceEventTypeUpdate")
def set_events(call: Call) -> dict[str, Any]:
    """Set which events of a device go to its ARC (§3.40)."""
    device = account.known_device(call.store, call.body["deviceSerial"])
    names = ("ax2PermissionList", "CCTVEventList")
    if call.settings.plural_lists:
        names = ("ax2PermissionLists", "eventFilterLists")
    panel, cameras = (call.body.get(name) for name in names)
    can_change = _arc_of(call, device) is not None and device["deviceOnlineStatus"] == 1
    if not can_change or not _fits(device, panel, cameras):
        return {"permission": _FAILED}
    kept = call.store.get("arc", device["deviceSerial"]) or {"arcId": device["arcId"], "from": 0}
    changes = {"panelEvents": panel} if panel is not None else {"cameraEvents": cameras}
    call.store.put("arc", device["deviceSerial"], kept | changes, parent=device["deviceSerial"])
    return {"permission": _APPLIED}


@operation("arcserviceAccountNumberUpdate")
def set_account_number(call: Call) -> None:
    """Set the account number under which a device reports (§3.41)."""
    device = account.known_device(call.store, call.body["deviceSerial"])
    if _arc_of(call, device) is None:
        raise Refused("LAP034000")
    kept = call.store.get("arc", device["deviceSerial"]) or {"arcId": device["arcId"], "from": 0}
    kept["accountNumber"] = call.body["accountNumber"]
    call.store.put("arc", device["deviceSerial"], kept, parent=device["deviceSerial"])


@operation("arcserviceSiteInfo")
def show_site(call: Call) -> dict[str, Any]:
    """Return a site whose devices report to the ARC, with its installer and owner (§3.42)."""
    site = site_now(call, account.known_site(call.store, call.path["id"]))
    if not any(_arc_of(call, device) for device in call.store.children("device", site["id"])):
        raise Refused("LAP034001")
    person = call.store.get("installer", site["installerId"]) or {}
    owner = (customer.owner_of(call, site["id"]) or {}).get("hcAccount", "")
    is_mail = "@" in owner
    rest = {name: value for name, value in site.items() if name not in ("siteDeliveryStatus", "cloudEnable")}
    return rest | {
        "installerEmail": person.get("email", ""),
        "installerPhone": person.get("phone", ""),
        "siteOwnerName": owner.partition("@")[0] if is_mail else "",
        "siteOwnerEmail": owner if is_mail else "",
        "siteOwnerPhone": "" if is_mail else owner,
    }


def _arc_of(call: Call, device: Mapping[str, Any]) -> str | None:
    """Return the ARC that a device reports to; None until the end user has approved."""
    kept = call.store.get("arc", device["deviceSerial"])
    if kept is not None and kept["from"] > call.now:
        return None
    return device.get("arcId")


def _fits(device: Mapping[str, Any], panel: list[int] | None, cameras: list[int] | None) -> bool:
    """Return whether the list is the one for this kind of device, second levels included (§3.40)."""
    if device["deviceCategory"] != _PANEL:
        return panel is None and bool(cameras)
    if cameras is not None or not panel:
        return False
    chosen = set(panel)
    if chosen & _AX_HOME:
        return chosen <= _AX_HOME
    parents = {code.value: code.parent for code in code_list("arcAx2PermissionList").codes}
    return device["deviceSubCategory"] != _AX_PRO or all(
        parents[event] is None or parents[event] in chosen for event in chosen
    )
