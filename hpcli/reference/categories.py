"""The categories of alarms and their priorities: one reviewable table, `categories.tsv`, for all lists of codes."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from hpcli.reference.data import read_rows

PRIORITIES: Final = ("critical", "high", "normal", "low")

PRIORITY_OF: Final = {
    "panic": "critical", "fire": "critical", "medical": "critical", "burglary": "critical",
    "technical": "high", "tamper": "high", "video": "normal", "fault": "normal",
    "access": "low", "open-close": "low", "bypass": "low", "test": "low",
    "device": "normal", "call": "normal", "other": "normal",
}  # fmt: skip
"""Priority of what is new, by its category; the table names the exceptions."""

CATEGORIES: Final = tuple(PRIORITY_OF)


class Category(NamedTuple):
    """A category, and the priority of a new event of it."""

    name: str
    priority: str


def category_of(name: str, priority: str = "") -> Category:
    """Return a category with its priority, or with another one."""
    return Category(name, priority or PRIORITY_OF[name])


OTHER: Final = category_of("other")


@lru_cache(maxsize=1)
def _table() -> dict[tuple[str, str], Category]:
    return {
        (kind, code): category_of(category, priority)
        for kind, codes, category, priority, _ in read_rows("categories.tsv")
        for code in _expanded(codes)
    }


def _expanded(codes: str) -> list[str]:
    """Return the codes of `5/1-3,7` one by one: 5/1, 5/2, 5/3, 5/7."""
    major, slash, numbers = codes.rpartition("/")
    found = []
    for part in numbers.split(","):
        first, _, last = part.partition("-")
        if last and first.isdecimal():
            found += [f"{major}{slash}{number}" for number in range(int(first), int(last) + 1)]
        else:
            found.append(f"{major}{slash}{part}")
    return found


def find_category(kind: str, code: str) -> Category | None:
    """Return the category of a code, None where the table has none.

    Args:
        kind: `cid` (Hikvision's codes), `contact-id`, `type` or `access`.
        code: the last three digits, the type in its canonical spelling, or `major/minor`.
    """
    return _table().get((kind, code))
