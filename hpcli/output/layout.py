"""Choose the columns of a table and their widths, and cut texts to fit. Widths count terminal cells."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from hpcli.output.table_spec import Column

NO_VALUE = "-"
"""What an empty cell shows."""
_GAP = 2
# A wide column narrower than this is not useful: drop columns of lower rank first.
_COMFORT = 16
# A name that is not longer than this stays whole before columns of low rank are shown, or what wraps gets more room.
_NAME = 24
_LOW_RANK = 4
_NARROWEST_WIDE = 8
_NARROWEST = 3
# If later rows may be longer, wide columns take unused space up to this width.
_ROOMY = 40
_WIDE_TERMINAL = 110
# In fewer cells both ends of a name say less than its beginning.
_SHORTENED = 12
_UNLIMITED = 1 << 30


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns that a table shows.

    Args:
        columns: the columns that fit.
        places: their indexes among the declared columns.
        widths: their widths.
        is_flexible: whether each may be cut in favour of longer neighbours.
        limit: width of a line, None for no limit.
        empty: places of declared columns without a value in any row.
    """

    columns: tuple[Column, ...]
    places: tuple[int, ...]
    widths: tuple[int, ...]
    is_flexible: tuple[bool, ...]
    limit: int | None
    empty: frozenset[int] = frozenset()


def plan_table(
    columns: tuple[Column, ...],
    rows: Sequence[Sequence[str]],
    *,
    header: bool,
    limit: int | None,
    is_first_part: bool = False,
) -> Layout:
    """Choose columns and widths for the given rows.

    Columns with the highest priority number are dropped until the rest fits with wide columns at a comfortable
    width. Then the widest wide columns shrink. Identifiers are cut only if that is not enough.

    Args:
        columns: the declared columns, in order.
        rows: texts of the cells.
        header: whether titles are printed.
        limit: width of the terminal.
        is_first_part: whether more, longer rows may follow.
    """
    from rich.cells import cell_len

    longest = limit or _UNLIMITED
    natural = [
        min(longest, max([cell_len(column.title) * header, *(cell_len(row[place]) for row in rows)]))
        for place, column in enumerate(columns)
    ]
    places = list(range(len(columns)))
    empty = _empty_places(columns, rows) if rows else frozenset()
    widths = natural
    if limit is not None:
        places = _choose_columns(columns, natural, limit, empty)
        widths = _share_width(columns, natural, places, limit, is_first_part=is_first_part)
    shown = tuple(columns[place] for place in places)
    return Layout(
        columns=shown,
        places=tuple(places),
        widths=tuple(widths[place] for place in places),
        is_flexible=tuple(column.wide and limit is not None for column in shown),
        limit=limit,
        empty=frozenset() if is_first_part else empty,
    )


def _empty_places(columns: tuple[Column, ...], rows: Sequence[Sequence[str]]) -> frozenset[int]:
    """Return the places of the columns that may be dropped and have no value in any row."""
    return frozenset(
        place
        for place, column in enumerate(columns)
        if column.priority and all(row[place] == NO_VALUE for row in rows)
    )


def plan_live_table(columns: tuple[Column, ...], limit: int | None) -> Layout:
    """Use the declared widths; a column without one grows with its cells, the last one is as wide as its text.

    On a narrow terminal, columns with a priority number make room for that text.
    """
    from rich.cells import cell_len

    is_narrow = limit is not None and limit < _WIDE_TERMINAL
    places = [place for place, column in enumerate(columns) if not (is_narrow and column.priority)]
    shown = tuple(columns[place] for place in places)
    widths = [column.width or cell_len(column.title) for column in shown]
    return Layout(
        columns=shown,
        places=tuple(places),
        widths=(*widths[:-1], _UNLIMITED),
        is_flexible=tuple(column.wide and column.width is not None for column in shown),
        limit=None,
    )


def grown(layout: Layout, texts: Sequence[str]) -> Layout:
    """Return the layout of a live table with its columns as wide as its cells, where the view declares no width."""
    from rich.cells import cell_len

    widths = tuple(
        max(width, cell_len(text)) if column.wide and column.width is None else width
        for width, column, text in zip(layout.widths, layout.columns, texts, strict=True)
    )
    return layout if widths == layout.widths else replace(layout, widths=widths)


def fit_row(texts: Sequence[str], layout: Layout) -> tuple[list[str], list[int]]:
    """Cut the texts of a row to its columns.

    Returns:
        The texts and the number of blanks after each, none after the last.
    """
    from rich.cells import cell_len

    widths = row_widths([cell_len(text) for text in texts], layout)
    cut = [cut_text(text, width) for text, width in zip(texts, widths, strict=True)]
    paddings = [max(0, width - cell_len(text)) for text, width in zip(cut, widths, strict=True)]
    return cut, [*paddings[:-1], 0]


def row_widths(lengths: Sequence[int], layout: Layout) -> list[int]:
    """Return the widths of a row: an identifier longer than its column stays uncut at the cost of wide columns."""
    widths = list(layout.widths)
    for place, (length, is_flexible) in enumerate(zip(lengths, layout.is_flexible, strict=True)):
        if not is_flexible:
            widths[place] = max(widths[place], length)
    if layout.limit is not None and widths != list(layout.widths):
        over = _line_width(widths) - layout.limit
        flexible = [place for place, is_flexible in enumerate(layout.is_flexible) if is_flexible]
        narrowest = [_NARROWEST] * len(widths)
        over = _shrink(widths, flexible, over, narrowest)
        _shrink(widths, range(len(widths)), over, narrowest)
    return widths


def _choose_columns(
    columns: tuple[Column, ...], natural: list[int], limit: int, empty: frozenset[int]
) -> list[int]:
    """Return the places of the columns that fit.

    Args:
        columns: the declared ones.
        natural: their widths, uncut.
        limit: width of the terminal.
        empty: places of those that have no value in any row, which need not be shown.
    """
    floors, whole = _floors(columns, natural), _whole_names(columns, natural)
    places = list(range(len(columns)))
    if _line_width(whole) > limit:  # what says nothing goes first
        places = [place for place in places if place not in empty]
    while _line_width([whole[place] for place in places]) > limit:
        low = [place for place in places if columns[place].priority >= _LOW_RANK]
        if not low:
            break
        places.remove(max(low, key=lambda place: (columns[place].priority, place)))
    while _line_width([floors[place] for place in places]) > limit:
        # Of equal columns, drop the rightmost first.
        least = max(places, key=lambda place: (columns[place].priority, place))
        if columns[least].priority == 0:
            break
        places.remove(least)
    return places


def _floors(columns: tuple[Column, ...], natural: list[int]) -> list[int]:
    """Return the width below which each column is not useful."""
    return [
        min(width, column.width or _COMFORT) if column.wide else width
        for column, width in zip(columns, natural, strict=True)
    ]


def _whole_names(columns: tuple[Column, ...], natural: list[int]) -> list[int]:
    """Return the width below which a column is not useful, or cuts a name of usual length."""
    floors = _floors(columns, natural)
    return [
        max(floor, min(width, _NAME)) if column.wide and not column.wraps else floor
        for column, floor, width in zip(columns, floors, natural, strict=True)
    ]


def _share_width(
    columns: tuple[Column, ...], natural: list[int], places: list[int], limit: int, *, is_first_part: bool
) -> list[int]:
    """Return a width for each column by its index; only those in `places` count."""
    widths = list(natural)
    wide = [place for place in places if columns[place].wide]
    over = _line_width([widths[place] for place in places]) - limit
    short = [
        place for place in wide if columns[place].wraps and (columns[place].width or _COMFORT) < _COMFORT
    ]
    over = _shrink(widths, short, over, _floors(columns, natural))
    over = _shrink(widths, wide, over, _whole_names(columns, natural))
    over = _shrink(widths, wide, over, _floors(columns, natural))
    over = _shrink(widths, wide, over, [_NARROWEST_WIDE] * len(widths))
    over = _shrink(widths, places, over, [_NARROWEST] * len(widths))
    if is_first_part:
        _grow(widths, wide, -over)
    return widths


def _line_width(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * (len(widths) - 1)


def _shrink(widths: list[int], places: Iterable[int], over: int, narrowest: Sequence[int]) -> int:
    """Shrink the widest of some columns, cell by cell; return the remaining excess (negative: free space).

    Args:
        widths: of all columns; changed.
        places: the columns that may shrink.
        over: how much too wide the line is.
        narrowest: the width of each column below which it does not shrink.
    """
    candidates = list(places)
    while over > 0 and (left := [place for place in candidates if widths[place] > narrowest[place]]):
        widths[max(left, key=lambda place: widths[place])] -= 1
        over -= 1
    return over


def _grow(widths: list[int], places: list[int], room: int) -> None:
    while room > 0 and places:
        narrowest = min(places, key=lambda place: widths[place])
        if widths[narrowest] >= _ROOMY:
            break
        widths[narrowest] += 1
        room -= 1


def cut_text(text: str, width: int) -> str:
    """Cut a text that is wider than its place, and end it with `…`."""
    from rich.cells import set_cell_size

    if cells_of(text) <= width:
        return text
    return set_cell_size(text, width - 1) + "…"


def shorten(text: str, width: int) -> str:
    """Shorten a name that is wider than its place in its middle, as names often differ at their end."""
    from rich.cells import set_cell_size

    if cells_of(text) <= width or width < _SHORTENED:
        return cut_text(text, width)
    at_end = width // 3
    end = next(text[place:] for place in range(len(text)) if cells_of(text[place:]) <= at_end)
    return f"{set_cell_size(text, width - cells_of(end) - 1).rstrip()}…{end.lstrip()}"


def cells_of(text: str) -> int:
    """Return how many cells of a terminal a text takes."""
    from rich.cells import cell_len

    return cell_len(text)
