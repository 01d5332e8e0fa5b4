"""JSON that loses nothing and is harmless on every terminal: what the journal stores and ndjson prints."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from hpcli.alarms.event.json_codec import encode

# Raw in JSON strings these would be obeyed by terminals, split lines, or have no encoding; elsewhere JSON has
# none of them. As an escape each is the same value for every parser.
_UNSAFE = re.compile(r"[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_SURROGATE_ESCAPE: Final = r"\ud"

_NOTHING: Final = object()


def safe_json(value: Any) -> str:
    """Write JSON with every character that a terminal might obey as an escape."""
    try:
        text = _compact_json(value)
    except RecursionError:
        # Deeper than the encoder goes: the inner values go as JSON text within a string, as alarmData may anyway.
        text = _compact_json({key: _deep_json(inner) for key, inner in value.items()})
    if (text.isascii() and "\x7f" not in text) or text.isprintable():
        return text
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def quoted(text: str | None) -> str:
    """Write a text as `safe_json` does, quickly where it is a plain word."""
    if text is None:
        return "null"
    return f'"{text}"' if text.isalnum() and text.isascii() else safe_json(text)


def without_surrogates(line: str) -> str:
    """Return a line of JSON with lone surrogates replaced: no encoding carries them, some parsers refuse them."""
    if line.rfind(_SURROGATE_ESCAPE) < 0:  # from the end the search is quicker
        return line
    from hpcli.output.json_text import json_line

    return json_line(json.loads(line)) + "\n"


def _compact_json(value: Any) -> str:
    try:
        return encode(value)
    except ValueError:  # NaN and infinities have no word in JSON
        from hpcli.output.json_text import json_text

        return json_text(value)


def _deep_json(value: Any) -> Any:
    """Return a value that is no object and no list as it is, others as JSON text, however deep they are."""
    if not isinstance(value, dict | list):
        return value
    pieces: list[str] = []
    pending: list[tuple[str, Any]] = [("", value)]
    while pending:
        before, current = pending.pop()
        pieces.append(before)
        if isinstance(current, dict):
            pieces.append("{")
            pending.append(("}", _NOTHING))
            items = [(f"{json.dumps(key)}:", inner) for key, inner in current.items()]
        elif isinstance(current, list):
            pieces.append("[")
            pending.append(("]", _NOTHING))
            items = [("", inner) for inner in current]
        else:
            pieces.append("" if current is _NOTHING else json.dumps(current))
            continue
        pending += [
            (f",{key}" if index else key, inner) for index, (key, inner) in reversed(list(enumerate(items)))
        ]
    return "".join(pieces)
