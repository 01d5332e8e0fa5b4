"""Sites: add, delete, update, search, share, managers, handover (Guide §3.3 to §3.11), the end users' app (§3.26).

A partner company answers after `Settings.answer_seconds`: an address that begins with `no@` denies, all others
accept; no account has an address that begins with `nobody@`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from hpcli.reference.timezones import time_zone_by_number
from hpcli.sandbox import customer
from hpcli.sandbox.http.calls import Call, operation
from hpcli.sandbox.http.envelope import Refused, page_data
from hpcli.sandbox.state import account, events
from hpcli.sandbox.state.store import Store

_HOURS = {0: 1, 1: 2, 2: 4, 3: 8, 4: 24}
"""`applyTimeType` in hours; -1 has no end (§3.7)."""

PERMANENT = -1

_HIDDEN = "hidden"
"""Kind of the records of sites that searches do not find yet (field note)."""

_WAITING, _SHARED, _DENIED = 1, 2, 4
_HANDED_OVER = 2


@operation("siteAdd")
def add_site(call: Call) -> None:
    """Add a site (§3.3). The answer has no id; the search finds the site a little later (field note)."""
    _refuse_taken_name(call.store, call.body["name"])
    if time_zone_by_number(call.body["timeZone"]) is None:
        raise Refused("LAP000001", "timeZone is not a number of the time zone list.")
    admins = call.store.find("installer", isAdmin=1)
    site = account.new_site(secrets.token_hex(16), call.body, admins[0] if admins else {})
    account.keep_site(call.store, site)
    if call.settings.site_delay_seconds:
        until = call.now + call.settings.site_delay_seconds
        call.store.put(_HIDDEN, site["id"], {"place": call.store.seq("site", site["id"]), "until": until})


@operation("siteUpdate")
def update_site(call: Call) -> None:
    """Rename a site or change its address (§3.5)."""
    site = account.own_site(call.store, call.path["id"])
    if call.body["name"] != site["siteName"]:
        _refuse_taken_name(call.store, call.body["name"])
    changes = {name: call.body[name] for name in account.ADDRESS if name in call.body}
    account.keep_site(call.store, {**site, **changes, "siteName": call.body["name"]})
    for device in call.store.children("device", site["id"]):
        account.keep_device(call.store, {**device, "siteName": call.body["name"]})


@operation("siteDelete")
def delete_site(call: Call) -> None:
    """Delete a site with all its devices (§3.4)."""
    site = account.known_site(call.store, call.path["id"])
    if account.is_foreign(site):
        raise Refused("LAP008025")
    for device in call.store.children("device", site["id"]):
        account.remove_device(call.store, device)
        events.announce(call.store, device, "devicedeleted", call.now)
    customer.remove_all(call.store, site["id"])
    for kind in ("share", "managers", _HIDDEN, "site"):
        call.store.delete(kind, site["id"])


@operation("siteSearch")
def search_sites(call: Call) -> dict[str, Any]:
    """List sites whose name, address or installer contains the search text (§3.6)."""
    number, size = call.page()
    text, hidden = call.body.get("search"), _hidden_places(call)
    if text or hidden:
        places = [place for place in call.store.search("site", text or "") if place not in hidden]
        rows, total = call.store.part(places, number, size)
    else:
        rows, total = call.store.page("site", number, size)
    return page_data([site_now(call, row) for row in rows], total, number, size)


@operation("siteShare")
def share_site(call: Call) -> None:
    """Offer a site that is not handed over to a partner company for a time (§3.7)."""
    site = account.own_site(call.store, call.body["siteId"])
    now = site_now(call, site)
    if now["siteDeliveryStatus"] == _HANDED_OVER:
        raise Refused("LAP008103")
    if now["sharedInfo"]["shareType"] and now["sharedInfo"].get("shareState") != _DENIED:
        raise Refused("LAP008081")
    email = call.body["email"]
    company = call.store.get("company", "own") or {}
    if email.partition("@")[2] == company.get("companyEmail", "").partition("@")[2]:
        raise Refused("LAP008093")
    if email.startswith("nobody@"):
        raise Refused("LAP008082")
    offer = {"email": email, "askedAt": call.now, "applyTimeType": call.body.get("applyTimeType", -1)}
    call.store.put("share", site["id"], offer)


@operation("siteShareCancel")
def cancel_share(call: Call) -> None:
    """End the sharing of a site, or withdraw the offer (§3.8)."""
    site = account.own_site(call.store, call.path["id"])
    if not site_now(call, site)["sharedInfo"]["shareType"]:
        raise Refused("LAP008087")
    call.store.delete("share", site["id"])
    account.keep_site(call.store, {**site, "sharedInfo": {"shareType": 0}})


@operation("siteAssign")
def assign_managers(call: Call) -> None:
    """Replace the managers of sites (§3.9), except those who manage all sites, here the admin."""
    entries = call.body["installerPermissionTimes"]
    for entry in entries:
        if call.store.get("installer", entry["installerId"]) is None:
            raise Refused("LAP012013")
        end = entry["expiredDurationTime"]
        if end != PERMANENT and end <= call.now * 1000:
            raise Refused("LAP000001", "expiredDurationTime is not in the future.")
    sites = [account.own_site(call.store, site_id) for site_id in call.body["siteIds"]]
    wanted = {entry["installerId"]: entry["expiredDurationTime"] for entry in entries}
    for site in sites:
        stay = {name: end for name, end in _current(call, site).items() if _is_admin(call, name)}
        call.store.put("managers", site["id"], {**stay, **wanted})
        first = call.store.get("installer", next(iter(wanted))) or {}
        names = {"installerFirstName": first["firstName"], "installerLastName": first["lastName"]}
        account.keep_site(call.store, {**site, "installerId": first["id"], **names})


@operation("siteSitemanagers")
def list_managers(call: Call) -> dict[str, Any]:
    """List the managers of a site, with the end of their permission as text (§3.10)."""
    site = account.known_site(call.store, call.body["siteId"])
    rows = []
    for installer_id, end in _current(call, site).items():
        person = call.store.get("installer", installer_id) or {}
        rows.append(
            {
                "installerId": installer_id,
                "installerFirstName": person.get("firstName", ""),
                "installerLastName": person.get("lastName", ""),
                "installerEmail": person.get("email", ""),
                "installerPhone": person.get("phone", ""),
                "expireDurationTime": str(end),
            }
        )
    return {"installerMangers": rows}


@operation("siteHandoverShare")
def hand_over(call: Call) -> None:
    """Invite end users to a site and its devices (§3.11)."""
    site = account.own_site(call.store, call.body["siteId"])
    customer.invite(call, site)
    if site["siteDeliveryStatus"] == 0:
        account.keep_site(call.store, {**site, "siteDeliveryStatus": 1})


@operation("deviceCloudEnable")
def set_app_access(call: Call) -> None:
    """Let end users operate the devices of a site that is handed over, or not (§3.26)."""
    site = account.own_site(call.store, call.body["siteId"])
    if site_now(call, site)["siteDeliveryStatus"] != _HANDED_OVER:
        raise Refused("LAP008044")
    account.keep_site(call.store, {**site, "cloudEnable": call.body["cloudEnable"], "cloudSet": True})


def site_now(call: Call, site: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of a site at this moment: offers are answered, and sharing expires."""
    row = {name: value for name, value in site.items() if name != "cloudSet"}
    if row["siteDeliveryStatus"] == 1 and customer.has_accepted(call, row["id"]):
        row |= {
            "siteDeliveryStatus": _HANDED_OVER,
            "cloudEnable": row["cloudEnable"] if "cloudSet" in site else True,
        }
    offer = call.store.get("share", row["id"])
    if offer is not None:
        # The handover ends sharing for the installation (§3.6).
        is_over = row["siteDeliveryStatus"] == _HANDED_OVER
        row["sharedInfo"] = {"shareType": 0} if is_over else _sharing(call, offer)
    return row


def _sharing(call: Call, offer: Mapping[str, Any]) -> dict[str, Any]:
    since_answer = call.now - offer["askedAt"] - call.settings.answer_seconds
    state = _WAITING
    if since_answer >= 0:
        state = _DENIED if offer["email"].startswith("no@") else _SHARED
    hours = _HOURS.get(offer["applyTimeType"])
    if state == _SHARED and hours is not None and since_answer >= hours * 3600:
        return {"shareType": 0}
    domain = offer["email"].partition("@")[2]
    company = {"companyName": domain.partition(".")[0].title(), "email": offer["email"]}
    return {"shareType": 3, "shareState": state, "shareToCompany": company}


def _hidden_places(call: Call) -> set[int]:
    """Return the places of the sites that searches do not find yet."""
    return {entry["place"] for entry in call.store.find(_HIDDEN) if entry["until"] > call.now}


def _refuse_taken_name(store: Store, name: str) -> None:
    if store.find("site", siteName=name):
        raise Refused("LAP008000")


def _current(call: Call, site: Mapping[str, Any]) -> dict[str, int]:
    """Return the managers whose permission has not ended; the admin if none is left."""
    kept = call.store.get("managers", site["id"]) or {site["installerId"]: PERMANENT}
    valid = {name: end for name, end in kept.items() if end == PERMANENT or end > call.now * 1000}
    return valid or {row["id"]: PERMANENT for row in call.store.find("installer", isAdmin=1)}


def _is_admin(call: Call, installer_id: str) -> bool:
    return bool((call.store.get("installer", installer_id) or {}).get("isAdmin"))
