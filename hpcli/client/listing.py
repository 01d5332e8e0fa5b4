"""A list of the account that is fetched as far as a look-up needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from hpcli.client.known import KnownRows
from hpcli.client.paging import Page

Row = TypeVar("Row")
Begin = Callable[[Callable[[Page], object], Callable[[str], None]], Iterator[Row]]


class Listing(Generic[Row]):
    """The rows of a list; the first page is fetched at once.

    Args:
        begin: returns the rows; takes a function for each page, and one for the sentence about missing rows.
        noun: what a row is, such as `site`.
        info: takes that sentence.

    Attributes:
        pages: how many pages there are, 0 where the platform does not say.

    Raises:
        ProtocolError: the platform did not give a list.
    """

    def __init__(self, begin: Begin[Row], noun: str, info: Callable[[str], None] | None) -> None:
        arrived: list[Page] = []
        self._noun = noun
        self._info = info
        self._shortfalls: list[str] = []
        self._rows = begin(arrived.append, self._shortfalls.append)
        first = next(self._rows, None)
        self._taken: list[Row] = [] if first is None else [first]
        self.pages = arrived[0].pages if arrived else 0

    def find(self, is_it: Callable[[Row], bool]) -> Row | None:
        """Return the first row that is it; later pages are fetched only if those before do not have it."""
        return next((row for row in self if is_it(row)), None)

    def __iter__(self) -> Iterator[Row]:
        """Yield all rows; those that were taken before come first."""
        yield from list(self._taken)
        for row in self._rows:
            self._taken.append(row)
            yield row

    def all(self) -> KnownRows[Row]:
        """Return all rows."""
        for _ in self:
            pass
        for sentence in self._shortfalls:
            if self._info is not None:
                self._info(sentence)
        return KnownRows(self._taken, self._noun, next(iter(self._shortfalls), None))
