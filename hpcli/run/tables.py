"""CSV files to import: read and checked as a whole before anything is sent."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from hpcli.errors import HpcliError, UsageError

_TOLD = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        line: first line of the row in the file; the header is line 1.
        cells: column to stripped text; empty cells are missing.
    """

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a file, and the columns that were ignored."""

    rows: tuple[Row, ...]
    ignored: tuple[str, ...]


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
    text: str, columns: Sequence[str], *, needed: Sequence[str], unique: str, faults: LineFaults
) -> Sheet:
    """Read a CSV text with commas or semicolons.

    Args:
        text: with a header; a byte-order mark is dropped.
        columns: names of all columns; case, blanks, `-` and `_` of the header are ignored.
        needed: columns that the file and every row must have.
        unique: the column that identifies a row.
        faults: receives the errors of rows that are incomplete, too long or duplicate; these are left out.

    Raises:
        UsageError: a column is missing or duplicate, the text is not CSV, or there are no rows.
    """
    lines = _cells(text.removeprefix("\ufeff"))
    _, header = next(lines, (1, []))
    names = _names(header, columns, needed)
    rows: list[Row] = []
    seen: dict[str, int] = {}
    for line, cells in lines:
        with faults.at(line):
            row = _row(line, cells, names, needed)
            key = row.cells[unique].casefold()
            if key in seen:
                raise UsageError(f"{unique} {row.cells[unique]} is already in line {seen[key]}.")
            seen[key] = line
            rows.append(row)
    if not rows and faults.is_empty:
        raise UsageError("The file has no rows.", hint=f"Columns: {', '.join(columns)}.")
    return Sheet(tuple(rows), tuple(title for title, name in zip(header, names, strict=True) if not name))


def _cells(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield line and cells of each row that is not blank."""
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in first else ",", strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UsageError(f"Line {line} is not valid CSV: {error}.") from error
        if any(cell.strip() for cell in cells):
            yield line, [cell.strip() for cell in cells]


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
            hint=f"The first line must name the columns: {', '.join(columns)}.",
        )
    return names


def _row(line: int, cells: Sequence[str], names: Sequence[str], needed: Sequence[str]) -> Row:
    if len(cells) > len(names):
        raise UsageError(f"{len(cells)} cells under {len(names)} columns.")
    filled = {name: cell for name, cell in zip(names, cells, strict=False) if name and cell}
    missing = [column for column in needed if column not in filled]
    if missing:
        raise UsageError(f"{missing[0]} is empty.")
    return Row(line, filled)


def _fold(title: str) -> str:
    return "".join(letter for letter in title.casefold() if letter.isalnum())
