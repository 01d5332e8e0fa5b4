"""What people type: lists, files, stdin, JSON, durations, times, sizes, serials."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hpcli.errors import InterruptedByUserError, LocalError, UsageError
from hpcli.parse import (
    epoch_milliseconds,
    parse_duration,
    parse_end_time,
    parse_serial,
    parse_since,
    parse_size,
    parse_time,
    parse_until,
)
from hpcli.run.inputs import Inputs

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


class Stream(io.TextIOWrapper):
    """A text stream that is, or is not, a terminal."""

    def __init__(self, text: str = "", *, is_terminal: bool = False) -> None:
        super().__init__(io.BytesIO(text.encode()), encoding="utf-8")
        self.is_terminal = is_terminal

    def isatty(self) -> bool:
        return self.is_terminal


def inputs_of(stdin: str = "", *, terminals: tuple[bool, bool] = (False, False), yes: bool = False) -> Inputs:
    return Inputs(Stream(stdin, is_terminal=terminals[0]), Stream(is_terminal=terminals[1]), assume_yes=yes)


def test_a_list_is_repeated_has_commas_or_comes_from_a_file_or_stdin(tmp_path: Path) -> None:
    file = tmp_path / "serials"
    file.write_text("\ufeffQ3\r\n\r\n# a remark\n Q4 \n", encoding="utf-8")
    values = ["Q1, Q2", f"@{file}", "-", "Q1"]
    assert inputs_of("Q5\nQ2\n").read_list(values, "serial") == ["Q1", "Q2", "Q3", "Q4", "Q5"]


def test_a_value_may_begin_with_a_hash_but_a_line_that_does_is_a_remark(tmp_path: Path) -> None:
    file = tmp_path / "events"
    file.write_text("#3\n4\n", encoding="utf-8")
    assert inputs_of().read_list(["#1,2", f"@{file}"], "event id") == ["#1", "2", "4"]


@pytest.mark.parametrize("values", [[], [""], [","], ["-"], ["# remark"]])
def test_an_empty_list_is_refused(values: list[str]) -> None:
    with pytest.raises(UsageError):
        inputs_of("\n").read_list(values, "serial")


@pytest.mark.parametrize("first", ["-", "@-"])
def test_stdin_is_one_input_only(first: str) -> None:
    inputs = inputs_of("x\n")
    inputs.read_list([first], "serial")
    for second in ("-", "@-"):
        with pytest.raises(UsageError, match="cannot both come from stdin"):
            inputs.read_text(second, "body")
    with pytest.raises(UsageError, match="cannot both come from stdin"):
        inputs.read_secret("Password", from_stdin=True, option="--as-password-stdin")


def test_a_value_is_itself_unless_it_names_a_file(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"\xffraw")
    assert inputs_of().read_text("a@b", "body") == "a@b"
    assert inputs_of().read_bytes(f"@{tmp_path}/b", "body") == b"\xffraw"
    with pytest.raises(UsageError):
        inputs_of().read_text(f"@{tmp_path}/b", "body")
    with pytest.raises(LocalError):
        inputs_of().read_text(f"@{tmp_path}", "body")


@pytest.mark.parametrize(
    "stdin",
    [
        "geheim\n",
        "geheim\r\n",
        "\ufeffgeheim\nmore\n",
        "geheim",
        "geheim \t\r\n",
        "geheim\xa0\n",
        "geheim\x1a",
    ],
)
def test_a_secret_is_the_first_line_of_stdin(stdin: str) -> None:
    assert inputs_of(stdin).read_secret("Password", from_stdin=True, option="--x") == "geheim"


@pytest.mark.parametrize("stdin", ["", "\n"])
def test_an_empty_secret_is_refused(stdin: str) -> None:
    with pytest.raises(UsageError, match="is empty"):
        inputs_of(stdin).read_secret("Password", from_stdin=True, option="--x")


@pytest.mark.parametrize("terminals", [(True, False), (False, True), (False, False)])
def test_a_question_needs_two_terminals(terminals: tuple[bool, bool]) -> None:
    stream = "stderr" if terminals[0] else "stdin"
    with pytest.raises(UsageError, match=f"{stream} is not a terminal"):
        inputs_of("y\n", terminals=terminals).confirm("Really?")
    with pytest.raises(UsageError):
        inputs_of("y\n", terminals=terminals).ask_line("Key", "hint")
    with pytest.raises(UsageError):
        inputs_of("y\n", terminals=terminals).read_secret("Password", from_stdin=False, option="--x")


def test_a_question_is_not_asked_where_stdin_is_an_input() -> None:
    inputs = inputs_of("Q1\ny\n", terminals=(True, True))
    inputs.claim_stdin("serial")
    with pytest.raises(UsageError, match=r"Cannot ask for .*: stdin holds another input \(serial\)"):
        inputs.confirm("Really?")


@pytest.mark.parametrize(
    ("answer", "is_yes"), [("y", 1), ("YES", 1), (" y ", 1), ("n", 0), ("", 0), ("yep", 0)]
)
def test_only_yes_is_yes(answer: str, is_yes: int) -> None:
    inputs = inputs_of(f"{answer}\n", terminals=(True, True))
    if is_yes:
        inputs.confirm("Really?")
    else:
        with pytest.raises(InterruptedByUserError):
            inputs.confirm("Really?")


@pytest.mark.parametrize(("answer", "is_right"), [("Villa", 1), ("villa", 0), ("y", 0), ("", 0)])
def test_a_name_is_typed_as_it_is(answer: str, is_right: int) -> None:
    inputs = inputs_of(f"{answer}\n", terminals=(True, True))
    if is_right:
        inputs.confirm("Delete?", "Villa")
    else:
        with pytest.raises(InterruptedByUserError):
            inputs.confirm("Delete?", "Villa")


def test_yes_asks_nothing_though_a_name_would_have_to_be_typed() -> None:
    inputs_of(yes=True).confirm("Delete?", "Villa")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("10m", 600), ("2h", 7200), ("7d", 604800), (" 1.5H ", 5400), ("0", 0)],
)
def test_a_duration_is_read(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "m", "-5", "5w", "1e3", "5 m", "1h30m", "٣", "36526d", "9" * 400 + "d"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("now", NOW),
        ("24h", NOW - timedelta(days=1)),
        ("2026-01-31T14:30:00+02:00", datetime(2026, 1, 31, 12, 30, tzinfo=UTC)),
        ("2026-01-31T14:30Z", datetime(2026, 1, 31, 14, 30, tzinfo=UTC)),
    ],
)
def test_a_time_is_read(text: str, time: datetime) -> None:
    assert parse_time(text, NOW) == time


def test_a_time_without_a_zone_is_this_computers(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert parse_time("2026-01-31", NOW) == datetime(2026, 1, 30, 15, tzinfo=UTC)
        end = datetime(2026, 1, 31, 14, 59, 59, 999000, tzinfo=UTC)
        assert parse_end_time("2026-01-31", NOW) == parse_end_time("20260131", NOW) == end
        assert parse_end_time("today", NOW) == parse_end_time("2026-W05-6", NOW) == end
        assert parse_end_time("2026-01-31T08:00", NOW) == datetime(2026, 1, 30, 23, tzinfo=UTC)
        assert parse_time("today", NOW) == datetime(2026, 1, 30, 15, tzinfo=UTC)
        assert parse_time("Yesterday", NOW) == datetime(2026, 1, 30, 15, tzinfo=UTC) - timedelta(days=1)
        last_night = datetime(2026, 1, 31, 11, tzinfo=UTC)  # NOW is 21:00
        assert parse_since("20:00", NOW) == parse_until("20:00", NOW) == last_night
        assert parse_since("22:00:30", NOW) == last_night - timedelta(hours=22) + timedelta(seconds=30)
        assert parse_since("9:05", NOW) == last_night - timedelta(hours=11) + timedelta(minutes=5)
        assert (parse_since("today", NOW), parse_until("today", NOW)) == (parse_time("today", NOW), end)
        for wrong in ("25:00", "8:99", "8:5", "soon"):
            with pytest.raises(UsageError):
                parse_until(wrong, NOW)
        with pytest.raises(UsageError):
            parse_time("0001-01-01", NOW)
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("text", ["", "tomorrow", "31.01.2026", "2026-13-01", "2026", "9" * 300 + "d"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_time(text, NOW)


def test_the_platform_gets_milliseconds_in_utc() -> None:
    assert epoch_milliseconds(datetime(1970, 1, 1, 1, tzinfo=UTC)) == 3_600_000


@pytest.mark.parametrize(
    ("text", "size"), [("1024", 1024), ("500M", 500 << 20), ("2g", 2 << 30), ("2 GiB", 2 << 30)]
)
def test_a_size_is_read(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "1.5G", "M", "-1"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_size(text)


@pytest.mark.parametrize("text", ["", "Q1-2", "Q123456789", "\uff311", "Q1\nQ2", "Ä1", "../etc"])
def test_a_serial_is_one_to_nine_letters_and_digits(text: str) -> None:
    assert parse_serial(" Q10254783 ") == "Q10254783"
    with pytest.raises(UsageError):
        parse_serial(text)
