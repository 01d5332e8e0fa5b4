"""Draws what a terminal showed as SVG, each character in the cell where the terminal has it.

A page that shows such a picture has whatever monospace font the reader's computer has, and none at all for some
scripts. So nothing depends on a font's widths: every narrow character has a place of its own, a wide one is fitted
into its two cells, and a run that is written from right to left is fitted as a whole, so that its letters still join.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from rich.cells import cell_len
from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from rich.text import Text

CELL, LINE, FONT, MARGIN, BAR = 10, 22, 16.6, 14, 34
THEME = TerminalTheme(
    (24, 26, 32), (220, 223, 228),
    [(24, 26, 32), (224, 108, 117), (152, 195, 121), (229, 192, 123),
     (97, 175, 239), (198, 120, 221), (86, 182, 194), (220, 223, 228)],
)  # fmt: skip
_RIGHT_TO_LEFT = {"R", "AL", "AN"}


@dataclass(frozen=True)
class Piece:
    """Characters that are placed together: their first cell, how many cells they take, and how they look."""

    text: str
    column: int
    cells: int
    style: Style
    kind: str  # "narrow", "wide" or "right-to-left"


def draw(shown: str, width: int) -> str:
    """Return the SVG of text with a terminal's colours, as a window of that many columns."""
    lines = [list(pieces(line)) for line in Text.from_ansi(shown.rstrip("\n")).split("\n")]
    full = (width * CELL + 2 * MARGIN, len(lines) * LINE + BAR + MARGIN)
    dots = "".join(
        f'<circle cx="{20 + 20 * place}" cy="17" r="6" fill="{colour}"/>'
        for place, colour in enumerate(("#ff5f57", "#febc2e", "#28c840"))
    )
    rows = "\n".join(
        _element(piece, BAR + LINE * number + LINE - 6) for number, line in enumerate(lines) for piece in line
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {full[0]} {full[1]}" font-size="{FONT}"'
        ' font-family="ui-monospace, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" xml:space="preserve">\n'
        f'<rect width="{full[0]}" height="{full[1]}" rx="8" fill="{THEME.background_color.hex}"/>{dots}\n'
        f"{rows}\n</svg>\n"
    )


def pieces(line: Text) -> Iterator[Piece]:
    """Yield the pieces of one line; blanks take their cells and are not drawn."""
    column = 0
    for segment in line.render(Console(force_terminal=True)):
        for kind, text in _runs(segment.text):
            cells = cell_len(text)
            if kind != "blank" and cells:
                yield Piece(text, column, cells, segment.style or Style(), kind)
            column += cells


def _runs(text: str) -> Iterator[tuple[str, str]]:
    """Yield text in runs of one kind; a mark joins the character before it, blanks inside right-to-left join it."""
    run, kind = "", ""
    for place, character in enumerate(text):
        this = _kind(character, kind, text[place + 1 :])
        if run and (this != kind or (this == "wide" and cell_len(character))):
            yield kind, run
            run = ""
        run, kind = run + character, this
    if run:
        yield kind, run


def _kind(character: str, before: str, after: str) -> str:
    if not cell_len(character):
        return before
    if unicodedata.bidirectional(character) in _RIGHT_TO_LEFT:
        return "right-to-left"
    if character == " ":
        joined = before == "right-to-left" and unicodedata.bidirectional(after[:1] or " ") in _RIGHT_TO_LEFT
        return "right-to-left" if joined else "blank"
    return "wide" if cell_len(character) == 2 else "narrow"


def _element(piece: Piece, y: int) -> str:
    left, length = MARGIN + piece.column * CELL, piece.cells * CELL
    fitted = f' textLength="{length}" lengthAdjust="spacingAndGlyphs"'
    look = _look(piece.style)
    if piece.kind == "right-to-left":
        return f'<text x="{left + length}" y="{y}" direction="rtl"{fitted}{look}>{escape(piece.text)}</text>'
    if piece.kind == "wide" or len(piece.text) != piece.cells:
        return f'<text x="{left}" y="{y}"{fitted}{look}>{escape(piece.text)}</text>'
    places = " ".join(str(left + CELL * cell) for cell in range(piece.cells))
    return f'<text x="{places}" y="{y}"{look}>{escape(piece.text)}</text>'


def _look(style: Style) -> str:
    colour = (style.color or Color.default()).get_truecolor(THEME)
    attributes = f' fill="{colour.hex}"'
    if style.bold:
        attributes += ' font-weight="bold"'
    if style.dim:
        attributes += ' opacity="0.6"'
    if style.underline:
        attributes += ' text-decoration="underline"'
    return attributes
