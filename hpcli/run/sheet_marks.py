"""What a sheet of a workbook says beside its values: merged and hidden cells, formulas that nobody calculated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


@dataclass(slots=True)
class SheetMarks:
    """Marks of a sheet, whose lines and columns count from 1.

    Attributes:
        hidden_lines: lines that are hidden, by hand or by a filter.
        hidden_columns: columns that are hidden.
        not_calculated: line and column of each formula without a stored result.
        merged: line and column of each cell that another one covers, with the merged area (`A2:A5`).
        last_merged: the last such column of a line.
    """

    hidden_lines: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    not_calculated: set[tuple[int, int]] = field(default_factory=set)
    merged: dict[tuple[int, int], str] = field(default_factory=dict)
    last_merged: dict[int, int] = field(default_factory=dict)


_MOST_CELLS = 100_000
"""A larger merged area is one of the whole sheet, made by mistake."""


def read_marks(source: IO[bytes]) -> SheetMarks:
    """Return the marks of the XML of a sheet.

    Raises:
        ParseError: it is not XML.
        ValueError: a reference in it is not one to a cell.
    """
    from xml.etree.ElementTree import iterparse

    marks, line = SheetMarks(), 0
    for _, element in iterparse(source):  # noqa: S314 - expat refuses entities that grow
        name = _name(element)
        if name == "row":
            line = int(float(element.get("r") or line + 1))
            if _is_true(element.get("hidden")):
                marks.hidden_lines.add(line)
            marks.not_calculated.update((line, column) for column in _not_calculated(element))
            element.clear()
        elif name == "col" and _is_true(element.get("hidden")):
            first, last = int(element.get("min") or 0), int(element.get("max") or 0)
            marks.hidden_columns.update(range(first, last + 1))
        elif name == "mergeCell":
            _merge(element.get("ref") or "", marks)
    return marks


def _not_calculated(row: Element) -> Iterator[int]:
    """Yield the columns of formulas without a result; a result that is the empty text is one."""
    from openpyxl.utils.cell import coordinate_to_tuple

    column = 0
    for cell in row:
        place = cell.get("r")
        column = coordinate_to_tuple(place)[1] if place else column + 1
        parts = {_name(part): part for part in cell}
        if "f" in parts and not (parts["v"].text if "v" in parts else None):
            is_empty_text = cell.get("t") == "str" and "v" in parts
            if not is_empty_text:
                yield column


def _merge(area: str, marks: SheetMarks) -> None:
    """Note the cells of a merged area, but for its first."""
    from openpyxl.utils.cell import range_boundaries

    left, top, right, bottom = (int(edge or 0) for edge in range_boundaries(area))
    if (right - left + 1) * (bottom - top + 1) > _MOST_CELLS:
        return
    for line in range(top, bottom + 1):
        columns = [column for column in range(left, right + 1) if (line, column) != (top, left)]
        marks.merged.update(((line, column), area) for column in columns)
        marks.last_merged[line] = max([marks.last_merged.get(line, 0), *columns])


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _is_true(text: str | None) -> bool:
    return text in ("1", "true")
