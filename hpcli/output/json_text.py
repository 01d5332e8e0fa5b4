"""JSON that is valid for every reader and harmless on every terminal."""

import json
import math
import re
from typing import Any

from hpcli.output.text import replace_surrogates

# JSON lets these stand raw in strings, terminals and line readers do not; elsewhere JSON has none of them.
_UNSAFE = re.compile(r"[\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def json_text(value: Any, *, indent: int | None = None) -> str:
    r"""Write a value as JSON.

    Characters stay readable; controls a terminal would obey become `\uNNNN` (the same value for every
    parser), lone surrogates U+FFFD, and numbers JSON has no word for (NaN, infinities) null.
    """
    separators = (",", ":") if indent is None else (",", ": ")
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators)
    except ValueError:
        finite = _without_nan(value)
        text = json.dumps(finite, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", replace_surrogates(text))


def json_line(value: Any) -> str:
    """Write a value as one compact line, without its line end."""
    return json_text(value)


def _without_nan(value: Any) -> Any:
    match value:
        case float() if not math.isfinite(value):
            return None
        case dict():
            return {key: _without_nan(item) for key, item in value.items()}
        case list() | tuple():
            return [_without_nan(item) for item in value]
        case _:
            return value
