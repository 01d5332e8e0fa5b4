"""CSV files to import: read and checked as a whole before anything is sent."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from hpcli.errors import HpcliError, UsageError
from hpcli.names import folded
from hpcli.reference.choices import did_you_mean, nearest
from hpcli.run.text_input import BLANKS, control_character, describe_control, without_end_mark

_TOLD = 50
_TITLES = 20
_SEPARATORS = ",;\t"
_STATED = re.compile('"?sep=(?P<separator>[^\r\n])"?[ ,;\t]*(?:\r\n|\r|\n|\\Z)', re.IGNORECASE)
"""Excel reads the separator from this line."""
_FORMULA = frozenset("=+-@")


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        line: first line of the row in the file; the header is line 1.
        cells: column to stripped text; empty cells are missing.
        columns: all columns of the file.
    """

    line: int
    cells: dict[str, str]
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a file, a sentence about each column that is ignored, and its headings without blanks and case."""

    rows: tuple[Row, ...]
    ignored: tuple[str, ...]
    columns: frozenset[str] = frozenset()


class LineFaults:
    """Collects the errors in the lines of a file, to report them together."""

    def __init__(self) -> None:
        self._faults: list[tuple[int, HpcliError]] = []

    @property
    def is_empty(self) -> bool:
        """Whether there are no errors."""
        return not self._faults

    @contextmanager
    def at(self, line: int) -> Iterator[None]:
        """Collect the error of the block as one of this line."""
        try:
            yield
        except HpcliError as error:
            self._faults.append((line, error))

    def raise_any(self, warn: Callable[[str], None]) -> None:
        """Raise the collected errors.

        Args:
            warn: receives a line for each error, in the order of the file, if there are several.

        Raises:
            UsageError: the only error, or the number of wrong lines.
        """
        faults = sorted(self._faults, key=lambda fault: fault[0])
        if not faults:
            return
        line, first = faults[0]
        if len(faults) == 1:
            raise UsageError(f"Line {line}: {first.message}", hint=first.hint)
        for number, error in faults[:_TOLD]:
            warn(f"Line {number}: {error.message}{f' {error.hint}' if error.hint else ''}")
        if len(faults) > _TOLD:
            warn(f"{len(faults) - _TOLD} more lines are wrong.")
        raise UsageError(f"{len(faults)} lines of the file are wrong.", hint="Nothing was sent.")


def read_sheet(
    source: str | Iterable[tuple[int, list[str]]],
    columns: Sequence[str],
    *,
    needed: Sequence[str],
    unique: str | None,
    faults: LineFaults,
) -> Sheet:
    """Read a CSV text with commas, semicolons or tabs, or the rows of a workbook.

    Args:
        source: text with a header, after a line `sep=;` if there is one; or line and cells of each row.
        columns: names of all columns; case, blanks, `-` and `_` of the header are ignored.
        needed: columns that the file and every row must have.
        unique: the column that identifies a row; None where several may be about one thing.
        faults: receives the errors of rows that are incomplete, too long, duplicate or have control characters;
            these are left out.

    Raises:
        UsageError: a column is missing or duplicate, the text is not CSV, or there are no rows.
    """
    lines = _csv_lines(source, columns) if isinstance(source, str) else iter(source)
    _, header = next(lines, (1, []))
    names = _names(header, columns, needed)
    rows: list[Row] = []
    seen: dict[str, int] = {}
    for line, cells in lines:
        with faults.at(line):
            row = _row(line, cells, names, needed)
            key = folded(row.cells[unique]) if unique else None
            if key in seen:
                raise UsageError(f"{unique} {row.cells[unique or '']} is already in line {seen[key]}.")
            if key is not None:
                seen[key] = line
            rows.append(row)
    if not rows and faults.is_empty:
        raise UsageError("The file has no rows.", hint=f"Columns: {', '.join(columns)}.")
    return Sheet(tuple(rows), tuple(_ignored(header, names, columns)), frozenset(map(_fold, header)))


def _csv_lines(text: str, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    text = without_end_mark(text.removeprefix("\ufeff"))
    return _cells(text, _separator(text, columns))


def _separator(text: str, columns: Sequence[str]) -> str:
    """Return the separator with which the header has most known columns, then most columns."""
    known = {_fold(column) for column in columns}
    best, most = ",", (-1, -1)
    stated = _STATED.match(text)
    for separator in stated["separator"] if stated else _SEPARATORS:
        try:
            _, header = next(_cells(text, separator), (1, []))
        except UsageError:
            continue  # not a header with this separator
        found = (len(known.intersection(map(_fold, header))), len(header))
        if found > most:
            best, most = separator, found
    return best


def _cells(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield line and cells of each row that is not blank; a line `sep=` is skipped."""
    import csv  # costs 2 ms, which most commands do not need

    stated = _STATED.match(text)
    skipped = 1 if stated else 0
    body = text[stated.end() :] if stated else text
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1 + skipped
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UsageError(f"Line {line} is not valid CSV: {error}.") from error
        if any(cell.strip() for cell in cells):
            yield line, [_without_apostrophe(cell.strip(BLANKS)) for cell in cells]


def _names(header: Sequence[str], columns: Sequence[str], needed: Sequence[str]) -> list[str]:
    """Return the column of each cell, "" if unknown."""
    known = {_fold(column): column for column in columns}
    names = [known.get(_fold(title), "") for title in header]
    for column in columns:
        if names.count(column) > 1:
            raise UsageError(f"The column {column} appears twice.")
    missing = [column for column in needed if column not in names]
    if missing:
        raise UsageError(
            f"The column {missing[0]} is missing.",
            hint=f"{_found(header, names, missing[0])}The first line must name the columns: {', '.join(columns)}.",
        )
    return names


def _found(header: Sequence[str], names: Sequence[str], missing: str) -> str:
    """Return a sentence about the first line, in which a column is missing.

    A line that names no column at all is not quoted: it may be a row, whose cells may be secrets.
    """
    if not any(names):
        if len(header) == 1:
            return "Found one cell, which does not name a column. "
        return f"Found {len(header)} cells; none names a column. " if header else ""
    titles = [title for title in header if title]
    unknown = [title for title, name in zip(header, names, strict=True) if title and not name]
    alike = nearest(missing, unknown)
    misspelt = f" Is '{alike[0]}' a misspelling of {missing}?" if alike else ""
    more = f" and {len(titles) - _TITLES} more" if len(titles) > _TITLES else ""
    return f"Found: {', '.join(titles[:_TITLES])}{more}.{misspelt} "


def _ignored(header: Sequence[str], names: Sequence[str], columns: Sequence[str]) -> Iterator[str]:
    """Yield a sentence about each column without a known name, with the nearest known one."""
    free = [column for column in columns if column not in names]
    for title, name in zip(header, names, strict=True):
        if title and not name:
            meant = did_you_mean(nearest(title, free))
            yield f"The column {title} is ignored. {meant}".rstrip()


def _row(line: int, cells: Sequence[str], names: Sequence[str], needed: Sequence[str]) -> Row:
    if any(cells[len(names) :]):
        raise UsageError(f"{len(cells)} cells under {len(names)} columns.")
    filled: dict[str, str] = {}
    for number, (name, cell) in enumerate(zip(names, cells, strict=False), start=1):
        if name and cell:
            found = control_character(cell)
            if found is not None:
                raise UsageError(f"column {number} ({name}): {describe_control(found)}.")
            filled[name] = cell
    missing = [column for column in needed if column not in filled]
    if missing:
        raise UsageError(f"{missing[0]} is empty.")
    return Row(line, filled, tuple(names))


def _without_apostrophe(cell: str) -> str:
    """Return a cell without the `'` that keeps a spreadsheet from taking text for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _FORMULA else cell


def _fold(title: str) -> str:
    return "".join(letter for letter in title.casefold() if letter.isalnum())
