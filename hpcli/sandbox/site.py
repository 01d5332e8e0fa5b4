"""Sites: add, delete, update, search (Guide §3.3 to §3.6)."""

from __future__ import annotations

import secrets
from typing import Any

from hpcli import reference
from hpcli.sandbox import account, events
from hpcli.sandbox.calls import Call, operation
from hpcli.sandbox.envelope import Refused, page_data
from hpcli.sandbox.store import Store


@operation("siteAdd")
def add_site(call: Call) -> None:
    """Add a site (§3.3). The answer holds no id; the site shows up in the search a little later (field note)."""
    _refuse_taken_name(call.store, call.body["name"])
    if reference.time_zone_by_number(call.body["timeZone"]) is None:
        raise Refused("LAP000001", "timeZone is not a number of the time zone list.")
    admins = call.store.find("installer", isAdmin=1)
    site = account.new_site(secrets.token_hex(16), call.body, admins[0] if admins else {})
    account.keep_site(call.store, {**site, "visibleFrom": call.now + call.settings.site_delay_seconds})


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
    call.store.delete("site", site["id"])


@operation("siteSearch")
def search_sites(call: Call) -> dict[str, Any]:
    """List sites whose name, address or installer holds the search text (§3.6)."""
    number, size = call.page()
    rows, total = call.store.page("site", number, size, search=call.body.get("search"), visible_at=call.now)
    return page_data([account.site_row(row) for row in rows], total, number, size)


def _refuse_taken_name(store: Store, name: str) -> None:
    if store.find("site", siteName=name):
        raise Refused("LAP008000")
