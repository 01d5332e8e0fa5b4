"""Lists that the platform answers page by page, numbered from 1."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from hpcli.errors import ProtocolError

Row = TypeVar("Row")

_MOST_DIGITS = 18
_MOST_PAGES = 10_000


class Page(NamedTuple):
    """One page of a list.

    Attributes:
        rows: what stands on it.
        pages: how many pages there are, 0 where the platform does not say.
        total: how many rows there are, 0 where the platform does not say.
    """

    rows: Sequence[Any]
    pages: int = 0
    total: int = 0


class PagesRead(NamedTuple):
    """How much of a list was read.

    Attributes:
        path: of the call.
        number: of the page that is fetched next.
        last: the page before it.
    """

    path: str
    number: int
    last: Page


def identify(row: Any) -> object:
    """Return what distinguishes a row from others; its other fields may change between two pages."""
    if not isinstance(row, Mapping):
        return row
    named = tuple(row.get(name) for name in ("id", "deviceSerial", "employeeNo"))
    return named if any(named) else row


def read_rows(
    fetch: Callable[[int], Page],
    *,
    identity: Callable[[Any], object] | None = identify,
    info: Callable[[str], None] | None = None,
) -> Iterator[Any]:
    """Fetch page after page and yield the rows.

    Pages end where the platform says so, at an empty page or at a repeated first row, never because a page is
    short: a wrong page number is clamped or ignored in silence (field notes, "Lists and values").

    Args:
        fetch: number of a page to that page.
        identity: what distinguishes the first row of a page; None for rows that may repeat.
        info: takes a sentence about rows that the platform counted but did not send.

    Raises:
        ProtocolError: there is no end of pages, or rows are counted and none are sent.
    """
    number, seen, total = 1, 0, 0
    firsts: set[str] = set()
    while True:
        page = fetch(number)
        total = page.total or total
        first = repr(identity(page.rows[0])) if identity and page.rows else ""
        if not page.rows or first in firsts:
            break
        if first:
            firsts.add(first)
        yield from page.rows
        seen += len(page.rows)
        if 0 < page.pages <= number:
            break
        if number == _MOST_PAGES:
            raise ProtocolError(f"The list has not ended after {number} pages.")
        number += 1
    if not seen and total > 0:
        raise ProtocolError(f"The platform counts {total} rows but sends none of them.")
    if info and seen < total:
        info(f"The platform sent {seen} rows of {total}.")


def without_repeats(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield each row once."""
    seen: set[str] = set()
    for row in rows:
        key = repr(identify(row))  # a row without an id cannot be hashed
        if key not in seen:
            seen.add(key)
            yield row


def count_of(value: object) -> int:
    """Return a number of rows or pages; 0 where the answer has none that can be read."""
    if isinstance(value, int | float) and math.isfinite(value):
        return int(value)
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) <= _MOST_DIGITS else 0
