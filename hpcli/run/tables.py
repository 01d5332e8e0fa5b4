"""CSV files to import: read and checked as a whole before anything is sent."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from typing import NamedTuple, TypeVar

from hpcli.errors import HpcliError, UsageError
from hpcli.names import folded
from hpcli.run.cell_damage import Damage, damage_of
from hpcli.run.sheet_notes import find_total, is_headings_again, sheet_notes
from hpcli.run.table_titles import (
    LINES_BEFORE,
    Headings,
    check_headings,
    column_letters,
    column_names,
    find_headings,
    other_sheets,
    possible_columns,
    same_title,
)
from hpcli.run.text_input import (
    BLANKS,
    control_character,
    describe_control,
    without_apostrophe,
    without_end_mark,
)
from hpcli.run.workbook_input import WorkbookSheet

_TOLD = 50
_SEPARATORS = ",;\t"
_STATED = re.compile('"?sep=(?P<separator>[^\r\n])"?[ ,;\t]*(?:\r\n|\r|\n|\\Z)', re.IGNORECASE)
"""Excel reads the separator from this line."""
Value = TypeVar("Value")


@dataclass(slots=True)
class Row:
    """One row.

    Attributes:
        line: first line of the row in the file; the header is line 1.
        cells: column to stripped text; empty and wrong cells are missing.
        columns: all columns of the file.
        faults: what is wrong with the row; whoever reads its cells adds to it.
        wrong: columns whose cells are wrong whatever they mean.
        is_incomplete: a column that every row must have is empty.
    """

    line: int
    cells: dict[str, str]
    columns: tuple[str, ...] = ()
    faults: list[HpcliError] = field(default_factory=list, compare=False)
    wrong: set[str] = field(default_factory=set, compare=False)
    is_incomplete: bool = field(default=False, compare=False)

    def fault(self, error: HpcliError) -> None:
        """Note what is wrong with the row."""
        self.faults.append(error)

    def read(self, column: str, reader: Callable[[str], Value], otherwise: Value) -> Value:
        """Return what a cell means; `otherwise` for one that is empty or wrong, whose error is noted."""
        text = self.cells.get(column)
        if text is None:
            return otherwise
        try:
            return reader(text)
        except HpcliError as error:
            if error.message.startswith("'") and column not in error.message:
                error.message = f"{column}: {error.message}"
            self.faults.append(error)
            return otherwise

    def check(self, read: Callable[[], Value], otherwise: Value) -> Value:
        """Return what a part of the row means; `otherwise` where it is wrong, and its error is noted."""
        try:
            return read()
        except HpcliError as error:
            self.faults.append(error)
            return otherwise


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a file.

    Attributes:
        rows: those without faults.
        notes: sentences about what is ignored, skipped or odd.
    """

    rows: tuple[Row, ...]
    notes: tuple[str, ...]


class LineFault(NamedTuple):
    """What is wrong with a line, and what it is about, as far as it says so."""

    line: int
    target: str
    error: HpcliError


class LineFaults:
    """Collects the errors in the lines of a file, to report them together."""

    def __init__(self) -> None:
        self._faults: list[LineFault] = []

    @property
    def is_empty(self) -> bool:
        """Whether there are no errors."""
        return not self._faults

    @property
    def all(self) -> list[LineFault]:
        """The errors in the order of the file, one for each line."""
        return sorted(self._faults, key=lambda fault: fault.line)

    @contextmanager
    def at(self, line: int, target: str = "") -> Iterator[None]:
        """Collect the error of the block as one of this line."""
        try:
            yield
        except HpcliError as error:
            self.add(line, [error], target)

    def add(self, line: int, errors: Sequence[HpcliError], target: str = "") -> None:
        """Note all that is wrong with a line."""
        if errors:
            self._faults.append(LineFault(line, target, _joined(errors)))

    def raise_any(self, warn: Callable[[str], None]) -> None:
        """Raise the collected errors.

        Args:
            warn: receives a line for each error, in the order of the file, if there are several.

        Raises:
            UsageError: the only error, or the number of wrong lines.
        """
        faults = self.all
        if not faults:
            return
        line, _, first = faults[0]
        if len(faults) == 1:
            raise UsageError(f"Line {line}: {first.message}", hint=first.hint)
        for number, _, error in faults[:_TOLD]:
            warn(f"Line {number}: {error.message}{f' {error.hint}' if error.hint else ''}")
        if len(faults) > _TOLD:
            warn(f"{len(faults) - _TOLD} more lines are wrong.")
        raise UsageError(f"{len(faults)} lines of the file are wrong.", hint="Nothing was sent.")


def _joined(errors: Sequence[HpcliError]) -> HpcliError:
    """Return one error that says all that is wrong with a line."""
    if len(errors) == 1:
        return errors[0]
    hints = dict.fromkeys(error.hint for error in errors if error.hint)
    return UsageError(
        " ".join(dict.fromkeys(error.message for error in errors)), hint=" ".join(hints) or None
    )


def read_sheet(
    source: str | Iterable[tuple[int, list[str]]],
    columns: Sequence[str],
    *,
    needed: Sequence[str],
    unique: str | None,
    faults: LineFaults,
    instead: Mapping[str, str] | None = None,
    options: Mapping[str, str] | None = None,
    also: Callable[[Row], object] | None = None,
    check: Callable[[Collection[str]], object] | None = None,
) -> Sheet:
    """Read a CSV text with commas, semicolons or tabs, or the rows of a workbook.

    Args:
        source: text with a header, after a line `sep=;` if there is one; or line and cells of each row.
        columns: names of all columns; case, blanks, `-` and `_` of the header are ignored.
        needed: columns that the file and every row must have.
        unique: the column that identifies a row; None where several may be about one thing.
        faults: receives the errors of rows that are incomplete, too long, duplicate or have control characters;
            these are left out.
        also: reads the cells of each row, and notes in it what is wrong with them.
        check: takes all columns that the headings may mean before rows are looked at, and may refuse them.
        instead: a column to the one that stands for it in a file without it.
        options: a column to the option that would fill it in; without the option, it is needed too.

    Raises:
        UsageError: a column is missing or duplicate, the text is not CSV, or there are no rows.
    """
    lines = _csv_lines(source, columns) if isinstance(source, str) else iter(source)
    book = source if isinstance(source, WorkbookSheet) else None
    first, options = list(islice(lines, LINES_BEFORE)), options or {}
    all_needed = (*needed, *options)
    headings = _instead(find_headings(first, columns, all_needed), instead or {}, needed)
    check_headings(headings, columns, all_needed, book=book, options=options)
    if check is not None:
        check(possible_columns(headings.cells))
    places = Places(headings, has_letters=book is not None)
    rows: list[Row] = []
    body: list[tuple[int, list[str]]] = []
    seen: dict[str, int] = {}
    for line, cells in chain(first[headings.place + 1 :], lines):
        row = _row(line, cells, places, all_needed, options)
        body.append((line, cells))
        if _is_without_values(row, cells):
            continue
        extra = _extra_row(row, cells, headings)
        if extra is not None:
            faults.add(line, [extra])
            continue
        target = row.cells.get(needed[0], "")
        key = folded(row.cells[unique]) if unique in row.cells else None
        if key is not None and key in seen:
            row.faults.append(
                UsageError(f"{unique} {row.cells[unique or '']} is already in line {seen[key]}.")
            )
        elif key is not None:
            seen[key] = line
        if also is not None:
            row.check(partial(also, row), None)
        if row.faults:
            faults.add(line, row.faults, target)
        else:
            rows.append(row)
    if not rows and faults.is_empty:
        raise UsageError("The file has no rows.", hint=f"Columns: {', '.join(columns)}.{other_sheets(book)}")
    return Sheet(tuple(rows), sheet_notes(headings, columns, body, book))


def _csv_lines(text: str, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    text = without_end_mark(text.removeprefix("\ufeff"))
    return _cells(text, _separator(text, columns))


def _separator(text: str, columns: Sequence[str]) -> str:
    """Return the separator with which a line has most known columns, then the first one most columns."""
    best, most = ",", (-1, -1)
    stated = _STATED.match(text)
    for separator in stated["separator"] if stated else _SEPARATORS:
        found = (-1, -1)
        try:
            for place, (_, cells) in enumerate(islice(_cells(text, separator), LINES_BEFORE)):
                known = sum(map(bool, column_names(cells, columns)))
                found = max(found, (known, 0 if place else len(cells)))
        except UsageError:
            pass  # with this separator, the lines so far count
        if found > most:
            best, most = separator, found
    return best


def _cells(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield line and cells of each row that is not blank; a line `sep=` does not count, as in Excel."""
    import csv  # costs 2 ms, which most commands do not need

    stated = _STATED.match(text)
    body = text[stated.end() :] if stated else text
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UsageError(f"Line {line} is not valid CSV: {error}.") from error
        if any(cell.strip(BLANKS) for cell in cells):
            yield line, [without_apostrophe(cell.strip(BLANKS)) for cell in cells]


def _instead(headings: Headings, instead: Mapping[str, str], needed: Sequence[str]) -> Headings:
    """Return headings in which a column that is missing but needed is the one that stands for it."""
    names = list(headings.names)
    for column, other in instead.items():
        if column in needed and column not in names and other in names:
            names[names.index(other)] = column
    return headings._replace(names=names)


class Places:
    """Where the columns of a file are, in the words of its reader.

    Args:
        headings: of the file.
        has_letters: the columns of a sheet have letters; those of CSV are counted.

    Attributes:
        names: the column that each heading means, "" for none.
    """

    def __init__(self, headings: Headings, *, has_letters: bool) -> None:
        self.names = tuple(headings.names)
        self._titles = headings.cells
        self._has_letters = has_letters

    @property
    def has_open_end(self) -> bool:
        """Whether cells may stand behind the last heading: in CSV there is a separator too many."""
        return self._has_letters

    def of(self, number: int) -> str:
        """Return the place of a column, from 1: `column D (Seriennummer)`."""
        return f"column {self._mark(number)} ({self._title(number)})"

    def where_named(self, name: str) -> str:
        """Return the place of a column, in brackets, if the file has another heading for it; else nothing."""
        number = self.names.index(name) + 1 if name in self.names else 0
        if not number or same_title(self._title(number), name):
            return ""
        return f" (column {self._mark(number)}, {self._title(number)})"

    def _title(self, number: int) -> str:
        return " ".join(self._titles[number - 1].split()) or self.names[number - 1]

    def _mark(self, number: int) -> str:
        return column_letters(number) if self._has_letters else str(number)


def _row(
    line: int, cells: Sequence[str], places: Places, needed: Sequence[str], options: Mapping[str, str]
) -> Row:
    row = Row(line, {}, places.names)
    if any(cells[len(places.names) :]) and not places.has_open_end:
        row.faults.append(UsageError(f"{len(cells)} cells under {len(places.names)} columns."))
    for number, (name, cell) in enumerate(zip(places.names, cells, strict=False), start=1):
        fault = _fault(cell) if name else None
        if fault is not None:
            row.wrong.add(name)
            row.faults.append(UsageError(f"{places.of(number)}: {fault.words}.", hint=fault.hint or None))
        elif name and cell:
            row.cells[name] = cell
    for column in needed:
        if column not in row.cells and column not in row.wrong:
            hint = f"Fill it in, or use {options[column]}." if column in options else None
            row.faults.append(UsageError(f"{column} is empty{places.where_named(column)}.", hint=hint))
            row.is_incomplete = True
    return row


def _is_without_values(row: Row, cells: Sequence[str]) -> bool:
    """Whether a row has values in ignored columns only, such as a number that stands in every row of a form."""
    return not row.cells and not row.wrong and not any(cells[len(row.columns) :])


def _extra_row(row: Row, cells: Sequence[str], headings: Headings) -> UsageError | None:
    """Return the error of a row that is not about an item: totals, or the headings once more."""
    total = find_total(cells) if row.is_incomplete else None
    if total is not None:
        return UsageError(f"It looks like a row of totals ({total}).", hint="Delete it from the sheet.")
    if is_headings_again(cells, headings):
        return UsageError("It repeats the headings.", hint="Delete it from the sheet.")
    return None


def _fault(cell: str) -> Damage | None:
    """Return what is wrong with a cell whatever its column, and what to do about it; None for nothing."""
    found = control_character(cell)
    return damage_of(cell) if found is None else Damage(describe_control(found), "")
