"""What the user asked of a list: which rows, in what order, how many, or how many there are of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hpcli.output import View


@dataclass
class Selection:
    """`--where`, `--sort`, `--count-by` and `--limit` of a list.

    Attributes:
        where: conditions as they were typed; all must hold.
        sort: names in order, `-` before those that go downwards.
        count_by: names; the list becomes one of counts.
        limit: the most rows; None for all.
    """

    where: list[str] = field(default_factory=list)
    sort: list[str] = field(default_factory=list)
    count_by: list[str] = field(default_factory=list)
    limit: int | None = None

    def __bool__(self) -> bool:
        """Whether anything but a limit was asked."""
        return bool(self.where or self.sort or self.count_by)

    @property
    def needs_all(self) -> bool:
        """Whether all rows must be read before the first is printed."""
        return bool(self.sort or self.count_by)

    def apply(
        self, rows: Iterable[Mapping[str, Any]], view: View, now: datetime, *, limit: int | None = None
    ) -> tuple[Iterable[Mapping[str, Any]], View]:
        """Return the rows that were asked for, and their view: where, count-by, sort, limit, in this order.

        Args:
            rows: of the list, fetched while they are taken.
            view: of the rows.
            now: the current time, for ages.
            limit: of the command itself.

        Raises:
            UsageError: a name is unknown or a condition has no operator, before the first row is taken.
        """
        if self:
            from hpcli.output.row_filter import (
                counted_rows,
                matching,
                parse_condition,
                parse_sort,
                sorted_rows,
            )

            rows = matching(rows, [parse_condition(text) for text in self.where], view, now)
            if self.count_by:
                rows, view = counted_rows(rows, self.count_by, view)
            if self.sort:
                names = [name for text in self.sort for name in parse_sort(text)]
                rows = sorted_rows(rows, names, view)
        most = limit if self.limit is None else self.limit
        return (rows if most is None else islice(rows, most)), view
