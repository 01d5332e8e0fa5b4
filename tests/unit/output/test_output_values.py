"""The parts of `hpcli.output` around the printer: safe text, words, outcomes, progress, imports."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import unicodedata
from datetime import timedelta, timezone
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from hpcli.commands.framework.long_work import watched
from hpcli.errors import DeviceOfflineError, UsageError
from hpcli.output import (
    Column,
    Format,
    Options,
    Printer,
    View,
    escape_controls,
    json_line,
    paint,
    show_duration,
    show_size,
    show_time,
    state,
)
from hpcli.output.outcome_table import Outcome
from hpcli.output.progress import progress
from hpcli.output.text import break_lines
from hpcli.run.messages import Messages

if TYPE_CHECKING:
    from collections.abc import Iterator

ANY_TEXT = st.text(st.characters(codec=None))
CONTROL_TEXT = st.text(st.sampled_from("ab\t\r\n\x00\x1b\x7f\x85\x9b\u2028\u202e\ud800,\"'=+-@\\"))
PAIR = View("pair", "a", (Column("a", "a"), Column("b", "b")))


def printed_pairs(rows: list[tuple[str, str]], output_format: Format, *, header: bool = True) -> str:
    stream = io.StringIO(newline="")
    options = Options(output_format, header=header)
    Printer(stream, options).rows(({"a": a, "b": b} for a, b in rows), PAIR)
    return stream.getvalue()


def controls_in(text: str) -> set[str]:
    return {character for character in text if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}}


# Text


def test_lines_are_broken_between_words_only() -> None:
    text = "error: The site 'Bäckerei 東京倉庫 Grünwald' has no report today. https://example.org/a/very/long/address"
    lines = break_lines(text, 30).split("\n")
    assert " ".join(lines) == text
    assert [cell_len(line) > 30 for line in lines] == [False] * (len(lines) - 1) + [True]
    assert break_lines("short", 30) == "short"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\nc\rd", r"a\tb\nc\x0dd"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("abc\u202egpj.exe", r"abc\u202egpj.exe"),
        ("line\u2028line", r"line\u2028line"),
        *(
            (f"a{mark}b", f"a\\u{ord(mark):04x}b")
            for mark in "\u061c\u200b\u200d\u200f\u202a\u2060\u2069\ufeff"
        ),
        ("tag\U000e0041", r"tag\U000e0041"),
        ("\ud83d", r"\ud83d"),
        (r"C:\new", r"C:\new"),
        ("e\u0301 日本 שלום 😀", "e\u0301 日本 שלום 😀"),
    ],
)
def test_escape_controls(text: str, shown: str) -> None:
    assert escape_controls(text) == shown


@given(ANY_TEXT | CONTROL_TEXT)
def test_no_control_survives_escaping(text: str) -> None:
    shown = escape_controls(text)
    assert not controls_in(shown)
    assert shown.encode().decode() == shown


@given(st.lists(st.tuples(ANY_TEXT | CONTROL_TEXT, ANY_TEXT | CONTROL_TEXT)))
def test_plain_keeps_rows_and_cells_apart_whatever_is_in_them(rows: list[tuple[str, str]]) -> None:
    text = printed_pairs(rows, Format.PLAIN)
    lines = text.splitlines()
    assert len(lines) == len(rows) + 1
    assert all(line.count("\t") == 1 for line in lines)
    assert controls_in(text) <= {"\t", "\n"}


@given(st.lists(st.tuples(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])), st.just("x"))))
def test_plain_leaves_text_without_controls_alone(rows: list[tuple[str, str]]) -> None:
    lines = printed_pairs(rows, Format.PLAIN, header=False).split("\n")[:-1]
    assert [tuple(line.split("\t")) for line in lines] == rows


@given(st.lists(st.tuples(ANY_TEXT | CONTROL_TEXT, ANY_TEXT | CONTROL_TEXT), min_size=1))
def test_csv_is_read_back_cell_by_cell_and_holds_no_formula(rows: list[tuple[str, str]]) -> None:
    text = printed_pairs(rows, Format.CSV, header=False)
    assert controls_in(text) <= {"\t", "\r", "\n"}
    read = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert len(read) == len(rows)
    for cells, row in zip(read, rows, strict=True):
        for cell, original in zip(cells, row, strict=True):
            assert not cell.startswith(("=", "@"))
            if cell.startswith(("+", "-")):
                float(cell)
            if not controls_in(original) - {"\t", "\r", "\n"} and original.isascii():
                assert cell in {original, "'" + original}


@given(st.recursive(ANY_TEXT | st.integers() | st.booleans() | st.none(), st.lists, max_leaves=5))
def test_json_is_one_harmless_line_of_the_same_value(value: Any) -> None:
    line = json_line({"value": value})
    assert not controls_in(line)
    assert line.encode().decode().splitlines() == [line]
    expected = json.dumps({"value": value}).encode()
    if b"\\ud" not in expected:
        assert json.loads(line) == json.loads(expected)


def test_json_replaces_what_no_parser_takes() -> None:
    text = json_line({"a": "x\ud800", "b": [float("nan"), float("-inf"), 1.5], "c": "\x9b\u202e\x7f"})
    assert text == '{"a":"x\ufffd","b":[null,null,1.5],"c":"\\u009b\\u202e\\u007f"}'


# Words


@pytest.mark.parametrize(
    ("value", "zone", "utc", "shown"),
    [
        (1795354212000, "Europe/Berlin", False, "2026-11-22 14:30:12"),
        ("1795354212000", "Europe/Berlin", True, "2026-11-22 13:30:12Z"),
        (1795354212, None, False, "2026-11-22 13:30:12Z"),
        ("2026-11-22T14:30:12+08:00", "Asia/Shanghai", False, "2026-11-22 14:30:12"),
        ("2026-11-22T14:30:12+08:00", None, False, "2026-11-22 06:30:12Z"),
        ("2026-11-22T14:30:12", "Asia/Shanghai", False, "2026-11-22 14:30:12"),
        ("2026-11-22T14:30:12", "Asia/Shanghai", True, "2026-11-22 06:30:12Z"),
        ("2026-11-22T14:30:12", None, True, "2026-11-22 14:30:12"),
        ("2026-11-22T14:30:12Z", timezone(timedelta(hours=2)), False, "2026-11-22 16:30:12"),
        ("2026-11-22T14:30:12Z", "No/Such", False, "2026-11-22 14:30:12Z"),
        ("0001-01-01T00:00:00+01:00", None, False, "0001-01-01T00:00:00+01:00"),
        ("yesterday", "Europe/Berlin", False, "yesterday"),
        (None, None, False, ""),
        (0, None, False, ""),
    ],
)
def test_show_time(value: Any, zone: Any, utc: bool, shown: str) -> None:  # noqa: FBT001 - a parameter of the table above
    assert show_time(value, zone, utc=utc) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (45.4, "45 s"),
        (180, "3 min"),
        (3599.6, "1 h"),
        (7500, "2 h 5 min"),
        (7505, "2 h 5 min"),
        (615600, "7 d 3 h"),
        (604860, "7 d"),
        (-90, "-1 min 30 s"),
    ],
)
def test_show_duration(seconds: float, shown: str) -> None:
    assert show_duration(seconds) == shown


@pytest.mark.parametrize(
    ("size", "shown"),
    [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (2 << 30, "2.0 GiB"), (5 << 50, "5120.0 TiB")],
)
def test_show_size(size: int, shown: str) -> None:
    assert show_size(size) == shown


def test_states_have_shapes_that_differ_without_colour() -> None:
    tones = ("good", "warn", "bad", "off", "unknown", "quiet")
    assert state("online", "good") == "● online"
    assert state("offline", "off") == "○ offline"
    assert len({state("x", tone) for tone in tones}) == len(tones)


def test_paint_colours_only_when_told_to() -> None:
    assert paint("error:", "bold red", color=True) == "\x1b[1;31merror:\x1b[0m"
    assert paint("● online", "good", color=True) == "\x1b[32m● online\x1b[0m"
    assert paint("error:", "bold red", color=False) == "error:"


# Outcomes of changes

OFFLINE = DeviceOfflineError("The device is offline.", code="EVZ20007").as_dict()
OUTCOMES = [
    Outcome("A1", ok=True, data={"n": 1}),
    Outcome("B2", ok=False, error=OFFLINE),
    Outcome("Home", ok=True, new_id="s9"),
]


def printed_results(output_format: Format, **options: Any) -> str:
    stream = io.StringIO(newline="")
    Printer(stream, Options(output_format, **options)).results(OUTCOMES)
    return stream.getvalue()


@pytest.mark.parametrize("output_format", [Format.TABLE, Format.PLAIN])
def test_changes_print_only_new_ids_for_people(output_format: Format) -> None:
    assert printed_results(output_format) == "s9\n"


def test_changes_print_the_targets_done_as_ids() -> None:
    assert printed_results(Format.IDS) == "A1\ns9\n"


def test_changes_give_target_ok_data_and_error_as_json() -> None:
    expected = [
        {"target": "A1", "ok": True, "data": {"n": 1}, "error": None},
        {"target": "B2", "ok": False, "data": None, "error": OFFLINE},
        {"target": "Home", "ok": True, "data": None, "error": None},
    ]
    assert json.loads(printed_results(Format.JSON)) == expected
    assert [json.loads(line) for line in printed_results(Format.NDJSON).splitlines()] == expected


def test_changes_are_records_in_csv() -> None:
    lines = printed_results(Format.CSV).split("\r\n")
    assert lines[:3] == ["target,ok,code,error", "A1,yes,,", "B2,no,EVZ20007,The device is offline."]


def test_fields_of_outcomes_are_checked_before_the_first_change() -> None:
    changed: list[str] = []

    def change_all() -> Iterator[Outcome]:
        for name in ("A1", "B2"):
            changed.append(name)
            yield Outcome(name, ok=True)

    with pytest.raises(UsageError, match="serial"):
        Printer(io.StringIO(), Options(Format.JSON, fields=("serial",))).results(change_all())
    assert changed == []


def test_a_single_change_is_one_object_in_json() -> None:
    stream = io.StringIO()
    Printer(stream, Options(Format.JSON)).result(OUTCOMES[0])
    assert json.loads(stream.getvalue()) == {"target": "A1", "ok": True, "data": {"n": 1}, "error": None}


# Progress


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_quick_work_shows_no_bar() -> None:
    stream, clock = io.StringIO(), Clock()
    with progress(stream, "Reading devices", 10, is_shown=True, clock=clock) as bar:
        clock.seconds = 0.9
        bar.advance(10)
    assert stream.getvalue() == ""


def test_long_work_shows_a_bar_below_the_lines_said() -> None:
    stream, clock = io.StringIO(), Clock()
    with progress(stream, "Reading [b]devices", 10, is_shown=True, clock=clock) as bar:
        bar.info("first line")
        clock.seconds = 1.1
        bar.advance(4)
        bar.info("[b]second line")
    shown = stream.getvalue()
    assert shown.startswith("first line\n")
    assert "[b]second line\n" in shown
    assert "Reading [b]devices" in shown
    assert "4/10" in shown


def test_what_a_run_says_meanwhile_stands_above_the_bar() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream, clock = Terminal(), Clock()
    settings: Any = SimpleNamespace(flags={"output": "table"}, get=lambda _name: None)
    messages = Messages(stream, settings)
    run = SimpleNamespace(stderr=stream, messages=messages, clock=clock)
    ctx: Any = SimpleNamespace(run=run, settings=settings, info=messages.info)
    replies: Any = range(3)
    for number in watched(ctx, replies, "device", lambda: 3, is_failed=bool):
        clock.seconds += 1.1
        messages.info(f"X{number}: set")
    messages.info("3 done.")
    shown = stream.getvalue()
    assert "2/3" in shown
    assert [shown.partition(f"X{number}: set")[0][-1] for number in (1, 2)] == ["K", "K"], (
        "the bar is erased first"
    )
    assert shown.endswith("3 done.\n")


def test_no_bar_is_shown_where_none_is_wanted() -> None:
    stream, clock = io.StringIO(), Clock()
    with progress(stream, "Reading devices", is_shown=False, clock=clock) as bar:
        clock.seconds = 5
        bar.advance()
        bar.info("a line")
    assert stream.getvalue() == "a line\n"


# Imports

PRINT_AND_LIST_MODULES = """
import sys
from hpcli.output import Column, Format, Options, Printer, View
options = Options(Format(sys.argv[1]), fields=("a",) if sys.argv[2:] else ())
Printer(sys.stdout, options).rows([{"a": 1}], View("x", "a", (Column("a", "a"),), lambda: ("a",)))
print(*sorted({name.partition(".")[0] for name in sys.modules} & {"rich", "jmespath"}), file=sys.stderr)
"""


@pytest.mark.parametrize("output_format", [f for f in Format if f is not Format.TABLE])
def test_only_tables_load_rich_and_only_queries_jmespath(output_format: Format) -> None:
    command = [sys.executable, "-c", PRINT_AND_LIST_MODULES, output_format, "fields"]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stderr == b"\n"
