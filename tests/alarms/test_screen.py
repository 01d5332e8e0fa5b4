"""The screen of alarms: lines that fit, marks that need no colour, equal events folded, pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len

from hpcli.alarms.event.sites import Site
from hpcli.alarms.screen.screen import Screen
from hpcli.commands.alarms.tables import events_view
from hpcli.output import Format, Options

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
CODES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|\x1b\]8;;[^\x1b]*\x1b\\|[\u2068\u2069]")


class Places:
    """Two devices with names at two sites, and one that has none."""

    def __init__(self, *zones: object) -> None:
        self._zones = zones or ("Europe/Berlin",)

    def site_of(self, serial: str) -> Site | None:
        if serial == "Q1":
            return Site("s1", "Bäckerei Grünwald", self._zones[0])
        return Site("s2", "東京倉庫", self._zones[-1]) if serial == "E6" else None

    def name_of(self, serial: str) -> str | None:
        return {"Q1": "Bakery alarm panel", "E6": "倉庫レコーダー"}.get(serial)

    def zones(self) -> list[object]:
        return list(self._zones)


def event(device: str = "Q1", **more: Any) -> dict[str, Any]:
    names = {"Q1": "Bäckerei Grünwald", "E6": "東京倉庫"}
    site = {"id": "s", "name": names[device]} if device in names else None
    text = "Burglary alarm · Area 1 · Zone 3 Kitchen PIR behind the counter"
    return {
        "id": "a", "received": "2026-11-22T14:31:00Z", "time": "2026-11-22T14:30:12+00:00", "type": "cidEvent",
        "priority": "critical", "state": "new", "device": device, "site": site, "text": text, "cid": None,
        "pictures": [],
    } | more  # fmt: skip


def screen(
    width: int | None = 80, *zones: object, color: bool = False, spoken: list[str] | None = None
) -> Screen:
    options = Options(Format.TABLE, color=color, width=width, is_terminal=width is not None)
    said = spoken if spoken is not None else []
    return Screen(
        options, Places(*zones), lambda: width, lambda: 24, lambda: len(said), lambda: NOW, Path("/journal"),
        zone=ZoneInfo("Europe/Berlin"),
    )  # fmt: skip


def plain(lines: Iterator[str]) -> list[str]:
    return [CODES.sub("", line).rstrip("\n") for line in lines]


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_a_line_fits_and_has_time_mark_site_device_and_text(width: int) -> None:
    shown = plain(
        screen(width).history([event(), event("E6"), event("X9"), event(pictures=[{"state": "saved"}])])
    )
    assert [line for lines in shown for line in lines.split("\n") if cell_len(line) > width] == []
    for line, site, device in zip(
        shown, ["Bäc", "東京", "", "Bäc"], ["Bak", "倉庫", "X9", "Bak"], strict=True
    ):
        assert re.search(r"11-22 1[45]:30:12(\+0[01](:00)?)? !! ", line)
        assert site in line
        assert device in line
        assert "Burglary a" in line.partition("\n")[0]


@pytest.mark.parametrize(
    ("width", "has_number"), [(80, False), (99, False), (100, True), (200, True), (None, True)]
)
def test_lines_with_room_have_the_number_of_their_event(width: int | None, *, has_number: bool) -> None:
    shown = plain(screen(width).history([event(number=7), event("E6", number=1_000_042)]))
    assert [f" #{number} " in line for line, number in zip(shown, (7, 1_000_042), strict=True)] == [
        has_number
    ] * 2
    assert all(cell_len(line) <= (width or 999) for lines in shown for line in lines.split("\n"))
    following = CODES.sub("", screen(width).page([event(number=7)]))
    assert (" #7 !!" in following) == has_number


def test_a_wide_line_is_whole() -> None:
    (line,) = plain(screen(160).history([event()]))
    assert re.sub(" {2,}", "|", line) == (
        "2026-11-22 15:30:12 !! Bäckerei Grünwald|Bakery alarm panel|"
        "Burglary alarm · Area 1 · Zone 3 Kitchen PIR behind the counter"
    )


def test_names_and_text_are_whole_in_two_lines_of_80() -> None:
    (lines,) = plain(screen(80).history([event()]))
    assert lines.split("\n") == [
        "11-22 15:30:12 !! Bäckerei Grünwald · Bakery alarm panel  Burglary alarm",
        "                  Area 1 · Zone 3 Kitchen PIR behind the counter",
    ]


def test_long_names_are_shortened_in_their_middle_before_a_text_takes_a_second_line() -> None:
    site = "Elm Street Office Park, Building C, North Wing"
    (line,) = plain(screen(80).history([event("X9", site={"name": site}, text="Mains power lost · Area 1")]))
    assert line == "11-22 14:30:12Z !! Elm Street Office P…orth Wing · X9  Mains power lost · Area 1"


@pytest.mark.parametrize("width", [80, 120])
def test_names_of_any_length_leave_room_for_what_happened(width: int) -> None:
    told = event("X9", site={"name": "東京倉庫" * 30}, text=f"Fire alarm · {'x' * 300}")
    first, second = plain(screen(width).history([told]))[0].split("\n")
    assert (cell_len(first) <= width, cell_len(second), second[-1]) == (True, width, "…")
    assert "· X9  Fire alarm" in first or "  X9 " in first
    assert "Fire alarm" in first


def test_columns_stand_below_each_other_where_there_is_room_for_them() -> None:
    shown = plain(screen(120).history([event(), event("E6", text="Burglary alarm"), event(text="Burglary")]))
    first_lines = [line.partition("\n")[0] for line in shown]
    assert [cell_len(line[: line.index("Burglary")]) for line in first_lines] == [58, 58, 58]
    assert shown[0].split("\n")[1] == " " * 58 + "Zone 3 Kitchen PIR behind the counter"


def test_marks_and_colours_tell_priority_and_what_is_over() -> None:
    told = [event(), event(priority="high"), event(priority="low"), event(priority="low", state="ended")]
    lines = list(screen(color=True).history(told))
    assert [CODES.sub("", line)[15:17] for line in lines] == ["!!", "! ", "· ", "✓ "]
    assert "\x1b[1;31m!!" in lines[0]
    assert "\x1b[33m!" in lines[1]
    assert "\x1b[" not in lines[2]
    assert "\x1b[2m✓" in lines[3]
    assert "\x1b[31m" not in lines[3]


@pytest.mark.parametrize(
    ("width", "times"),
    [
        (80, ["11-22 15:30:12+01 ", "11-22 23:30:12+09 "]),
        (160, ["2026-11-22 15:30:12+01:00 ", "2026-11-22 23:30:12+09:00 "]),
    ],
)
def test_times_have_offsets_where_zones_are_mixed(width: int, times: list[str]) -> None:
    zones = "Europe/Berlin", "Asia/Tokyo"
    shown = plain(screen(width, *zones).history([event(), event("E6")]))
    assert [line[: len(time)] for line, time in zip(shown, times, strict=True)] == times
    (alone,) = plain(screen(width, *zones).history([event()]))
    assert "+01" not in alone
    following = CODES.sub("", screen(width, *zones).page([event()]))
    assert following.startswith(times[0]), "alarms of the other zone may follow"


@pytest.mark.parametrize("month", ["11", "07"])
def test_times_have_offsets_where_the_reader_is_in_another_zone(month: str) -> None:
    told = event("E6", time=f"2026-{month}-22T14:30:12+00:00")
    (far,) = plain(screen(80, "Asia/Tokyo").history([told]))
    assert far.startswith(f"{month}-22 23:30:12+09 ")
    (near,) = plain(screen(80, "Europe/Berlin").history([told]))
    assert re.match(rf"{month}-22 1[56]:30:12 !!", near)


def test_the_first_moment_of_the_calendar_is_shown() -> None:
    assert "0001-01-01" in plain(screen(160).history([event("X9", time="0001-01-01T00:00:00+05:00")]))[0]


def test_an_offset_that_is_no_whole_hour_is_whole() -> None:
    shown = plain(screen(80, "Asia/Kolkata", "UTC").history([event(), event("E6")]))
    assert [line.split()[1] for line in shown] == ["20:00:12+05:30", "14:30:12+00"]


def test_an_old_time_has_its_year() -> None:
    (line,) = plain(screen(80).history([event(time="2019-11-22T14:30:12+00:00")]))
    assert line.startswith("2019-11-22 15:30 !! ")
    assert max(map(cell_len, line.split("\n"))) <= 80


def test_equal_events_in_a_row_are_one_line() -> None:
    events = [event(id=str(number)) for number in range(37)]
    shown = plain(screen().history([*events, event(state="ended"), event()]))
    assert [line.partition("\n")[0].endswith("×37") for line in shown] == [True, False, False]


@pytest.mark.parametrize("width", [80, 120, 160])
@pytest.mark.parametrize(
    ("time", "until"),
    [
        ("2026-11-22T14:35:02+00:00", "×3 to 15:35:02"),
        ("2026-11-22T23:10:00+00:00", "×3 to 11-23 00:10:00"),
        ("2027-01-01T00:00:00+00:00", "×3 to 2027-01-01 01:00:00"),
        ("2026-11-22T14:30:12.9+00:00", "×3"),
        ("2026-11-22T14:30:00+00:00", "×3 from 15:30:00"),
    ],
)
def test_a_line_of_several_events_has_the_time_of_the_first_and_the_last(
    width: int, time: str, until: str
) -> None:
    events = [event(), event(id="2", time="2026-11-22T14:33:00+00:00"), event(id="3", time=time)]
    (line,) = plain(screen(width).history(events))
    assert "15:30:12" in line
    assert line.partition("\n")[0].endswith(until)
    assert max(map(cell_len, line.split("\n"))) <= width
    tail = screen(width)
    shown = [CODES.sub("", tail.page([one])) for one in events]
    assert until in shown[2]


@pytest.mark.parametrize(
    "other",
    [
        {"device": "E6"},
        {"text": "x"},
        {"state": "ended"},
        {"channel": 2},
        {"cid": {"zone": 4}},
        {"type": "VMD"},
    ],
)
def test_different_events_are_not_folded(other: dict[str, Any]) -> None:
    assert len(list(screen().history([event(), event() | other]))) == 2


def test_gaps_are_not_folded() -> None:
    assert len(list(screen().history([event(type="gap"), event(type="gap")]))) == 2


def test_nothing_is_folded_where_no_terminal_reads() -> None:
    assert len(list(screen(None).history([event(), event()]))) == 2


def test_the_last_line_of_a_tail_counts_equal_events() -> None:
    tail = screen()
    assert "×2\n" in tail.page([event(), event()])
    again = tail.page([event()])
    assert again.startswith("\x1b[2A\r\x1b[J"), "both its lines"
    assert "×3\n" in again
    assert "A\r" not in tail.page([event(text="another")])


def test_lines_that_another_width_may_have_broken_are_not_overwritten() -> None:
    tail = screen()
    width = 80
    tail.width = lambda: width
    tail.page([event()])
    width = 70
    assert "A\r" not in tail.page([event()])


def test_a_notice_after_the_last_line_is_not_overwritten() -> None:
    spoken: list[str] = []
    tail = screen(spoken=spoken)
    tail.page([event()])
    spoken.append("Waiting for 1 picture.")
    assert "A\r" not in tail.page([event()])


def test_pictures_come_onto_the_line_of_their_event() -> None:
    tail = screen(color=True)
    there = [{"state": "saved", "file": "pictures/1.jpg"}, {"state": "saved", "file": "/far/2.jpg"}]
    assert "▢ 2" in tail.page([event(pictures=[{"state": "pending"}] * 2)])
    line = tail.page([event(type="media", pictures=there)])
    assert line.startswith("\x1b[2A\r")
    assert "\x1b]8;;file:///journal/pictures/1.jpg\x1b\\" in line
    assert "▣ 2" in line
    assert "Burglary alarm" in line


def test_pictures_come_onto_an_earlier_line_that_the_terminal_still_shows() -> None:
    tail = screen(color=True)
    tail.page([event(id="first", text="Door open")])
    tail.page([event(pictures=[{"state": "pending"}]), event(id="b", text="another")])
    page = tail.page([event(type="media", pictures=[{"state": "saved", "file": "1.jpg"}])])
    assert page.startswith("\x1b[3A\r\x1b[J"), "the two lines of the event, and the line after it"
    shown = CODES.sub("", page)
    assert [shown.count(text) for text in ("▣ 1", "▢", "Burglary alarm", "another", "Door")] == [
        1,
        0,
        1,
        1,
        0,
    ]


@pytest.mark.parametrize("between", [1, 40])
def test_pictures_of_a_line_out_of_reach_are_no_second_alarm(between: int) -> None:
    spoken: list[str] = []
    tail = screen(color=True, spoken=spoken)
    tail.page([event(), *(event(id=f"{number}", text=f"another {number}") for number in range(between))])
    if between == 1:
        spoken.append("A notice stands below it.")
    line = tail.page(
        [event(type="media", pictures=[{"state": "saved", "file": "1.jpg"}, {"state": "failed"}])]
    )
    assert "A\r" not in line
    assert "31m" not in line
    assert "▣ 1 ✖ 1" in line
    assert "Burglary" not in line


def test_texts_of_devices_are_shown_and_never_obeyed() -> None:
    (line,) = screen(200).history([event(text="a\x1b[2Jb\nc", site={"name": "x\x1b]0;y"})])
    assert "\x1b" not in line
    assert line.count("\n") == 1


def test_right_to_left_names_are_isolated_one_by_one() -> None:
    (line,) = screen(120).history([event("X9", site={"name": "متجر النور"})])
    assert "\u2068متجر النور\u2069" in line


def test_the_row_of_later_pictures_is_no_second_alarm_in_columns() -> None:
    (column,) = (one for one in events_view(utc=False).columns if one.key == "category")
    assert column.show is not None
    shown = [column.show("burglary", event(type=kind)) for kind in ("cidEvent", "media")]
    assert shown == ["burglary", "media"]
