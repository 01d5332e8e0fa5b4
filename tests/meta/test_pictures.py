"""The pictures of the docs: where each character stands, whatever fonts the reader has."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.text import Text

from docs.generate.pictures import PICTURES
from docs.generate.terminal_svg import CELL, MARGIN, draw, pieces

ROOT = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"


def placed(line: str) -> list[tuple[str, int, int, str]]:
    """Return text, first cell, cells and kind of each piece of a line."""
    return [(piece.text, piece.column, piece.cells, piece.kind) for piece in pieces(Text(line))]


def test_a_wide_name_takes_two_cells_a_character() -> None:
    assert placed("東京 x") == [("東", 0, 2, "wide"), ("京", 2, 2, "wide"), ("x", 5, 1, "narrow")]


def test_a_name_written_from_right_to_left_is_one_piece() -> None:
    assert placed("a متجر النور  b") == [
        ("a", 0, 1, "narrow"), ("متجر النور", 2, 10, "right-to-left"), ("b", 14, 1, "narrow"),
    ]  # fmt: skip


def test_a_combining_mark_takes_no_cell() -> None:
    assert placed("Cafe\u0301 7") == [("Cafe\u0301", 0, 4, "narrow"), ("7", 5, 1, "narrow")]


def test_every_narrow_character_has_its_own_place() -> None:
    (text,) = ET.fromstring(draw("  ab", 10)).iter(f"{SVG}text")
    assert text.get("x") == f"{MARGIN + 2 * CELL} {MARGIN + 3 * CELL}"


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_needs_nothing_from_elsewhere(name: str) -> None:
    drawn = (ROOT / f"docs/pictures/{name}.svg").read_text(encoding="utf-8")
    assert "url(" not in drawn
    assert "href" not in drawn
    texts = list(ET.fromstring(drawn).iter(f"{SVG}text"))
    assert texts
    for text in texts:
        places = (text.get("x") or "").split()
        assert text.get("textLength") or len(places) == len(text.text or ""), text.text
