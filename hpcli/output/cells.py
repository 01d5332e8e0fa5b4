"""Format values as the text of cells."""

from collections.abc import Iterable
from typing import Any

from hpcli.output.fields import value_at
from hpcli.output.json_text import json_text
from hpcli.output.table_spec import Column, Row


def cell_text(column: Column, row: Row) -> str:
    """Return the whole text of a cell, including control characters."""
    value = value_at(row, column.key)
    return column.show(value, row) if column.show else show_value(value)


def show_value(value: Any) -> str:
    """Format a value for reading: empty for None, yes and no, lists with commas, objects as JSON."""
    match value:
        case True:
            return "yes"
        case False:
            return "no"
        case _:
            return raw_text(value)


def raw_text(value: Any) -> str:
    """Format a value as JSON, strings without quotes."""
    match value:
        case None:
            return ""
        case str():
            return value
        case list() if not any(isinstance(item, dict | list) for item in value):
            return ", ".join(raw_text(item) for item in value)
        case _:
            return json_text(value)


def columns_of_fields(fields: Iterable[str]) -> tuple[Column, ...]:
    """Return the columns of `--fields`: JSON names and JSON values."""
    return tuple(Column(name, name, show=lambda value, _row: raw_text(value), wide=True) for name in fields)
