"""One row of an import (`--from FILE`): what it asks for, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from hpcli.commands.framework.import_plan import PlannedRow, Sign
from hpcli.errors import HpcliError

Item = TypeVar("Item")

OUTCOMES: Final[dict[Sign, str]] = {"+": "added", "~": "changed", "=": "as it is", "!": "failed"}
SIGNS: Final[dict[str, Sign]] = {
    "added": "+", "changed": "~", "updated": "~", "as it is": "=", "already there": "=", "failed": "!",
}  # fmt: skip
"""What became of a row, as its data says, to its sign."""

THERE: Final = "already there"


@dataclass(frozen=True, slots=True)
class ImportItem:
    """What one row, or several rows about one thing, ask for.

    Attributes:
        line: of the first row.
        target: identifies it.
        sign: + new, ~ to change, = as it is, ! not possible.
        words: what is new, or old → new.
        change: makes the change; returns what goes into the outcome's data.
        error: why it is not possible.
        done: the outcome's data to what is said of it, in place of `words`.
        outcome: what its data says if nothing else does; by default that of the sign.
        data: what goes into the outcome's data without a change.
    """

    line: int
    target: str
    sign: Sign
    words: str = ""
    change: Callable[[], Mapping[str, Any] | None] | None = None
    error: HpcliError | None = None
    done: Callable[[Mapping[str, Any]], str] | None = None
    outcome: str = ""
    data: Mapping[str, Any] | None = None

    @property
    def label(self) -> str:
        """The row in messages."""
        return f"line {self.line}: {self.target}" if self.target else f"line {self.line}"

    @property
    def planned(self) -> PlannedRow:
        """The row in the plan."""
        return PlannedRow(self.sign, self.label, self.words or OUTCOMES[self.sign])


@dataclass(frozen=True, slots=True)
class Lines(Generic[Item]):
    """What the rows of a file ask for.

    Attributes:
        items: of the rows that are right.
        wrong: the others; there are some with `--dry-run` only.
    """

    items: list[Item]
    wrong: Sequence[ImportItem] = ()


def impossible(line: int, target: str, error: HpcliError) -> ImportItem:
    """Return the item of a row that cannot be done."""
    return ImportItem(line, target, "!", f"{error} {error.hint or ''}".rstrip(), error=error)


def there(line: int, target: str, more: str = "", data: Mapping[str, Any] | None = None) -> ImportItem:
    """Return the item of a row whose object is there already, and needs nothing.

    Args:
        line: of the row.
        target: identifies it.
        more: what the row says otherwise, behind the words that it is there.
        data: what goes into the outcome's data.
    """
    return ImportItem(line, target, "=", THERE + more, outcome=THERE, data=data)
