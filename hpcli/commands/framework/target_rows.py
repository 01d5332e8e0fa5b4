"""Join the rows of many targets into one list: its columns, and its order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from datetime import tzinfo
from typing import Any

from hpcli.output import Column, View
from hpcli.run.selection import Selection

Row = Mapping[str, Any]
Show = Callable[[Any, Row], str]

_NAMED_BY = {"device": "deviceSerial", "site": "siteName"}


def join_views(first: View | None, views: Mapping[str, View], labels: Mapping[str, str], kind: str) -> View:
    """Return the view of the rows of all targets.

    Args:
        first: the view of the first target that showed something.
        views: target to its own view, whose times may be those of another zone; filled while rows arrive.
        labels: target to its name for tables.
        kind: device or site.
    """
    if first is None:
        first = View(noun=kind, id="target", columns=())
    columns = tuple(
        column if column.show is None else column._replace(show=_by_target(number, column.show, views))
        for number, column in enumerate(first.columns)
    )
    if not any(column.key == _NAMED_BY[kind] for column in columns):
        name = Column(
            "SERIAL" if kind == "device" else "SITE",
            "target",
            show=lambda value, _row: labels.get(value, value),
            wide=kind == "site",
        )
        columns = (name, *columns)
    if first.zone_of is None:
        return first._replace(columns=columns)
    return first._replace(columns=columns, zone_of=lambda row: _zone_by_target(row, views))


def _zone_by_target(row: Row, views: Mapping[str, View]) -> tzinfo | None:
    view = views.get(str(row.get("target")))
    return view.zone_of(row) if view is not None and view.zone_of is not None else None


def _by_target(number: int, otherwise: Show, views: Mapping[str, View]) -> Show:
    def show(value: Any, row: Row) -> str:
        view = views.get(str(row.get("target")))
        own = view.columns[number].show if view and number < len(view.columns) else None
        return (own or otherwise)(value, row)

    return show


def order_rows(
    rows: Iterable[Row], view: View, selection: Selection, limit: int | None
) -> tuple[Iterable[Row], View]:
    """Sort or count the rows of all targets, where that was asked; the limit is per target.

    Failed targets come last; they are not counted.
    """
    if not selection.needs_all:
        return rows, view
    from hpcli.output.row_filter import counted_rows, parse_sort, sorted_rows

    listed = list(rows)
    good = [row for row in listed if row.get("ok") is not False or "error" not in row]
    failed = [row for row in listed if row.get("ok") is False and "error" in row]
    if selection.count_by:
        good, view = counted_rows(good, selection.count_by, view)
    if selection.sort:
        good = sorted_rows(good, [name for text in selection.sort for name in parse_sort(text)], view)
    if limit is not None:
        good = list(_limited(good, limit, {}))
    return [*good, *([] if selection.count_by else failed)], view


def _limited(rows: Iterable[Row], limit: int, seen: MutableMapping[object, int]) -> Iterator[Row]:
    """Yield the first rows of each target."""
    counts = Counter[object](seen)
    for row in rows:
        counts[row.get("target")] += 1
        if counts[row.get("target")] <= limit:
            yield row
