"""What a change of the managers of sites replaces, and how it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hpcli.api.operations.site import ASSIGN
from hpcli.client.known import EMPLOYEE, KnownRows
from hpcli.client.rows import needed
from hpcli.client.site import PERMANENT, manager_times
from hpcli.commands.site.people import person_name
from hpcli.errors import UsageError
from hpcli.names import named
from hpcli.parse import epoch_milliseconds, parse_end_time
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.api.rows.installer import InstallerRow

Ends = Mapping[str, datetime | None]
"""Employees by id, with the end of their permission; None for none."""


@dataclass
class Employees:
    """The employees of the company, read once."""

    ctx: Context
    rows: KnownRows[InstallerRow] = field(init=False)

    def __post_init__(self) -> None:
        """Read them."""
        self.rows = self.ctx.client.installer.known()

    @property
    def admins(self) -> set[str]:
        """The ids of those who manage all sites and stay whatever is assigned (§3.9)."""
        return {str(row.get("id")) for row in self.rows if row.get("isAdmin")}

    def read(self, texts: Iterable[str], option: str) -> dict[str, datetime | None]:
        """Read several `ID[=UNTIL]`; the id may be the employee's e-mail address.

        Raises:
            UsageError: there is no such employee, or the end is in the past.
        """
        return dict(self._read(text, option) for text in texts)

    def words(self, ids: Iterable[str]) -> str:
        """Return the names of some employees."""
        names = {str(row.get("id")): person_name(row) for row in self.rows}
        return ", ".join(names.get(one) or one for one in ids)

    def _read(self, text: str, option: str) -> tuple[str, datetime | None]:
        name, _, until = text.partition("=")
        name = name.strip()
        ids = [str(row.get("id")) for row in self.rows if row.get("id") == name]
        ids = ids or [needed(row, "id") for row in named(self.rows, "email", name)]
        if not ids:
            self.rows.check_absence(f"an employee '{name}'", EMPLOYEE)
            raise UsageError(
                f"{option}: there is no employee '{name}'.",
                hint="`hpcli installer list` shows ids and addresses.",
            )
        if not until:
            return ids[0], None
        now = self.ctx.run.now()
        end = parse_end_time(until, now)
        if end <= now:
            raise UsageError(
                f"{option}: {until} is in the past.", hint="Give a future time, such as 2030-01-31."
            )
        return ids[0], end


@dataclass(frozen=True, slots=True)
class ManagerChange:
    """A change of the managers of one site.

    Attributes:
        site_id: the site.
        before: its managers, as `assign` sends them.
        kept: those of them that an assignment can remove, by id.
        after: the managers that are wanted.
    """

    site_id: str
    before: Sequence[Mapping[str, Any]]
    kept: Ends
    after: Ends

    @property
    def is_empty(self) -> bool:
        """Whether it changes nothing."""
        return _sent(self.kept) == _sent(self.after)

    def words(self, employees: Employees) -> str:
        """Return who is added, changed and removed."""
        new = [one for one in self.after if one not in self.kept]
        gone = [one for one in self.kept if one not in self.after]
        until = [
            one for one in self.after if one in self.kept and _sent(self.after)[one] != _sent(self.kept)[one]
        ]
        parts = (("+", new), ("-", gone), ("other end for", until))
        return "; ".join(f"{sign} {employees.words(ids)}" for sign, ids in parts if ids)

    def note(self, ctx: Context) -> None:
        """Note in the log of changes what it replaces."""
        ctx.run.changes.note_before(ASSIGN, self.site_id, {"installerPermissionTimes": list(self.before)})

    def send(self, ctx: Context) -> None:
        """Make the change."""
        self.note(ctx)
        ctx.client.site.assign([self.site_id], self.after)


def relative_change(
    ctx: Context, site_id: str, employees: Employees, add: Ends, remove: Iterable[str]
) -> ManagerChange:
    """Return the change that adds some managers to a site and removes some.

    Raises:
        UsageError: it would have none left, which the platform does not take.
    """
    change = whole_change(ctx, site_id, employees, {})
    taken = set(remove)
    after = {one: end for one, end in change.kept.items() if one not in taken} | dict(add)
    if not after:
        raise UsageError("No manager would be left, and the platform takes no empty list.")
    return ManagerChange(site_id, change.before, change.kept, after)


def whole_change(ctx: Context, site_id: str, employees: Employees, after: Ends) -> ManagerChange:
    """Return the change that makes some employees the managers of a site.

    Raises:
        ProtocolError: the platform does not say who manages it.
    """
    managers = ctx.client.site.managers(site_id)
    before = manager_times(managers)
    named_ids = [needed(row, "installerId") for row in managers]
    stay = employees.admins - after.keys()
    kept = {
        str(one): _end(row.get("expireDurationTime"))
        for one, row in zip(named_ids, managers, strict=True)
        if one not in stay
    }
    return ManagerChange(site_id, before, kept, after)


def _end(milliseconds: object) -> datetime | None:
    if not isinstance(milliseconds, int) or milliseconds == PERMANENT:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _sent(ends: Ends) -> dict[str, int]:
    return {one: PERMANENT if end is None else epoch_milliseconds(end) for one, end in ends.items()}
