"""Write JSON that is valid for every parser and harmless on every terminal."""

import json
import math
import re
from functools import cache
from typing import Any

from hpcli.output.text import replace_surrogates

# JSON allows these raw in strings, but terminals and line readers interpret them. Outside strings they cannot occur.
_UNSAFE = r"[\x7f-\x9f\u2028-\u202e\u2066-\u2069]"


def json_text(value: Any, *, indent: int | None = None) -> str:
    r"""Write a value as JSON.

    Characters stay readable. Control characters become `\uNNNN` (the same value for every parser), lone surrogates
    U+FFFD, and numbers that JSON cannot express (NaN, infinities) null.
    """
    encoder = _encoder(indent)
    try:
        text = encoder.encode(value)
    except ValueError:
        text = encoder.encode(_without_nan(value))
    if (text.isascii() and "\x7f" not in text) or text.isprintable():  # so are most texts on one line
        return text
    return re.sub(_UNSAFE, lambda found: f"\\u{ord(found[0]):04x}", replace_surrogates(text))


@cache
def _encoder(indent: int | None) -> json.JSONEncoder:
    """Return an encoder; making one for each row of a long list would take as long as the row."""
    separators = (",", ":") if indent is None else (",", ": ")
    return json.JSONEncoder(ensure_ascii=False, allow_nan=False, indent=indent, separators=separators)


def json_line(value: Any) -> str:
    """Write a value as one compact line, without a line end."""
    return json_text(value)


def _without_nan(value: Any) -> Any:
    """Return a copy with null for NaN and infinities, without recursion, which would fail for deep data."""
    whole = [value]
    pending: list[Any] = [whole]
    while pending:
        current = pending.pop()
        for key, item in current.items() if isinstance(current, dict) else enumerate(current):
            if isinstance(item, float) and not math.isfinite(item):
                current[key] = None
            elif isinstance(item, dict):
                current[key] = dict(item)
                pending.append(current[key])
            elif isinstance(item, list | tuple):
                current[key] = list(item)
                pending.append(current[key])
    return whole[0]
