"""Make text from devices and users safe to print."""

import re

# C0, DEL, C1, line and paragraph separators, direction marks, and characters without a width: terminals interpret them,
# line readers split at them, or they disguise text. Lone surrogates cannot be encoded.
_UNSAFE = (
    r"[\x00-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\U000e0000-\U000e007f\ud800-\udfff]"
)
_SURROGATE = r"[\ud800-\udfff]"
_NAMED = {"\t": r"\t", "\n": r"\n"}
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})


def escape_controls(text: str, *, keep: str = "") -> str:
    r"""Show control characters as `\t`, `\n`, `\xNN`, and other invisible commands as `\uNNNN`.

    Args:
        text: text from a device, the platform or a user.
        keep: characters that stay unchanged.
    """
    if text.isprintable():
        return text
    return re.sub(_UNSAFE, lambda found: found[0] if found[0] in keep else _escape(found[0]), text)


def _escape(character: str) -> str:
    code = ord(character)
    if code >= 0x10000:
        return f"\\U{code:08x}"
    return _NAMED.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def break_lines(text: str, width: int) -> str:
    """Return a text with line breaks between words, as no line may be wider than a terminal; long words stay whole."""
    if text.isascii() and len(text) <= width:
        return text
    lines: list[str] = []
    room = 0
    for word in text.split(" "):
        needed = cells_of(word)
        if lines and needed + 1 <= room:
            lines[-1] += f" {word}"
            room -= needed + 1
        else:
            lines.append(word)
            room = width - needed
    return "\n".join(lines)


def cells_of(text: str) -> int:
    """Return how many columns a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def replace_surrogates(text: str) -> str:
    """Replace lone surrogates, which cannot be encoded, by U+FFFD."""
    return re.sub(_SURROGATE, "\ufffd", text)


def isolate_right_to_left(text: str) -> str:
    """Isolate right-to-left text, else a terminal that reorders text mixes digits and blanks around it into it."""
    return f"\u2068{text}\u2069" if has_right_to_left(text) else text  # the marks have no width


def has_right_to_left(text: str) -> bool:
    """Whether a terminal with bidirectional text would reorder this."""
    if text.isascii():
        return False
    from unicodedata import bidirectional

    return any(bidirectional(character) in _RIGHT_TO_LEFT for character in set(text))
