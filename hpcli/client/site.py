"""Sites of customers (Guide §3.3–3.11, 3.26)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hpcli.api.operations.site import (
    ADD,
    APP_ACCESS,
    ASSIGN,
    DELETE,
    HANDOVER,
    MANAGERS,
    SEARCH,
    SHARE,
    UNSHARE,
    UPDATE,
)
from hpcli.backoff import Backoff
from hpcli.client.calls import Calls
from hpcli.client.checks import check_count, check_length
from hpcli.errors import NotFoundError, TimeLimitError, UsageError
from hpcli.names import folded, is_site_id, named, normal
from hpcli.parse import epoch_milliseconds

if TYPE_CHECKING:
    from hpcli.api.rows.site import ManagerRow, SiteRow
    from hpcli.client.listing import Listing
    from hpcli.client.paging import Page

PERMANENT = -1
LOOK_UP_SECONDS = 15.0  # a new site shows up in the search after several seconds (field note)
_LOOK_UP_BACKOFF = Backoff((0.5,), growth=1.7)
ADDRESS_FIELDS = {"state": "siteState", "city": "siteCity", "street": "siteStreet", "address": "location"}
_OF_OTHERS = (2, 4)  # share types of sites that another company shares with this one (§3.6)


class SiteCalls(Calls):
    """Calls about sites."""

    def list(
        self,
        search: str | None = None,
        *,
        limit: int | None = None,
        on_page: Callable[[Page], object] | None = None,
    ) -> Iterator[SiteRow]:
        """Yield the sites.

        Args:
            search: part of a name.
            limit: rows at most.
            on_page: takes each page as it arrives.

        Yields:
            {id, siteName, timeZone, timeSync, installerId, siteState, siteCity, siteStreet, location,
            sharedInfo: {shareType, shareState, …}, siteDeliveryStatus, …} (Guide §3.6).
        """
        return self._list_named(SEARCH, search, limit=limit, on_page=on_page)

    def find(self, site: str) -> SiteRow:
        """Return the site of that id or name.

        A name may have any Unicode normal form, and other capitals if it is the only site that has it then.

        Raises:
            NotFoundError: there is none.
            ProtocolError: the platform does not say which sites there are.
            UsageError: several sites have that name.
        """
        rows = [] if is_site_id(site) else list(self.list(search=site))
        if matching_sites(rows, site):
            return self.remember(pick_site(rows, site))
        listing = self.listing()
        # The search is by name, so an id needs the list, up to its row.
        row = listing.find(lambda row: row.get("id") == site)
        return self.remember(row or pick_site(listing.all(), site))

    def listing(self) -> Listing[SiteRow]:
        """Return the list of all sites, fetched as far as it is needed, to look some up.

        Raises:
            ProtocolError: the platform does not say which sites there are.
        """
        return self._listing(SEARCH, "site")

    def remember(self, row: SiteRow) -> SiteRow:
        """Keep the name of a site for the log of changes; return its row."""
        self._name(row.get("id"), row.get("siteName"))
        return row

    def add(
        self,
        name: str,
        time_zone: int | str,
        *,
        sync_time: bool = False,
        address: Mapping[str, str] | None = None,
    ) -> SiteRow:
        """Add a site and return its row, once the search knows it. Guide §3.3, §3.6.

        Args:
            name: 1 to 128 characters; no other site of the account has it.
            time_zone: number of appendix A.2, a listed name, or an IANA name.
            sync_time: let devices take over the time zone.
            address: any of state, city, street, address; 128 characters each.

        Raises:
            ConflictError: the name is taken (LAP008000).
            TimeLimitError: it was added, but did not show up within 15 s.
            UsageError: an argument is too long, or there is no such time zone.
        """
        from hpcli.reference.timezones import time_zone_of

        body = {
            "name": check_length("name", name, 1, 128),
            "timeZone": time_zone_of(str(time_zone)).number,
            "timeSync": sync_time or None,
            **_address_fields(address or {}),
        }
        self._change(ADD, body)
        return self._look_up(name)

    def _look_up(self, name: str) -> SiteRow:
        """Return the row of a site that was added just now; the answer of `site/add` has no id."""

        def ask() -> SiteRow:
            rows = [row for row in self.list(search=name) if normal(str(row.get("siteName"))) == normal(name)]
            # Names are unique within the own account only.
            own = [row for row in rows if (row.get("sharedInfo") or {}).get("shareType") not in _OF_OTHERS]
            return own[0] if len(own) == 1 else {}

        try:
            return self._wait(ask, bool, limit=LOOK_UP_SECONDS, backoff=_LOOK_UP_BACKOFF)
        except TimeLimitError as error:
            raise TimeLimitError(
                f"The site '{name}' was added, but is not listed yet.",
                hint=f"`hpcli site show '{name}'` shows its id in a while.",
            ) from error

    def update(self, site_id: str, name: str, *, address: Mapping[str, str] | None = None) -> None:
        """Change the name and the address of a site. Guide §3.5.

        The guide does not say whether an address field that is left out is kept, so name all of them.

        Args:
            site_id: the site.
            name: its name, 1 to 128 characters, also where it stays as it is.
            address: any of state, city, street, address; 128 characters each.

        Raises:
            ConflictError: the name is taken (LAP008000).
            PermissionDeniedError: you do not manage the site (LAP008002, LAP008011).
        """
        body = {"name": check_length("name", name, 1, 128), **_address_fields(address or {})}
        self._change(UPDATE, body, parameters={"id": site_id})

    def delete(self, site_id: str) -> None:
        """Delete a site with all its devices. Guide §3.4.

        Raises:
            NotFoundError: there is none (LAP008001).
            PermissionDeniedError: you are neither admin nor its manager (LAP008025).
        """
        self._change(DELETE, parameters={"id": site_id})

    def share(self, site_id: str, email: str, *, duration: int | str, note: str | None = None) -> None:
        """Share a site that is not handed over with an installation partner. Guide §3.7.

        Args:
            site_id: the site.
            email: an employee of the other company.
            duration: 1h, 2h, 4h, 8h, 24h or permanent; or its code, -1 to 4.
            note: shown to that employee.

        Raises:
            ConflictError: it is shared already (LAP008081), is handed over (LAP008103), or the address
                belongs to your own company (LAP008093).
            NotFoundError: no account has that address (LAP008082).
        """
        self._change(SHARE, {"siteId": site_id, **share_terms(email, duration), "describe": note or None})

    def unshare(self, site_id: str) -> None:
        """End the sharing of a site. Guide §3.8.

        Raises:
            ConflictError: it is not shared (LAP008087).
        """
        self._change(UNSHARE, parameters={"id": site_id})

    def managers(self, site_id: str) -> Sequence[ManagerRow]:
        """Return the managers of a site. Guide §3.10.

        Returns:
            [{installerId, installerFirstName, installerLastName, installerEmail, installerPhone,
            expireDurationTime}]: the end of the permission in epoch milliseconds, -1 for none.

        Raises:
            ProtocolError: the platform does not say; `assign` would remove them unseen.
        """
        return self._read(MANAGERS, {"siteId": site_id}, is_needed=True)

    def assign(self, site_ids: Sequence[str], installers: Mapping[str, datetime | None]) -> None:
        """Make employees the managers of sites; all other managers are removed. Guide §3.9.

        Those who may manage all sites stay.

        Args:
            site_ids: the sites.
            installers: at most 100 employees by id, with the end of their permission, None for no end. It
                is sent as a moment in epoch milliseconds (errata 16).

        Raises:
            UsageError: no site, no employee, or more than 100.
        """
        check_count("installer", list(installers), 100)
        times = [
            {"installerId": installer, "expiredDurationTime": epoch_milliseconds(end) if end else PERMANENT}
            for installer, end in installers.items()
        ]
        sites = list(check_count("site", site_ids))
        self._change(ASSIGN, {"siteIds": sites, "installerPermissionTimes": times})

    def hand_over(
        self,
        site_id: str,
        accounts: Sequence[str],
        devices: Sequence[Mapping[str, Any]],
        *,
        note: str | None = None,
    ) -> None:
        """Hand a site over to end users by sharing its devices; the company stays the owner. Guide §3.11.

        Args:
            site_id: the site.
            accounts: e-mail addresses (with @) or phone numbers.
            devices: {deviceSerial, ax2PermissionDetails or otherPermissionDetails}, see `sharing.shared_device`.
            note: a remark.

        Raises:
            ConflictError: an account has access already (LAP064003), or is named twice (LAP064007).
        """
        from hpcli.client.handover_permissions import account_entry

        body = {
            "siteId": site_id,
            "batchHcAccount": [account_entry(account) for account in check_count("account", accounts)],
            "userSharePermission": list(check_count("device", devices)),
            "remark": note or None,
        }
        self._change(HANDOVER, body)

    def set_app_access(self, site_id: str, *, is_on: bool) -> None:
        """Let end users operate the devices of a site in the app, or not. Guide §3.26.

        Raises:
            ConflictError: the site is not handed over by sharing (LAP008044).
        """
        self._change(APP_ACCESS, {"siteId": site_id, "cloudEnable": is_on})


def manager_times(managers: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the managers of a site in the form in which `assign` sends them."""
    return [
        {"installerId": row.get("installerId"), "expiredDurationTime": row.get("expireDurationTime")}
        for row in managers
    ]


def share_terms(email: str, duration: int | str) -> dict[str, Any]:
    """Return {email, applyTimeType} of §3.7.

    Raises:
        UsageError: no e-mail address, or a duration that the platform does not offer.
    """
    from hpcli.reference.codes import code_list

    if "@" not in email.strip("@"):
        raise UsageError(f"'{email}' is not an e-mail address.")
    return {"email": email, "applyTimeType": code_list("applyTimeType").value_of(str(duration))}


def _address_fields(address: Mapping[str, str]) -> dict[str, str]:
    return {ADDRESS_FIELDS[name]: check_length(name, text, 0, 128) for name, text in address.items()}


def matching_sites(rows: Sequence[SiteRow], site: str) -> Sequence[SiteRow]:
    """Return the rows of sites with that id, else with that name."""
    return [row for row in rows if row.get("id") == site] or named(rows, "siteName", site)


def pick_site(rows: Sequence[SiteRow], site: str) -> SiteRow:
    """Return the only row with that id or name. Raises like `SiteCalls.find`."""
    from hpcli.client.known import SITE, KnownRows

    matches = matching_sites(rows, site)
    if not matches:
        if isinstance(rows, KnownRows):
            rows.check_absence(f"a site '{site}'", SITE)
        raise _no_site(site, rows)
    if len(matches) > 1:
        ids = ", ".join(str(row.get("id")) for row in matches)
        raise UsageError(f"{len(matches)} sites are named '{site}'.", hint=f"Use one of the ids: {ids}.")
    return matches[0]


def _no_site(site: str, rows: Iterable[Mapping[str, Any]]) -> NotFoundError:
    """Return the error of a site that is not there; it names those whose names hold the text, else like ones."""
    from hpcli.reference.choices import did_you_mean, nearest

    names = list(dict.fromkeys(str(row.get("siteName")) for row in rows))
    holding = [name for name in names if folded(site) in folded(name)]
    meant = did_you_mean(holding[:3] or nearest(site, names))
    hint = meant + "`hpcli site list` shows ids and names."
    return NotFoundError(f"There is no site '{site}'.", hint=hint)
