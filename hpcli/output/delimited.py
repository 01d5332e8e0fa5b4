"""The formats plain and csv: one line a row, with uncut cells."""

import re
from collections.abc import Iterable, Iterator

from hpcli.output.cells import cell_text
from hpcli.output.table_spec import Column, Row
from hpcli.output.text import escape_controls

_NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
_LINE_BREAKS = "\r\n\t"


def plain_lines(rows: Iterable[Row], columns: tuple[Column, ...], *, header: bool) -> Iterator[str]:
    r"""Yield tab-separated lines; control characters appear as `\t`, `\n`, `\xNN`."""
    for cells in _cell_rows(rows, columns, header=header):
        yield "\t".join(escape_controls(cell) for cell in cells) + "\n"


def csv_lines(
    rows: Iterable[Row], columns: tuple[Column, ...], *, header: bool, excel: str | None = None
) -> Iterator[str]:
    r"""Yield RFC 4180 records; cells that a spreadsheet would execute as formulas get a leading `'`.

    Line breaks and tabs stay; other control characters are not text in RFC 4180 and appear as `\xNN`.

    Args:
        rows: of the list.
        columns: of the view.
        header: whether the first record has the headings.
        excel: separator that Excel expects; the text then begins with a byte-order mark.
    """
    import csv  # costs 2 ms, which other formats avoid

    writer = csv.writer(_Echo(), lineterminator="\r\n", delimiter=excel or ",")
    if excel is not None:
        yield "\ufeff"
    for cells in _cell_rows(rows, columns, header=header):
        yield writer.writerow([_csv_text(cell) for cell in cells] or [""])


class _Echo:
    """A file whose `write` returns the text, because `writerow` returns the result of `write`."""

    def write(self, record: str) -> str:
        return record


def _cell_rows(rows: Iterable[Row], columns: tuple[Column, ...], *, header: bool) -> Iterator[list[str]]:
    """Yield the header once the first row has arrived or there is none, then the rows."""
    for row in rows:
        if header:
            yield [column.title for column in columns]
            header = False
        yield [cell_text(column, row) for column in columns]
    if header:
        yield [column.title for column in columns]


def _csv_text(text: str) -> str:
    text = escape_controls(text, keep=_LINE_BREAKS)
    is_formula = text.lstrip(_LINE_BREAKS).startswith(("=", "+", "-", "@")) and not re.fullmatch(
        _NUMBER, text
    )
    return "'" + text if is_formula else text
