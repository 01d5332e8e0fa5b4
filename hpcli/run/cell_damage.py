"""Cells that a spreadsheet has damaged: shortened numbers, the names of its errors, dates made of other things."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple, Self

from hpcli.reference.data import read_rows

_SHORTENED: Final = re.compile(r"[+-]?\d(?:[.,]\d+E[+-]?|E[+-])\d{1,3}", re.IGNORECASE)
_RETYPE: Final = "Format the column as text in the spreadsheet and type it again."
_CORRECT: Final = "Correct its formula in the spreadsheet, or type the value."
_WIDEN: Final = "Make the column wider in the spreadsheet and save the file again."


class Damage(NamedTuple):
    """What is wrong with a cell.

    Attributes:
        words: what it is.
        hint: what to do about it.
    """

    words: str
    hint: str = _RETYPE


NOT_CALCULATED: Final = Damage(
    "a formula without a stored result",
    "Open the file in a spreadsheet program and save it there, or type the value.",
)


class DamagedCell(str):
    """A cell of a workbook that cannot be taken as it is; its text may be empty.

    Attributes:
        damage: what is wrong with it.
    """

    __slots__ = ("damage",)
    damage: Damage

    def __new__(cls, text: str, damage: Damage) -> Self:
        """Make a cell of its text and what is wrong with it."""
        cell = super().__new__(cls, text)
        cell.damage = damage
        return cell


def merged_cell(area: str) -> DamagedCell:
    """Return the cell that is a part of a merged one, but for its first: only that one has a value."""
    return DamagedCell(
        "", Damage(f"part of the merged cells {area}", "Unmerge the cells and fill in each of them.")
    )


def damage_of(cell: str) -> Damage | None:
    """Return what a spreadsheet has done to a cell, None for nothing.

    A number that was shortened is not quoted: what is left of a code is still a secret.
    """
    if isinstance(cell, DamagedCell):
        return cell.damage
    if cell[:1] == "#" and cell.upper() in _errors():
        return Damage(f"{cell} is an error of the spreadsheet", _CORRECT)
    if len(cell) > 1 and not cell.strip("#"):
        return Damage("the column of the spreadsheet was too narrow, so that it wrote # signs", _WIDEN)
    if _SHORTENED.fullmatch(cell):
        return Damage("a number that the spreadsheet has shortened, as in 4,9E+11")
    return None


@cache
def _errors() -> frozenset[str]:
    return frozenset(row[0] for row in read_rows("spreadsheet_errors.tsv"))
