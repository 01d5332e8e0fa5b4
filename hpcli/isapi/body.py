"""The body of an answer before its message is known: empty, JSON, XML, a web page, text, a picture."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from hpcli.isapi.text import PADDING, decode, parse_lenient_json
from hpcli.isapi.xml import XmlError, local_name, parse_xml

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_HTML = re.compile(r"(?:<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>])", re.IGNORECASE)
_LONGEST_QUOTED = 80
_ENVELOPE_FIELDS = frozenset({"errorcode", "message", "msg", "errormsg", "data"})
_DEVICE_FIELDS = frozenset({"statuscode", "statusstring", "substatuscode"})
_BINARY_MARKS = "\x00\ufffd"
_MOST_MARKS = 0.1


class Kind(Enum):
    """What a body is."""

    EMPTY = "nothing"
    BLANK = "blanks"
    JSON = "JSON"
    XML = "XML"
    HTML = "a web page"
    DAMAGED = "damaged text"
    TEXT = "text"
    BINARY = "bytes that are not text"


@dataclass(frozen=True, slots=True)
class Body:
    """A body that was read.

    Attributes:
        kind: what it is.
        text: decoded, without what devices put around it; empty for bytes that are not text.
        value: the value of JSON.
        root: the root element of XML.
        reason: why damaged JSON or XML cannot be read.
    """

    kind: Kind
    text: str = ""
    value: Any = None
    root: Element | None = None
    reason: str = ""

    @property
    def described(self) -> str:
        """What it is and how it begins, to be quoted in a sentence: `JSON: '{"a": 1}'`."""
        import json

        from hpcli.masking import mask, quote_line

        is_nested = self.kind is Kind.JSON and isinstance(self.value, dict | list)
        text = json.dumps(mask(self.value), ensure_ascii=False, default=str) if is_nested else self.text
        quoted = quote_line(text, _LONGEST_QUOTED)
        return f"{self.kind.value}: '{quoted}'" if quoted else self.kind.value


def read_body(data: bytes, content_type: str = "") -> Body:
    """Read the body of an answer; of an answer in several parts the message among them.

    Args:
        data: the body.
        content_type: its Content-Type header, if there is one.
    """
    message, kind_of_message = _message_part(data, content_type)
    text = decode(message, kind_of_message).strip(PADDING)
    if not text:
        return Body(Kind.BLANK if data else Kind.EMPTY)
    if _HTML.match(text):
        return Body(Kind.HTML, text)
    if text.startswith("<"):
        return _read_xml(text)
    try:
        return Body(Kind.JSON, text, parse_lenient_json(text))
    except ValueError as error:
        if text.startswith(("{", "[")):
            return Body(Kind.DAMAGED, text, reason=f"{error}.")
    marks = sum(text.count(mark) for mark in _BINARY_MARKS)
    return Body(Kind.BINARY) if marks > _MOST_MARKS * len(text) else Body(Kind.TEXT, text)


def folded(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of an object by their names in lower case, without prefixes and XML attributes."""
    members: dict[str, Any] = {}
    for name, item in value.items():
        key = fold(name)
        if key and not key.startswith(("@", "#")):
            members[key] = item.get("#text", item) if _is_text_only(item) else item
    return members


def objects_in(plain: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every object of a message, folded, with the name under which it or its list stands; outer ones first.

    Texts are looked into where they hold a message.
    """
    pending: deque[tuple[str, Any]] = deque([("", plain)])
    while pending:
        name, held = pending.popleft()
        value = unpacked(held)
        if isinstance(value, list):
            pending.extend((name, item) for item in value)
        elif isinstance(value, Mapping):
            members = folded(value)
            yield name, members
            pending.extend(members.items())


def fold(name: str) -> str:
    """Return a name in lower case, without blanks and without a prefix as in `ns:ResponseStatus`."""
    return name.strip().rpartition(":")[2].lower()


def without_envelope(value: Any) -> Any:
    r"""Return what the platform's envelope of a success holds; None where it holds nothing, else the value itself.

    A message within a text, as in `"{\"statusCode\": 1}"`, is that message.
    """
    value = unpacked(value)
    if not isinstance(value, Mapping):
        return value
    members = folded(value)
    is_envelope = str(members.get("errorcode", "")).strip() == "0" and not members.keys() & _DEVICE_FIELDS
    if not is_envelope:
        return value
    data = members.get("data")
    if isinstance(data, str) and data.strip():
        return unpacked(data)
    others = {name: item for name, item in value.items() if fold(name) not in _ENVELOPE_FIELDS}
    return data if data not in (None, {}, "") else others or None


def unpacked(value: Any) -> Any:
    """Return the message within a text, anything else as it is."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "[", "<", '"'):
        return value
    inner = read_body(value.encode(errors="replace"))
    if inner.root is not None:
        return plain_of(inner.root)
    return unpacked(inner.value) if inner.kind is Kind.JSON and inner.value != value else value


def plain_of(root: Element) -> dict[str, Any]:
    """Return an XML document as objects and texts, without attributes; what repeats is a list."""
    return {local_name(root.tag): _plain_content(root)}


def _plain_content(element: Element) -> Any:
    if len(element) == 0:
        return (element.text or "").strip()
    plain: dict[str, Any] = {}
    for child in element:
        name, value = local_name(child.tag), _plain_content(child)
        if name in plain:
            present = plain[name]
            plain[name] = [*present, value] if isinstance(present, list) else [present, value]
        else:
            plain[name] = value
    return plain


def _is_text_only(item: Any) -> bool:
    return isinstance(item, Mapping) and all(key.startswith(("@", "#")) for key in item) and "#text" in item


def _read_xml(text: str) -> Body:
    try:
        return Body(Kind.XML, text, root=parse_xml(text))
    except XmlError as error:
        return Body(Kind.DAMAGED, text, reason=str(error))


def _message_part(data: bytes, content_type: str) -> tuple[bytes, str]:
    """Return the message of an answer in several parts, with its own Content-Type; else the answer."""
    if not (
        content_type.strip().lower().startswith("multipart/") or data.lstrip(b" \t\r\n").startswith(b"--")
    ):
        return data, content_type
    from hpcli.isapi.multipart import split_multipart

    parts = split_multipart(data, content_type)
    found = next((part for part in parts if part.content.lstrip()[:1] in (b"{", b"<", b"[")), None)
    return (found.content, found.content_type) if found is not None else (data, content_type)
