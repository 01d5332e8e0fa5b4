"""JSON that loses nothing and is harmless on every terminal: what the journal stores and ndjson prints."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import orjson

from hpcli.alarms.event.json_codec import encode_slowly

# Unescaped in a JSON string, a terminal would obey these, or they would split lines or have no encoding. Outside of
# strings JSON has none of them. As an escape each is the same value for every parser.
_UNSAFE = re.compile(r"[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_PLAIN: Final = bytes(range(0x7F))
"""What no terminal obeys, inside JSON; the characters that are left of a text in UTF-8 without it are whole."""

_DOT: Final = "·".encode()
"""What separates the parts of an event's text; most texts have nothing else beyond ASCII."""

_SURROGATE_ESCAPE: Final = r"\ud"

_NOTHING: Final = object()


def safe_json(value: Any) -> str:
    """Write JSON with every character that a terminal might obey as an escape."""
    try:
        data = orjson.dumps(value)
    except TypeError:
        return _slow_json(value)
    text = data.decode()
    if "\x7f" not in text and (text.isascii() or data.replace(_DOT, b"").isascii()):
        return text
    others = data.translate(None, _PLAIN)  # a few characters are looked at in a third of the time
    return text if others.decode().isprintable() else _escaped(text)


def _slow_json(value: Any) -> str:
    """Write what the library refuses as `safe_json` does."""
    try:
        return _escaped(_valid_json(value))
    except RecursionError:
        # Too deep for the encoder: write the inner values as JSON text in a string, as alarmData may be anyway.
        return safe_json({key: _deep_json(inner) for key, inner in value.items()})


def _valid_json(value: Any) -> str:
    try:
        return encode_slowly(value)
    except ValueError:  # JSON has neither NaN nor infinities
        from hpcli.output.json_text import json_text

        return json_text(value)


def _escaped(text: str) -> str:
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def quoted(text: str | None) -> str:
    """Write a text as `safe_json` does, but faster for a plain word."""
    if text is None:
        return "null"
    return f'"{text}"' if text.isalnum() and text.isascii() else safe_json(text)


def without_surrogates(line: str) -> str:
    """Return a line of JSON with lone surrogates replaced: they have no encoding, and some parsers refuse them."""
    if line.rfind(_SURROGATE_ESCAPE) < 0:  # searching from the end is faster
        return line
    from hpcli.output.json_text import json_line

    return json_line(json.loads(line)) + "\n"


def _deep_json(value: Any) -> Any:
    """Return an object or a list as JSON text, at any depth, and any other value unchanged."""
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
