"""XML of devices into elements and back, without trusting it.

Devices mislabel encodings, put blanks and NULs around the document, and their messages reach us
through strangers' networks: document type declarations (the road to entity expansion and to
external files) are refused, size and depth are bounded.
"""

import re
import sys
from typing import NoReturn
from xml.etree.ElementTree import Element, ParseError, XMLParser
from xml.parsers import expat

from hpcli.isapi.text import PADDING, decode

MAX_CHARACTERS = 16 * 1024 * 1024
"""A whole NVR's channel list stays under a megabyte; more than this is hostile."""

MAX_DEPTH = 64
"""The deepest message of appendix A.5 has nine levels."""

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

_XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"
_FORBIDDEN_CHARACTERS = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(r"&(#[0-9]{1,7};|#[xX][0-9A-Fa-f]{1,6};|[A-Za-z_][\w.-]{0,40};)?")
_PREFIX = re.compile(r"</?([A-Za-z_][\w.-]*):")


class XmlError(ValueError):
    """The text is not well-formed XML."""


class XmlRefusedError(XmlError):
    """The XML has a document type declaration, is too big or nested too deep."""


def parse_xml(data: bytes | str, content_type: str = "") -> Element:
    """Return the root element of an XML document.

    Byte order marks, blanks and NULs around the document and wrong encoding labels are tolerated;
    characters that XML forbids become U+FFFD. A bare `&` and prefixes that nothing declares are tolerated.

    Args:
        data: the document; bytes are read as UTF-8 whenever they are valid UTF-8, whatever the label says.
        content_type: its Content-Type header, if there is one.

    Raises:
        XmlRefusedError: a DOCTYPE, more than MAX_CHARACTERS, or deeper than MAX_DEPTH.
        XmlError: not well-formed, or empty.
    """
    if len(data) > MAX_CHARACTERS:
        raise XmlRefusedError(f"The XML is larger than {MAX_CHARACTERS // (1024 * 1024)} MiB.")
    text = (decode(data, content_type) if isinstance(data, bytes) else data).strip(PADDING)
    if "<!DOCTYPE" in text:
        _refuse_document_type(text)
    # An element of depth n has n opening and n closing tags around it.
    may_be_deep = text.count("<") > 2 * MAX_DEPTH
    try:
        root = _parse_text(text)
    except XmlError:
        mended = mend_characters(text)
        if mended == text:
            raise
        root = _parse_text(mended)
    if may_be_deep and is_deeper_than(root, MAX_DEPTH):
        raise XmlRefusedError(f"The XML is nested deeper than {MAX_DEPTH} levels.")
    return root


def mend_characters(text: str) -> str:
    """Return a document without what costs the whole of it though it concerns one character or name."""
    mended = _REFERENCE.sub(_possible_reference, _FORBIDDEN_CHARACTERS.sub("\ufffd", text))
    for prefix in set(_PREFIX.findall(mended)):
        if f"xmlns:{prefix}" not in mended:
            mended = re.sub(rf"(</?|\s){re.escape(prefix)}:(?=[A-Za-z_])", r"\1", mended)
    return mended


def _possible_reference(found: re.Match[str]) -> str:
    """Return a reference as it stands, U+FFFD for a character that XML forbids, `&amp;` for a bare `&`."""
    name = found[1]
    if name is None:
        return "&amp;"
    if not name.startswith("#"):
        return found[0]
    number = int(name[2:-1], 16) if name[1] in "xX" else int(name[1:-1])
    is_possible = number <= sys.maxunicode and not _FORBIDDEN_CHARACTERS.match(chr(number))
    return found[0] if is_possible else "\ufffd"


def _refuse_document_type(text: str) -> None:
    """Tell a declaration from the same letters in a comment or CDATA section."""

    def refuse(*_declaration: object) -> NoReturn:
        raise XmlRefusedError("The XML declares a document type; those are refused.")

    parser = expat.ParserCreate("utf-8")
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(text, True)  # noqa: FBT003 - the C function takes no keywords
    except (expat.ExpatError, UnicodeEncodeError) as error:
        raise XmlError(f"The XML is not well-formed: {error}.") from error


def _parse_text(text: str) -> Element:
    parser = XMLParser()  # noqa: S314 - parse_xml() refused declarations before, so there are no entities to expand
    try:
        # Given str, the parser overrides whatever encoding the document declares.
        parser.feed(text)
        root = parser.close()
    except (ParseError, UnicodeEncodeError) as error:
        raise XmlError(f"The XML is not well-formed: {error}.") from error
    return root


def is_deeper_than(root: Element, limit: int) -> bool:
    """Return whether elements are nested deeper than a number of levels."""
    level = [root]
    for _ in range(limit):
        level = [child for element in level for child in element]
        if not level:
            return False
    return True


def local_name(tag: str) -> str:
    """Return an element's or attribute's name without its namespace."""
    return tag.rpartition("}")[2]


def namespace_of(tag: str) -> str:
    """Return the namespace of an element's or attribute's name, empty if it has none."""
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def to_text(element: Element, *, indent: int | None = 2) -> str:
    """Return an element as text, without an XML declaration.

    Namespaces become default declarations (`xmlns=`), as devices write them.

    Args:
        element: the element to write.
        indent: blanks a level; None writes one line and keeps every blank between elements.
    """
    pieces: list[str] = []
    _write_element(element, pieces, outer_namespace="", margin="" if indent is None else "\n", indent=indent)
    return "".join(pieces).removeprefix("\n")


def _write_element(
    element: Element, pieces: list[str], *, outer_namespace: str, margin: str, indent: int | None
) -> None:
    name, namespace = local_name(element.tag), namespace_of(element.tag)
    pieces.append(f"{margin}<{name}")
    if namespace != outer_namespace:
        pieces.append(f" xmlns={_quoted(namespace)}")
    pieces.extend(_written_attributes(element))
    if len(element) == 0:
        pieces.append(f">{_escaped(element.text)}</{name}>" if element.text else "/>")
        return
    pieces.append(">" + _written_text(element.text, indent))
    inner_margin = margin + " " * (indent or 0)
    for child in element:
        _write_element(child, pieces, outer_namespace=namespace, margin=inner_margin, indent=indent)
        pieces.append(_written_text(child.tail, indent))
    pieces.append(f"{margin}</{name}>")


def _written_attributes(element: Element) -> list[str]:
    written = []
    for number, (key, value) in enumerate(element.items()):
        name, namespace = local_name(key), namespace_of(key)
        if namespace == _XML_NAMESPACE:
            name = f"xml:{name}"
        elif namespace:
            written.append(f" xmlns:a{number}={_quoted(namespace)}")
            name = f"a{number}:{name}"
        written.append(f" {name}={_quoted(value)}")
    return written


def _written_text(text: str | None, indent: int | None) -> str:
    if not text or (indent is not None and not text.strip()):
        return ""
    return _escaped(text)


# xml.sax.saxutils has all this too, but importing it costs 20 ms.
_TEXT_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_VALUE_ESCAPES = _TEXT_ESCAPES | str.maketrans({'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})


def _escaped(text: str) -> str:
    return text.translate(_TEXT_ESCAPES)


def _quoted(value: str) -> str:
    return f'"{value.translate(_VALUE_ESCAPES)}"'
