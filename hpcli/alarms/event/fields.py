"""Fields of messages, which may have any type.

Devices send numbers as digits, digits as numbers, one object instead of a list and the other way
round (errata, general rules). A value that does not fit becomes None, never an exception.
"""

import json
from collections.abc import Iterator
from typing import Any

from hpcli.alarms.event.json_codec import DEEPEST
from hpcli.parse import is_deeper

_BLANKS = " \t\r\n"
_LONGEST_NUMBER = 18
_BEYOND = 10**_LONGEST_NUMBER
"""No number of a message is as large."""

_JSON = json.JSONDecoder(strict=False)


def text_of(value: object) -> str | None:
    """Return a string or number as text without outer blanks; None if empty or anything else."""
    if isinstance(value, str):
        return value.strip(_BLANKS) or None
    if value is None:  # what most messages do not have is asked for most often
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value) if abs(value) < _BEYOND else None
    return None if (only := _first_of(value)) is None else text_of(only)


def number_of(value: object) -> int | None:
    """Return a whole number, also from digits; None for anything else."""
    if type(value) is int:
        return value if -_BEYOND < value < _BEYOND else None
    if value is None:
        return None
    if isinstance(value, str):
        digits = value.strip(_BLANKS)
        unsigned = digits[1:] if digits[:1] in ("-", "+") else digits
        if unsigned.isascii() and unsigned.isdigit() and len(unsigned) <= _LONGEST_NUMBER:
            return int(digits)
    if isinstance(value, float) and value.is_integer() and abs(value) < _BEYOND:
        return int(value)
    return None if (only := _first_of(value)) is None else number_of(only)


def _first_of(value: object) -> object:
    """Return the first value of a list, which a field that XML repeats becomes; None for anything else."""
    first = value[0] if isinstance(value, list) and value else None
    return None if isinstance(first, list | dict) else first


def dict_of(value: object) -> dict[str, Any]:
    """Return an object, also the first one of a list or one written as JSON text; else an empty one."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return next((item for item in value if isinstance(item, dict)), {})
    if isinstance(value, str) and value.lstrip(_BLANKS)[:1] in ("{", "["):
        try:
            inner = _JSON.decode(value)
        except (ValueError, RecursionError):
            return {}
        return dict_of(inner) if isinstance(inner, dict | list) and not is_deeper(inner, DEEPEST) else {}
    return {}


def dicts_of(value: object) -> list[dict[str, Any]]:
    """Return the objects of a list; one object counts as a list of one."""
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def walk(value: object) -> Iterator[tuple[str, Any]]:
    """Yield (key, value) of every value at any depth, in document order; list items have the list's key."""
    pending: list[tuple[str, Any]] = [("", value)]
    while pending:
        key, current = pending.pop()
        yield key, current
        if isinstance(current, dict):
            pending.extend(reversed(current.items()))
        elif isinstance(current, list):
            pending.extend((key, item) for item in reversed(current))


def join_parts(*parts: str | None) -> str:
    """Return the parts that say something as one line: `Burglary alarm · Area 1 · Zone 3`."""
    return " · ".join(filter(None, parts))


def label(word: str, number: int | None, name: str | None) -> str | None:
    """Return `Zone 3 Kitchen`, `Zone 3`, `Zone Kitchen`, `Zone 3` for a zone called so; None for neither."""
    if number is None:
        return f"{word} {name}" if name else None
    numbered = f"{word} {number}"
    if not name:
        return numbered
    return name if name.casefold() == numbered.casefold() else f"{numbered} {name}"
