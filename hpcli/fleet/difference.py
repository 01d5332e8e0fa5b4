"""What differs between two documents: things that came, went or changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from hpcli.errors import UsageError
from hpcli.fleet.document import Document
from hpcli.fleet.permissions import same_places, words_of
from hpcli.names import folded, normal
from hpcli.parse import parse_time

Entry = Mapping[str, Any]
_SITE_FIELDS: Final = (
    "name", "timeZone", "timeSync", "state", "city", "street", "address", "handover", "appAccess", "share",
)  # fmt: skip
_DEVICE_FIELDS: Final = ("name", "firmware", "model", "info")
_DAY: Final = timedelta(days=1)
OFFLINE, ONLINE = "offline", "online"


class Difference(NamedTuple):
    """One thing that differs.

    Attributes:
        change: added, removed or changed.
        kind: site, device, manager or customer.
        site: the site it belongs to.
        site_id: its id.
        target: site id, serial, e-mail address or account.
        name: what people call it; for permissions the serial of the device.
        field: what has changed of it.
        before: in the first document.
        after: in the second document.
    """

    change: str
    kind: str
    site: str
    site_id: str | None
    target: str
    name: str | None = None
    field: str | None = None
    before: Any = None
    after: Any = None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        row = self._asdict()
        return {"siteId" if name == "site_id" else name: value for name, value in row.items()}


class Place(NamedTuple):
    """A device in a document, and the site it is on."""

    device: Entry
    site: Entry


@dataclass
class Comparison:
    """Two documents, compared.

    Args:
        before: the first document.
        after: the second document.

    Attributes:
        gaps: what could not be compared, as it is not known on one side: part and how many sites.
    """

    before: Document
    after: Document

    def __post_init__(self) -> None:
        """Find the sites and devices of both."""
        self.gaps: dict[str, int] = {}
        self._is_one_account = account_of(self.before) == account_of(self.after) is not None
        self._old, self._new = _sites(self.before), _sites(self.after)
        self._pairs = self._matching_sites()
        self._old_devices, self._new_devices = _devices(self.before), _devices(self.after)

    def differences(self) -> Iterator[Difference]:
        """Yield what differs: sites first, each with its people, then devices."""
        for site in self._old:
            if id(site) not in self._pairs:
                yield _of_site("removed", site)
        paired = {id(new) for new in self._pairs.values()}
        for site in self._new:
            if id(site) not in paired:
                yield _of_site("added", site)
        for old in self._old:
            new = self._pairs.get(id(old))
            if new is not None:
                yield from self._changes_of_site(old, new)
        yield from self._changes_of_devices()

    def _matching_sites(self) -> dict[int, Entry]:
        """Return the site of the second document for each of the first: by id, else by a name that is unique."""
        by_id = {str(site["id"]): site for site in self._new if site.get("id")}
        by_name: dict[str, list[Entry]] = {}
        for site in self._new:
            by_name.setdefault(normal(label(site)), []).append(site)
        pairs: dict[int, Entry] = {}
        for site in self._old:
            if self._is_one_account and site.get("id"):
                found = by_id.get(str(site["id"]))
            else:
                alike = by_name.get(normal(label(site)), [])
                twins = [other for other in self._old if normal(label(other)) == normal(label(site))]
                found = alike[0] if len(alike) == len(twins) == 1 else None
            if found is not None:
                pairs[id(site)] = found
        return pairs

    def _changes_of_site(self, old: Entry, new: Entry) -> Iterator[Difference]:
        for field in _SITE_FIELDS:
            if _differ(old, new, field):
                yield _of_site("changed", new)._replace(field=field, before=old[field], after=new[field])
        yield from self._changes_of_managers(old, new)
        yield from self._changes_of_customers(old, new)

    def _changes_of_managers(self, old: Entry, new: Entry) -> Iterator[Difference]:
        if not self._is_known(old, new, "managers"):
            return
        before, after = ({_manager(one): one for one in site["managers"]} for site in (old, new))
        for change, target, one in _came_and_went(before, after):
            yield _of_person(change, "manager", new, target, one.get("name"))
        for target in before.keys() & after.keys():
            if _differ(before[target], after[target], "until"):
                row = _of_person("changed", "manager", new, target, after[target].get("name"))
                yield row._replace(
                    field="until", before=before[target]["until"], after=after[target]["until"]
                )

    def _changes_of_customers(self, old: Entry, new: Entry) -> Iterator[Difference]:
        if not self._is_known(old, new, "customers"):
            return
        before, after = ({folded(one["account"]): one for one in site["customers"]} for site in (old, new))
        for change, _, one in _came_and_went(before, after):
            yield _of_person(change, "customer", new, one["account"])
        for key, one in after.items():
            if key not in before:
                continue
            if _differ(before[key], one, "status"):
                row = _of_person("changed", "customer", new, one["account"])
                yield row._replace(field="status", before=before[key]["status"], after=one["status"])
            if self._is_known(before[key], one, "permissions"):
                yield from _changes_of_permissions(before[key], one, new)

    def _is_known(self, old: Entry, new: Entry, part: str) -> bool:
        if part in old and part in new:
            return True
        self.gaps[part] = self.gaps.get(part, 0) + 1
        return False

    def _changes_of_devices(self) -> Iterator[Difference]:
        for change, _, place in _came_and_went(self._old_devices, self._new_devices):
            yield _of_device(change, place)
        for serial, place in self._new_devices.items():
            if serial in self._old_devices:
                yield from self._changes_of_device(self._old_devices[serial], place)

    def _changes_of_device(self, old: Place, new: Place) -> Iterator[Difference]:
        row = _of_device("changed", new)
        if not self._is_same_site(old.site, new.site):
            yield row._replace(field="site", before=label(old.site), after=label(new.site))
        for field in _DEVICE_FIELDS:
            if _differ(old.device, new.device, field):
                yield row._replace(field=field, before=old.device[field], after=new.device[field])
        if _differ(_centre(old.device), _centre(new.device), "arc"):
            yield row._replace(
                field="arc", before=_centre(old.device)["arc"], after=_centre(new.device)["arc"]
            )
        yield from self._change_of_state(old.device, new.device, row)

    def _is_same_site(self, old: Entry, new: Entry) -> bool:
        return self._pairs.get(id(old)) is new or (not old and not new)

    def _change_of_state(self, old: Entry, new: Entry, row: Difference) -> Iterator[Difference]:
        """Yield a device that is offline for more than a day now and was not then, or the other way round."""
        if "online" not in old or "online" not in new:
            return
        before = _long_state(old, self.before, new, self.after)
        after = _long_state(new, self.after, old, self.before)
        if before != after:
            since = new.get("offlineSince") if after == OFFLINE else old.get("offlineSince")
            words = f"{OFFLINE} since {since}" if since else OFFLINE
            shown = {OFFLINE: words}
            yield row._replace(
                field="online", before=shown.get(before, before), after=shown.get(after, after)
            )


def label(site: Entry) -> str:
    """Return the name of a site; its id where it has none."""
    return str(site.get("name") or site.get("id") or "")


def account_of(document: Document) -> str | None:
    """Return the id of the account that a document is of."""
    found: str | None = (document.get("account") or {}).get("id")
    return found


def _sites(document: Document) -> Sequence[Entry]:
    sites: Sequence[Entry] = document["sites"]
    return sites


def _devices(document: Document) -> dict[str, Place]:
    places = {
        str(device["serial"]).upper(): Place(device, site)
        for site in document["sites"]
        for device in site.get("devices", ())
    }
    homeless = {str(one["serial"]).upper(): Place(one, {}) for one in document.get("withoutSite", ())}
    return homeless | places


def _came_and_went(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for name, one in before.items():
        if name not in after:
            yield "removed", name, one
    for name, one in after.items():
        if name not in before:
            yield "added", name, one


def _differ(old: Entry, new: Entry, field: str) -> bool:
    """Whether a field that both have differs; one that is missing is not known."""
    if field not in old or field not in new:
        return False
    before, after = old[field], new[field]
    if isinstance(before, str) and isinstance(after, str):
        return normal(before) != normal(after)
    return bool(before != after)


def _centre(device: Entry) -> Entry:
    """Return the id of the receiving centre that a device reports to; empty where that is not known."""
    return {"arc": (device["arc"] or {}).get("id")} if "arc" in device else {}


def _manager(entry: Entry) -> str:
    return str(entry.get("email") or entry.get("id"))


def _changes_of_permissions(old: Entry, new: Entry, site: Entry) -> Iterator[Difference]:
    before, after = old["permissions"], new["permissions"]
    for serial in dict.fromkeys((*before, *after)):
        had, has = before.get(serial, {}), after.get(serial, {})
        if had.keys() != has.keys() or any(not same_places(had[name], has[name]) for name in had):
            row = _of_person("changed", "customer", site, new["account"], serial)
            yield row._replace(field="permissions", before=words_of(had), after=words_of(has))


def _long_state(device: Entry, document: Document, other: Entry, other_document: Document) -> str:
    """Return `offline` for a device that is offline for more than a day, else `online` or `unknown`."""
    if device["online"] != OFFLINE:
        return str(device["online"])
    made, other_made = _time(document.get("made")), _time(other_document.get("made"))
    since = _time(device.get("offlineSince"))
    if made is not None and since is not None:
        return OFFLINE if made - since > _DAY else ONLINE
    if other["online"] == ONLINE and made is not None and other_made is not None:
        was_online = timedelta(0) <= made - other_made <= _DAY
        return ONLINE if was_online else OFFLINE
    return OFFLINE


def _time(text: Any) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        return parse_time(text, datetime.now(UTC))
    except UsageError:
        return None


def _of_site(change: str, site: Entry) -> Difference:
    target = str(site.get("id") or label(site))
    return Difference(change, "site", label(site), site.get("id"), target, label(site))


def _of_person(change: str, kind: str, site: Entry, target: str, name: str | None = None) -> Difference:
    return Difference(change, kind, label(site), site.get("id"), target, name)


def _of_device(change: str, place: Place) -> Difference:
    device, site = place
    return Difference(change, "device", label(site), site.get("id"), device["serial"], device.get("name"))
