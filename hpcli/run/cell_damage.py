"""Cells that a spreadsheet has damaged: shortened numbers, the names of its errors, dates made of other things."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, Self

from hpcli.reference.data import read_rows

_SHORTENED: Final = re.compile(r"[+-]?\d(?:[.,]\d+E[+-]?|E[+-])\d{1,3}", re.IGNORECASE)
HINT: Final = "Format the column as text in the spreadsheet and type it again."


class DamagedCell(str):
    """A cell of a workbook that cannot be taken as it is.

    Attributes:
        damage: what is wrong with it.
    """

    __slots__ = ("damage",)
    damage: str

    def __new__(cls, text: str, damage: str) -> Self:
        """Make a cell of its text and what is wrong with it."""
        cell = super().__new__(cls, text)
        cell.damage = damage
        return cell


def damage_of(cell: str) -> str | None:
    """Return what a spreadsheet has done to a cell, None for nothing.

    A number that was shortened is not quoted: what is left of a code is still a secret.
    """
    if isinstance(cell, DamagedCell):
        return cell.damage
    if cell[:1] == "#" and cell.upper() in _errors():
        return f"{cell} is an error of the spreadsheet"
    if len(cell) > 1 and not cell.strip("#"):
        return "the column of the spreadsheet was too narrow, so that it wrote # signs"
    if _SHORTENED.fullmatch(cell):
        return "a number that the spreadsheet has shortened, as in 4,9E+11"
    return None


@cache
def _errors() -> frozenset[str]:
    return frozenset(row[0] for row in read_rows("spreadsheet_errors.tsv"))
