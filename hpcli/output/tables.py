"""Tables: aligned columns that fit the terminal and are printed while rows still arrive.

Rich measures and colours text. The widths are computed here, because a Rich table needs all rows before it prints.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from hpcli.output.cells import cell_text
from hpcli.output.fields import value_at
from hpcli.output.layout import (
    NO_VALUE,
    Layout,
    cut_text,
    fit_row,
    grown,
    plan_live_table,
    plan_table,
    row_widths,
)
from hpcli.output.state_styles import TONES, paint, state
from hpcli.output.table_spec import Column, Options, Row
from hpcli.output.text import escape_controls, isolate_right_to_left
from hpcli.output.wrapping import Piece, wrap_pieces, wrap_text

# One page of the platform: widths are those of the first page, which is printed as soon as it arrives.
_MEASURED_ROWS = 100
_GAP = "  "
# With less space than this, the terminal breaks the text.
_NARROWEST_TEXT = 16


@dataclass(frozen=True, slots=True)
class _Cell:
    text: str
    style: str | None = None
    pieces: tuple[Piece, ...] = ()


def table_lines(rows: Iterable[Row], columns: tuple[Column, ...], options: Options) -> Iterator[str]:
    """Yield the lines of a table: nothing for no rows; if the source fails, the rows so far."""
    source = iter(rows)
    page: list[list[_Cell]] = []
    try:
        for row in islice(source, _MEASURED_ROWS):
            page.append(_make_cells(columns, row))  # noqa: PERF401 - if the source fails, the rows so far are needed
    finally:
        texts = [[cell.text for cell in cells] for cells in page]
        layout = plan_table(
            columns,
            texts,
            header=options.header,
            limit=options.width,
            is_first_part=len(page) == _MEASURED_ROWS,
        )
        if page and options.header:
            yield _draw([_Cell(column.title, "bold") for column in layout.columns], layout, options)
        for cells in page:
            yield _draw_wrapped([cells[place] for place in layout.places], layout, options)
    for row in source:
        yield _draw_wrapped(_make_cells(layout.columns, row), layout, options)
    if page and options.header:
        yield from _name_hidden(columns, layout, options)


def _name_hidden(columns: tuple[Column, ...], layout: Layout, options: Options) -> Iterator[str]:
    """Name the columns that did not fit."""
    shown = {*layout.places, *layout.empty}
    hidden = [column.title for place, column in enumerate(columns) if place not in shown]
    if hidden:
        text = f"Columns that did not fit: {', '.join(hidden)}"
        for line in wrap_text(text, options.width or len(text)):
            yield paint(line, "dim", color=options.color) + "\n"


def live_lines(rows: Iterable[Row], columns: tuple[Column, ...], options: Options) -> Iterator[str]:
    """Yield each row at once as a log line without header; the last column is uncut and wrapped at words."""
    layout = plan_live_table(columns, options.width)
    for row in rows:
        cells = _make_cells(layout.columns, row)
        layout = grown(layout, [cell.text for cell in cells])
        yield _draw_whole(cells, layout, options)


def record_lines(row: Row, columns: tuple[Column, ...], options: Options) -> Iterator[str]:
    """Yield one object as uncut lines of title and value; of groups, only what has a value, below their headings."""
    from rich.cells import cell_len

    width = max((cell_len(column.title) for column in columns), default=0)
    groups = dict.fromkeys(column.group for column in columns)
    for group in groups:
        members = [column for column in columns if column.group == group]
        if group is not None:
            members = [column for column in members if cell_text(column, row)]
            if members:
                yield paint(group, "bold", color=options.color) + "\n"
        margin = "" if group is None else _GAP
        for column in members:
            title = margin + column.title + " " * (width - cell_len(column.title))
            yield from _record_cell(title, _make_cell(column, row), options)


def _record_cell(title: str, cell: _Cell, options: Options) -> Iterator[str]:
    """Yield the lines of one value."""
    from rich.cells import cell_len

    indent = " " * (cell_len(title) + len(_GAP))
    first, *others = _record_text(cell.text, (options.width or 0) - len(indent))
    if options.width and not others and _is_path(first) and len(indent) + cell_len(first) > options.width:
        first, others, indent = "", [first], ""  # a path on a line of its own can be selected whole
    heading = paint(title.strip(), "bold", color=options.color)
    blanks = title[: len(title) - len(title.lstrip())], title[len(title.rstrip()) :]
    yield f"{blanks[0]}{heading}{blanks[1]}{_GAP}{_finish(first, cell.style, options)}\n"
    yield from (f"{indent}{_finish(text, cell.style, options)}\n" for text in others)


def _is_path(text: str) -> bool:
    return "/" in text and " " not in text


def _record_text(text: str, room: int) -> list[str]:
    """Break a text at blanks if that makes it fit; a long word, such as an address, is not broken."""
    from rich.cells import cell_len

    lines = wrap_text(text, room) if room >= _NARROWEST_TEXT else [text]
    return lines if all(cell_len(line) <= room for line in lines) else [text]


def _make_cells(columns: tuple[Column, ...], row: Row) -> list[_Cell]:
    return [_make_cell(column, row) for column in columns]


def _make_cell(column: Column, row: Row) -> _Cell:
    text = escape_controls(cell_text(column, row))
    if not text:
        return _Cell(NO_VALUE, "quiet")
    value = value_at(row, column.key)
    style = column.style(value, row) if column.style else None
    if column.pieces is not None:
        pieces = ((escape_controls(text), tone) for text, tone in column.pieces(value, row))
        return _Cell(text, style, tuple(pieces))
    return _Cell(state(text, style) if style in TONES else text, style)


def _draw(cells: list[_Cell], layout: Layout, options: Options) -> str:
    texts, paddings = fit_row([cell.text for cell in cells], layout)
    pieces = [
        _finish(text, cell.style, options) + " " * padding
        for text, cell, padding in zip(texts, cells, paddings, strict=True)
    ]
    return _GAP.join(pieces) + "\n"


def _draw_wrapped(cells: list[_Cell], layout: Layout, options: Options) -> str:
    """Draw a row; texts that wrap continue on further lines."""
    if not any(column.wraps for column in layout.columns):
        return _draw(cells, layout, options)
    from rich.cells import cell_len

    widths = row_widths([cell_len(cell.text) for cell in cells], layout)
    stacks = [
        wrap_pieces(cell.pieces or [(cell.text, cell.style)], width)
        if column.wraps
        else [[(cut_text(cell.text, width), cell.style)]]
        for cell, column, width in zip(cells, layout.columns, widths, strict=True)
    ]
    lines = []
    for number in range(max(map(len, stacks))):
        line = ""
        for stack, width in zip(stacks, widths, strict=True):
            pieces = stack[number] if number < len(stack) else []
            line += "".join(_finish(text, style, options) for text, style in pieces)
            line += " " * (width - sum(cell_len(text) for text, _ in pieces)) + _GAP
        lines.append(line.rstrip(" ") + "\n")
    return "".join(lines)


def _draw_whole(cells: list[_Cell], layout: Layout, options: Options) -> str:
    """Draw a row whose last cell continues on further, indented lines."""
    from rich.cells import cell_len

    last = cells[-1]
    texts, paddings = fit_row([cell.text for cell in cells[:-1]] + [""], layout)
    indent = sum(map(cell_len, texts)) + sum(paddings) + len(_GAP) * (len(cells) - 1)
    room = (options.width or 0) - indent
    if room < _NARROWEST_TEXT:
        return _draw(cells, layout, options)
    first, *others = wrap_text(last.text, room)
    lines = [_draw([*cells[:-1], _Cell(first, last.style)], layout, options)]
    lines += [f"{' ' * indent}{_finish(text, last.style, options)}\n" for text in others]
    return "".join(lines)


def _finish(text: str, style: str | None, options: Options) -> str:
    """Colour a cell and isolate right-to-left text."""
    text = isolate_right_to_left(text)
    return paint(text, style, color=options.color) if style else text
