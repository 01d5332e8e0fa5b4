"""Workbooks to import: the first visible sheet that has rows, as text."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
from openpyxl import Workbook

from hpcli.errors import UsageError
from hpcli.run.tables import LineFaults, Sheet, read_sheet
from hpcli.run.workbook_input import MARK, workbook_lines
from tests.support.archives import damaged

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

COLUMNS = ("serial", "code", "name")


def saved(book: Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def workbook(*rows: tuple[Any, ...], also: Callable[[Worksheet], object] = lambda _sheet: None) -> bytes:
    book = Workbook()
    book.worksheets[0].sheet_state = "hidden"
    sheet = book.create_sheet("devices")
    for row in rows:
        sheet.append(row)
    also(sheet)
    return saved(book)


def changed(content: bytes, old: str, new: str) -> bytes:
    """The workbook with a text of its second sheet replaced, as other programs write it."""
    result = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as source, ZipFile(result, "w") as target:
        for name in source.namelist():
            text = source.read(name)
            if name.endswith("sheet2.xml"):
                text = text.replace(b" />", b"/>").replace(b"<v></v>", b"<v/>")
                assert old.encode() in text
                text = text.replace(old.encode(), new.encode())
            target.writestr(name, text)
    return result.getvalue()


def read(content: bytes) -> tuple[Sheet, list[str]]:
    """The sheet, and what is said of its wrong lines."""
    faults = LineFaults()
    sheet = read_sheet(
        workbook_lines(content, "file"), COLUMNS, needed=COLUMNS[:2], unique=None, faults=faults
    )
    return sheet, [f"{line}: {error.message} {error.hint or ''}".rstrip() for line, _, error in faults.all]


HEAD = ("Seriennummer", "Prüfcode", "Name")


def test_the_first_visible_sheet_is_read_as_it_would_be_typed() -> None:
    content = workbook(("serial", "code", "sync"), ("K1", 12.0, True), (), ("K2", 0.5, None))
    assert content.startswith(MARK)
    assert list(workbook_lines(content, "file")) == [
        (1, ["serial", "code", "sync"]), (2, ["K1", "12", "yes"]), (4, ["K2", "0.5"]),
    ]  # fmt: skip


def test_empty_sheets_are_passed_over_and_other_sheets_with_rows_are_named() -> None:
    book = Workbook()
    book.worksheets[0].title = "Leer"
    for title in ("Geräte", "Nachtrag", "Liste", "Auch leer"):
        book.create_sheet(title)
    for title in ("Geräte", "Nachtrag", "Liste"):
        book[title].append(HEAD)
        book[title].append(("K1", "A", title))
    book["Liste"].sheet_state = "hidden"
    sheet, _ = read(saved(book))
    assert [row.cells["name"] for row in sheet.rows] == ["Geräte"]
    assert sheet.notes == ("The sheet 'Geräte' was read; 'Nachtrag' has rows too and was not.",)


def test_a_cover_sheet_is_named_where_its_columns_are_missing() -> None:
    book = Workbook()
    book.worksheets[0].append(("Auftrag 17", "Stand"))
    book.create_sheet("Geräte").append(HEAD)
    with pytest.raises(UsageError, match="The column serial is missing") as caught:
        read(saved(book))
    assert "Line 1 of the sheet 'Sheet' was read as the headings." in str(caught.value.hint)
    assert "move it behind 'Geräte', or hide it" in str(caught.value.hint)


def test_a_number_of_more_digits_than_excel_keeps_and_a_date_are_refused_by_line_and_column() -> None:
    content = workbook(
        HEAD, (1234567890123456, "A"), ("K", datetime(2026, 3, 4)), ("K", "A", timedelta(days=30))  # noqa: DTZ001 - Excel's
    )  # fmt: skip
    assert [line.partition(",")[0] for line in read(content)[1]] == [
        "2: column A (Seriennummer): a number of over 15 digits",
        "3: column B (Prüfcode): a date or time",
        "4: column C (Name): a date or time",
    ]


def test_a_formula_without_a_stored_result_is_wrong_and_an_empty_result_is_empty() -> None:
    content = workbook(HEAD, ("K1", "A", "=1/0"), ("K2", "A", "=B1"))
    content = changed(content, '<c r="C3"><f>B1</f><v/>', '<c r="C3" t="str"><f>B1</f><v></v>')
    sheet, wrong = read(content)
    assert wrong[0].startswith("2: column C (Name): a formula without a stored result. Open the file in")
    assert len(wrong) == 1
    assert [row.cells for row in sheet.rows] == [{"serial": "K2", "code": "A"}]


def test_an_error_that_a_formula_gave_is_to_be_corrected() -> None:
    content = workbook(HEAD, ("K1", "A", "=1/0"))
    content = changed(content, '<c r="C2"><f>1/0</f><v/>', '<c r="C2" t="e"><f>1/0</f><v>#DIV/0!</v>')
    (wrong,) = read(content)[1]
    assert wrong.startswith("2: column C (Name): #DIV/0! is an error of the spreadsheet. Correct its formula")


def test_a_part_of_merged_cells_is_wrong_and_says_so() -> None:
    def merge(sheet: Worksheet) -> None:
        sheet.merge_cells("A1:C1")
        sheet.merge_cells("C3:C4")
        sheet.merge_cells("A5:C9")  # nothing is in it

    content = workbook(("Liste",), HEAD, ("K1", "A", "Hof"), ("K2", "A"), also=merge)
    sheet, wrong = read(content)
    assert [row.cells["serial"] for row in sheet.rows] == ["K1"]
    assert wrong == [
        "4: column C (Name): part of the merged cells C3:C4. Unmerge the cells and fill in each of them."
    ]


def test_what_is_hidden_and_what_has_no_heading_is_said() -> None:
    def hide(sheet: Worksheet) -> None:
        for line in (2, 3, 5):
            sheet.row_dimensions[line].hidden = True
        sheet.column_dimensions["B"].hidden = True

    rows = [(f"K{line}", "A", "", "remark" if line == 3 else None) for line in range(2, 5)]
    sheet, wrong = read(workbook(HEAD, *rows, also=hide))
    assert (len(sheet.rows), wrong) == (3, [])
    assert sheet.notes == (
        "Column D has no heading and is ignored.",
        "Lines 2 and 3 are hidden in the sheet and read too.",
        "Column B is hidden in the sheet and read too.",
    )


def test_a_number_is_read_with_the_zeros_that_are_shown_and_not_without_the_letters_that_are() -> None:
    def form(sheet: Worksheet) -> None:
        for place, shown in (("A2", "000000"), ("A3", '"S"00000000'), ("A4", "000-000"), ("A5", "#,##0")):
            sheet[place].number_format = shown

    sheet, wrong = read(workbook(HEAD, *[(1234, "A", "x")] * 4, also=form))
    assert [row.cells["serial"] for row in sheet.rows] == ["001234", "1234"]
    assert [line.partition(".")[0] for line in wrong] == [
        f"{line}: column A (Seriennummer): a number that the sheet shows with signs that are not in it"
        for line in (3, 4)
    ]


def test_a_sheet_whose_size_is_noted_wrongly_is_read_whole() -> None:
    content = workbook(HEAD, ("K1", "A", "x"), ("K2", "A", "y"))
    sheet, _ = read(changed(content, '<dimension ref="A1:C3"/>', '<dimension ref="A1"/>'))
    assert [row.cells["name"] for row in sheet.rows] == ["x", "y"]


def test_what_excel_escapes_and_what_stays_around_copied_text_is_taken_off() -> None:
    row = ("\u202aK1\u202c", " A\xa0\u200b", "'+49_x000D_\n")
    (read_row,) = read(workbook(HEAD, row))[0].rows
    assert read_row.cells == {"serial": "K1", "code": "A", "name": "+49"}


def test_charts_are_left_out_and_headings_without_rows_name_the_other_sheets() -> None:
    book = Workbook()
    book.create_chartsheet("Chart", 0)
    book.worksheets[0].append(HEAD)
    book.create_sheet("Geräte").append(HEAD)
    with pytest.raises(UsageError, match="The file has no rows") as caught:
        read(saved(book))
    assert "move it behind 'Geräte'" in str(caught.value.hint)


def test_a_character_that_nobody_sees_is_said() -> None:
    sheet, _ = read(workbook(HEAD, ("K1", "A", "T\u200bor"), ("K2", "A", "\u200bTor")))
    assert sheet.notes == ("The name in line 2 has an invisible character (U+200B).",)


def archive(**files: str) -> bytes:
    content = io.BytesIO()
    with ZipFile(content, "w") as target:
        for name, text in files.items():
            target.writestr(name.replace("__", "/"), text)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (MARK + b"broken", "not a workbook that can be read: it is damaged or not complete"),
        (damaged(workbook(HEAD), "xl/workbook.xml"), "it is damaged or not complete"),
        (damaged(workbook(HEAD), "[Content_Types].xml"), "not a workbook that can be read"),
        (archive(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "an OpenDocument file"),
        (archive(**{"xl/workbook.bin": ""}), "a binary workbook"),
        (archive(**{"xl/workbook.xml": 'xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"'}), "a Strict"),
        (archive(**{"word/document.xml": "", "[Content_Types].xml": "<a/>"}), "an archive, not a workbook"),
        (
            changed(workbook(HEAD), "</sheetData>", "</sheet>"),
            "not a workbook that can be read: mismatched tag",
        ),
    ],
)
def test_what_is_not_a_workbook_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        workbook_lines(content, "file")
    assert said in caught.value.message
