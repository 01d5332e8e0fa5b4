"""The user's own meanings of CID codes: `cid.toml` in the config directory, which counts more than our table.

[1759]                       # a code, or the last three digits for new and restored alike
meaning = "Cellar door"
category = "burglary"
priority = "critical"        # of what is new; without it that of the category
standard = 1131              # the Contact ID code
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from hpcli.alarms.event.cid import CATALOGUE, QUALIFIERS, CidCode, CidCodes
from hpcli.errors import UsageError
from hpcli.local.private_files import read_text_file, unreadable
from hpcli.reference.categories import CATEGORIES, PRIORITIES, category_of

FILE: Final = "cid.toml"
_DIGITS: Final = 4
_FIRST_CODE: Final = 1000
_CODE: Final = re.compile(r"[136]?[1-9]\d\d", re.ASCII)
_KEYS: Final = ("meaning", "category", "priority", "standard")


def read_codes(folder: Path) -> CidCodes:
    """Return what codes mean, with the user's own table in a folder over the catalogue if there is one.

    Raises:
        UsageError: the file cannot be read, or holds something else; the error names the entry.
    """
    return CidCodes(_read(folder / FILE))


def _read(path: Path) -> dict[int, CidCode]:
    try:
        text = read_text_file(path)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(unreadable(path, error)) from error
    import tomllib

    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} cannot be read: {error}.", hint="It is a TOML file.") from error
    codes = [_code_of(path, key, entry) for key, entry in table.items()]
    events = [code for code in codes if code.code < _FIRST_CODE]
    whole = {code.code: code for code in codes if code.code >= _FIRST_CODE}
    return {
        digit * 1000 + code.code: _qualified(code, digit) for code in events for digit in QUALIFIERS
    } | whole


def _code_of(path: Path, key: str, entry: Any) -> CidCode:
    fields = {"category": entry} if isinstance(entry, str) else entry
    if not _CODE.fullmatch(key):
        raise UsageError(
            f"{path}: [{key}] is not a CID code.",
            hint="A code has four digits, of which the first is 1, 3 or 6, or the last three of them.",
        )
    if not isinstance(fields, dict) or set(fields) - set(_KEYS):
        raise UsageError(f"{path}: [{key}] is not an entry.", hint=f"A code with: {', '.join(_KEYS)}.")
    ours = CATALOGUE.find(int(key))
    category = fields.get("category", ours.category.name if ours else "other")
    priority = fields.get("priority", "")
    if category not in CATEGORIES or priority not in ("", *PRIORITIES):
        raise UsageError(
            f"{path}: [{key}] has a category or priority that does not exist.",
            hint=f"Categories: {', '.join(CATEGORIES)}; priorities: {', '.join(PRIORITIES)}.",
        )
    meaning = fields.get("meaning", "")
    if not isinstance(meaning, str):
        raise UsageError(f"{path}: [{key}] has a meaning that is not text.")
    standard = ours.standard if ours else None
    if "standard" in fields:
        standard = _standard_of(path, key, fields["standard"])
    meaning = meaning.strip() or (ours.meaning if ours else f"CID code {key}")
    return CidCode(int(key), standard, meaning, category_of(category, priority), "sure")


def _standard_of(path: Path, key: str, given: object) -> int:
    """Return the Contact ID code of an entry; a code of four digits begins or ends as the entry does."""
    digits = "" if isinstance(given, bool) or not isinstance(given, int) else str(given)
    is_code = _CODE.fullmatch(digits) is not None
    if len(key) == _DIGITS and len(digits) == _DIGITS:
        is_code &= digits[0] == key[0]
    if not is_code:
        raise UsageError(
            f"{path}: [{key}] has a standard that is not its Contact ID code.",
            hint=f"Write a number such as {key[:-3] or '1'}131, which begins as the entry does.",
        )
    return int(digits) if len(digits) == _DIGITS else int(f"{key[:-3] or '1'}{digits}")


def _qualified(code: CidCode, digit: int) -> CidCode:
    ends = {1: "", 3: " (restored)", 6: " (still present)"}
    standard = None if code.standard is None else code.standard % 1000 + digit * 1000
    return CidCode(digit * 1000 + code.code, standard, code.meaning + ends[digit], code.category, "sure")
