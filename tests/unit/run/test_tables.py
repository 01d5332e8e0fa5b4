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
        "serial\tcode\tfamily name\r\nA\t1\tNg\r\n",
        "serial,code,family-name\rA,1,Ng\r",
        "sep=;\r\nserial;code;family-name\r\nA;1;Ng\r\n",
        '\ufeff"SEP=\t"\nserial\tcode\tfamily-name\nA\t1\tNg',
        "sep=|\nserial|code|family-name\nA|1|Ng\n",
        'serial,"remark; or note",code,family-name\nA,x,1,Ng\n',
        'serial;"a, b, c, d";code;family-name\nA;x;1;Ng\n',
        '"a\tb",serial,code,family-name\nx,A,1,Ng\n',
        "serial,code,family-name\r\nA,1,Ng\r\n\x1a",
        "serial,code,family-name\nA,1,Ng\x1a\r\n",
        "serial;code;family-name;;\nA;1;Ng;;\n;;;;\n",
        "serial,code,family-name\nA,1,Ng,,\n",
        "serial,code,family-name\n\xa0A ,1,Ng\ufeff\n",
    ],
)
def test_spellings_of_one_file_are_equal(text: str) -> None:
    (row,) = read(text).rows
    assert row.cells == {"serial": "A", "code": "1", "family-name": "Ng"}


def test_lines_are_those_of_the_file() -> None:
    text = 'serial,code,remark\nA,1,"two\nlines"\n\nC,2\n'
    for start, end in (("", "\n"), ("sep=,\r\n", "\r\n"), ("", "\r")):  # Excel does not show `sep=` as a line
        sheet = read(start + text.replace("\n", end))
        assert [(row.line, row.cells["serial"]) for row in sheet.rows] == [(2, "A"), (5, "C")]


def test_missing_cells_are_no_cells_and_unknown_columns_are_named() -> None:
    sheet = read("serial,code,Farbe,family-name\nA,1,rot\n")
    assert (sheet.rows[0].cells, sheet.notes) == (
        {"serial": "A", "code": "1"},
        ("The column Farbe is ignored.",),
    )
    sheet = read("serial,code,familly nam,\nA,1,Ng,\n")
    assert sheet.notes == ("The column familly nam is ignored. Did you mean 'family-name'?",)


@pytest.mark.parametrize("text", ["=1+1", "+49 30", "-5", "@home"])
def test_the_apostrophe_before_what_looks_like_a_formula_is_taken_off(text: str) -> None:
    (row,) = read(f"serial,code,family-name\n'{text},''=,'tHooft\n").rows
    (other,) = read(f'serial,code,family-name\n="{text}","=""00\u00a07""",="a""b"\n').rows
    assert other.cells == {"serial": text, "code": "00\u00a07", "family-name": 'a"b'}
    assert row.cells == {"serial": text, "code": "''=", "family-name": "'tHooft"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The file is empty."),
        ("\ufeff\r\n;;\r\n", "The file is empty."),
        ("serial\nA\n", "column code is missing"),
        ("serial,code,Serial\n", "column serial appears twice"),
        ("Seriennummer,code,Serien-Nummer\nA,1,B\n", "column Seriennummer appears twice"),
        ("serial,code\n", "no rows"),
        ("serial,code\nA,\n", "Line 2: code is empty"),
        ("serial,code\nA,1\na,2\n", "Line 3: serial a is already in line 2"),
        ("serial,code\nA,1,2\n", "Line 2: 3 cells under 2 columns"),
        ("serial,Code,,x\nA,1,,\nSERIAL,code,,X\nB,2,,\n", "Line 3: It repeats the headings."),
        ('serial,code\n"A,1\n', "Line 2 is not valid CSV"),
        ('serial,code\n"A"x,1\n', "Line 2 is not valid CSV"),
        ("serial,code\nCafe\u0301,1\nCAF\xc9,2\n", "is already in line 2"),
        ("serial,code\nA\x07,1\n", "Line 2: column 1 (serial): a control character (U+0007)"),
        ('sep=,\ncode,serial\n"1\n2",A\n', "Line 2: column 1 (code): a line break"),
        ("serial,code\nA,1\x852\n", "Line 2: column 2 (code): a control character (U+0085)"),
        ("serial,code\nA\x1aB,1\n", "Line 2: column 1 (serial): a control character (U+001A)"),
        ('serial,code\nA,"1\t2"\n', "Line 2: column 2 (code): a tab"),
        ("serial,code\n\x0bA,1\n", "Line 2: column 1 (serial): a control character (U+000B)"),
    ],
)
def test_what_is_wrong_is_told_by_line(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(text)
    assert said in caught.value.message


def test_a_misspelt_column_that_is_needed_is_named() -> None:
    with pytest.raises(UsageError) as caught:
        read("seriall,code\nA,1\n")
    assert "Is 'seriall' a misspelling of serial?" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("serial,site,colour\nA1,x,red\n", "Found: serial, site, colour. The first line"),
        ("serial,,kode\nA1,,x\n", "Found: serial, kode. Is 'kode' a misspelling of code? The"),
        ("serial," + ",".join(f"c{n}" for n in range(30)) + "\n", "c18 and 11 more. The"),
        (
            "A1,GEHEIM,x\n",
            "Found 3 cells; none names a column. The first line must name the columns: serial",
        ),
        ("serial code\n", "Found one cell, which does not name a column. The"),
        (
            "serial|code\n",
            "does not name a column. Write a line sep=| above it if | separates the cells. The",
        ),
    ],
)
def test_the_error_of_a_missing_column_names_those_that_were_found(text: str, found: str) -> None:
    with pytest.raises(UsageError, match="is missing") as caught:
        read_sheet(text, COLUMNS, needed=COLUMNS[:2], unique="serial", faults=LineFaults())
    assert found in str(caught.value.hint)
    assert "GEHEIM" not in str(caught.value.hint)


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


def test_a_row_of_totals_is_wrong_and_named_as_one() -> None:
    faults = LineFaults()
    for word in ("Summe", "Gesamt:", "TOTAL"):
        text = f"remark,serial,code\n,A,1\n{word},6,\n"
        read_sheet(text, COLUMNS, needed=("serial", "code"), unique="serial", faults=faults)
    assert [(line, target, error.message) for line, target, error in faults.all] == [
        (3, "", f"It looks like a row of totals ({word}).") for word in ("Summe", "Gesamt:", "TOTAL")
    ]
    assert read("serial,code,family-name\nA,1,Total\n").notes == (), "a whole row may have such a name"


def test_a_name_that_may_have_been_a_date_is_said() -> None:
    names = ["46123", "46124", "12345678", "99999", "Hof"]
    text = "serial,code,family-name\n" + "".join(f"A{at},1,{name}\n" for at, name in enumerate(names))
    assert read(text).notes == (
        "The family-name in lines 2 and 3 is a number: 46123 may have been the date 2026-04-11.",
    )


def test_a_column_without_a_heading_is_said_where_it_has_values() -> None:
    assert read("serial,,code,\nA,x,1,\n").notes == ("Column 2 has no heading and is ignored.",)


def test_a_column_that_an_option_would_fill_in_is_needed_without_it() -> None:
    def told(text: str) -> tuple[str, str | None]:
        faults = LineFaults()
        options = {"family-name": "--name NAME"}

        def read_all() -> None:
            read_sheet(text, COLUMNS, needed=COLUMNS[:2], unique="serial", faults=faults, options=options)
            faults.raise_any(print)

        with pytest.raises(UsageError) as caught:
            read_all()
        return caught.value.message, caught.value.hint

    message, hint = told("serial,code,Kundin\nA,1,x\nB,1,x\n")
    assert message == "The column family-name is missing."
    assert str(hint).startswith("Add it, or use --name NAME. Line 1 was read as the headings. Found: serial,")
    message, hint = told("serial,code,Nachname\nA,1,\nB,1,x\n")
    assert message == "Line 2: family-name is empty (column 3, Nachname)."
    assert hint == "Fill it in, or use --name NAME."


def test_rows_that_have_values_in_ignored_columns_only_are_skipped_and_said() -> None:
    sheet = read("Nr,serial,code\n1,A,1\n2,,\n3,B,2\n4,,\n5,,\n")
    assert [row.line for row in sheet.rows] == [2, 4]
    assert sheet.notes == (
        "The column Nr is ignored.",
        "Lines 3, 5 and 6 have nothing in the columns that are known, and were skipped.",
    )
    with pytest.raises(UsageError, match="The file has no rows"):
        read("Nr,serial,code\n1,,\n")
