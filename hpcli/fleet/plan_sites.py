"""Which site of the account each site of a file is, and the steps that make sites."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hpcli.api.operations.site import UPDATE
from hpcli.client.rows import needed
from hpcli.client.site import ADDRESS_FIELDS
from hpcli.errors import DryRun, PlatformError, UsageError
from hpcli.fleet.document import code_name
from hpcli.fleet.state import AccountState, SiteState
from hpcli.fleet.steps import ADD, CHANGE, REMOVE, Notes, Options, PlanRow, Step, Work
from hpcli.names import normal
from hpcli.plurals import quantity
from hpcli.reference.timezones import time_zone_of

Entry = Mapping[str, Any]
_OF_OTHERS: Final = (2, 4)
"""Share types of sites that another company shares with this one (§3.6)."""


@dataclass
class Match:
    """A site of the file.

    Attributes:
        place: its number in the file.
        entry: what the file says.
        site: what the account has; None for a site that is to be added.
    """

    place: int
    entry: Entry
    site: SiteState | None

    @property
    def name(self) -> str:
        """The name in the file; that of the account where the file has none."""
        return str(self.entry.get("name") or (self.site.name if self.site else self.entry.get("id")))

    @property
    def label(self) -> str:
        """The name by which the account knows it now."""
        return self.site.name if self.site is not None else self.name

    @property
    def needs(self) -> str | None:
        """The step that adds it; None for a site that is there."""
        return None if self.site is not None else adding(self.name)

    def id(self, work: Work) -> str:
        """Return its id, also of one that was added just now."""
        return self.site.id if self.site is not None else work.site_ids[self.place]


def adding(name: str) -> str:
    """Return the target of the step that adds a site."""
    return f"add site {name}"


def is_new(site_id: str) -> bool:
    """Whether an id stands for one that is unknown until the site is added: in a dry run."""
    return site_id.startswith("<")


def match_sites(
    entries: Sequence[Entry], account: AccountState, options: Options, notes: Notes
) -> list[Match]:
    """Return which site each entry is: by id, else by name; one of which that is not clear is noted and left out."""
    by_id = {site.id: site for site in account.sites} if options.is_same_account else {}
    claimed = {_id(entry) for entry in entries} & by_id.keys()
    sites: dict[str, list[SiteState]] = {}
    for site in account.sites:
        if site.id not in claimed:
            sites.setdefault(normal(site.name), []).append(site)
    names = Counter(normal(str(entry.get("name") or "")) for entry in entries if _id(entry) not in claimed)
    matches: list[Match] = []
    for place, entry in enumerate(entries):
        name = str(entry.get("name") or "")
        found = by_id.get(_id(entry))
        alike = [] if found is not None or not name else sites.get(normal(name), [])
        if found is None and (len(alike) > 1 or names[normal(name)] > 1):
            notes.refuse("several sites have this name", name)
            continue
        found = found or next(iter(alike), None)
        if found is not None or _can_be_added(entry, name, notes):
            matches.append(Match(place, entry, found))
    return matches


def _id(entry: Entry) -> str:
    return str(entry.get("id") or "")


def _can_be_added(entry: Entry, name: str, notes: Notes) -> bool:
    if not name:
        notes.refuse("there is no site with this id, and the file has no name for it", str(entry.get("id")))
        return False
    if (entry.get("share") or {}).get("shareType") in _OF_OTHERS:
        notes.leave("this site is another company's, so it is not added", name)
        return False
    if "timeZone" not in entry:
        notes.refuse("this site is not there, and the file has no timeZone to add it with", name)
        return False
    try:
        time_zone_of(str(entry["timeZone"]))
    except UsageError as error:
        notes.refuse(error.message, name)
        return False
    return True


def site_steps(matches: Sequence[Match], notes: Notes) -> Iterator[Step]:
    """Yield the steps that change sites, then those that add some."""
    yield from _in_order([_change(match, notes) for match in matches if match.site is not None])
    for match in matches:
        if match.site is None:
            yield _addition(match)


def _change(match: Match, notes: Notes) -> Step | None:
    """Return the step that renames a site or changes its address; None where both are as the file says."""
    site = match.site
    assert site is not None  # the caller looked
    _note_what_stays(match, notes)
    present = {"name": site.row.get("siteName")} | {
        option: site.row.get(key) or "" for option, key in ADDRESS_FIELDS.items()
    }
    wanted = {
        name: match.entry[name]
        for name in present
        if name in match.entry and normal(str(match.entry[name])) != normal(str(present[name] or ""))
    }
    if not wanted:
        return None
    rows = [
        PlanRow(CHANGE, "site", site.name, site.name, name, present[name], value)
        for name, value in wanted.items()
    ]
    values = {name: str(value or "") for name, value in (present | wanted).items()}

    def make(work: Work) -> None:
        before = {"name": present["name"]} | {ADDRESS_FIELDS[name]: present[name] for name in ADDRESS_FIELDS}
        work.name(site.id, site.name)
        work.note_before(UPDATE, site.id, before)
        address = {
            name: value for name, value in values.items() if name != "name" and (value or name in wanted)
        }
        work.client.site.update(site.id, values["name"], address=address)

    return Step(f"site {site.name}", rows, make)


def _note_what_stays(match: Match, notes: Notes) -> None:
    """Note values of the file that no call sets on a site that is there."""
    entry, site = match.entry, match.site
    assert site is not None  # the caller looked
    if "timeZone" in entry and site.row.get("timeZone"):
        try:
            wanted = str(time_zone_of(str(entry["timeZone"])).number)
        except UsageError as error:
            notes.refuse(error.message, match.name)
            wanted = str(site.row["timeZone"])
        if wanted != str(site.row["timeZone"]):
            notes.leave("the platform does not change the time zone of a site", match.name)
    _note_handover(match, site, notes)


def _note_handover(match: Match, site: SiteState, notes: Notes) -> None:
    """Note what differs of handover and sharing, which are other people's to agree to."""
    entry, row = match.entry, site.row
    states = {
        "handover": code_name("siteDeliveryStatus", row.get("siteDeliveryStatus")),
        "appAccess": row.get("cloudEnable"),
        "share": (row.get("sharedInfo") or {}).get("shareType"),
    }
    wanted = {**entry, "share": (entry.get("share") or {}).get("shareType")}
    for name, value in states.items():
        if value is not None and wanted.get(name) not in (None, value):
            notes.leave("handover, app access and sharing are never applied, and differ", match.name)
            return


def _in_order(steps: Iterable[Step | None]) -> list[Step]:
    """Return renames so that a name is free before another site takes it; in a circle the platform refuses one."""
    left = [step for step in steps if step is not None]
    ordered: list[Step] = []
    while left:
        held = {normal(str(row.before)) for step in left for row in step.rows if row.field == "name"}
        free = [step for step in left if not _takes(step, held)]
        ordered += free or left
        left = [step for step in left if step not in ordered]
    return ordered


def _takes(step: Step, held: set[str]) -> bool:
    """Whether a step takes a name that another site still has."""
    names = [row for row in step.rows if row.field == "name"]
    return any(normal(str(row.after)) in held - {normal(str(row.before))} for row in names)


def _addition(match: Match) -> Step:
    entry = match.entry
    address = {name: str(entry[name]) for name in ADDRESS_FIELDS if entry.get(name)}
    rows = [PlanRow(ADD, "site", match.name, match.name)]

    def make(work: Work) -> dict[str, Any]:
        try:
            row = work.client.site.add(
                match.name, entry["timeZone"], sync_time=bool(entry.get("timeSync")), address=address
            )
        except DryRun:
            work.site_ids[match.place] = f"<id of {match.name}>"
            raise
        work.site_ids[match.place] = needed(row, "id")
        return {"id": row.get("id")}

    return Step(adding(match.name), rows, make)


def removal_steps(account: AccountState, matches: Sequence[Match], notes: Notes) -> Iterator[Step]:
    """Yield the steps that delete sites which the file has not; those of other companies stay."""
    kept = {match.site.id for match in matches if match.site is not None}
    unclear = {normal(name) for names in notes.problems.values() for name in names}
    for site in account.sites:
        if site.id in kept or normal(site.name) in unclear:
            continue
        if (site.row.get("sharedInfo") or {}).get("shareType") in _OF_OTHERS:
            notes.leave("this site is another company's, so it is not removed", site.name)
            continue
        yield _removal(site)


def _removal(site: SiteState) -> Step:
    count = len(site.devices)
    row = PlanRow(REMOVE, "site", site.name, site.name, "devices", f"with {quantity(count, 'device')}")

    def make(work: Work) -> None:
        work.name(site.id, site.name)
        now = work.client.device.known(site_id=site.id)
        if len(now) > count:
            raise PlatformError(f"'{site.name}' has more devices than the plan says, so it was not deleted.")
        work.client.site.delete(site.id)

    return Step(f"delete site {site.name}", [row], make)
