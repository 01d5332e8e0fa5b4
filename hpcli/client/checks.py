"""Checks of arguments before anything is sent: each error names the argument and the limit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from hpcli.errors import UsageError
from hpcli.values import parse_serial

Item = TypeVar("Item")


def check_length(name: str, text: str, least: int, most: int) -> str:
    """Return the text where it has between `least` and `most` characters.

    Raises:
        UsageError: it is shorter or longer.
    """
    if len(text.strip()) < least:
        raise UsageError(f"The {name} is empty." if not text.strip() else f"The {name} is too short.")
    if len(text) > most:
        raise UsageError(f"The {name} has {len(text)} characters; at most {most} are allowed.")
    return text


def check_range(name: str, number: int, least: int, most: int) -> int:
    """Return the number where it lies between `least` and `most`.

    Raises:
        UsageError: it does not.
    """
    if not least <= number <= most:
        raise UsageError(f"The {name} is {number}; it must be from {least} to {most}.")
    return number


def check_count(name: str, items: Sequence[Item], most: int, least: int = 1) -> Sequence[Item]:
    """Return the items where there are between `least` and `most` of them.

    Raises:
        UsageError: there are fewer or more.
    """
    if len(items) < least:
        raise UsageError(f"No {name} was given." if least == 1 else f"At least {least} {name}s are needed.")
    if len(items) > most:
        raise UsageError(f"{len(items)} {name}s were given; at most {most} are allowed in one call.")
    return items


def check_serials(serials: Iterable[str], most: int = 200) -> list[str]:
    """Return the serials, each once.

    Raises:
        UsageError: there is none, one is malformed, or there are more than `most`.
    """
    return list(check_count("serial", list(dict.fromkeys(parse_serial(serial) for serial in serials)), most))
