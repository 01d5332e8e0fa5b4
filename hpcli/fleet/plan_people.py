"""The steps that make managers of sites, and end users' permissions, as a file says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hpcli.api.operations.customer import PERMIT
from hpcli.api.operations.site import ASSIGN
from hpcli.client.handover_permissions import as_read
from hpcli.client.site import PERMANENT, manager_times
from hpcli.errors import UsageError
from hpcli.fleet.document import FOR_EVER, until_of
from hpcli.fleet.permissions import (
    Allowed,
    allowed_by_device,
    entry_of,
    named_as,
    same_places,
)
from hpcli.fleet.plan_sites import Match, is_new
from hpcli.fleet.state import Row, SiteState
from hpcli.fleet.steps import ADD, CHANGE, REMOVE, Notes, Options, PlanRow, Step, Work
from hpcli.names import folded
from hpcli.parse import epoch_milliseconds, parse_end_time
from hpcli.reference.codes import is_ax_pro

Entry = Mapping[str, Any]
Employees = Callable[[], Sequence[Row]]
"""Returns the employees of the company; the first use asks the platform."""


@dataclass(frozen=True, slots=True)
class People:
    """What the planning of people needs beside the sites.

    Args:
        employees: of the company.
        options: of the plan.
        notes: takes what is not made.
        now: the present.
    """

    employees: Employees
    options: Options
    notes: Notes
    now: datetime

    def manager_step(self, match: Match) -> Step | None:
        """Return the step that makes the managers of a site; None where they are as the file says."""
        if "managers" not in match.entry:
            return None
        wanted = self._wanted_managers(match)
        site = match.site
        present = _ends(site.managers or ()) if site is not None else {}
        if site is not None and site.managers is None and (wanted or self.options.prune):
            self._unread(site, "managers", match.name)
            return None
        leaving = self._leaving(present, wanted) if self.options.prune and site is not None else []
        names = {str(row.get("installerId")): _address(row) for row in (site.managers or () if site else ())}
        names |= {
            installer: str(entry.get("email") or entry.get("id")) for installer, entry in wanted.items()
        }
        rows = list(_manager_rows(match.label, present, wanted, names))
        rows += [PlanRow(REMOVE, "manager", match.label, names[installer]) for installer in leaving]
        if not rows:
            return None
        kept = {installer: end for installer, end in present.items() if installer not in leaving}
        ends = kept | {
            installer: _end(entry, kept.get(installer, PERMANENT)) for installer, entry in wanted.items()
        }
        if not ends:
            self.notes.refuse("the platform takes no empty list of managers", match.name)
            return None
        if None in ends.values():
            self.notes.refuse("the platform does not say until when its managers are", match.name)
            return None
        times = {installer: _moment(end) for installer, end in ends.items() if end is not None}
        return Step(f"managers of {match.name}", rows, self._assigning(match, times), match.needs)

    def _wanted_managers(self, match: Match) -> dict[str, Entry]:
        """Return the managers of the file by their ids."""
        found: dict[str, Entry] = {}
        present = {
            str(row.get("installerId")): row for row in (match.site.managers or () if match.site else ())
        }
        for entry in match.entry["managers"]:
            installer = self._installer(entry, present)
            name = str(entry.get("email") or entry.get("id"))
            if installer is not None and self._contradicts(entry, installer, present, match.name):
                continue
            if installer is None:
                self.notes.refuse("the company has no such employee", name)
                continue
            try:
                end = _end(entry, PERMANENT)
            except UsageError as error:
                self.notes.refuse(error.message, f"manager {name} of {match.name}")
                continue
            is_there = installer in present and until_of(
                present[installer].get("expireDurationTime")
            ) == entry.get("until")
            if end is not None and end != PERMANENT and end <= epoch_milliseconds(self.now) and not is_there:
                self.notes.refuse("the end of this permission is in the past", f"{name} of {match.name}")
                continue
            found[installer] = entry
        return found

    def _installer(self, entry: Entry, present: Mapping[str, Row]) -> str | None:
        """Return the id of a manager of the file: of those who are there, else of an employee."""
        if self.options.is_same_account and str(entry.get("id") or "") in present:
            return str(entry["id"])
        address = folded(str(entry.get("email") or ""))
        for installer, row in present.items():
            if address and folded(str(row.get("installerEmail") or "")) == address:
                return installer
        for row in self.employees():
            is_same_id = self.options.is_same_account and entry.get("id") and row.get("id") == entry["id"]
            if is_same_id or (address and folded(str(row.get("email") or "")) == address):
                return str(row["id"])
        return None

    def _contradicts(self, entry: Entry, installer: str, present: Mapping[str, Row], site: str) -> bool:
        """Whether id and e-mail of a manager in the file are two people's, which is noted.

        An e-mail that nobody has may be an old one of theirs.
        """
        address = folded(str(entry.get("email") or ""))
        there = str(present.get(installer, {}).get("installerEmail") or "")
        if not (self.options.is_same_account and entry.get("id") and address) or folded(there) == address:
            return False
        emails = {str(row.get("id")): str(row.get("email") or "") for row in self.employees()}
        own = emails.get(installer, there)
        name = f"{entry['email']} of {site}"
        if folded(own) == address:
            return False
        if address in map(folded, emails.values()):
            self.notes.refuse(f"the id in the file is that of {own}: remove it, or correct the e-mail", name)
            return True
        self.notes.leave(f"no employee has this e-mail; by the id it is {own or installer}", name)
        return False

    def _leaving(self, present: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
        """Return those whom the file has not; employees who may manage all sites stay whatever is assigned (§3.9)."""
        candidates = [installer for installer in present if installer not in wanted]
        if not candidates:
            return []
        admins = {str(row.get("id")) for row in self.employees() if row.get("isAdmin")}
        return [installer for installer in candidates if installer not in admins]

    def _assigning(self, match: Match, times: Mapping[str, datetime | None]) -> Callable[[Work], None]:
        def make(work: Work) -> None:
            site_id = match.id(work)
            ends = dict(times)
            if match.site is None and not is_new(site_id) and not work.is_pruning:
                # A new site has the managers that the platform gave it.
                ends = {
                    name: _moment(end) for name, end in _ends(work.client.site.managers(site_id)).items()
                } | ends
            if match.site is not None:
                work.note_before(
                    ASSIGN, site_id, {"installerPermissionTimes": manager_times(match.site.managers or ())}
                )
            work.name(site_id, match.name)
            work.client.site.assign([site_id], ends)

        return make

    def customer_steps(self, match: Match) -> Iterator[Step]:
        """Yield the steps that set permissions of end users, and remove those whom the file has not."""
        entries = match.entry.get("customers")
        if entries is None or not (entries or self.options.prune):
            return
        site = match.site
        if site is None:
            for entry in entries:
                self.notes.leave(
                    "handing a site over is never applied", f"{entry['account']} of {match.name}"
                )
            return
        if site.customers is None:
            self._unread(site, "customers", match.name)
            return
        present = {folded(str(row.get("hcAccount"))): str(row.get("hcAccount")) for row in site.customers}
        for entry in entries:
            account = present.pop(folded(entry["account"]), None)
            if account is None:
                self.notes.leave(
                    "handing a site over is never applied", f"{entry['account']} of {match.name}"
                )
            elif "permissions" in entry:
                yield from self._permission_step(match, site, account, entry["permissions"])
        if self.options.prune:
            for account in present.values():
                yield _customer_removal(match, account)

    def _permission_step(self, match: Match, site: SiteState, account: str, wanted: Entry) -> Iterator[Step]:
        if account not in site.permissions:
            self._unread(site, f"permissions of {account}", f"{account} of {match.name}")
            return
        entries = site.permissions[account]
        devices = {str(row.get("deviceSerial")).upper(): row for row in site.devices}
        changed, rows = self._changed(match, account, wanted, entries, devices)
        if not rows:
            return
        try:
            for serial, allowed in changed.items():
                if allowed and serial in devices:
                    entry_of(serial, allowed, _of_device(entries, serial), devices[serial])
        except UsageError as error:
            self.notes.refuse(str(error), f"{account} of {match.name}")
            return

        def make(work: Work) -> None:
            after = [
                as_read(entry) for entry in entries if str(entry.get("deviceSerial")).upper() not in changed
            ]
            for serial, allowed in changed.items():
                work.check_device(serial)
                if allowed:
                    row = devices.get(serial) or work.client.device.find(serial)
                    after.append(
                        entry_of(str(row["deviceSerial"]), allowed, _of_device(entries, serial), row)
                    )
            work.note_before(PERMIT, f"{site.id} {account}", {"sharedHc": {"shareDevices": list(entries)}})
            work.name(site.id, match.name)
            work.client.customer.permit(site.id, account, after)

        yield Step(f"permissions of {account} on {match.name}", rows, make)

    def _changed(
        self,
        match: Match,
        account: str,
        wanted: Entry,
        entries: Sequence[Row],
        devices: Mapping[str, Row],
    ) -> tuple[dict[str, Allowed], list[PlanRow]]:
        """Return the permissions of devices that change, by serial in capitals, and what changes in them."""
        present = {serial.upper(): allowed for serial, allowed in allowed_by_device(entries).items()}
        file = {str(serial).upper(): allowed for serial, allowed in wanted.items()}
        here = {str(one["serial"]).upper() for one in match.entry.get("devices", ())}
        changed: dict[str, Allowed] = {}
        rows: list[PlanRow] = []
        for serial in dict.fromkeys((*present, *file)):
            had = present.get(serial, {})
            if (
                serial not in had
                and serial not in present
                and serial not in devices
                and serial not in (here & self.options.codes.keys())
            ):
                self.notes.refuse("the site has no such device", f"{serial} (for {account} of {match.name})")
                continue
            row = devices.get(serial, {})
            is_panel = bool(row) and is_ax_pro(
                row.get("deviceCategory") or 0, row.get("deviceSubCategory") or 0
            )
            named = named_as(file.get(serial, {}), "ax2Permission" if is_panel else "permission")
            kept = {} if self.options.prune else {name: at for name, at in had.items() if name not in named}
            if is_panel and named:  # it has one list of areas for all
                kept = dict.fromkeys(kept, next(iter(named.values())))
            changes = list(_permission_rows(match.label, account, serial, had, kept | named))
            if changes:
                changed[serial] = kept | named
                rows += changes
        return changed, rows

    def _unread(self, site: SiteState, part: str, name: str) -> None:
        reason = site.errors.get(part)
        self.notes.refuse(f"{part} could not be read{f' ({reason})' if reason else ''}", name)


def _customer_removal(match: Match, account: str) -> Step:
    def make(work: Work) -> None:
        work.name(match.id(work), match.name)
        work.client.customer.remove(match.id(work), [account])

    return Step(
        f"remove {account} of {match.name}", [PlanRow(REMOVE, "customer", match.label, account)], make
    )


def _permission_rows(site: str, account: str, serial: str, had: Allowed, has: Allowed) -> Iterator[PlanRow]:
    for name in dict.fromkeys((*had, *has)):
        if name not in has:
            yield PlanRow(REMOVE, "permission", site, account, name, had[name], device=serial)
        elif name not in had:
            yield PlanRow(ADD, "permission", site, account, name, None, has[name], serial)
        elif not same_places(had[name], has[name]):
            yield PlanRow(CHANGE, "permission", site, account, name, had[name], has[name], serial)


def _manager_rows(
    site: str, present: Mapping[str, Any], wanted: Mapping[str, Entry], names: Mapping[str, str]
) -> Iterator[PlanRow]:
    for installer, entry in wanted.items():
        if installer not in present:
            yield PlanRow(ADD, "manager", site, names[installer], "until", None, entry.get("until", FOR_EVER))
        elif "until" in entry and not _is_same_end(_end(entry, None), present[installer]):
            before = until_of(present[installer])
            yield PlanRow(CHANGE, "manager", site, names[installer], "until", before, entry["until"])


def _is_same_end(one: int | None, other: int | None) -> bool:
    """Whether two ends are the same to the second, as a file has them."""
    if one is None or other is None:
        return one is other
    return one == other or (PERMANENT not in (one, other) and one // 1000 == other // 1000)


def _ends(managers: Sequence[Row]) -> dict[str, int | None]:
    """Return the ends of managers by their ids; None where the platform does not say."""
    ends = {str(row.get("installerId")): row.get("expireDurationTime") for row in managers}
    return {
        name: end if isinstance(end, int) and not isinstance(end, bool) else None
        for name, end in ends.items()
    }


def _end(entry: Entry, default: int | None) -> int | None:
    """Return the end of a manager of the file in epoch milliseconds, the default where it has none.

    Raises:
        UsageError: it is not a time.
    """
    if "until" not in entry:
        return default
    if str(entry["until"]).lower() == FOR_EVER:
        return PERMANENT
    return epoch_milliseconds(parse_end_time(str(entry["until"]), datetime.now(UTC)))


def _moment(end: int | None) -> datetime | None:
    return None if end in (None, PERMANENT) else datetime.fromtimestamp(int(end) / 1000, UTC)


def _address(row: Row) -> str:
    return str(row.get("installerEmail") or row.get("installerId"))


def _of_device(entries: Sequence[Row], serial: str) -> Row | None:
    return next((entry for entry in entries if str(entry.get("deviceSerial")).upper() == serial), None)
