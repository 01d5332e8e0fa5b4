"""What a command declares about its rows, and what the user asked of the output."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Row = Mapping[str, Any]


class Format(StrEnum):
    """The six formats of `-o`."""

    TABLE = "table"
    PLAIN = "plain"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    IDS = "ids"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of table, plain and csv.

    Args:
        title: the heading.
        key: dotted JSON name of the value; what it leads to through a list is a list.
        show: value and row to the text people read, whole (tables cut); None shows the value as it is.
        style: value and row to a tone (`tones.TONES`: colour, shape) or a Rich style (colour); tables only.
        priority: 0 is always shown; on a narrow terminal the highest goes first.
        wide: free text, which a narrow table may cut; other columns (identifiers, states, times) stay whole.
        width: cells in a live table, which cannot measure rows to come; by default those of the title. In
            other tables the room that a wide column wants before others may stay.
    """

    title: str
    key: str
    show: Callable[[Any, Row], str] | None = None
    style: Callable[[Any, Row], str | None] | None = None
    priority: int = 0
    wide: bool = False
    width: int | None = None


@dataclass(frozen=True, slots=True)
class View:
    """How the rows of one kind are shown.

    Args:
        noun: what one row is, in the singular: `site`.
        id: dotted JSON name of what `-o ids` prints.
        columns: those of table, plain and csv.
        fields: the names that `--fields` takes, called only when there is a `--fields`; None takes any name.
        as_it_came: the rows hold what was asked for, secrets too; others have them hidden (`hpcli.masking`).
    """

    noun: str
    id: str
    columns: tuple[Column, ...]
    fields: Callable[[], tuple[str, ...]] | None = None
    as_it_came: bool = False


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked of stdout, and what stdout is.

    Args:
        format: that of `-o`, or the default for this stdout.
        fields: JSON names of `--fields`.
        query: JMESPath expression of `--query`; makes every format but ndjson json.
        header: false for `--no-header`.
        utc: show times in UTC; for those who build columns.
        color: colour is wanted and possible (`--color`, `NO_COLOR`, the terminal).
        width: cells of the terminal; None has no limit.
        is_terminal: stdout is a terminal.
    """

    format: Format
    fields: tuple[str, ...] = ()
    query: str | None = None
    header: bool = True
    utc: bool = False
    color: bool = False
    width: int | None = None
    is_terminal: bool = False
