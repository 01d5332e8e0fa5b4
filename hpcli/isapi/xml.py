"""XML of devices into elements and back, without trusting it.

Devices mislabel encodings, put blanks and NULs around the document, and their messages reach us
through strangers' networks: document type declarations (the road to entity expansion and to
external files) are refused, size and depth are bounded.
"""

import codecs
import re
from typing import NoReturn
from xml.etree.ElementTree import Element, ParseError, XMLParser
from xml.parsers import expat

MAX_CHARACTERS = 16 * 1024 * 1024
"""A whole NVR's channel list stays under a megabyte; more than this is hostile."""

MAX_DEPTH = 64
"""The deepest message of appendix A.5 has nine levels."""

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

_XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"
_PADDING = " \t\r\n\x00\ufeff"
_DECLARED_ENCODING = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_FORBIDDEN_CHARACTERS = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WIDER_CODECS = {"gb2312": "gb18030", "gbk": "gb18030"}


class XmlError(ValueError):
    """The text is not well-formed XML."""


class XmlRefusedError(XmlError):
    """The XML has a document type declaration, is too big or nested too deep."""


def parse_xml(data: bytes | str) -> Element:
    """Return the root element of an XML document.

    Byte order marks, blanks and NULs around the document and wrong encoding labels are tolerated;
    characters that XML forbids become U+FFFD.

    Args:
        data: the document; bytes are read as UTF-8 whenever they are valid UTF-8, whatever the label says.

    Raises:
        XmlRefusedError: a DOCTYPE, more than MAX_CHARACTERS, or deeper than MAX_DEPTH.
        XmlError: not well-formed, or empty.
    """
    if len(data) > MAX_CHARACTERS:
        raise XmlRefusedError(f"The XML is larger than {MAX_CHARACTERS // (1024 * 1024)} MiB.")
    text = (decode(data) if isinstance(data, bytes) else data).strip(_PADDING)
    if "<!DOCTYPE" in text:
        _refuse_document_type(text)
    # An element of depth n has n opening and n closing tags around it.
    may_be_deep = text.count("<") > 2 * MAX_DEPTH
    try:
        root = _parse_text(text)
    except XmlError:
        cleaned = _FORBIDDEN_CHARACTERS.sub("\ufffd", text)
        if cleaned == text:
            raise
        root = _parse_text(cleaned)
    if may_be_deep and _depth_exceeds(root, MAX_DEPTH):
        raise XmlRefusedError(f"The XML is nested deeper than {MAX_DEPTH} levels.")
    return root


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


def _depth_exceeds(root: Element, limit: int) -> bool:
    level = [root]
    for _ in range(limit):
        level = [child for element in level for child in element]
        if not level:
            return False
    return True


def decode(data: bytes) -> str:
    """Return the text of an XML or JSON body, whatever its encoding and its label.

    Bytes that fit no encoding become U+FFFD: a broken zone name must not cost the message.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    if data[:2] in (b"<\x00", b"\x00<"):
        return data.decode("utf-16-le" if data[:1] == b"<" else "utf-16-be", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode(_declared_codec(data), "replace")


def _declared_codec(data: bytes) -> str:
    """Return the codec of the XML declaration, UTF-8 if there is none or Python lacks it."""
    declared = _DECLARED_ENCODING.search(data[:300])
    if declared is None:
        return "utf-8"
    try:
        name = codecs.lookup(declared[1].decode("ascii")).name
    except LookupError:
        return "utf-8"
    if name.startswith(("gb", "big5", "iso8859", "cp", "shift_jis", "euc", "koi8")):
        return _WIDER_CODECS.get(name, name)
    return "utf-8"


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
