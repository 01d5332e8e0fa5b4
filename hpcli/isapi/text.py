"""Bytes of devices as text and as JSON: a bad byte or a raw control character costs a character, not the answer."""

import codecs
import re
from typing import Any

from hpcli.parse import JsonDepthError, parse_json

PADDING = " \t\r\n\x00\ufeff"
"""What devices put around a message."""

STRAY = r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200b-\u200f\u2060\ufeff\ufffd\udc80-\udcff"
"""For a pattern: what may be left of a bad byte between the values of JSON, where only blanks belong."""

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_DECLARED_ENCODING = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_TEXT_CODECS = ("gb", "big5", "iso8859", "cp", "shift_jis", "euc", "koi8", "hz", "mac", "utf-16", "utf-32")
_WIDER_CODECS = {"gb2312": "gb18030", "gbk": "gb18030", "iso8859-1": "cp1252"}
_FIRST = (b"<", b"{", b"[")
_BROKEN_PAIR = re.compile(r"\ufffd\\")
_FLAW = re.compile(
    rf'"(?:[^"\\]|\\.)*+"?|[\[{{,:][\s{STRAY}]*,|(?P<comma>,)(?=[\s{STRAY}]*[\]}}])|(?P<stray>[{STRAY}]+)',
    re.DOTALL,
)
"""A comma behind the last value, and stray characters; a text, and a comma without a value before it, stay."""
_ESCAPE = re.compile(r"""\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}|)""")


def decode(data: bytes, content_type: str = "") -> str:
    """Return the text of an XML or JSON body.

    What is valid UTF-8 is read as that, since labels are often wrong; anything else by the charset of the
    Content-Type header or of the XML declaration. Bytes that fit no encoding become U+FFFD.

    Args:
        data: the body.
        content_type: its Content-Type header, if there is one.
    """
    for mark, codec in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(codec, "replace")
    if data[:1] in _FIRST and data[1:2] == data[3:4] == b"\x00":
        return data.decode("utf-16-le", "replace")
    if data[1:2] in _FIRST and data[:1] == data[2:3] == b"\x00":
        return data.decode("utf-16-be", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode(_labelled_codec(data, content_type), "replace")


def parse_lenient_json(text: str) -> Any:
    """Return JSON of a device; raw control characters and broken escapes in strings are tolerated.

    So are a comma behind the last value, and stray characters between values.

    Raises:
        ValueError: it is broken in another way, or nested too deep.
    """
    stripped = text.strip(PADDING)
    try:
        return parse_json(stripped)
    except JsonDepthError:
        raise
    except ValueError as error:
        broken = error
    # The second byte of a character of GBK or Big5 may be the one of a backslash.
    whole = _BROKEN_PAIR.sub("\ufffd", stripped)
    escaped = _ESCAPE.sub(_known_escape, whole)
    unflawed = _FLAW.sub(_without_flaw, escaped)
    is_message = unflawed.lstrip()[:1] in ("{", "[")
    for mended in (stripped, whole, escaped, *((unflawed,) if is_message else ())):
        try:
            return parse_json(mended, strict=False)
        except JsonDepthError:
            raise
        except ValueError:
            continue
    raise broken


def _without_flaw(found: re.Match[str]) -> str:
    return "" if found["comma"] else " " if found["stray"] else found[0]


def _known_escape(found: re.Match[str]) -> str:
    return found[0] if len(found[0]) > 1 else "\ufffd"


def _labelled_codec(data: bytes, content_type: str) -> str:
    """Return the codec that the label names, UTF-8 where there is none or Python lacks it."""
    labels = [found[1] for found in [_CHARSET.search(content_type)] if found]
    labels += [found[1].decode("ascii") for found in [_DECLARED_ENCODING.search(data[:300])] if found]
    for label in labels:
        try:
            name = codecs.lookup(label).name
        except LookupError:
            continue
        if name.startswith(_TEXT_CODECS):
            return _WIDER_CODECS.get(name, name)
    return "utf-8"
