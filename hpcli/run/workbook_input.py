"""The rows of a workbook (`.xlsx`) to import: those of its first visible sheet, as text."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

from hpcli.errors import LocalError, UsageError

MARK: Final = b"PK\x03\x04"
"""What every workbook begins with."""
_LARGEST_EXACT: Final = 10**15
"""Excel keeps 15 digits of a number."""


def workbook_lines(content: bytes, what: str) -> Iterator[tuple[int, list[str]]]:
    """Yield line and cells of each row that is not blank, of the first visible sheet.

    Raises:
        LocalError: openpyxl is not installed.
        UsageError: it is not a workbook, or has a number that Excel has cut.
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
            cells = [_text(value, line, column) for column, value in enumerate(row, 1)]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                yield line, cells
    finally:
        book.close()


def _text(value: Any, line: int, column: int) -> str:
    """Return a cell as it would be typed: whole numbers without `.0`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        if abs(value) >= _LARGEST_EXACT:
            raise UsageError(
                f"Line {line}, column {column}: a number of over 15 digits, of which Excel keeps 15.",
                hint="Format the column as text and type it again.",
            )
        return str(int(value)) if value == int(value) else str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value).strip()
