"""CSV files as people and their spreadsheets write them."""

from __future__ import annotations

import pytest

from hpcli.errors import UsageError
from hpcli.run.tables import LineFaults, Sheet, read_sheet

COLUMNS = ("serial", "code", "family-name")


def read(text: str) -> Sheet:
    faults = LineFaults()
    sheet = read_sheet(text, COLUMNS, needed=("serial", "code"), unique="serial", faults=faults)
    faults.raise_any(print)
    return sheet


@pytest.mark.parametrize(
    "text",
    [
        "serial,code,family-name\nA,1,Ng\n",
        "\ufeffserial,code,family-name\r\nA,1,Ng\r\n",
        "Family Name;CODE;Serial\nNg;1;A\n",
        "familyName,code,serial\n\n,,\n Ng , 1 ,A",
        'serial,code,family_name\n"A","1","Ng"\n',
    ],
)
def test_spellings_of_one_file_are_equal(text: str) -> None:
    (row,) = read(text).rows
    assert row.cells == {"serial": "A", "code": "1", "family-name": "Ng"}


def test_lines_are_those_of_the_file() -> None:
    sheet = read('serial,code\n"A\nB",1\n\nC,2\n')
    assert [(row.line, row.cells["serial"]) for row in sheet.rows] == [(2, "A\nB"), (5, "C")]


def test_missing_cells_are_no_cells_and_unknown_columns_are_named() -> None:
    sheet = read("serial,code,Farbe,family-name\nA,1,rot\n")
    assert (sheet.rows[0].cells, sheet.ignored) == ({"serial": "A", "code": "1"}, ("Farbe",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "column serial is missing"),
        ("serial\nA\n", "column code is missing"),
        ("serial,code,Serial\n", "column serial appears twice"),
        ("serial,code\n", "no rows"),
        ("serial,code\nA,\n", "Line 2: code is empty"),
        ("serial,code\nA,1\na,2\n", "Line 3: serial a is already in line 2"),
        ("serial,code\nA,1,2\n", "Line 2: 3 cells under 2 columns"),
        ('serial,code\n"A,1\n', "Line 2 is not valid CSV"),
        ('serial,code\n"A"x,1\n', "Line 2 is not valid CSV"),
    ],
)
def test_what_is_wrong_is_told_by_line(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(text)
    assert said in caught.value.message


def test_all_wrong_lines_are_told_in_the_order_of_the_file() -> None:
    faults = LineFaults()
    for line in (3, *range(100, 160), 2):
        with faults.at(line):
            raise UsageError("It is wrong.", hint="Right it.")
    told: list[str] = []
    with pytest.raises(UsageError, match="62 lines of the file are wrong"):
        faults.raise_any(told.append)
    assert told[:2] == ["Line 2: It is wrong. Right it.", "Line 3: It is wrong. Right it."]
    assert (len(told), told[-1]) == (51, "12 more lines are wrong.")


def test_no_faults_raise_nothing() -> None:
    LineFaults().raise_any(print)
