"""The plan that makes an account as a file says: steps in an order in which each can be made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from hpcli.fleet.difference import account_of
from hpcli.fleet.document import ArcSettings, Document
from hpcli.fleet.plan_devices import Devices, serials_of
from hpcli.fleet.plan_people import Employees, People
from hpcli.fleet.plan_sites import Match, match_sites, removal_steps, site_steps
from hpcli.fleet.state import AccountState, Parts
from hpcli.fleet.steps import REMOVE, Notes, Options, PlanRow, Step
from hpcli.names import folded


@dataclass
class Plan:
    """What differs, and how it is made.

    Attributes:
        steps: in order.
        notes: what is not made, and why.
        kept: what the account has and the file has not, and is not removed because of the options.
    """

    steps: list[Step] = field(default_factory=list)
    notes: Notes = field(default_factory=Notes)
    kept: list[PlanRow] = field(default_factory=list)

    @property
    def rows(self) -> list[PlanRow]:
        """What differs."""
        return [row for step in self.steps for row in step.rows]

    @property
    def deletes(self) -> int:
        """How many things are removed."""
        return sum(row.action == REMOVE for row in self.rows)


@dataclass
class Planner:
    """Makes the plan; between `parts` and `plan` the caller reads what the plan needs to know.

    Args:
        document: the file.
        account: what is there, with no more than its lists read.
        options: how the plan is made.
    """

    document: Document
    account: AccountState
    options: Options

    def __post_init__(self) -> None:
        """Find the sites of the file in the account."""
        self.notes = Notes()
        self.matches: list[Match] = match_sites(self._entries, self.account, self.options, self.notes)

    @property
    def _entries(self) -> Sequence[Mapping[str, Any]]:
        entries: Sequence[Mapping[str, Any]] = self.document["sites"]
        return entries

    def parts(self) -> dict[str, Parts]:
        """Return what has to be read of which site."""
        wanted: dict[str, Parts] = {}
        for match in self.matches:
            if match.site is None:
                continue
            managers, customers = match.entry.get("managers"), match.entry.get("customers")
            parts = Parts(
                managers=managers is not None and (bool(managers) or self.options.prune),
                customers=customers is not None and (bool(customers) or self.options.prune),
                accounts=frozenset(folded(one["account"]) for one in customers or () if "permissions" in one),
                since=False,
            )
            if parts.managers or parts.customers:
                wanted[match.site.id] = parts
        return wanted

    def plan(self, employees: Employees, arc: ArcSettings, now: datetime) -> Plan:
        """Return the plan.

        Args:
            employees: of the company; asked at the first use.
            arc: what this computer set last of the ARC service of a device.
            now: the present.

        Raises:
            HpcliError: the employees are needed and cannot be read.
        """
        people = People(employees, self.options, self.notes, now)
        devices = Devices(self.account, self.options, self.notes, arc)
        steps = list(self._steps(people, devices))
        return Plan(steps, self.notes, self._kept(steps, employees, arc, now))

    def _kept(
        self, steps: Sequence[Step], employees: Employees, arc: ArcSettings, now: datetime
    ) -> list[PlanRow]:
        """Return what would be removed too, if the user asked for it."""
        whole = replace(self.options, prune=True, prune_sites=True)
        if whole == self.options or is_partial(self.document) or self.account.gaps:
            return []
        removed = {row.place for step in steps for row in step.rows if row.action == REMOVE}
        rows = Planner(self.document, self.account, whole).plan(employees, arc, now).rows
        return [row for row in rows if row.action == REMOVE and row.place not in removed]

    def _steps(self, people: People, devices: Devices) -> Iterator[Step]:
        """Yield what is added and changed, from sites to what is on them; then what is removed."""
        yield from site_steps(self.matches, self.notes)
        for match in self.matches:
            yield from devices.steps(match)
        for match in self.matches:
            step = people.manager_step(match)
            if step is not None:
                yield step
        of_customers = [step for match in self.matches for step in people.customer_steps(match)]
        yield from (step for step in of_customers if not _removes_customer(step))
        for match in self.matches:
            yield from devices.arc_steps(match)
        yield from filter(_removes_customer, of_customers)
        if self.options.prune:
            serials = serials_of(self._entries)
            for match in self.matches:
                yield from devices.removal_steps(match, serials)
        if self.options.prune_sites:
            yield from removal_steps(self.account, self.matches, self.notes)


def is_partial(document: Document) -> bool:
    """Whether the lists of sites and devices in a file are not complete."""
    return any(entry.get("part") == "lists" for entry in document.get("unread", ()))


def _removes_customer(step: Step) -> bool:
    return step.rows[0].kind == "customer"


def is_same_account(document: Document, account_id: str) -> bool:
    """Whether a document is of an account."""
    return account_of(document) == account_id
