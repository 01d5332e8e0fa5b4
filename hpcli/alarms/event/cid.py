"""What CID codes mean.

`CIDEvent.code` is Hikvision's own catalogue, not Ademco Contact ID: a zone alarm is 1103 where the
standard says 1130 (field notes). `reference/cid.tsv` lists that catalogue with the standard's codes
beside it, `reference/contact_id.tsv` the standard, for panels that send `standardCode`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from hpcli.reference.categories import OTHER, Category, find_category
from hpcli.reference.data import read_rows

QUALIFIERS: Final = {1: "new", 3: "restore", 6: "status"}
"""First digit of a code: new event or opening, restore or closing, condition still present."""

_STANDARD_QUALIFIERS: Final = {"E": 1, "R": 3, "P": 6}
"""How receivers write a qualifier: E130 is 1130, R130 is 3130."""

_VENDORS_KIND: Final = "CID (Hikvision's list: what `code` of an event holds)"
_OWN_KIND: Final = "CID (your own table, cid.toml)"
_STANDARDS_KIND: Final = "CID (Ademco Contact ID: what `standardCode` of an event holds)"

_HINTS: Final = {
    "sure": "",
    "likely": "From the vendor's list for receivers; not seen confirmed by a panel.",
    "guess": "Hikvision's list lacks this code; this is what Contact ID means by the number.",
}


@dataclass(frozen=True, slots=True)
class CidCode:
    """What a CID code means.

    Attributes:
        code: the code in Hikvision's catalogue, four digits.
        standard: the Contact ID code, four digits, or None where the standard has none or it is not known.
        meaning: in words.
        category: with its priority.
        sure: `sure`, `likely` or `guess`; a guess says what the standard means by the number.
    """

    code: int
    standard: int | None
    meaning: str
    category: Category
    sure: str

    @property
    def qualifier(self) -> str | None:
        """Return new, restore or status."""
        return QUALIFIERS.get(self.code // 1000)


@dataclass(frozen=True, slots=True)
class CidExplanation:
    """One reading of a CID code: whose list it is from, what it means, how far to trust it."""

    kind: str
    name: str
    meaning: str
    hint: str


@dataclass(frozen=True, slots=True)
class _StandardEvent:
    meaning: str
    restored: str
    category: Category


def _category(kind: str, event: str) -> Category:
    return find_category(kind, event) or OTHER


@lru_cache(maxsize=1)
def cid_codes() -> dict[int, CidCode]:
    """Return Hikvision's catalogue by code."""
    return {
        int(code): CidCode(
            int(code), int(standard) if standard else None, meaning, _category("cid", code[-3:]), sure
        )
        for code, standard, meaning, sure in read_rows("cid.tsv")
    }


@lru_cache(maxsize=1)
def _standard_events() -> dict[int, _StandardEvent]:
    return {
        int(event): _StandardEvent(meaning, restored, _category("contact-id", event))
        for event, meaning, restored in read_rows("contact_id.tsv")
    }


class CidCodes:
    """What CID codes mean: the catalogue with a user's own table over it.

    Args:
        own: the user's meanings by code, of four digits.
    """

    def __init__(self, own: Mapping[int, CidCode] | None = None) -> None:
        self.own: Final = dict(own or {})
        self.find: Final = lru_cache(maxsize=4096)(self._find)

    def all(self) -> list[CidCode]:
        """Return every code of the catalogue and of the user's own table, in order."""
        return [code for _, code in sorted((cid_codes() | self.own).items())]

    def _find(self, code: int) -> CidCode | None:
        """Return what a code means; None if neither of the tables nor the standard has it.

        Args:
            code: four digits as sent (1103, 3103, 6103), or the three of the event, taken as new.
        """
        if 100 <= code <= 999:
            code += 1000
        return self.own.get(code) or cid_codes().get(code) or _derived_code(code)


CATALOGUE: Final = CidCodes()
"""What codes mean without a table of the user's own."""


def _derived_code(code: int) -> CidCode | None:
    """Return what the catalogue's entry for the opening means for a code, else what the standard has."""
    qualifier, event = divmod(code, 1000)
    if qualifier not in QUALIFIERS:
        return None
    opening = cid_codes().get(1000 + event)
    if opening is not None:
        standard = None if opening.standard is None else opening.standard % 1000 + qualifier * 1000
        return replace(
            opening, code=code, standard=standard, meaning=_qualified(opening.meaning, "", qualifier)
        )
    known = _standard_events().get(event)
    if known is None:
        return None
    return CidCode(code, None, _qualified(known.meaning, known.restored, qualifier), known.category, "guess")


def find_standard_code(code: int) -> CidCode | None:
    """Return what a four-digit code of the Ademco standard means; None if the standard has none such."""
    known = _standard_events().get(code % 1000)
    if known is None or code // 1000 not in QUALIFIERS:
        return None
    return CidCode(
        code, code, _qualified(known.meaning, known.restored, code // 1000), known.category, "sure"
    )


def find_standard_group(code: int) -> CidCode | None:
    """Return what a four-digit code that the standard lacks is about, by the group it lies in."""
    category = find_category("contact-id-group", str(code % 1000)[:2])
    if category is None or code // 1000 not in QUALIFIERS or code % 1000 < 100:
        return None
    return CidCode(code, code, f"Contact ID code {code}", category, "likely")


def _qualified(meaning: str, restored: str, qualifier: int) -> str:
    if qualifier == 3:
        return restored or f"{meaning} (restored)"
    return f"{meaning} (still present)" if qualifier == 6 else meaning


def standard_code_of(text: str, qualifier: int | None = None) -> int | None:
    """Return the four digits of a Contact ID code: `1130`, `E130`, or `130` with the qualifier from elsewhere."""
    letter = _STANDARD_QUALIFIERS.get(text[:1].upper())
    digits = text[1:] if letter else text
    if not digits.isascii() or not digits.isdigit() or len(digits) > 4:
        return None
    number = int(digits)
    if 100 <= number <= 999 and (letter or qualifier in QUALIFIERS):
        return (letter or qualifier or 0) * 1000 + number
    return number if 1000 <= number <= 9999 and not letter else None


def explain_cid(text: str, codes: CidCodes = CATALOGUE) -> list[CidExplanation]:
    """Return what a CID code means, in Hikvision's list and in Contact ID where that differs.

    Args:
        text: `1103`, the event alone (`103`), or a Contact ID code as receivers write it (`E130`).
        codes: what codes mean.
    """
    word = text.strip()
    if word.isdecimal() and not 3 <= len(word) <= 4:
        return []
    found = []
    listed = codes.find(int(word)) if word.isascii() and word.isdecimal() else None
    if listed is not None and listed.sure != "guess":
        beside = f" (Contact ID {listed.standard})" if listed.standard else ""
        kind = _OWN_KIND if listed.code in codes.own else _VENDORS_KIND
        found.append(CidExplanation(kind, f"CID {listed.code}{beside}", listed.meaning, _HINTS[listed.sure]))
    number = standard_code_of(word, qualifier=1)
    standard = None if number is None else find_standard_code(number)
    if standard is not None and (
        listed is None or listed.sure == "guess" or listed.standard != standard.code
    ):
        hint = _HINTS["guess"] if listed is not None and not found else ""
        found.append(CidExplanation(_STANDARDS_KIND, f"Contact ID {standard.code}", standard.meaning, hint))
    return found
