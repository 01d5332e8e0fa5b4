"""The steps of a plan: what differs, in rows, and the call that makes each as the file says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hpcli.errors import PlatformError
from hpcli.fleet.permissions import place_words

if TYPE_CHECKING:
    from hpcli.api.operation import Operation
    from hpcli.client import Client

ADD, CHANGE, REMOVE = "add", "change", "remove"
DONE: Final = {ADD: "added", CHANGE: "changed", REMOVE: "removed"}
MARKS: Final = {ADD: "+", CHANGE: "~", REMOVE: "-"}


class PlanRow(NamedTuple):
    """One thing that is not as the file says.

    Attributes:
        action: add, change or remove.
        kind: site, device, manager, customer, permission or arc.
        site: the site it belongs to.
        target: site name, serial, e-mail address or account.
        field: what of it.
        before: as it is.
        after: as the file says.
        device: serial of the device that a permission is for.
    """

    action: str
    kind: str
    site: str
    target: str
    field: str | None = None
    before: Any = None
    after: Any = None
    device: str | None = None

    @property
    def place(self) -> tuple[str, ...]:
        """What it is about: rows of the same place are of one thing."""
        return (self.kind, self.site, self.target, self.field or "", self.device or "")

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return self._asdict()

    @property
    def words(self) -> str:
        """The row as a line: `~ device Q10254783 of Shop: name Panel → Alarm panel`."""
        return f"{MARKS[self.action]} {self._what}"

    @property
    def done_words(self) -> str:
        """The row as a line once it is made: `Removed device Q10254783 of Shop: name Panel`."""
        return f"{DONE[self.action].capitalize()} {self._what}"

    @property
    def _what(self) -> str:
        of = f" of {self.site}" if self.site and self.target != self.site else ""
        values = "" if self.field is None else f": {self.field}{_values(self)}"
        on = f" on {self.device}" if self.device else ""
        return f"{self.kind} {self.target}{on}{of}{values}"


def _values(row: PlanRow) -> str:
    before, after = _word(row.before), _word(row.after)
    if row.action == CHANGE:
        return f" {before or '–'} → {after or '–'}"
    shown = after if row.action == ADD else before
    return f" {shown}" if shown else ""


def _word(value: Any) -> str:
    if isinstance(value, list):
        return place_words(value)
    return "" if value is None else str(value)


@dataclass
class Work:
    """What steps need while they are made, and what they find out for later ones.

    Args:
        client: of the account.
        codes: serial in capitals to its verification code.
        note_before: takes what a change is about to replace, for the log of changes.
        name: takes the name of what a call has by its id, for the log of changes.
        keep_number: stores the account number of a device for `alarms tail`.
        is_pruning: what the file does not have is removed.

    Attributes:
        site_ids: the ids of sites that were added, by their place in the file.
        missing: serials in capitals of devices that could not be added.
    """

    client: Client
    codes: Mapping[str, str]
    note_before: Callable[[Operation, str, Any], None]
    name: Callable[[str, str], None]
    keep_number: Callable[[str, str], None]
    is_pruning: bool = False
    site_ids: dict[int, str] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)

    def check_device(self, serial: str) -> None:
        """Refuse a step on a device that this run could not add.

        Raises:
            PlatformError: it is one.
        """
        if serial.upper() in self.missing:
            raise PlatformError(f"{serial} was not added, so this was not sent.")


@dataclass
class Step:
    """One call, or a few that belong together.

    Attributes:
        target: names it, in the plan of today as in that of a later run.
        rows: what it makes.
        make: makes it.
        needs: the target of a step that has to be done before.
    """

    target: str
    rows: list[PlanRow]
    make: Callable[[Work], Any]
    needs: str | None = None

    @property
    def words(self) -> str:
        """What it does, in one line."""
        return "; ".join(row.words for row in self.rows)

    @property
    def done_words(self) -> str:
        """What it has done, in one line."""
        return "; ".join(row.done_words for row in self.rows)


@dataclass
class Notes:
    """What of a file is not made, and why: reason to the names it holds for.

    Attributes:
        left: what `fleet apply` never makes, or not without an option.
        problems: what it should make and cannot.
    """

    left: dict[str, list[str]] = field(default_factory=dict)
    problems: dict[str, list[str]] = field(default_factory=dict)

    def leave(self, reason: str, name: str) -> None:
        """Note something that is left as it is."""
        self.left.setdefault(reason, []).append(name)

    def refuse(self, reason: str, name: str) -> None:
        """Note something that cannot be made."""
        self.problems.setdefault(reason, []).append(name)


@dataclass
class Options:
    """How a plan is made.

    Args:
        is_same_account: ids of the file are those of the account.
        codes: serial in capitals to verification code.
        prune: remove what the sites of the file have and the file has not.
        prune_sites: remove sites that the file has not.
    """

    is_same_account: bool = True
    codes: Mapping[str, str] = field(default_factory=dict)
    prune: bool = False
    prune_sites: bool = False
