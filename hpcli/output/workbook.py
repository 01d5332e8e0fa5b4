"""The format xlsx: one sheet, whose cells are text, numbers, times or durations, and never formulas."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import partial
from typing import Any, Final, NamedTuple

from hpcli.errors import LocalError
from hpcli.output.cells import cell_text
from hpcli.output.compare import time_of
from hpcli.output.fields import value_at
from hpcli.output.table_spec import Column
from hpcli.output.text import cells_of

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LONGEST_CELL: Final = 32_767
_SHOWN_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?")
_SHOWN_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_WIDTHS: Final = (6, 60)
_MARK_WIDTH: Final = 4
"""Characters that the arrow of a filter takes in a heading, and some air."""
_DAY: Final = timedelta(days=1)
CellValue = str | int | float | datetime | date | timedelta | None
ZoneOf = Callable[[Mapping[str, Any]], tzinfo | None]
_LARGEST_WHOLE: Final = 10**15
"""Excel keeps 15 digits of a number; longer ones are identifiers and stay text."""


class Sheet(NamedTuple):
    """A sheet of a workbook.

    Attributes:
        title: at most 31 characters.
        rows: of the sheet.
        columns: how they are shown.
        zone_of: row to the zone of its times without an offset; by default this computer's.
    """

    title: str
    rows: Sequence[Mapping[str, Any]]
    columns: tuple[Column, ...]
    zone_of: ZoneOf | None = None


def make_workbook(
    rows: Iterable[Mapping[str, Any]],
    columns: tuple[Column, ...],
    noun: str,
    *,
    header: bool,
    utc: bool,
    zone_of: ZoneOf | None = None,
) -> bytes:
    """Return a workbook.

    Args:
        rows: of the list.
        columns: of the view.
        noun: name of a row, for the sheet.
        header: whether the first line has the headings; it is frozen, and has filters.
        utc: show times in UTC, else in this computer's zone.
        zone_of: row to the zone of its times without an offset; by default this computer's.

    Raises:
        LocalError: openpyxl is not installed.
    """
    sheet = Sheet(f"{noun}s"[:31].replace("/", " "), list(rows), columns, zone_of)
    return make_book([sheet], header=header, utc=utc, what="-o xlsx", instead="use -o csv --excel")


def make_book(sheets: Sequence[Sheet], *, header: bool, utc: bool, what: str, instead: str) -> bytes:
    """Return a workbook of several sheets.

    Args:
        sheets: with their rows.
        header: as in `make_workbook`.
        utc: as in `make_workbook`.
        what: needs the library, for the error.
        instead: what the user can do without it.

    Raises:
        LocalError: openpyxl is not installed.
    """
    check_library(what, instead)
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for sheet in sheets:
        _fill(book.create_sheet(sheet.title), sheet, header=header, utc=utc)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def check_library(what: str = "-o xlsx", instead: str = "use -o csv --excel") -> None:
    """Refuse to go on where workbooks cannot be made, before anything is read for one.

    Args:
        what: needs the library, for the error.
        instead: what the user can do without it.

    Raises:
        LocalError: openpyxl is not installed.
    """
    try:
        import openpyxl  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise LocalError(
            f"{what} needs openpyxl.",
            hint=f"In the checkout of hpcli run `pip install '.[excel]'`, or {instead}.",
        ) from error


def _fill(sheet: Any, source: Sheet, *, header: bool, utc: bool) -> None:
    columns = source.columns
    cells = [[_cell_value(column, row, source.zone_of, utc=utc) for column in columns] for row in source.rows]
    headings = [_heading(column, place, cells, utc=utc) for place, column in enumerate(columns)]
    formats = [_duration_format([values[place] for values in cells]) for place in range(len(columns))]
    for place, heading in enumerate(headings):
        letters = _letters(place + 1)
        sheet.column_dimensions[letters].width = _width(heading if header else "", cells, place)
    if header:
        sheet.freeze_panes = "A2"
        sheet.append([_made(sheet, heading, "") for heading in headings])
    for values in cells:
        sheet.append([_made(sheet, value, form) for value, form in zip(values, formats, strict=True)])
    if header and columns:
        last = len(cells) + 1
        sheet.auto_filter.ref = f"A1:{_letters(len(columns))}{last}"


def _cell_value(column: Column, row: Mapping[str, Any], zone_of: ZoneOf | None, *, utc: bool) -> CellValue:
    """Return what a cell holds: a time, date or duration where the table shows one, a number, or text."""
    raw, text = value_at(row, column.key), cell_text(column, row)
    meant = None if column.value is None else column.value(row)
    if isinstance(meant, timedelta):
        return meant
    zone = None if zone_of is None else partial(zone_of, row)
    moment = time_of(raw, zone) if _SHOWN_TIME.fullmatch(text) else None
    if moment is not None:
        return moment.astimezone(UTC if utc else None).replace(tzinfo=None)
    if _SHOWN_DATE.fullmatch(text):
        with contextlib.suppress(ValueError):  # the 31st of February is text
            return date.fromisoformat(text)
    is_number = isinstance(raw, int | float) and not isinstance(raw, bool) and text == str(raw)
    if is_number and abs(raw) < _LARGEST_WHOLE:
        number: int | float = raw
        return number
    return _CONTROLS.sub("\ufffd", text)[:_LONGEST_CELL] or None


def _heading(column: Column, place: int, cells: list[list[Any]], *, utc: bool) -> str:
    has_times = any(isinstance(values[place], datetime) for values in cells)
    return f"{column.title} ({_zone(utc=utc)})" if has_times else column.title


def _zone(*, utc: bool) -> str:
    import time

    return "UTC" if utc else "/".join(dict.fromkeys(time.tzname))


def _duration_format(values: Sequence[CellValue]) -> str:
    """Return how the durations of a column are shown: in days where one is that long, else in hours."""
    spans = [value for value in values if isinstance(value, timedelta)]
    return '0.0" d"' if spans and max(spans) >= _DAY else "[h]:mm:ss"


def _width(heading: str, cells: Sequence[Sequence[CellValue]], place: int) -> int:
    """Return the width of a column in characters: that of its longest line, within bounds."""
    lines = (line for values in cells for line in _shown(values[place]).split("\n"))
    longest = max([len(heading) + _MARK_WIDTH if heading else 0, *(cells_of(line) + 2 for line in lines)])
    return min(max(longest, _WIDTHS[0]), _WIDTHS[1])


def _shown(value: CellValue) -> str:
    if isinstance(value, timedelta):
        return f"{value / _DAY:.1f} d"
    return "" if value is None else str(value)


def _made(sheet: Any, value: Any, duration_format: str) -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"  # text, even if it begins with =; never a formula
    elif isinstance(value, datetime):
        cell.number_format = "yyyy-mm-dd hh:mm:ss"
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    elif isinstance(value, timedelta):
        cell.number_format = duration_format
    return cell


def _letters(number: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(number))
