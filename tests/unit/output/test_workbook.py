"""`-o xlsx` and `-o csv --excel`: what a spreadsheet program sees."""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from hpcli.errors import UsageError
from hpcli.output import Column, Format, Options, Printer, View, show_time
from hpcli.run.selection import excel_separator
from hpcli.sandbox import control
from tests.support.platform_server import Platform
from tests.support.runner import Run, Runner

MOMENT = datetime(2026, 11, 28, 12, 30, tzinfo=UTC)
VIEW = View(
    noun="device",
    id="serial",
    columns=(
        Column("SERIAL", "serial"),
        Column("NAME", "name"),
        Column("COUNT", "count"),
        Column("SINCE", "since", show=lambda value, _row: show_time(value)),
    ),
)


class Stdout(io.TextIOWrapper):
    """A text stream over bytes, as stdout is."""

    def __init__(self) -> None:
        self.kept = io.BytesIO()
        super().__init__(self.kept, encoding="utf-8", newline="")


def sheet_of(rows: list[dict[str, Any]], view: View = VIEW, **options: Any) -> Any:
    stdout = Stdout()
    Printer(stdout, Options(Format.XLSX, **options)).rows(rows, view)
    from openpyxl import load_workbook

    return load_workbook(io.BytesIO(stdout.kept.getvalue())).active


def cells(rows: list[dict[str, Any]], **options: Any) -> list[tuple[Any, ...]]:
    return list(sheet_of(rows, **options).values)


def test_identifiers_and_text_are_text_and_never_formulas() -> None:
    rows: list[dict[str, Any]] = [
        {"serial": "000123456", "name": "=1+1", "count": 7},
        {"serial": "1E5", "name": "@SUM(A1)"},
    ]
    sheet = sheet_of(rows)
    assert [cell.data_type for cell in sheet[2]][:3] == ["s", "s", "n"]
    assert list(sheet.values)[1][:3] == ("000123456", "=1+1", 7)
    assert list(sheet.values)[2][:2] == ("1E5", "@SUM(A1)")


def test_a_time_without_an_offset_is_that_of_the_clock_of_its_row() -> None:
    view = VIEW._replace(zone_of=lambda row: timezone(timedelta(hours=row["count"])))
    rows = [{"count": 9, "since": "2026-11-28T21:30:00"}, {"count": -5, "since": "2026-11-28T07:30:00"}]
    lines = list(sheet_of(rows, view, utc=True).values)
    assert [line[3] for line in lines[1:]] == [MOMENT.replace(tzinfo=None)] * 2


def test_control_characters_become_replacement_characters() -> None:
    assert cells([{"serial": "a\x00b\x1b[31m", "name": "two\nlines"}])[1][:2] == (
        "a\ufffdb\ufffd[31m",
        "two\nlines",
    )


def test_times_are_times_with_their_zone_in_the_heading() -> None:
    rows: list[dict[str, Any]] = [
        {"serial": "a", "since": round(MOMENT.timestamp() * 1000)},
        {"serial": "b", "since": None},
    ]
    found = cells(rows, utc=True)
    assert found[0][3] == "SINCE (UTC)"
    assert (found[1][3], found[2][3]) == (MOMENT.replace(tzinfo=None), None)


def test_a_long_number_stays_text() -> None:
    assert cells([{"count": 1234567890123456789}])[1][2] == "1234567890123456789"


def test_the_header_is_frozen_and_has_filters() -> None:
    sheet = sheet_of([{"serial": "a"}])
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.title) == ("A2", "A1:D2", "devices")


def test_dates_and_durations_are_what_they_are_and_columns_as_wide_as_their_cells() -> None:
    view = VIEW._replace(
        columns=(
            Column("SERIAL", "serial"),
            Column(
                "AGE",
                "age",
                show=lambda value, _row: f"{value} d",
                value=lambda row: timedelta(days=row["age"]),
            ),
            Column("DAY", "day"),
            Column("AT", "at"),
        )
    )
    name = "a rather long serial 東京"
    sheet = sheet_of(
        [{"serial": name, "age": 90, "day": "2026-11-28", "at": "2026-11-28T13:30:00+01:00"}], view, utc=True
    )
    _, age, day, at = sheet[2]
    assert (age.value, age.number_format) == (90, '0.0" d"')
    assert (day.value, day.is_date, day.number_format) == (
        datetime.fromisoformat("2026-11-28"),
        True,
        "yyyy-mm-dd",
    )
    assert (at.value, sheet["D1"].value) == (MOMENT.replace(tzinfo=None), "AT (UTC)")
    assert sheet.column_dimensions["A"].width == len(name) + 2 + 2  # wide letters, and some air
    assert sheet.column_dimensions["C"].width == len("2026-11-28") + 2


def test_what_makes_no_workbook_is_refused_before_the_first_call(
    hpcli: Runner, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    result = hpcli("site", "list", "-o", "xlsx", environment=platform.environment)
    assert (result.exit_code, "needs openpyxl" in result.stderr) == (11, True)
    assert platform.state.exists()
    assert control.statistics(platform.state)["requests"] == {}


def test_a_query_makes_its_own_sheet() -> None:
    assert cells([{"serial": "a"}, {"serial": "b"}], query="[].{s: serial}") == [("s",), ("a",), ("b",)]


def test_a_workbook_in_parts_is_refused() -> None:
    with pytest.raises(UsageError, match="in parts"):
        Printer(Stdout(), Options(Format.XLSX)).part([{}], VIEW, is_first=True)


def test_a_csv_for_excel_in_parts_has_its_mark_and_header_once() -> None:
    printer = Printer(Stdout(), Options(Format.CSV, excel=";"))
    parts = [
        printer.part([{"serial": name, "name": "ä"}], VIEW, is_first=is_first)
        for name, is_first in (("a", True), ("b", False))
    ]
    assert b"".join(parts).decode() == "\ufeffSERIAL;NAME;COUNT;SINCE\r\na;ä;;\r\nb;ä;;\r\n"


def test_a_csv_for_excel_begins_with_its_mark_and_has_its_separator() -> None:
    stream = io.StringIO(newline="")
    Printer(stream, Options(Format.CSV, excel=";")).rows([{"serial": "a;b", "name": "ä"}], VIEW)
    assert stream.getvalue() == '\ufeffSERIAL;NAME;COUNT;SINCE\r\n"a;b";ä;;\r\n'


@pytest.mark.parametrize(
    ("typed", "language", "separator"),
    [
        ("auto", "de_DE.UTF-8", ";"), ("auto", "en_GB.UTF-8", ","), ("auto", "de_CH.UTF-8", ","), ("auto", "", ","),
        ("auto", "pt-BR", ";"), (",", "de_DE", ","), (";", "C", ";"), ("tab", "C", "\t"),
    ],
)  # fmt: skip
def test_the_separator_is_the_one_of_the_locale(typed: str, language: str, separator: str) -> None:
    assert excel_separator(typed, {"LANG": language}) == separator


def test_the_first_variable_that_is_set_decides() -> None:
    assert excel_separator("auto", {"LC_ALL": "en_US.UTF-8", "LANG": "de_DE.UTF-8"}) == ","
    assert excel_separator("auto", {"LC_ALL": "", "LC_NUMERIC": "fr_FR", "LANG": "C"}) == ";"


@pytest.mark.parametrize("arguments", [("--excel",), ("-o", "csv", "--excel=|")])
def test_excel_is_for_csv_with_a_known_separator(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("site", "list", *arguments).exit_code == 2


@pytest.mark.parametrize("words", [("--excel", ";"), ("--excel=;",), ("--excel", "semicolon")])
def test_the_separator_may_stand_behind_a_blank(run: Run, words: tuple[str, ...]) -> None:
    result = run("site", "managers", *words, "Harbour View Hotel", "-o", "csv", "--no-header")
    assert (result.exit_code, ";" in result.stdout) == (0, True), result.stderr


def test_what_is_no_separator_is_refused_in_one_line(run: Run) -> None:
    result = run("site", "list", "-o", "csv", "--excel", "|")
    assert (result.exit_code, result.stderr.splitlines()) == (
        2,
        [
            "error: --excel: '|' is not a separator.",
            "hint: Write --excel alone, or --excel ';', --excel ',' or --excel tab.",
        ],
    )


def test_excel_takes_no_value_from_what_follows(run: Run) -> None:
    result = run("site", "list", "--excel", "-o", "csv", "--limit", "1")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("\ufeff")
