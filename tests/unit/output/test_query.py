"""`--query`: what it sees, and how its result is printed in each format."""

from __future__ import annotations

import io
from typing import Any

import pytest

from hpcli.errors import UsageError
from hpcli.output import Format, Options, Printer, View

ROWS: list[dict[str, Any]] = [
    {"id": "s1", "name": "Café, North", "online": True, "address": {"city": "Köln", "street": "Ring 1"}},
    {"id": "s2", "name": "South", "online": False, "address": {"city": "=1+1"}},
]
SITES = View(noun="site", id="id", columns=())


def printed(rows: Any, output_format: Format, query: str) -> str:
    stream = io.StringIO(newline="")
    Printer(stream, Options(output_format, query=query)).rows(rows, SITES)
    return stream.getvalue()


def printed_item(row: dict[str, Any], output_format: Format, query: str) -> str:
    stream = io.StringIO(newline="")
    Printer(stream, Options(output_format, query=query)).item(row, SITES)
    return stream.getvalue()


def test_query_sees_the_whole_array() -> None:
    assert printed(ROWS, Format.JSON, query="[?online].name | [0]") == '"Café, North"\n'
    assert printed(ROWS, Format.JSON, query="length(@)") == "2\n"
    assert printed([], Format.JSON, query="[0].name") == "null\n"


@pytest.mark.parametrize(
    ("query", "plain"),
    [
        ("[].{n: name, c: address.city}", "n\tc\nCafé, North\tKöln\n"),
        ("[].[id, online]", "s1\ttrue\ns2\tfalse\n"),
        ("[].id", "value\ns1\ns2\n"),
        ("length(@)", "value\n2\n"),
        ("[0].{i: id}", "i\ns1\n"),
        ("nothing", ""),
        ("[].{a: id} | [?a=='x']", ""),
    ],
)
def test_the_result_of_a_query_is_printed_in_the_chosen_format(query: str, plain: str) -> None:
    assert printed(ROWS, Format.PLAIN, query=query).startswith(plain)
    assert bool(printed(ROWS, Format.PLAIN, query=query)) == bool(plain)


def test_a_query_for_csv_and_ids() -> None:
    assert printed(ROWS, Format.CSV, query="[].{n: id}") == "n\r\ns1\r\ns2\r\n"
    assert printed(ROWS, Format.IDS, query="[].id") == "s1\ns2\n"
    assert printed(ROWS, Format.TABLE, query="[].{n: id}").split() == ["n", "s1", "s2"]


def test_a_query_for_a_list_does_not_suit_ndjson() -> None:
    with pytest.raises(UsageError, match="each object"):
        printed(ROWS, Format.NDJSON, query=" [].id")


def test_query_sees_each_object_of_ndjson() -> None:
    assert printed(ROWS, Format.NDJSON, query="address.city") == '"Köln"\n"=1+1"\n'


def test_query_sees_the_object_of_a_single_answer() -> None:
    assert printed_item(ROWS[0], Format.JSON, query="{n: name}") == '{"n":"Café, North"}\n'
    assert printed_item(ROWS[0], Format.PLAIN, query="{n: name}") == "n\nCafé, North\n"
