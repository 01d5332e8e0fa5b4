"""The user's own meanings of CID codes: `cid.toml` in the config directory, which counts more than our table.

[1759]                       # a code, or the last three digits for new and restored alike
meaning = "Cellar door"
category = "burglary"
priority = "critical"        # of what is new; without it that of the category
standard = 1131              # the Contact ID code
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from hpcli.alarms.event.cid import CATALOGUE, CidCode, CidCodes
from hpcli.errors import UsageError
from hpcli.reference.categories import CATEGORIES, PRIORITIES, category_of

FILE: Final = "cid.toml"
_KEYS: Final = ("meaning", "category", "priority", "standard")


def read_codes(folder: Path) -> CidCodes:
    """Return what codes mean, with the user's own table in a folder over the catalogue if there is one.

    Raises:
        UsageError: the file cannot be read, or holds something else; the error names the entry.
    """
    return CidCodes(_read(folder / FILE))


def _read(path: Path) -> dict[int, CidCode]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from error
    import tomllib

    try:
        table = tomllib.loads(text)
    except ValueError as error:
        raise UsageError(f"{path} cannot be read: {error}.", hint="It is a TOML file.") from error
    found: dict[int, CidCode] = {}
    for key, entry in table.items():
        code = _code_of(path, key, entry)
        if code.code < 1000:
            found |= {digit * 1000 + code.code: _qualified(code, digit) for digit in (1, 3, 6)}
        else:
            found[code.code] = code
    return found


def _code_of(path: Path, key: str, entry: Any) -> CidCode:
    fields = {"category": entry} if isinstance(entry, str) else entry
    is_code = key.isascii() and key.isdecimal() and len(key) in (3, 4)
    if not is_code or not isinstance(fields, dict) or set(fields) - set(_KEYS):
        raise UsageError(f"{path}: [{key}] is not an entry.", hint=f"A code with: {', '.join(_KEYS)}.")
    ours = CATALOGUE.find(int(key))
    category = fields.get("category", ours.category.name if ours else "other")
    priority = fields.get("priority", "")
    if category not in CATEGORIES or priority not in ("", *PRIORITIES):
        raise UsageError(
            f"{path}: [{key}] has a category or priority that does not exist.",
            hint=f"Categories: {', '.join(CATEGORIES)}; priorities: {', '.join(PRIORITIES)}.",
        )
    standard = fields.get("standard", ours.standard if ours else None)
    if not isinstance(standard, int | None):
        raise UsageError(f"{path}: [{key}] standard is not a number.")
    meaning = str(fields.get("meaning") or (ours.meaning if ours else f"CID code {key}"))
    return CidCode(int(key), standard, meaning, category_of(category, priority), "sure")


def _qualified(code: CidCode, digit: int) -> CidCode:
    ends = {1: "", 3: " (restored)", 6: " (still present)"}
    standard = None if code.standard is None else code.standard % 1000 + digit * 1000
    return CidCode(digit * 1000 + code.code, standard, code.meaning + ends[digit], code.category, "sure")
