"""The view that a command declares for its rows, and the output options of the user."""

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from hpcli.reference.codes import Code, CodeList
    from hpcli.reference.value_kinds import Kind

Row = Mapping[str, Any]


class Format(StrEnum):
    """The formats of `-o`."""

    TABLE = "table"
    PLAIN = "plain"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    IDS = "ids"
    XLSX = "xlsx"


class Column(NamedTuple):
    """A column of the formats table, plain and csv.

    Args:
        title: the heading.
        key: dotted JSON name of the value; a name that passes a list gives a list.
        show: value and row to the uncut text; None shows the value itself.
        style: value and row to a tone (`state_styles.TONES`: colour, shape) or a Rich style (colour); tables only.
        priority: 0 is always shown; a narrow terminal drops the highest first.
        wide: free text, which a narrow table may cut; other columns (identifiers, states, times) stay uncut.
        width: width in a live table, which cannot measure later rows; by default that of the title. In other
            tables, the width that a wide column needs before columns of lower rank are kept.
        wraps: what the table is about: a wide column that a narrow table continues on further lines, uncut.
        pieces: value and row to the parts of a text that wraps, each with its Rich style; tables only.
        group: the heading under which one object has it; columns of a group need not stand together.
        former: a heading that the column had before, by which `--where` and the like still find it.
        codes: code list of the value, whose words conditions accept, as options do; or a function that returns it.
        code_of: row to its code of that list, where more than the value at `key` decides.
        value: row to what the heading means where that is not the value at `key`, such as a duration; conditions and
            orders that name the heading use it.
        kind: of the values, for names that the documents do not have; conditions refuse what cannot be one.
        due: what rows are that should have a value, such as `offline`, and whether a row is one of them.
    """

    title: str
    key: str
    show: Callable[[Any, Row], str] | None = None
    style: Callable[[Any, Row], str | None] | None = None
    priority: int = 0
    wide: bool = False
    width: int | None = None
    wraps: bool = False
    pieces: Callable[[Any, Row], Sequence[tuple[str, str | None]]] | None = None
    group: str | None = None
    former: str | None = None
    codes: "str | Callable[[], CodeList] | None" = None
    code_of: "Callable[[Row], Code | None] | None" = None
    value: Callable[[Row], Any] | None = None
    due: tuple[str, Callable[[Row], bool]] | None = None
    kind: "Kind | None" = None


class View(NamedTuple):
    """How rows of one kind are shown.

    Args:
        noun: name of one row in the singular, such as `site`.
        id: dotted JSON name of the value that `-o ids` prints.
        columns: columns of table, plain and csv.
        fields: the names that `--fields` accepts, called only for `--fields`; None accepts any name.
        as_it_came: print secrets too, because the user asked for them; other views mask them (`hpcli.masking`).
        zone_of: row to the zone of its times without an offset: that of its site or device. It is called only for
            such a time. Without it, or where it returns None, they are in this computer's zone.
        above: lines above a table on a terminal, such as a summary.
        codes: returns JSON name to code list, for values without a column; called only for conditions.
        words: returns JSON name to all values that it can have, for those without a code list; as `codes`.
        ranks: returns JSON name to its values from the least to the most, for words that have an order; as `codes`.
        elsewhere: names that these rows do not have, in small letters, to the command that knows them.
    """

    noun: str
    id: str
    columns: tuple[Column, ...]
    fields: Callable[[], tuple[str, ...]] | None = None
    as_it_came: bool = False
    zone_of: Callable[[Row], tzinfo | None] | None = None
    above: tuple[str, ...] = ()
    codes: Callable[[], Mapping[str, str]] | None = None
    words: Callable[[], Mapping[str, Sequence[str]]] | None = None
    ranks: Callable[[], Mapping[str, Sequence[str]]] | None = None
    elsewhere: Mapping[str, str] = MappingProxyType({})


class Options(NamedTuple):
    """The output options of the user, and the properties of stdout.

    Args:
        format: format of `-o`, or the default for this stdout.
        fields: JSON names of `--fields`.
        query: JMESPath expression of `--query`; changes every format except ndjson to json.
        header: false for `--no-header`.
        utc: show times in UTC; used by code that builds columns.
        color: use colour (`--color`, `NO_COLOR`, the terminal).
        width: width of the terminal; None for no limit.
        is_terminal: stdout is a terminal.
        excel: the separator of a csv for Excel, which then begins with a byte-order mark; None for plain csv.
    """

    format: Format
    fields: tuple[str, ...] = ()
    query: str | None = None
    header: bool = True
    utc: bool = False
    color: bool = False
    width: int | None = None
    is_terminal: bool = False
    excel: str | None = None
