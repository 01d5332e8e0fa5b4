"""Answers in several parts: the events as JSON, then a picture a part (Guide A.4.1).

Devices write them in their own way: line feeds alone, a wrong Content-Length, comments behind a header, a
boundary that the Content-Type header does not name, no last boundary.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BOUNDARY_PARAMETER = re.compile(r"""boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))""", re.IGNORECASE)
_FIRST_LINE = re.compile(rb"[ \t\r\n]*--([^\r\n]{1,200}?)[ \t]*\r?\n")
_HEADERS = re.compile(rb"((?:[A-Za-z][A-Za-z0-9-]{0,60}[ \t]*:[^\r\n]{0,2000}\r?\n)*)[ \t]*\r?\n")
_FILENAME = re.compile(r"""filename\s*=\s*(?:"([^"]*)"|([^\s;"]+))""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an answer.

    Attributes:
        content_type: in lower case without parameters, empty if the part has none.
        filename: as the device wrote it, to be matched with `filename` of an event; never a path to write to.
        content: the bytes.
    """

    content_type: str
    filename: str
    content: bytes


def split_multipart(body: bytes, content_type: str = "") -> list[Part]:
    """Return the parts of an answer; an answer that is not multipart is one part.

    Args:
        body: the answer.
        content_type: its Content-Type header, may be missing or wrong.
    """
    delimiter = _delimiter(body, content_type)
    if delimiter is None:
        return [Part(content_type.partition(";")[0].strip().lower(), "", body)]
    return [_part(section) for section in _sections(body, delimiter)]


def _delimiter(body: bytes, content_type: str) -> bytes | None:
    """Return `--boundary`, the one of the first line before the one that was announced."""
    is_announced = content_type.strip().lower().startswith("multipart/")
    named = _BOUNDARY_PARAMETER.search(content_type) if is_announced else None
    announced = b"--" + (named[1] or named[2]).encode("latin-1", "replace") if named else None
    if announced is not None and body.lstrip(b" \t\r\n").startswith(announced):
        return announced
    first = _FIRST_LINE.match(body)
    if first is not None and (is_announced or b"content-" in body[first.end() : first.end() + 500].lower()):
        return b"--" + first[1]
    return announced if announced is not None and announced in body else None


def _sections(body: bytes, delimiter: bytes) -> Iterator[bytes]:
    """Yield what lies between boundaries that begin a line; the end of the body may cut the last boundary off."""
    boundary = re.compile(rb"(?:^|\r?\n)[ \t]*" + re.escape(delimiter) + rb"(--)?[ \t]*(?:\r?\n|$)")
    found = list(boundary.finditer(body))
    for index, start in enumerate(found):
        if start[1]:
            return
        end = found[index + 1].start() if index + 1 < len(found) else _end_of_last(body, delimiter)
        yield body[start.end() : end]


def _end_of_last(body: bytes, delimiter: bytes) -> int:
    """Return where the last part ends: before the line end of a boundary that is missing, or not there whole."""
    line = max(body.rfind(b"\n", -len(delimiter) - 5), 0)
    rest = body[line + 1 :].lstrip(b" \t")
    if body[line : line + 1] != b"\n" or not (delimiter + b"--").startswith(rest.rstrip(b" \t\r")):
        return len(body)
    return len(body[:line].rstrip(b"\r\n"))


def _part(section: bytes) -> Part:
    found = _HEADERS.match(section)
    head = found[1].decode("utf-8", "replace") if found else ""
    content = section[found.end() :] if found else section
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in head.splitlines())
    }
    filename = _FILENAME.search(headers.get("content-disposition", ""))
    return Part(
        content_type=headers.get("content-type", "").partition(";")[0].strip().lower(),
        filename=(filename[1] or filename[2] or "") if filename else "",
        content=content,
    )
