"""Checks of arguments before anything is sent: each error names the argument and the limit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TypeVar

from hpcli.errors import UsageError
from hpcli.parse import parse_serial

Item = TypeVar("Item")


def check_length(name: str, text: str, least: int, most: int | None = None) -> str:
    """Return the text where it has `least` characters at least, and `most` at most.

    Raises:
        UsageError: it is shorter or longer.
    """
    if len(text.strip()) < least:
        raise UsageError(f"The {name} is empty." if not text.strip() else f"The {name} is too short.")
    if most is not None and len(text) > most:
        raise UsageError(f"The {name} has {len(text)} characters; at most {most} are allowed.")
    return text


def check_range(name: str, number: int, least: int, most: int | None = None) -> int:
    """Return the number where it is `least` at least, and `most` at most.

    Raises:
        UsageError: it is smaller or greater.
    """
    if number < least or (most is not None and number > most):
        limits = f"from {least} to {most}" if most is not None else f"{least} or more"
        raise UsageError(f"The {name} is {number}; it must be {limits}.")
    return number


def check_count(name: str, items: Sequence[Item], most: int | None = None) -> Sequence[Item]:
    """Return the items where there is one at least, and `most` at most.

    Raises:
        UsageError: there is none, or there are more.
    """
    if not items:
        raise UsageError(f"No {name} was given.")
    if most is not None and len(items) > most:
        raise UsageError(f"{len(items)} {name}s were given; at most {most} are allowed in one call.")
    return items


def check_serials(serials: Iterable[str], most: int = 200) -> list[str]:
    """Return the serials, each once.

    Raises:
        UsageError: there is none, one is malformed, or there are more than `most`.
    """
    return list(check_count("serial", list(dict.fromkeys(parse_serial(serial) for serial in serials)), most))


def check_unique(name: str, items: Sequence[str]) -> Sequence[str]:
    """Return the items where none of them is there twice.

    Raises:
        UsageError: one is.
    """
    seen: set[str] = set()
    for item in items:
        if item in seen:
            raise UsageError(f"The {name} {item} is given twice.")
        seen.add(item)
    return items


def check_pattern(name: str, text: str, pattern: str, words: str) -> str:
    """Return the text where all of it fits the pattern; `words` says what would.

    Raises:
        UsageError: it does not.
    """
    if not re.fullmatch(pattern, text):
        raise UsageError(f"The {name} '{text[:60]}' is not allowed.", hint=f"It must be {words}.")
    return text
