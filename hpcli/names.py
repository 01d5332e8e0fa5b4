"""Names as people write them: one name has several Unicode normal forms, and capitals that differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

Row = TypeVar("Row", bound=Mapping[str, Any])

_SITE_ID = 32
_UNDIVIDED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "\u0131": "i", "æ": "ae", "œ": "oe"})
"""Letters whose stroke is no character of its own in any normal form."""

_HEX = frozenset("0123456789abcdef")


def normal(name: str) -> str:
    """Return a name in the normal form NFC: macOS and some spreadsheets write `é` as two characters."""
    if name.isascii():
        return name
    import unicodedata  # most names do not need it

    return unicodedata.normalize("NFC", name)


def folded(name: str) -> str:
    """Return a name without its capitals, in its normal form."""
    return normal(normal(name).casefold())


def plain(name: str) -> str:
    """Return a name of a place without capitals and accents, to find it however it was typed (`Zürich`, `zurich`)."""
    if name.isascii():
        return name.casefold()
    import unicodedata

    letters = unicodedata.normalize("NFKD", name.casefold()).translate(_UNDIVIDED)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def is_site_id(text: str) -> bool:
    """Whether a text has the form of a site's id, so that it need not be looked up as a name."""
    return len(text) == _SITE_ID and not set(text) - _HEX


def spellings(name: str) -> tuple[str, ...]:
    """Return the forms in which a platform may keep a name: composed (NFC), and decomposed (NFD) if that differs."""
    composed = normal(name)
    if composed.isascii():
        return (composed,)
    import unicodedata

    return tuple(dict.fromkeys((composed, unicodedata.normalize("NFD", name))))


def named(rows: Iterable[Row], field: str, name: str) -> list[Row]:
    """Return the rows with a name, in any normal form; else the only row that has it in other capitals."""
    rows = list(rows)
    exact = [row for row in rows if normal(str(row.get(field) or "")) == normal(name)]
    if exact:
        return exact
    alike = [row for row in rows if folded(str(row.get(field) or "")) == folded(name)]
    return alike if len(alike) == 1 else []
