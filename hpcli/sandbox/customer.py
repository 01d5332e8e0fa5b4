"""End users: who they are and what they may do (Guide §3.12 to §3.16).

An invited end user answers after `Settings.answer_seconds`; the first part of the address decides how: `no@…`
rejects, `new@…` has no account yet, `silent@…` never answers and expires, all others accept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hpcli.reference.codes import code_list, is_ax_pro, shareable_permissions
from hpcli.sandbox.http.calls import Call, operation
from hpcli.sandbox.http.envelope import Refused
from hpcli.sandbox.state import account
from hpcli.sandbox.state.store import Store

REJECTED, APPROVED, PENDING, EXPIRED, NOT_REGISTERED = "0", "1", "2", "3", "4"
_PANEL, _RADAR = 3, 13
_AX_PRO_KEY, _OTHER_KEY = "ax2PermissionDetails", "otherPermissionDetails"
_ALARM, _SHARING = 3, 6
_INVITATION_SECONDS = 7 * 86400.0
_KIND = "customer"


@operation("siteCustomerList")
def list_customers(call: Call) -> dict[str, Any]:
    """List the end users of a site (§3.12)."""
    site = account.known_site(call.store, call.body["siteId"])
    rows = [
        {"hcAccount": row["hcAccount"], "type": row["type"], "status": status(call, row)}
        for row in _of_site(call.store, site["id"])
    ]
    return {"customers": rows}


@operation("siteCustomerDetail")
def show_customer(call: Call) -> dict[str, Any]:
    """Return the devices of an end user (§3.13); without those that were deleted meanwhile."""
    site = account.known_site(call.store, call.body["siteId"])
    row = _known(call.store, site["id"], call.body["hcAccount"])
    here = {device["deviceSerial"] for device in call.store.children("device", site["id"])}
    return {"shareDevices": [entry for entry in row["shareDevices"] if entry["deviceSerial"] in here]}


@operation("siteCustomerAccountUpdate")
def replace_account(call: Call) -> None:
    """Replace an end user with another account, which is invited (§3.14)."""
    site = account.own_site(call.store, call.body["siteId"])
    old, new = call.body["oldShareHc"], call.body["newShareHc"]
    if old == new:
        raise Refused("LAP064001")
    row = _known(call.store, site["id"], old["hcAccount"])
    if call.store.get(_KIND, f"{site['id']}/{new['hcAccount']}") is not None:
        raise Refused("LAP064003")
    call.store.delete(_KIND, f"{site['id']}/{old['hcAccount']}")
    keep(call.store, site["id"], {**new, "askedAt": call.now, "shareDevices": row["shareDevices"]})


@operation("siteCustomerDevicesUpdate")
def set_devices(call: Call) -> None:
    """Set the devices of an end user (§3.15); devices left out are removed, present permissions may stay."""
    site = account.own_site(call.store, call.body["siteId"])
    wanted = call.body["sharedHc"]
    row = _known(call.store, site["id"], wanted["hcAccount"])
    devices = _checked(call.store, site, wanted["shareDevices"], row["shareDevices"])
    keep(call.store, site["id"], {**row, "shareDevices": devices})


@operation("siteCustomerCancle")
def remove_customers(call: Call) -> None:
    """Remove end users from a site (§3.16); without end users the site is not handed over."""
    site = account.own_site(call.store, call.body["siteId"])
    for name in call.body["hcAccounts"]:
        _known(call.store, site["id"], name)
    for name in call.body["hcAccounts"]:
        call.store.delete(_KIND, f"{site['id']}/{name}")
    if not _of_site(call.store, site["id"]):
        account.keep_site(call.store, {**site, "siteDeliveryStatus": 0, "cloudEnable": False})


def invite(call: Call, site: Mapping[str, Any]) -> None:
    """Invite the end users of a handover (§3.11).

    Raises:
        Refused: LAP064007, one is named twice; LAP064003, one has access or is invited already.
    """
    accounts = [entry["hcAccount"] for entry in call.body["batchHcAccount"]]
    if len(set(accounts)) < len(accounts):
        raise Refused("LAP064007")
    present = {row["hcAccount"]: status(call, row) for row in _of_site(call.store, site["id"])}
    if any(present.get(name) in (APPROVED, PENDING) for name in accounts):
        raise Refused("LAP064003")
    devices = _checked(call.store, site, call.body["userSharePermission"])
    for entry in call.body["batchHcAccount"]:
        keep(call.store, site["id"], {**entry, "askedAt": call.now, "shareDevices": devices})


def status(call: Call, row: Mapping[str, Any]) -> str:
    """Return the state of an end user's invitation (§3.12)."""
    if "status" in row:
        return str(row["status"])
    waited = call.now - row["askedAt"]
    mailbox = row["hcAccount"].partition("@")[0]
    if mailbox == "new":
        return NOT_REGISTERED
    if mailbox == "silent":
        return EXPIRED if waited >= _INVITATION_SECONDS else PENDING
    if waited < call.settings.answer_seconds:
        return PENDING
    return REJECTED if mailbox == "no" else APPROVED


def has_accepted(call: Call, site_id: str) -> bool:
    """Return whether an end user of the site accepted."""
    return any(status(call, row) == APPROVED for row in _of_site(call.store, site_id))


def owner_of(call: Call, site_id: str) -> dict[str, Any] | None:
    """Return the first end user who accepted."""
    return next((row for row in _of_site(call.store, site_id) if status(call, row) == APPROVED), None)


def keep(store: Store, site_id: str, row: Mapping[str, Any]) -> None:
    """Write an end user of a site."""
    store.put(_KIND, f"{site_id}/{row['hcAccount']}", row, parent=site_id)


def remove_all(store: Store, site_id: str) -> None:
    """Forget the end users of a site that is deleted."""
    store.delete_children(_KIND, site_id)


def _of_site(store: Store, site_id: str) -> list[dict[str, Any]]:
    return store.children(_KIND, site_id)


def _known(store: Store, site_id: str, name: str) -> dict[str, Any]:
    row = store.get(_KIND, f"{site_id}/{name}")
    if row is None:
        raise Refused("LAP035001")
    return row


def _checked(
    store: Store,
    site: Mapping[str, Any],
    entries: Sequence[Mapping[str, Any]],
    present: Sequence[Mapping[str, Any]] = (),
) -> list[dict[str, Any]]:
    """Return the entries if every device is on the site and can have its permissions.

    Codes that the guide does not list are accepted: an edition of the platform may know more.

    Args:
        store: the state.
        site: the site.
        entries: what is wanted.
        present: what the end user has; any of it may stay.

    Raises:
        Refused: LAP006009, no such device; LAP000001, a permission that its kind of device cannot have.
    """
    devices = {device["deviceSerial"]: device for device in store.children("device", site["id"])}
    for entry in entries:
        serial = entry["deviceSerial"]
        if serial not in devices:
            raise Refused("LAP006009")
        wanted = _permissions(entry, devices[serial])
        if entry not in present and (wanted is None or wanted & _impossible(devices[serial], entry)):
            raise Refused("LAP000001", f"{serial} cannot have these permissions.")
    return [dict(entry) for entry in entries]


def _permissions(entry: Mapping[str, Any], device: Mapping[str, Any]) -> set[int] | None:
    """Return the permissions of an entry, None if they are in the form for the other kind of device."""
    pro, others = entry.get(_AX_PRO_KEY), entry.get(_OTHER_KEY)
    is_pro = is_ax_pro(device["deviceCategory"], device["deviceSubCategory"])
    if (pro and others) or (pro and is_pro is False) or (others and is_pro):
        return None
    if pro:
        return set(pro.get("ax2Permission", ()))
    if others is None or any(item["permission"] == _SHARING and "channelNo" in item for item in others):
        return None
    return {item["permission"] for item in others}


def _impossible(device: Mapping[str, Any], entry: Mapping[str, Any]) -> set[int]:
    """Return the listed permissions that a device of this kind cannot have."""
    if entry.get(_AX_PRO_KEY):
        return set()
    listed = {int(str(code.value)) for code in code_list("permission").codes}
    if device["deviceSubCategory"] == _RADAR:
        return listed - {_ALARM, _SHARING}
    if device["deviceCategory"] == _PANEL:
        return set()
    codes = shareable_permissions(device["deviceCategory"], device["deviceSubCategory"]).codes
    possible = {int(str(code.value)) for code in codes}
    return listed - (possible | {_SHARING} if possible else set())
