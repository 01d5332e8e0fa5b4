"""JSON nested deeper than the parser goes: its inner values as texts, so that nothing around them is lost."""

import json
import re
from typing import Final

_DEEPEST: Final = 64
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


def quote_deep_values(text: str) -> str:
    """Return JSON with each object or list below the 64th level as a string of its text; broken JSON stays broken."""
    pieces: list[str] = []
    depth = start = done = 0
    for token in _TOKEN.finditer(text):
        sign = token[0]
        if sign in "[{":
            depth += 1
            if depth == _DEEPEST + 1:
                start = token.start()
                pieces.append(text[done:start])
                done = start
        elif sign in "]}":
            depth -= 1
            if depth == _DEEPEST:
                done = token.end()
                pieces.append(json.dumps(text[start:done]))
    return "".join((*pieces, text[done:]))
