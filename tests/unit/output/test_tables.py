"""Tables: what fits, what is cut, what is coloured, and that text from devices stays text."""

from __future__ import annotations

import io
import re
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from hpcli.output import Column, Format, Options, Printer, View, show_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SITES = View(
    noun="site",
    id="id",
    columns=(
        Column("Site", "name", wide=True),
        Column("ID", "id"),
        Column(
            "State",
            "online",
            show=lambda value, _row: "online" if value else "offline",
            style=lambda value, _row: "good" if value else "off",
        ),
        Column("Time zone", "zone", priority=2, wide=True),
        Column("Seen", "seen", priority=1, show=lambda value, row: show_time(value, row.get("zone"))),
        Column("Owner", "owner.name", priority=3, wide=True),
    ),
)
ROWS: list[dict[str, Any]] = [
    {
        "id": "5f0c31",
        "name": "Warehouse Rotterdam, gate 3 and loading bays north",
        "online": True,
        "zone": "Europe/Amsterdam",
        "seen": 1795354212000,
        "owner": {"name": "Van den Berg Logistics"},
    },
    {"id": "81", "name": "日本橋倉庫", "online": False, "zone": "Asia/Tokyo", "seen": 1795354212000},
]


def drawn(rows: Iterable[dict[str, Any]], width: int | None, view: View = SITES, **options: Any) -> str:
    stream = io.StringIO(newline="")
    Printer(stream, Options(Format.TABLE, width=width, is_terminal=True, **options)).rows(rows, view)
    return stream.getvalue()


def without_isolates(text: str) -> str:
    return re.sub("[\u2068\u2069]", "", text)


# Golden texts


def test_at_60_columns_the_least_important_columns_are_gone() -> None:
    assert drawn(ROWS, 60) == (
        "Site                  ID      State      Seen\n"
        "Warehouse Rotterdam…  5f0c31  ● online   2026-11-22 14:30:12\n"
        "日本橋倉庫            81      ○ offline  2026-11-22 22:30:12\n"
        "Columns that did not fit: Time zone, Owner\n"
    )


def test_at_80_columns_a_column_more_fits() -> None:
    assert drawn(ROWS, 80) == (
        "Site                    ID      State      Time zone         Seen\n"
        "Warehouse Rotterdam, …  5f0c31  ● online   Europe/Amsterdam  2026-11-22 14:30:12\n"
        "日本橋倉庫              81      ○ offline  Asia/Tokyo        2026-11-22 22:30:12\n"
        "Columns that did not fit: Owner\n"
    )


def test_at_140_columns_everything_is_whole() -> None:
    assert drawn(ROWS, 140) == (
        "Site                                                ID      State      Time zone         "
        "Seen                 Owner\n"
        "Warehouse Rotterdam, gate 3 and loading bays north  5f0c31  ● online   Europe/Amsterdam  "
        "2026-11-22 14:30:12  Van den Berg Logistics\n"
        "日本橋倉庫                                          81      ○ offline  Asia/Tokyo        "
        "2026-11-22 22:30:12  -\n"
    )


def test_without_a_terminal_width_nothing_is_dropped_or_cut() -> None:
    assert drawn(ROWS, None) == drawn(ROWS, 1000)


def test_colour_marks_titles_and_states() -> None:
    two_columns = View("site", "id", (SITES.columns[1], SITES.columns[2]))
    assert drawn(ROWS, 80, two_columns, color=True) == (
        "\x1b[1mID\x1b[0m      \x1b[1mState\x1b[0m\n"
        "5f0c31  \x1b[32m● online\x1b[0m\n"
        "81      \x1b[31m○ offline\x1b[0m\n"
    )


@pytest.mark.parametrize("width", [60, 80, 140])
def test_colour_changes_no_letter(width: int) -> None:
    coloured = drawn(ROWS, width, color=True)
    assert coloured != drawn(ROWS, width)
    assert Text.from_ansi(coloured).plain.splitlines() == drawn(ROWS, width).splitlines()


def test_a_style_that_is_no_tone_colours_without_a_shape() -> None:
    view = View("x", "x", (Column("x", "x", style=lambda _value, _row: "cyan"),))
    assert drawn([{"x": "video"}], 80, view, color=True, header=False) == "\x1b[36mvideo\x1b[0m\n"
    assert drawn([{"x": "video"}], 80, view, header=False) == "video\n"


def test_no_header_leaves_the_rows() -> None:
    assert drawn(ROWS, 60, header=False).startswith("Warehouse")


def test_an_empty_list_prints_nothing() -> None:
    assert drawn([], 80) == ""


def test_one_object_is_shown_whole_as_titles_and_values() -> None:
    stream = io.StringIO()
    Printer(stream, Options(Format.TABLE, width=40)).item(ROWS[0], SITES)
    assert stream.getvalue() == (
        "Site       Warehouse Rotterdam, gate 3\n"
        "           and loading bays north\n"
        "ID         5f0c31\n"
        "State      ● online\n"
        "Time zone  Europe/Amsterdam\n"
        "Seen       2026-11-22 14:30:12\n"
        "Owner      Van den Berg Logistics\n"
    )


def test_one_object_has_what_is_known_in_groups() -> None:
    columns = (
        Column("NAME", "name", group="Site"),
        Column("CITY", "city", group="Place"),
        Column("STATE", "state", group="Site", style=lambda _value, _row: "good"),
        Column("PHONE", "phone", group="People"),
    )
    stream = io.StringIO()
    row = {"name": "Hotel", "city": "Plymouth, by the sea at the harbour", "state": "shared", "phone": None}
    Printer(stream, Options(Format.TABLE, width=30)).item(row, View("site", "name", columns))
    assert stream.getvalue() == (
        "Site\n"
        "  NAME   Hotel\n"
        "  STATE  ● shared\n"
        "Place\n"
        "  CITY   Plymouth, by the sea\n"
        "         at the harbour\n"
    )


def test_an_address_of_one_object_stays_in_one_piece() -> None:
    address = "see " + "https://example.org/" + "x" * 40
    stream = io.StringIO()
    Printer(stream, Options(Format.TABLE, width=40)).item({"a": address}, View("x", "a", (Column("A", "a"),)))
    assert stream.getvalue() == f"A  {address}\n"


def test_a_path_of_one_object_that_does_not_fit_stands_on_a_line_of_its_own() -> None:
    path = "/home/user/.local/state/hpcli/journal.db"
    stream = io.StringIO()
    printer = Printer(stream, Options(Format.TABLE, width=42))
    printer.item({"a": path}, View("x", "a", (Column("JOURNAL", "a"),)))
    assert stream.getvalue() == f"JOURNAL  \n{path}\n"


# Width

THREE = View(
    "x", "a", (Column("A", "a"), Column("B", "b", wide=True), Column("C", "c", wide=True, priority=1))
)


@pytest.mark.parametrize("width", [12, 20, 40, 60, 80, 140])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    rows = [{"a": "serial" * n, "b": "日本語 " * n, "c": "free text " * n} for n in range(1, 9)]
    assert max(cell_len(line) for line in drawn(rows, width, THREE).splitlines()) <= width


def test_identifiers_stay_whole_as_long_as_wide_columns_can_give_way() -> None:
    lines = drawn([{"a": "Q12345678", "b": "b" * 50, "c": "c" * 50}], 20, THREE).splitlines()
    assert lines[:2] == ["A          B", "Q12345678  bbbbbbbb…"]


def test_wide_and_combining_characters_keep_the_next_column_in_place() -> None:
    names = [
        "plain",
        "日本橋",
        "e\u0301te\u0301",
        "\uff26\uff35\uff2c",
        "👩‍👩‍👧 family",
        "שלם 12",
        "متجر ٣",
        "a\tb",
    ]
    lines = drawn([{"id": "ID!", "name": name} for name in names], 80).splitlines()
    starts = {cell_len(without_isolates(line.partition("ID!")[0])) for line in lines[1:]}
    assert starts == {lines[0].index("ID")}


def test_cutting_a_wide_character_in_half_leaves_a_blank() -> None:
    view = View("x", "x", (Column("x", "x", wide=True), Column("y", "y")))
    lines = drawn([{"x": "日本橋倉庫前", "y": "12345678"}], 20, view).splitlines()
    assert lines[1] == "日本橋倉 …  12345678"


def test_right_to_left_text_is_isolated_from_its_neighbours_and_other_text_is_not() -> None:
    text = drawn([{"name": "שלם", "id": "12"}, {"name": "Café 日本", "id": "13"}], 80)
    assert "\u2068שלם\u2069 " in text
    assert text.count("\u2068") == text.count("\u2069") == 1


# What a table is about

FAULTS = View(
    "device",
    "id",
    (
        Column("Serial", "id"),
        Column(
            "Faults",
            "faults",
            show=lambda value, _row: "; ".join(value),
            pieces=lambda value, _row: [(text, "red") for text in value],
            wide=True,
            wraps=True,
        ),
        Column("Age", "age"),
        Column("Model", "model", priority=1),
    ),
)


def test_what_a_table_is_about_continues_below_itself() -> None:
    faults = ["video lost;", "channel Parkplatz: offline;", "/dev/" + "sda" * 6]
    rows = [{"id": "Q1", "faults": faults, "age": "3 h", "model": "M" * 30}]
    assert drawn(rows, 30, FAULTS) == (
        "Serial  Faults             Age\n"
        "Q1      video lost;        3 h\n"
        "        channel\n"
        "        Parkplatz:\n"
        "        offline; /dev/\n"
        "        sdasdasdasdasdasd\n"
        "        a\n"
        "Columns that did not fit:\n"
        "Model\n"
    )
    coloured = drawn(rows, 30, FAULTS, color=True)
    assert Text.from_ansi(coloured).plain == drawn(rows, 30, FAULTS)
    assert "\x1b[31mvideo lost;\x1b[0m" in coloured


def test_a_name_stays_whole_before_what_wraps_gets_more_room() -> None:
    view = View(
        "device",
        "id",
        (
            Column("Site", "site", wide=True),
            Column("State", "state", wide=True, wraps=True, width=9),
            Column("Faults", "faults", wide=True, wraps=True, width=20),
            Column("Since", "since", priority=4),
        ),
    )
    rows = [
        {
            "site": "Elm Street Office Park",
            "state": "offline (unknown)",
            "faults": "lost; " * 30,
            "since": "2" * 19,
        }
    ]
    first, second, *_ = drawn(rows, 70, view).splitlines()
    assert first.split() == ["Site", "State", "Faults"]
    assert second.startswith("Elm Street Office Park  offline    lost; lost;")
    assert "…" not in drawn(rows, 70, view)


def test_without_header_no_column_is_named() -> None:
    assert "did not fit" not in drawn(ROWS, 60, header=False)


# Text from devices is data


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("[red]x[/red] [link=http://evil]", "[red]x[/red] [link=http://evil]"),
        (":smiley: \\[b]", ":smiley: \\[b]"),
        ("\x1b[2J\x1b]0;owned\x07", r"\x1b[2J\x1b]0;owned\x07"),
        ("two\nlines\r", r"two\nlines\x0d"),
        ("\u202eevil", r"\u202eevil"),
    ],
)
@pytest.mark.parametrize("color", [False, True])
def test_device_text_is_shown_and_never_obeyed(name: str, shown: str, color: bool) -> None:  # noqa: FBT001 - a parameter of the table above
    text = drawn([{"name": name, "id": "1"}], 80, color=color)
    assert Text.from_ansi(text).plain.splitlines()[1].startswith(shown + "  ")


@given(st.lists(st.text(st.characters(codec=None)), min_size=1, max_size=3), st.integers(20, 140))
def test_any_text_gives_one_line_a_row_without_controls(names: list[str], width: int) -> None:
    text = drawn([{"name": name, "id": "ID"} for name in names], width)
    lines = text.partition("Columns that did")[0].split("\n")
    assert len(lines) == len(names) + 2
    assert {c for c in text if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}} == {"\n"}
    assert text.count("\u202e") == 0


# Streaming


def test_the_first_page_is_measured_and_printed_then_each_row_as_it_arrives() -> None:
    pulled = 0
    pulled_at_write: list[int] = []

    def source() -> Iterator[dict[str, Any]]:
        nonlocal pulled
        for pulled in range(1, 104):
            yield {"name": "x", "id": f"{pulled}"}

    class Recorder(io.StringIO):
        def flush(self) -> None:
            pulled_at_write.append(pulled)

    Printer(Recorder(), Options(Format.TABLE, width=80)).rows(source(), SITES)
    assert pulled_at_write == [100] * 101 + [101, 102, 103]


def test_later_rows_are_cut_to_the_widths_of_the_first_page_but_identifiers_stay_whole() -> None:
    first_page = [{"a": "1", "b": "short", "c": "c"}] * 100
    lines = drawn([*first_page, {"a": "1" * 28, "b": "b" * 90, "c": "c"}], 40, THREE).splitlines()
    assert lines[-1] == "1" * 28 + "  bbb…  c"


def test_wide_columns_leave_room_for_rows_beyond_the_first_page() -> None:
    first_page = [{"a": "1", "b": "short", "c": "c"}] * 100
    later = {"a": "1", "b": "a much longer text", "c": "c"}
    assert "a much longer text" in drawn([*first_page, later], 60, THREE)
    assert "1  short  c" in drawn(first_page[:99], 60, THREE)


def test_rows_before_a_failure_are_printed() -> None:
    def source() -> Iterator[dict[str, Any]]:
        yield ROWS[0]
        raise KeyboardInterrupt

    stream = io.StringIO()
    with pytest.raises(KeyboardInterrupt):
        Printer(stream, Options(Format.TABLE, width=80)).rows(source(), SITES)
    assert [line.split()[0] for line in stream.getvalue().splitlines()] == ["Site", "Warehouse"]


def test_a_live_table_is_a_log_whose_last_column_stays_whole() -> None:
    view = View(
        "event",
        "id",
        (
            Column("Time", "time", width=8),
            Column("Site", "site", width=10, wide=True),
            Column("Category", "category", style=lambda value, _row: "bad" if value == "intrusion" else None),
            Column("Text", "text", wide=True),
        ),
    )
    pulled: list[int] = []
    stream = io.StringIO()

    def source() -> Iterator[dict[str, Any]]:
        for number, category in enumerate(["intrusion", "video"]):
            pulled.append(len(stream.getvalue().splitlines()))
            yield {"time": "14:30:12", "site": f"Warehouse {number}", "category": category, "text": "t" * 90}

    Printer(stream, Options(Format.TABLE, width=60)).rows(source(), view, live=True)
    assert pulled == [0, 1]
    assert stream.getvalue().splitlines() == [
        "14:30:12  Warehouse…  ✖ intrusion  " + "t" * 90,
        "14:30:12  Warehouse…  video     " + "t" * 90,
    ]


def test_a_live_table_breaks_a_long_text_at_words_below_its_beginning() -> None:
    view = View("event", "id", (Column("Time", "time", width=8), Column("Text", "text", wide=True)))
    stream = io.StringIO()
    row = {"time": "14:30:12", "text": "Burglary alarm · 東京倉庫 · Zone 3 Kitchen"}
    Printer(stream, Options(Format.TABLE, width=34)).rows([row], view, live=True)
    assert stream.getvalue().splitlines() == [
        "14:30:12  Burglary alarm ·",
        "          東京倉庫 · Zone 3",
        "          Kitchen",
    ]
