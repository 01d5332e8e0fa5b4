"""What `hpcli.output` writes in each format, and when; tables have a file of their own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hpcli.errors import LocalError, OutputClosedError, UsageError
from hpcli.output import (
    Column,
    Format,
    Options,
    Printer,
    View,
    json_line,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

SITES = View(
    noun="site",
    id="id",
    columns=(
        Column("Site", "name", wide=True),
        Column(
            "State",
            "online",
            show=lambda value, _row: "online" if value else "offline",
            style=lambda value, _row: "good" if value else "off",
        ),
        Column("City", "address.city"),
    ),
    fields=lambda: ("id", "name", "online", "address.city", "address.street", "devices"),
)
ROWS: list[dict[str, Any]] = [
    {"id": "s1", "name": "Café, North", "online": True, "address": {"city": "Köln", "street": "Ring 1"}},
    {"id": "s2", "name": "Tab\there\nand \x1b[31mred", "online": False, "address": {"city": "=1+1"}},
]
PRINTED_BY_ROW = (Format.PLAIN, Format.NDJSON, Format.CSV, Format.IDS)


def printed(rows: Any, output_format: Format, view: View = SITES, **options: Any) -> str:
    stream = io.StringIO(newline="")
    Printer(stream, Options(output_format, **options)).rows(rows, view)
    return stream.getvalue()


def printed_item(row: dict[str, Any], output_format: Format, **options: Any) -> str:
    stream = io.StringIO(newline="")
    Printer(stream, Options(output_format, **options)).item(row, SITES)
    return stream.getvalue()


def failing_source() -> Iterator[dict[str, Any]]:
    yield ROWS[0]
    raise OutputClosedError("the second page did not come")


# The six formats


def test_plain_has_the_columns_of_the_table_with_tabs_and_visible_controls() -> None:
    assert printed(ROWS, Format.PLAIN) == (
        "Site\tState\tCity\n"
        "Café, North\tonline\tKöln\n"
        r"Tab\there\nand \x1b[31mred"
        "\toffline\t=1+1\n"
    )


def test_csv_ends_lines_with_cr_lf_quotes_and_disarms_formulas() -> None:
    assert printed(ROWS, Format.CSV) == (
        'Site,State,City\r\n"Café, North",online,Köln\r\n"Tab\there\nand \\x1b[31mred",offline,\'=1+1\r\n'
    )


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=A1", "'=A1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+49 221 1", "'+49 221 1"),
        ("-", "'-"),
        ("-inf", "'-inf"),
        ("\n=A1", '"\'\n=A1"'),
        ("-1.5e3", "-1.5e3"),
        ("+4922112", "+4922112"),
        ("-7", "-7"),
        ("a=b", "a=b"),
        ('say "x"', '"say ""x"""'),
        ("", '""'),
    ],
)
def test_csv_cell(text: str, cell: str) -> None:
    one_column = View("x", "x", (Column("x", "x"),))
    assert printed([{"x": text}], Format.CSV, one_column, header=False) == cell + "\r\n"


def test_json_is_one_array_with_unchanged_values() -> None:
    assert json.loads(printed(ROWS, Format.JSON)) == ROWS
    assert printed([], Format.JSON) == "[]\n"


def test_json_is_indented_on_a_terminal_and_one_line_elsewhere() -> None:
    row = {"name": "Café"}
    assert printed([row], Format.JSON, is_terminal=True) == '[\n  {\n    "name": "Café"\n  }\n]\n'
    assert printed([row], Format.JSON) == '[{"name":"Café"}]\n'


def test_ndjson_is_one_object_a_line() -> None:
    lines = printed(ROWS, Format.NDJSON).splitlines()
    assert [json.loads(line) for line in lines] == ROWS
    assert lines[0].startswith('{"id":"s1","name":"Café, North","online":true')


def test_ids_are_one_a_line_and_rows_without_one_are_left_out() -> None:
    assert printed([*ROWS, {"name": "no id"}], Format.IDS) == "s1\ns2\n"


@pytest.mark.parametrize("output_format", [Format.PLAIN, Format.CSV])
def test_no_header_leaves_only_rows(output_format: Format) -> None:
    text = printed(ROWS[:1], output_format, header=False)
    assert text.startswith(("Café", '"Café'))


def test_an_empty_list_still_has_the_header_that_scripts_skip() -> None:
    assert printed([], Format.PLAIN) == "Site\tState\tCity\n"
    assert printed([], Format.CSV) == "Site,State,City\r\n"
    assert printed([], Format.NDJSON) == printed([], Format.IDS) == ""


def test_one_object_is_an_object_in_json_and_one_row_elsewhere() -> None:
    assert json.loads(printed_item(ROWS[0], Format.JSON)) == ROWS[0]
    assert printed_item(ROWS[0], Format.NDJSON) == json_line(ROWS[0]) + "\n"
    assert printed_item(ROWS[0], Format.PLAIN) == printed(ROWS[:1], Format.PLAIN)
    assert printed_item(ROWS[0], Format.IDS) == "s1\n"


def test_rows_returns_how_many_there_were() -> None:
    for output_format in Format:
        assert Printer(io.StringIO(), Options(output_format)).rows(iter(ROWS), SITES) == 2


def printed_value(value: Any, output_format: Format, **options: Any) -> str:
    stream = io.StringIO()
    Printer(stream, Options(output_format, **options)).value(value)
    return stream.getvalue()


def test_data_without_columns_are_json_in_every_format_but_ndjson() -> None:
    for output_format in set(Format) - {Format.NDJSON, Format.XLSX}:
        assert printed_value([{"a": 1}, 2], output_format) == '[{"a":1},2]\n'
    assert printed_value([{"a": 1}, 2], Format.NDJSON) == '{"a":1}\n2\n'
    assert printed_value({"a": 1}, Format.NDJSON) == '{"a":1}\n'


def test_data_without_columns_take_fields_and_queries() -> None:
    rows = [{"a": 1, "b": 2}, {"b": 3}]
    assert printed_value(rows, Format.PLAIN, fields=("a",)) == '[{"a":1},{"a":null}]\n'
    assert printed_value(rows, Format.JSON, query="[].b") == "[2,3]\n"
    assert printed_value(rows, Format.NDJSON, query="b") == "2\n3\n"


def test_text_is_harmless_on_a_terminal_and_unchanged_elsewhere() -> None:
    for is_terminal, expected in ((True, "a\tb\n\\x1b[2J\n"), (False, "a\tb\n\x1b[2J\n")):
        stream = io.StringIO()
        Printer(stream, Options(Format.PLAIN, is_terminal=is_terminal)).text("a\tb\n\x1b[2J")
        assert stream.getvalue() == expected


# --fields and --query


def test_fields_keep_the_shape_of_json_and_fill_gaps_with_null() -> None:
    rows = json.loads(printed(ROWS, Format.JSON, fields=("name", "address.street")))
    assert rows[0] == {"name": "Café, North", "address": {"street": "Ring 1"}}
    assert rows[1]["address"] == {"street": None}


def test_fields_reach_into_lists() -> None:
    row = {"devices": [{"serial": "A1", "name": "x"}, {"serial": "B2"}]}
    view = View("site", "id", ())
    picked = json.loads(printed([row], Format.NDJSON, view, fields=("devices.serial",)))
    assert picked == {"devices": [{"serial": "A1"}, {"serial": "B2"}]}
    assert printed([row], Format.PLAIN, view, fields=("devices.serial",)) == "devices.serial\nA1, B2\n"


def test_fields_make_columns_with_json_names_and_json_values() -> None:
    fields = ("online", "address", "address.street")
    assert printed(ROWS[1:], Format.PLAIN, fields=fields) == (
        'online\taddress\taddress.street\nfalse\t{"city":"=1+1"}\t\n'
    )


@pytest.mark.parametrize("output_format", list(Format))
def test_an_unknown_field_is_refused_before_the_first_row_is_fetched(output_format: Format) -> None:
    fetched: list[int] = []

    def source() -> Iterator[dict[str, Any]]:
        fetched.append(1)
        yield ROWS[0]

    with pytest.raises(UsageError) as caught:
        printed(source(), output_format, fields=("id", "nmae"))
    assert fetched == []
    assert "nmae" in caught.value.message
    assert caught.value.hint == (
        "Did you mean 'name'? Fields: id, name, online, address.city, address.street, devices."
    )


def test_query_and_fields_exclude_each_other() -> None:
    with pytest.raises(UsageError, match="together"):
        Printer(io.StringIO(), Options(Format.JSON, fields=("id",), query="[]"))


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("foo]", r"error at character 4: '\]'"),
        ("[?a", r"is incomplete, after character 3"),
        ("a ~", r"error at character 3: '~'"),
        ("", "is empty"),
        ("nosuch(@)", r"calls nosuch\(\)"),
        ("[].{n: nosuch(name)}", r"calls nosuch\(\)"),
        ("[&name]", "has a `&` outside"),
        ("[" * 5000, "nested too deeply|is incomplete"),
    ],
)
def test_a_wrong_query_is_refused_before_anything_is_fetched(expression: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Printer(io.StringIO(), Options(Format.JSON, query=expression))


def test_a_query_that_does_not_suit_the_data_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="cannot be applied"):
        printed(ROWS, Format.JSON, query="sum([].name)")
    assert printed(ROWS, Format.JSON, query="sort_by(@, &name)[0].id") == '"s1"\n'


# When it is written


class Recorder(io.StringIO):
    """A stream that notes flushed writes beside the rows pulled."""

    def __init__(self, log: list[str]) -> None:
        super().__init__(newline="")
        self.log = log
        self.is_dirty = False

    def write(self, text: str) -> int:
        self.is_dirty = True
        return super().write(text)

    def flush(self) -> None:
        if self.is_dirty:
            self.log.append("written")
        self.is_dirty = False


def pulls_and_writes(output_format: Format, count: int) -> list[str]:
    log: list[str] = []

    def source() -> Iterator[dict[str, Any]]:
        for number in range(count):
            log.append("pulled")
            yield {"id": f"s{number}"}

    Printer(Recorder(log), Options(output_format, header=False)).rows(source(), SITES)
    return log


@pytest.mark.parametrize("output_format", PRINTED_BY_ROW)
def test_a_row_is_out_before_the_next_one_is_fetched(output_format: Format) -> None:
    assert pulls_and_writes(output_format, 3) == ["pulled", "written"] * 3


def test_json_is_written_once_after_the_last_row() -> None:
    assert pulls_and_writes(Format.JSON, 3) == ["pulled"] * 3 + ["written"]


def test_json_writes_nothing_when_the_source_fails() -> None:
    stream = io.StringIO()
    with pytest.raises(OutputClosedError):
        Printer(stream, Options(Format.JSON)).rows(failing_source(), SITES)
    assert stream.getvalue() == ""


@pytest.mark.parametrize("output_format", PRINTED_BY_ROW)
def test_other_formats_keep_the_rows_before_a_failure(output_format: Format) -> None:
    stream = io.StringIO(newline="")
    with pytest.raises(OutputClosedError, match="second page"):
        Printer(stream, Options(output_format)).rows(failing_source(), SITES)
    assert stream.getvalue() == printed(ROWS[:1], output_format)


def test_a_source_that_fails_at_once_leaves_no_header() -> None:
    source = (ROWS[1 // n] for n in (0,))
    stream = io.StringIO()
    with pytest.raises(ZeroDivisionError):
        Printer(stream, Options(Format.PLAIN)).rows(source, SITES)
    assert stream.getvalue() == ""


# Where it is written


def test_a_reader_that_went_away_ends_an_endless_list() -> None:
    reading, writing = os.pipe()
    pulled: list[int] = []

    def endless() -> Iterator[dict[str, Any]]:
        while True:
            pulled.append(1)
            if len(pulled) == 3:
                os.close(reading)
            yield ROWS[0]

    with os.fdopen(writing, "w", encoding="utf-8") as stream:
        printer = Printer(stream, Options(Format.NDJSON))
        with pytest.raises(OutputClosedError):
            printer.rows(endless(), SITES)
    assert len(pulled) == 3


def test_a_closed_stream_is_a_closed_output() -> None:
    stream = io.StringIO()
    stream.close()
    with pytest.raises(OutputClosedError):
        Printer(stream, Options(Format.IDS)).rows(ROWS, SITES)


PRINT_TO_STDOUT = """
import sys
from hpcli.errors import HpcliError
from hpcli.output import Format, Options, Printer, View
try:
    Printer(sys.stdout, Options(Format.NDJSON)).rows([{"id": "s1"}], View("site", "id", ()))
except HpcliError as error:
    sys.exit(int(error.exit_code))
"""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_is_one_error_and_no_complaint_of_the_interpreter() -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-c", PRINT_TO_STDOUT]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (LocalError.default_exit_code, b"")


def test_an_encoding_that_lacks_characters_gets_escapes_that_json_understands() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="latin-1", newline="")
    Printer(stream, Options(Format.NDJSON)).rows([{"id": "é 日 😀"}], SITES)
    assert raw.getvalue() == b'{"id":"\xe9 \\u65e5 \\ud83d\\ude00"}\n'


def test_a_body_reaches_a_pipe_unchanged_and_a_terminal_harmless() -> None:
    body = b"<a>\xff\x1b[2J</a>"
    for is_terminal, expected in ((False, body), (True, "<a>\ufffd\\x1b[2J</a>\n".encode())):
        raw = io.BytesIO()
        stream = io.TextIOWrapper(raw, encoding="utf-8", newline="")
        Printer(stream, Options(Format.PLAIN, is_terminal=is_terminal)).body(body)
        assert raw.getvalue() == expected
