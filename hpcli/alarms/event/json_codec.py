"""JSON of alarms, by a compiled library if possible: every message is read and written more than once.

Python's own module handles what the library refuses: lone surrogates, control characters and deep nesting; NaN when
reading, and numbers beyond 64 bits when writing. It accepts more, and its errors say what is wrong. The library reads
numbers beyond 64 bits as floats, and writes NaN and infinities as null.
"""

from __future__ import annotations

import json
from typing import Any, Final

import orjson

from hpcli.parse import is_deeper

DEEPEST: Final = 920
"""Levels that Python's own module may read or write. It ends by itself near 950 in Python 3.11, near 10,000 in 3.13,
and an event must not look, nor its fingerprint be, another one on another Python."""

_slow_encode: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), check_circular=False
).encode
_slow_decode: Final = json.JSONDecoder(strict=False).raw_decode


def encode_slowly(value: Any) -> str:
    """Write what the library refuses as compact JSON with readable characters.

    Raises:
        RecursionError: deeper than the encoder goes.
        ValueError: NaN or an infinity.
    """
    _check_depth(value)
    return _slow_encode(value)


def encode_sorted(value: Any) -> str:
    """Write compact JSON that is equal for equal values, whatever the order of their keys.

    Raises:
        RecursionError: deeper than the encoder goes.
        TypeError, ValueError: keys that do not sort.
    """
    text = _quick_sorted(value)
    if text is None:
        _check_depth(value)
    elif "null" not in text:  # it might be NaN, which is not equal to null
        return text
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)


def _quick_sorted(value: Any) -> str | None:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:
        return None


def decode(text: str) -> tuple[Any, int]:
    """Return the value at the start of a text, which has no blanks before it, and where it ends.

    Raises:
        ValueError: broken (`json.JSONDecodeError`), or a number that is too long.
        RecursionError: nested too deep.
    """
    try:
        return orjson.loads(text), len(text)
    except ValueError:
        value, end = _slow_decode(text)
        _check_depth(value)
        return value, end


def _check_depth(value: Any) -> None:
    if is_deeper(value, DEEPEST):
        raise RecursionError
