"""Text that people hand over, as their editors and spreadsheets save it."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterator

from hpcli.errors import UsageError

_END_OF_FILE = re.compile("\x1a[\\s\0]*\\Z")
"""Ctrl-Z, which programs from the days of DOS write at the end."""
_INVISIBLE = "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
"""What stays around a text that is copied from a web page or a dialogue: zero-width and direction marks."""
BLANKS = f" \t\r\n\xa0\u2007\u202f\u3000{_INVISIBLE}"
"""What is taken off the ends of a cell or a line; other control characters are refused there too."""
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_FORMULA = frozenset("=+-@")
_QUOTED = re.compile('="((?:[^"]|"")*)"')
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_LATIN_SHARE = 0.2  # of the bytes; the headings and the separators at least
_UTF8_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


def decode_text(content: bytes, what: str, place: str) -> str:
    """Return a text in UTF-8 or, with its byte-order mark, UTF-16; without the mark.

    Args:
        content: the bytes.
        what: name of the text in messages.
        place: ` on stdin`, or ` (PATH)`.

    Raises:
        UsageError: it is in another encoding; the message does not quote it.
    """
    encoding = "utf-16" if content.startswith(_UTF16_MARKS) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        # `from None`: the decoder's error contains the content.
        raise UsageError(f"The {what}{place} is not {encoding.upper().removesuffix('-SIG')} text.") from None


def decode_lenient(content: bytes, what: str, place: str, info: Callable[[str], None]) -> str:
    """Return a text in UTF-8, UTF-16 or Windows-1252, in which Excel and many editors save.

    Args:
        content: the bytes.
        what: name of the text in messages.
        place: ` on stdin`, or ` (PATH)`.
        info: is told that a text was taken for Windows-1252, which no file says of itself.

    Raises:
        UsageError: it is a workbook, or in another encoding.
    """
    if content.startswith(_WORKBOOKS):
        kind = "an Excel workbook" if content.startswith(b"PK") else "an old or password-protected workbook"
        raise UsageError(
            f"The {what}{place} is {kind}, which cannot be read here.",
            hint='Save it as "CSV UTF-8" in Excel, and use that.',
        )
    bare = _utf16_without_mark(content)
    try:
        return decode_text(content, what, place) if bare is None else content.decode(bare)
    except (UsageError, UnicodeDecodeError):
        if bare is not None or content.startswith((*_UTF16_MARKS, codecs.BOM_UTF8)):
            raise _damaged(content, what, place) from None
    text = _as_windows_1252(content, what, place)
    info(
        f"The {what}{place} is not UTF-8 and was read as Windows-1252 (cp1252). "
        "Save it as UTF-8 if letters look wrong."
    )
    return text


def without_end_mark(text: str) -> str:
    """Return a text without Ctrl-Z at its end."""
    return _END_OF_FILE.sub("", text)


def without_apostrophe(cell: str) -> str:
    """Return a cell without what keeps a spreadsheet from taking it for a formula or a number: `'=x`, `="007"`."""
    quoted = _QUOTED.fullmatch(cell)
    if quoted is not None:
        return quoted[1].replace('""', '"').strip(BLANKS)
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _FORMULA else cell


def read_lines(text: str, what: str) -> Iterator[tuple[int, str]]:
    """Yield number and stripped text of each line; lines end with CR, LF or both.

    Raises:
        UsageError: a line has a control character.
    """
    for number, line in enumerate(re.split("\r\n|\r|\n", without_end_mark(text)), start=1):
        bare = line.strip(BLANKS)
        found = control_character(bare)
        if found is not None:
            at = line.index(found) + 1
            raise UsageError(f"Line {number}, column {at} of the {what}: {describe_control(found)}.")
        yield number, bare


def control_character(text: str) -> str | None:
    """Return the first control character of a text."""
    return next((letter for letter in text if unicodedata.category(letter) == "Cc"), None)


def describe_control(letter: str) -> str:
    """Return what is wrong with a text that has a control character."""
    name = {"\n": "a line break", "\r": "a line break", "\t": "a tab"}.get(letter)
    return f"{name or 'a control character'} (U+{ord(letter):04X}) is not allowed here"


def _utf16_without_mark(content: bytes) -> str | None:
    """Return the byte order of UTF-16 without a mark, whose Latin letters have every other byte 0."""
    first, second = content[::2].count(0), content[1::2].count(0)
    if content.startswith(_UTF16_MARKS) or bool(first) == bool(second):
        return None
    if max(first, second) < len(content) * _LATIN_SHARE:
        return None
    return "utf-16-le" if second else "utf-16-be"


def _as_windows_1252(content: bytes, what: str, place: str) -> str:
    letters = len(_UTF8_LETTER.findall(content))
    others = sum(byte >= 0x80 for byte in _UTF8_LETTER.sub(b"", content))
    if letters > others:  # UTF-8 that was damaged
        raise _damaged(content, what, place)
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        line, column = _place_of(content, error.start)
        raise UsageError(
            f"The {what}{place} is neither UTF-8, UTF-16 nor Windows-1252 text; see line {line}, column {column}.",
            hint="Save it as UTF-8.",
        ) from None


def _damaged(content: bytes, what: str, place: str) -> UsageError:
    """Return the error for a text with bytes that its encoding does not have; it says where UTF-8 is damaged."""
    where = ""
    if not content.startswith(_UTF16_MARKS):
        try:
            content.decode()
        except UnicodeDecodeError as error:
            line, column = _place_of(content, error.start)
            where = f" at line {line}, column {column}"
    return UsageError(f"The {what}{place} is damaged{where}.", hint="Save it again as UTF-8.")


def _place_of(content: bytes, offset: int) -> tuple[int, int]:
    """Return line and column of a byte."""
    before = re.split(b"\r\n|\r|\n", content[:offset].removeprefix(codecs.BOM_UTF8))
    return len(before), len(before[-1].decode("utf-8", "replace")) + 1
