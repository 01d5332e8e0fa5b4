"""The rows of a workbook (`.xlsx`) to import: those of its first visible sheet, as text."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, Final

from hpcli.errors import LocalError, UsageError
from hpcli.run.cell_damage import DamagedCell

MARK: Final = b"PK\x03\x04"
"""What every workbook begins with."""
_LARGEST_EXACT: Final = 10**15
"""Excel keeps 15 digits of a number."""


def workbook_lines(content: bytes, what: str) -> Iterator[tuple[int, list[str]]]:
    """Yield line and cells of each row that is not blank, of the first visible sheet.

    Raises:
        LocalError: openpyxl is not installed.
        UsageError: it is not a workbook.
    """
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise LocalError(
            "To read a workbook, hpcli needs openpyxl.",
            hint="Install hpcli with the extra excel, or save the sheet as CSV.",
        ) from error
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except Exception as error:
        raise UsageError(f"The {what} is not a workbook that can be read: {error}.") from error
    try:
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if not sheets:
            raise UsageError(f"The {what} has no visible sheet.")
        for line, row in enumerate(sheets[0].iter_rows(values_only=True), 1):
            cells = list(map(_text, row))
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                yield line, cells
    finally:
        book.close()


def _text(value: Any) -> str:
    """Return a cell as it would be typed: whole numbers without `.0`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        if abs(value) >= _LARGEST_EXACT:
            return DamagedCell(f"{value:g}", "a number of over 15 digits, of which Excel keeps 15")
        return str(int(value)) if value == int(value) else str(value)
    if isinstance(value, datetime | date | time):
        return DamagedCell(value.isoformat(), "a date or time, which may have been something else before")
    return str(value).strip()
