"""What the user asked of a list: which rows, in what order, how many, or how many there are of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from hpcli.output import View
    from hpcli.output.conditions import Condition
    from hpcli.output.left_out import LeftOut


class Selection:
    """`--where`, `--sort`, `--count-by` and `--limit` of a list.

    Args:
        where: conditions as they were typed; all must hold.

    Attributes:
        sort: names in order, `-` before those that go downwards.
        count_by: names; the list becomes one of counts.
        limit: the most rows; None for all.
        excel: what was typed after `--excel`, `auto` for nothing; None without it.
        left_out: counts the rows that no condition could compare, because they have no value.
    """

    def __init__(self, where: Iterable[str] = ()) -> None:
        self.where = list(where)
        self.sort: list[str] = []
        self.count_by: list[str] = []
        self.limit: int | None = None
        self.excel: str | None = None
        self.left_out: Counter[LeftOut] = Counter()
        self._conditions: list[Condition] = []
        self._view: View | None = None
        self._has_passed = False

    def __bool__(self) -> bool:
        """Whether anything but a limit was asked."""
        return bool(self.where or self.sort or self.count_by)

    @property
    def needs_all(self) -> bool:
        """Whether all rows must be read before the first is printed."""
        return bool(self.sort or self.count_by)

    def has_newest_first(self, times: Collection[str]) -> bool:
        """Return whether the last order asked for is by one of these times, downwards."""
        from hpcli.output.row_filter import parse_sort

        names = [name for text in self.sort for name in parse_sort(text)]
        return bool(names) and names[-1][1] and names[-1][0].casefold() in times

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
            from hpcli.output.conditions import parse_condition
            from hpcli.output.row_filter import (
                counted_rows,
                keep_named,
                matching,
                parse_sort,
                sorted_rows,
            )

            conditions = [parse_condition(text) for text in self.where]
            view = keep_named(view, [one.name for one in conditions], "--where")
            rows = matching(rows, conditions, view, now, left_out=self.left_out)
            if conditions:
                self._conditions, self._view = conditions, view
                rows = self._passing(rows)
            if self.count_by:
                rows, view = counted_rows(rows, self.count_by, view)
            if self.sort:
                names = [name for text in self.sort for name in parse_sort(text)]
                view = keep_named(view, [name for name, _ in names], "--sort")
                rows = sorted_rows(rows, names, view)
        most = limit if self.limit is None else self.limit
        return (rows if most is None else islice(rows, most)), view

    def _passing(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        for row in rows:
            self._has_passed = True
            yield row

    def left_out_words(self) -> Iterator[str]:
        """Return how many rows were left out because a comparison found no value, and how to get them.

        Also, for a value that its name never has, which one is meant.
        """
        if not (self.left_out or self._conditions):
            return
        from hpcli.output.left_out import left_out_words
        from hpcli.output.value_doubts import doubt_value

        yield from left_out_words(self.left_out)
        for one in self._conditions:
            if self._view and (one.operator == "!=" or (one.operator == "=" and not self._has_passed)):
                yield from doubt_value(one, self._view)


SEPARATORS: Final = {",": ",", "comma": ",", ";": ";", "semicolon": ";", "tab": "\t", "\t": "\t"}
"""What may be typed after `--excel`, and what it means."""

_WITH_DECIMAL_COMMA = (
    " af be bg bs ca cs da de el es et eu fi fr gl hr hu hy id is it ka kk lt lv mk nb nl nn no pl pt ro ru sk sl sq sr"
    " sv tr uk vi "
)
_WITH_POINT = " de_ch de_li it_ch es_mx es_gt es_hn es_ni es_pa es_pr es_sv es_us "


def excel_separator(typed: str, environment: Mapping[str, str]) -> str:
    """Return the separator that Excel expects: as typed, else a semicolon where this locale has decimal commas.

    Raises:
        UsageError: `typed` is not a separator.
    """
    if typed in SEPARATORS:
        return SEPARATORS[typed]
    if typed != "auto":
        from hpcli.errors import UsageError

        raise UsageError(
            f"--excel: {typed!r} is not a separator.",
            hint="Write --excel alone, or --excel ';', --excel ',' or --excel tab.",
        )
    locale = next(
        (environment[name] for name in ("LC_ALL", "LC_NUMERIC", "LANG") if environment.get(name)), ""
    )
    place = locale.partition(".")[0].partition("@")[0].lower().replace("-", "_")
    has_comma = f" {place.partition('_')[0]} " in _WITH_DECIMAL_COMMA and f" {place} " not in _WITH_POINT
    return ";" if has_comma else ","
