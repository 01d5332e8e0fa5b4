"""Print rows and outcomes to stdout in the chosen format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from hpcli.errors import UsageError
from hpcli.masking import mask, mask_echoes
from hpcli.output.cells import columns_of_fields, raw_text
from hpcli.output.delimited import csv_lines, plain_lines
from hpcli.output.fields import check_fields, pick_fields, value_at
from hpcli.output.json_text import json_line, json_text
from hpcli.output.query import as_rows, compile_query
from hpcli.output.stdout_writer import Sink
from hpcli.output.table_spec import Column, Format, Options, Row, View
from hpcli.output.text import escape_controls

if TYPE_CHECKING:
    from hpcli.output.outcome_table import Outcome


class Printer:
    """Prints data to stdout and hides secrets, unless the view allows them.

    json is written completely or not at all, indented on a terminal and on one line elsewhere. The other formats
    write each row as it arrives, so rows before a failure are printed.

    Args:
        stream: stdout, a text stream that leaves line ends alone (csv ends lines with CR LF).
        options: the output options.

    Raises:
        UsageError: `--fields` and `--query` are both given, or the expression is wrong.
    """

    def __init__(self, stream: TextIO, options: Options) -> None:
        if options.fields and options.query is not None:
            raise UsageError(
                "--fields and --query cannot be used together.", hint="Select the fields in the query."
            )
        self.options = options
        self._query = None if options.query is None else compile_query(options.query)
        if (
            options.query is not None
            and options.format is Format.NDJSON
            and options.query.lstrip()[:1] == "["
        ):
            raise UsageError(
                "With -o ndjson --query applies to each object, and this expression to a list.",
                hint="Use -o json, or an expression for one object.",
            )
        self._sink = Sink(stream)

    @property
    def format(self) -> Format:
        """The format in use."""
        return self.options.format

    def check(self, view: View) -> None:
        """Refuse unknown `--fields`. `rows` does so before it takes the first row, so a lazy source is not started.

        Raises:
            UsageError: rows of this view cannot have a field.
        """
        check_fields(self.options.fields, view)

    def rows(self, rows: Iterable[Row], view: View, *, live: bool = False) -> int:
        """Print a list.

        Args:
            rows: fetched while they are printed.
            view: the view of the rows.
            live: rows arrive one by one without end: a table becomes a log of lines without header.

        Returns:
            The number of rows; for an empty table nothing is printed, and the caller may print a notice.

        Raises:
            UsageError: rows of this view cannot have a field.
            OutputClosedError: stdout was closed by its reader.
            LocalError: stdout cannot be written.
        """
        self.check(view)
        counted = _Counted(_shown(rows, view))
        if self.format is Format.XLSX:
            self._write_workbook(counted, view)
            return counted.count
        if self.format is Format.TABLE and self.options.is_terminal and not self._columns_chosen:
            for line in view.above:
                self._sink.write(line + "\n")
        for text in self._lines(counted, view, live=live):
            self._sink.write(text)
        return counted.count

    @property
    def _columns_chosen(self) -> bool:
        """Whether the user asked for columns of their own."""
        return bool(self.options.fields) or self._query is not None

    @property
    def written(self) -> int:
        """The number of bytes that the system took so far."""
        return self._sink.written

    def part(self, rows: Sequence[Row], view: View, *, is_first: bool) -> bytes:
        """Return part of a list as it is printed.

        Args:
            rows: the next rows.
            view: the view of the rows; a table becomes a log of lines, as with `live`.
            is_first: with the header.

        Raises:
            UsageError: rows of this view cannot have a field, or the format is json, which has no parts.
        """
        if self.format in (Format.JSON, Format.XLSX):
            raise UsageError(f"A list in parts cannot be printed as {self.format}.", hint="Use -o ndjson.")
        self.check(view)
        options = self.options if is_first else self.options._replace(header=False)
        text = "".join(self._lines(_shown(rows, view), view, live=True, options=options))
        return self.encode(text if is_first else text.removeprefix("\ufeff"))

    def encode(self, text: str) -> bytes:
        """Return text as it is printed."""
        return self._sink.encode(text)

    def ready(self, data: bytes) -> None:
        """Print what already has the format.

        Raises:
            OutputClosedError: stdout was closed by its reader.
            OutputFullError: the disk is full; `written` says what it took.
            LocalError: stdout cannot be written.
        """
        self._sink.write_bytes(data)

    def item(self, row: Row, view: View) -> None:
        """Print one object: a table has lines of title and value, json an object, other formats a list of one."""
        self.check(view)
        (row,) = _shown([row], view)
        lines: Iterable[str]
        match self.format:
            case Format.XLSX:
                self._write_workbook([row], view)
                return
            case _ if self._is_reshaped:
                lines = self._queried_lines(self._value(row), self.options)
            case Format.TABLE:
                from hpcli.output.tables import record_lines

                lines = record_lines(row, self._columns(view), self.options)
            case Format.JSON:
                lines = [self._json(self._value(row))]
            case _:
                lines = self._lines([row], view, live=False)
        for text in lines:
            self._sink.write(text)

    def results(self, outcomes: Iterable[Outcome]) -> None:
        """Print the outcome of each target of a change that takes several.

        json and ndjson give {target, ok, data, error}, csv one record each, ids the successful targets or the new
        objects; table and plain print only new identifiers.
        """
        from hpcli.output.outcome_table import OUTCOMES

        self.check(OUTCOMES)
        lines: Iterable[str]
        match self.format:
            case Format.TABLE | Format.PLAIN:
                lines = (escape_controls(o.new_id) + "\n" for o in outcomes if o.new_id)
            case Format.XLSX:
                self._write_workbook([mask(o.as_dict()) for o in outcomes], OUTCOMES)
                return
            case Format.IDS:
                lines = (escape_controls(o.new_id or o.target) + "\n" for o in outcomes if o.ok)
            case _:
                lines = self._lines((mask_echoes(o.as_dict()) for o in outcomes), OUTCOMES, live=False)
        for text in lines:
            self._sink.write(text)

    def result(self, outcome: Outcome) -> None:
        """Print the outcome of the only target of a change: like `results`, but json is one object."""
        from hpcli.output.outcome_table import OUTCOMES

        if self.format is Format.JSON:
            self.item(outcome.as_dict(), OUTCOMES)
        else:
            self.results([outcome])

    def value(self, value: Any, *, as_it_came: bool = False) -> None:
        """Print data without columns: as ndjson a line for each item of a list, in other formats as json.

        Args:
            value: the data.
            as_it_came: print secrets too, because the user asked for this data.
        """
        value = value if as_it_came else mask(value)
        if self.format is Format.XLSX:
            self._write_workbook(value if isinstance(value, list) else [value], View("row", "value", ()))
        elif self._is_reshaped:
            for text in self._queried_lines(self._value(value), self.options):
                self._sink.write(text)
        elif self.format is Format.NDJSON:
            for item in value if isinstance(value, list) else [value]:
                self._sink.write(json_line(self._value(item)) + "\n")
        elif self._query or not isinstance(value, list):
            self._sink.write(self._json(self._value(value)))
        else:
            self._sink.write(self._json([self._value(item) for item in value]))

    def text(self, text: str) -> None:
        """Print text and end the last line; on a terminal, escape its control characters."""
        if self.options.is_terminal:
            text = escape_controls(text, keep="\n\t")
        self._sink.write(text if text.endswith("\n") else text + "\n")

    def body(self, data: bytes) -> None:
        """Print the body of an answer unchanged, except on a terminal."""
        if self.options.is_terminal:
            self.text(data.decode("utf-8", "replace"))
        else:
            self._sink.write_bytes(data)

    def _lines(
        self, rows: Iterable[Row], view: View, *, live: bool, options: Options | None = None
    ) -> Iterator[str]:
        options = options or self.options
        if self._is_reshaped:
            return self._queried_lines(self._value([dict(row) for row in rows]), options)
        match self.format:
            case Format.XLSX:
                raise AssertionError  # a workbook has no lines
            case Format.JSON:
                return self._json_array(rows)
            case Format.NDJSON:
                return (json_line(self._value(row)) + "\n" for row in rows)
            case Format.IDS:
                return _id_lines(rows, view)
            case Format.PLAIN:
                return plain_lines(rows, self._columns(view), header=options.header)
            case Format.CSV:
                return csv_lines(rows, self._columns(view), header=options.header, excel=options.excel)
            case Format.TABLE:
                from hpcli.output.tables import live_lines, table_lines

                draw = live_lines if live else table_lines
                return draw(rows, self._columns(view), options)

    def _write_workbook(self, rows: Iterable[Any], view: View) -> None:
        """Write a workbook with one sheet; of a query's result, if there is a query."""
        from hpcli.output.workbook import make_workbook

        columns, header = self._columns(view), self.options.header
        if self._query or not columns:
            items = list(rows)
            value = self._value([dict(row) for row in items]) if self._query else items
            rows, columns, has_header = as_rows(value)
            header = header and has_header
        self._sink.write_bytes(
            make_workbook(rows, columns, view.noun, header=header, utc=self.options.utc, zone_of=view.zone_of)
        )

    @property
    def _is_reshaped(self) -> bool:
        """Whether `--query` makes rows of its own for a format that has columns."""
        return self._query is not None and self.format not in (Format.JSON, Format.NDJSON)

    def _queried_lines(self, value: Any, options: Options) -> Iterator[str]:
        """Return the result of `--query`: objects are rows, lists rows without headings, others a column `value`."""
        rows, columns, has_header = as_rows(value)
        options = options._replace(header=options.header and has_header)
        match self.format:
            case Format.IDS:
                return _id_lines(rows, View("row", columns[0].key if columns else "value", columns))
            case Format.CSV:
                return csv_lines(rows, columns, header=options.header, excel=options.excel)
            case Format.TABLE:
                from hpcli.output.tables import table_lines

                return table_lines(rows, columns, options)
            case _:
                return plain_lines(rows, columns, header=options.header)

    def _json_array(self, rows: Iterable[Row]) -> Iterator[str]:
        if self._query:
            yield self._json(self._query([dict(row) for row in rows]))
        else:
            yield self._json([self._value(row) for row in rows])

    def _value(self, value: Any) -> Any:
        """Return the JSON form of a row or any value."""
        if type(value) is not dict and isinstance(value, Mapping):
            value = dict(value)
        if self._query:
            return self._query(value)
        return pick_fields(value, self.options.fields) if self.options.fields else value

    def _json(self, value: Any) -> str:
        return json_text(value, indent=2 if self.options.is_terminal else None) + "\n"

    def _columns(self, view: View) -> tuple[Column, ...]:
        return columns_of_fields(self.options.fields) or view.columns


def _shown(rows: Iterable[Row], view: View) -> Iterable[Row]:
    """Return rows with secrets hidden, unless allowed."""
    return rows if view.as_it_came else map(mask, rows)


class _Counted:
    """Counts the rows that pass through."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            self.count += 1
            yield row


def _id_lines(rows: Iterable[Row], view: View) -> Iterator[str]:
    for row in rows:
        identifier = value_at(row, view.id)
        if identifier is not None:
            yield escape_controls(raw_text(identifier)) + "\n"
