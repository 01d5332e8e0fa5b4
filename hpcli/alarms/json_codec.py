"""JSON of alarms, by a compiled library where it can: every message is read and written more than once.

What the library refuses (lone surrogates, NaN, control characters, numbers beyond 64 bits, deep nesting) goes the
way of Python's own module, which takes more and says what is wrong.
"""

from __future__ import annotations

import json
from typing import Any, Final

import orjson

_slow_encode: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), check_circular=False
).encode
_slow_decode: Final = json.JSONDecoder(strict=False).raw_decode


def encode(value: Any) -> str:
    """Write compact JSON with readable characters.

    Raises:
        RecursionError: deeper than the encoder goes.
        ValueError: a number that JSON has no word for, beside what the library refuses; alone it becomes null.
    """
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return _slow_encode(value)


def encode_sorted(value: Any) -> str:
    """Write compact JSON that is equal for equal values, whatever the order of their keys.

    Raises:
        RecursionError: deeper than the encoder goes.
        TypeError, ValueError: keys that do not sort.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)


def decode(text: str) -> tuple[Any, int]:
    """Return the value at the start of a text, and where it ends.

    Raises:
        ValueError: broken (`json.JSONDecodeError`), or a number that is too long.
        RecursionError: nested too deep.
    """
    try:
        return orjson.loads(text), len(text)
    except ValueError:
        return _slow_decode(text)
