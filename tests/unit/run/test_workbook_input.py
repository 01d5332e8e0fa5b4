"""Workbooks to import: the first visible sheet, as text."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import pytest

from hpcli.errors import UsageError
from hpcli.run.tables import LineFaults, read_sheet
from hpcli.run.workbook_input import MARK, workbook_lines


def workbook(*rows: tuple[Any, ...]) -> bytes:
    from openpyxl import Workbook

    book, content = Workbook(), io.BytesIO()
    book.worksheets[0].sheet_state = "hidden"
    sheet = book.create_sheet("devices")
    for row in rows:
        sheet.append(row)
    book.save(content)
    return content.getvalue()


def test_the_first_visible_sheet_is_read_as_it_would_be_typed() -> None:
    content = workbook(("serial", "code", "sync"), ("K1", 12.0, True), (), ("K2", 0.5, None))
    assert content.startswith(MARK)
    assert list(workbook_lines(content, "file")) == [
        (1, ["serial", "code", "sync"]), (2, ["K1", "12", "yes"]), (4, ["K2", "0.5"]),
    ]  # fmt: skip


def test_a_number_of_more_digits_than_excel_keeps_and_a_date_are_refused_by_line_and_column() -> None:
    content = workbook(("card", "name"), (1234567890123456, "A"), (2, datetime(2026, 3, 4)))  # noqa: DTZ001 - Excel's
    faults = LineFaults()
    read_sheet(
        workbook_lines(content, "file"), ("card", "name"), needed=("card",), unique=None, faults=faults
    )
    assert [(line, error.message.partition(",")[0]) for line, _, error in faults.all] == [
        (2, "column 1 (card): a number of over 15 digits"),
        (3, "column 2 (name): a date or time"),
    ]


def test_what_is_not_a_workbook_is_refused() -> None:
    with pytest.raises(UsageError, match="not a workbook"):
        list(workbook_lines(MARK + b"broken", "file"))
