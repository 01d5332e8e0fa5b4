"""The headings of a file to import: which line has them, and which columns they mean."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from hpcli.errors import UsageError
from hpcli.reference.choices import nearest
from hpcli.reference.data import read_rows

if TYPE_CHECKING:
    from hpcli.run.workbook_input import WorkbookSheet

_TITLES: Final = 20
_SHEETS: Final = 5
LINES_BEFORE: Final = 10
"""How many lines may stand above the headings, such as a title."""
Line = tuple[int, list[str]]


class Headings(NamedTuple):
    """The headings of a file.

    Attributes:
        line: in the file.
        cells: as they are written.
        names: the column that each means, "" for none.
        place: of the line among those that are not blank, from 0.
    """

    line: int
    cells: Sequence[str]
    names: list[str]
    place: int

    @property
    def known(self) -> int:
        """How many columns it names."""
        return sum(map(bool, self.names))


def find_headings(lines: Sequence[Line], columns: Sequence[str], needed: Sequence[str]) -> Headings:
    """Return the headings among the first lines of a file; without a line that is complete, what comes nearest.

    Args:
        lines: the first ones that are not blank.
        columns: names of all columns.
        needed: columns that the file must have.
    """
    found = [
        Headings(line, cells, column_names(cells, columns), at) for at, (line, cells) in enumerate(lines)
    ]
    complete = next((one for one in found if set(needed) <= set(one.names)), None)
    if complete is not None or not found:
        return complete or Headings(1, [], [], 0)
    likeliest = max(found, key=lambda one: one.known)
    return likeliest if likeliest.known > 1 else found[0]


def column_names(cells: Sequence[str], columns: Sequence[str]) -> list[str]:
    """Return the column that each heading means, "" for none: by its name, else by another word for it.

    Some words say it only if no other heading does: `Kunde` is the site where there is no `Standort`.
    """
    known = {fold_title(column): column for column in columns}
    names = [known.get(fold_title(cell), "") for cell in cells]
    for at, cell in enumerate(cells):
        if not names[at]:
            meant = _others().get(fold_title(cell), ())
            names[at] = next((one for one in meant if one in columns and one not in names), "")
    for at, cell in enumerate(cells):
        if not names[at]:
            weak = [one for one in _weaker().get(fold_title(cell), ()) if one in columns]
            names[at] = weak[0] if weak and weak[0] not in names else ""
    return names


def possible_columns(cells: Sequence[str]) -> frozenset[str]:
    """Return the headings, folded, and all columns that they may mean, also those of other files."""
    folded = frozenset(map(fold_title, cells))
    return folded.union(*((*_others().get(one, ()), *_weaker().get(one, ())) for one in folded))


def same_title(title: str, column: str) -> bool:
    """Whether a heading is the name of a column but for case, blanks and signs."""
    return fold_title(title) == fold_title(column)


def column_letters(number: int) -> str:
    """Return the letters that a spreadsheet shows for a column, from 1: A, B … Z, AA."""
    letters = ""
    while number:
        number, place = divmod(number - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def check_headings(
    headings: Headings,
    columns: Sequence[str],
    needed: Sequence[str],
    *,
    book: WorkbookSheet | None = None,
    options: Mapping[str, str] | None = None,
) -> None:
    """Check that no column is missing or appears twice.

    Args:
        headings: of the file.
        columns: names of all columns.
        needed: columns that the file must have.
        book: the sheet, if it is one of a workbook.
        options: a column to the option that would fill it in.

    Raises:
        UsageError: one is; the hint says what was found.
    """
    must = f"The first line must name the columns: {', '.join(columns)}."
    if not any(cell.strip(",;\t ") for cell in headings.cells):
        raise UsageError("The file is empty.", hint=must)
    for column in columns:
        if headings.names.count(column) > 1:
            raise UsageError(f"The column {column} appears twice.")
    folded = list(map(fold_title, headings.cells))
    for title, one, name in zip(headings.cells, folded, headings.names, strict=True):
        if name and folded.count(one) > 1:
            raise UsageError(f"The column {' '.join(title.split())} appears twice.")
    missing = [column for column in needed if column not in headings.names]
    if missing:
        of_sheet = "" if book is None else f" of the sheet '{book.title}'"
        read_as = f"Line {headings.line}{of_sheet} was read as the headings. "
        option = (options or {}).get(missing[0])
        instead = f"Add it, or use {option}. " if option else ""
        raise UsageError(
            f"The column {missing[0]} is missing.",
            hint=f"{instead}{read_as}{_found(headings, missing[0])}{must}{other_sheets(book)}",
        )


def other_sheets(book: WorkbookSheet | None) -> str:
    """Return a sentence about the sheets that may have been meant."""
    if book is None or not book.others:
        return ""
    names = ", ".join(f"'{name}'" for name in book.others[:_SHEETS])
    return f" The first visible sheet that has rows is read; move it behind {names}, or hide it, if that was meant."


def _found(headings: Headings, missing: str) -> str:
    """Return a sentence about the line in which a column is missing.

    A line that names no column at all is not quoted: it may be a row, whose cells may be secrets.
    """
    cells = headings.cells
    if not any(headings.names):
        if len(cells) == 1:
            separator = "Write a line sep=| above it if | separates the cells. " if "|" in cells[0] else ""
            return f"Found one cell, which does not name a column. {separator}"
        return f"Found {len(cells)} cells; none names a column. "
    titles = [title for title in cells if title]
    unknown = [title for title, name in zip(cells, headings.names, strict=True) if title and not name]
    alike = nearest(missing, unknown)
    misspelt = f" Is '{alike[0]}' a misspelling of {missing}?" if alike else ""
    more = f" and {len(titles) - _TITLES} more" if len(titles) > _TITLES else ""
    return f"Found: {', '.join(titles[:_TITLES])}{more}.{misspelt} "


@cache
def _others() -> dict[str, tuple[str, ...]]:
    """Return other words for columns, folded, to the columns that they may mean, the likeliest first."""
    return _meanings(1)


@cache
def _weaker() -> dict[str, tuple[str, ...]]:
    """Return words for columns that have no better heading."""
    return _meanings(2)


def _meanings(place: int) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in read_rows("column_titles.tsv"):
        for word in row[place].split(", "):
            if word:
                found[fold_title(word)] = (*found.get(fold_title(word), ()), row[0])
    return found


def fold_title(title: str) -> str:
    """Return the form in which spellings of one heading are equal: no case, accents, blanks or signs."""
    plain = unicodedata.normalize("NFKD", title.casefold())
    return "".join(letter for letter in plain if letter.isalnum())
