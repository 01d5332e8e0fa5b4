"""What is said about a file to import whose rows can be read: what is ignored, skipped, hidden or odd."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final

from hpcli.reference.choices import did_you_mean, nearest
from hpcli.reference.data import read_rows
from hpcli.run.cell_damage import DamagedCell
from hpcli.run.table_titles import Line, column_letters, fold_title, possible_columns

if TYPE_CHECKING:
    from hpcli.run.table_titles import Headings
    from hpcli.run.workbook_input import WorkbookSheet

_LISTED: Final = 5
_NAMES: Final = ("site", "name", "family-name", "given-name", "info")
"""Columns in which a number that could be a day is more likely a date than a name."""
_VALIDITY: Final = frozenset({"valid-from", "valid-until"})
_NO_END: Final = (
    "the platform keeps no validity of a person. `hpcli access revoke --everywhere` ends the access."
)
_UNSEEN: Final = re.compile("[\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")
_DAY_ZERO: Final = date(1899, 12, 30)
_DAYS: Final = range(36526, 54789)  # of the years 2000 to 2049
_DAY_DIGITS: Final = 5


def find_total(cells: Sequence[str]) -> str | None:
    """Return the cell that says that a row has totals, None for another row."""
    return next((cell for cell in cells if fold_title(cell) in _total_words()), None)


def is_headings_again(cells: Sequence[str], headings: Headings) -> bool:
    """Whether a row repeats the headings, as it does where files are put together."""
    filled = [(cell, title) for cell, title in zip(cells, headings.cells, strict=False) if cell or title]
    return all(cell and fold_title(cell) == fold_title(title) for cell, title in filled)


def sheet_notes(
    headings: Headings, columns: Sequence[str], body: Sequence[Line], book: WorkbookSheet | None
) -> tuple[str, ...]:
    """Return sentences about a file.

    Args:
        headings: of the file.
        columns: names of all columns.
        body: the lines below the headings.
        book: the sheet, if it is one of a workbook.
    """
    hidden = () if book is None else _hidden(headings, body, book)
    choice = (book.choice,) if book is not None and book.choice else ()
    return (
        *choice,
        *_skipped(headings),
        *_ignored(headings, columns),
        *_without_values(headings, body),
        *_unnamed(headings, body, has_letters=book is not None),
        *hidden,
        *_days(headings, body),
        *_invisible(headings, body),
    )


def _skipped(headings: Headings) -> Iterator[str]:
    """Yield a sentence about the lines above the headings."""
    if headings.place:
        above = (
            "the line above it was" if headings.place == 1 else f"the {headings.place} lines above it were"
        )
        yield f"Line {headings.line} has the headings; {above} skipped."


def _ignored(headings: Headings, columns: Sequence[str]) -> Iterator[str]:
    """Yield a sentence about each column without a known name, with the nearest known one."""
    free = [column for column in columns if column not in headings.names]
    for title, name in zip(headings.cells, headings.names, strict=True):
        if not title or name:
            continue
        if "employee-no" in columns and possible_columns([title]) & _VALIDITY:
            yield f"The column {title} is ignored: {_NO_END}"
        else:
            meant = did_you_mean(nearest(title, free))
            yield f"The column {title} is ignored. {meant}".rstrip()


def _unnamed(headings: Headings, body: Sequence[Line], *, has_letters: bool) -> Iterator[str]:
    """Yield a sentence about each column that has values but no heading."""
    titles = headings.cells
    found = {
        number
        for _, cells in body
        for number, cell in enumerate(cells, 1)
        if cell
        and (not titles[number - 1] if number <= len(titles) else has_letters)  # in CSV that is a fault
    }
    for number in sorted(found):
        yield f"Column {column_letters(number) if has_letters else number} has no heading and is ignored."


def _without_values(headings: Headings, body: Sequence[Line]) -> Iterator[str]:
    """Yield a sentence about the rows that have values in ignored columns only."""
    width = len(headings.names)
    lines = [
        str(line)
        for line, cells in body
        if not any(cells[width:]) and not any(map(_is_value, cells, headings.names))
    ]
    if lines:
        where, _, _ = _listed("Line", lines).rpartition(" ")
        has = "has" if len(lines) == 1 else "have"
        was = "was" if len(lines) == 1 else "were"
        yield f"{where} {has} nothing in the columns that are known, and {was} skipped."


def _is_value(cell: str, name: str) -> bool:
    return bool(name) and (bool(cell) or isinstance(cell, DamagedCell))


def _hidden(headings: Headings, body: Sequence[Line], book: WorkbookSheet) -> Iterator[str]:
    """Yield sentences about rows and columns that the sheet hides, and that are read all the same."""
    lines = [str(line) for line, _ in body if line in book.hidden_lines]
    if lines:
        yield f"{_listed('Line', lines)} hidden in the sheet and read too."
    letters = [
        column_letters(number)
        for number, name in enumerate(headings.names, 1)
        if name and number in book.hidden_columns
    ]
    if letters:
        yield f"{_listed('Column', letters)} hidden in the sheet and read too."


def _days(headings: Headings, body: Sequence[Line]) -> Iterator[str]:
    """Yield a sentence about each column of names in which numbers stand that a spreadsheet makes of dates."""
    for number, name in enumerate(headings.names):
        if name not in _NAMES:
            continue
        found = [
            (str(line), cells[number])
            for line, cells in body
            if len(cells) > number and _is_day(cells[number])
        ]
        if found:
            day = _DAY_ZERO + timedelta(days=int(found[0][1]))
            where = _listed("line", [line for line, _ in found]).rpartition(" ")[0]
            yield f"The {name} in {where} is a number: {found[0][1]} may have been the date {day}."


def _invisible(headings: Headings, body: Sequence[Line]) -> Iterator[str]:
    """Yield a sentence about each column in whose cells are characters that nobody sees."""
    for number, name in enumerate(headings.names):
        found = [
            (str(line), letters[0])
            for line, cells in body
            if name and len(cells) > number and (letters := _UNSEEN.findall(cells[number]))
        ]
        if found:
            where = _listed("line", [line for line, _ in found]).rpartition(" ")[0]
            yield f"The {name} in {where} has an invisible character (U+{ord(found[0][1]):04X})."


def _is_day(cell: str) -> bool:
    return len(cell) == _DAY_DIGITS and cell.isascii() and cell.isdecimal() and int(cell) in _DAYS


def _listed(what: str, names: Sequence[str]) -> str:
    """Return `Line 4 is`, `Lines 4 and 7 are` or `Lines 4, 5, 6, 7, 8 and 3 more are`."""
    if len(names) == 1:
        return f"{what} {names[0]} is"
    shown, more = list(names[:_LISTED]), len(names) - _LISTED
    last = f"{more} more" if more > 0 else shown.pop()
    return f"{what}s {', '.join(shown)} and {last} are"


@cache
def _total_words() -> frozenset[str]:
    return frozenset(fold_title(word) for word, _ in read_rows("total_words.tsv"))
