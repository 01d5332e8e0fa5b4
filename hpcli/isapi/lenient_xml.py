"""XML that is broken in places, read as far as it can be read; strict readers come first.

What stands around the documents is passed over: the head of a MIME part, a boundary, NULs. Several documents in one
text are read one by one. Where one is not well-formed even without its stray characters, lxml's recovering parser reads
it; it is imported only then. Document types and entities are refused here as well.
"""

from __future__ import annotations

import re
from typing import Any, Final

from hpcli.isapi.text import PADDING
from hpcli.isapi.xml import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    XmlError,
    XmlRefusedError,
    is_deeper_than,
    mend_characters,
    parse_xml,
)

_MOST_DOCUMENTS: Final = 64
_DECLARATION: Final = re.compile(r"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_XML_DECLARATION: Final = re.compile(r"<\?xml[^>]{0,200}\?>")
_FIRST_TAG: Final = re.compile(r"<([A-Za-z_][\w.-]{0,100}:)?([A-Za-z_][\w.-]{0,100})(?=[\s/>])")
_BARE_LESS: Final = re.compile(r"<(?![A-Za-z_/!?])")
_PREDEFINED: Final = re.compile("&(amp|lt|gt|quot|apos);")
_NUMBERS: Final = {"amp": "&#38;", "lt": "&#60;", "gt": "&#62;", "quot": "&#34;", "apos": "&#39;"}
"""The recovering parser forgets entities after the first fault, but not characters by their number."""

_TAG: Final = re.compile(r"<[A-Za-z_][^<>]{0,1000}>")
_UNQUOTED: Final = re.compile(r"=\s{0,8}([^\s\"'<>=]+?)(?=\s|/?>)")
_NAMED: Final = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);|#)")


def read_documents(text: str) -> list[tuple[Any, bool]]:
    """Return the root elements of the documents in a text, each with whether it had to be recovered.

    An element has `tag`, `text` and children, as those of the standard library.

    Raises:
        XmlRefusedError: a document type or an entity is declared, or it is too large or too deep.
        XmlError: there is no document in it.
    """
    if len(text) > MAX_CHARACTERS:
        raise XmlRefusedError(f"The XML is larger than {MAX_CHARACTERS // (1024 * 1024)} MiB.")
    if _DECLARATION.search(text):
        raise XmlRefusedError("The XML declares a document type; those are refused.")
    first = _FIRST_TAG.search(text)
    if first is None:
        raise XmlError("The XML has no element.")
    found = []
    for document in _documents(text, first):
        root = _read_document(document)
        if root is not None:
            found.append(root)
    if not found:
        raise XmlError("The XML cannot be read.")
    return found


def _documents(text: str, first: re.Match[str]) -> list[str]:
    """Split a text where its first element begins again: two alerts may have been joined."""
    name = f"{first[1] or ''}{first[2]}"
    opening = re.compile(rf"<{re.escape(name)}(?=[\s/>])")
    closing = f"</{name}>"
    documents: list[str] = []
    at = first.start()
    while len(documents) < _MOST_DOCUMENTS:
        following = opening.search(text, at + 1)
        end = following.start() if following else len(text)
        closed = text.find(closing, at, end)
        documents.append(text[at : closed + len(closing) if closed >= 0 else end])
        if following is None:
            break
        at = end
    return documents


def _read_document(text: str) -> tuple[Any, bool] | None:
    mended = mend_characters(_BARE_LESS.sub("&lt;", _XML_DECLARATION.sub("", text).strip(PADDING)))
    try:
        return parse_xml(mended), False
    except XmlRefusedError:
        raise
    except XmlError:
        root = _recover(_mended_further(mended))
    return None if root is None else (root, True)


def _mended_further(text: str) -> str:
    """Return a text without what the recovering parser stumbles over: bare `&` and values without quotes."""
    text = _PREDEFINED.sub(lambda found: _NUMBERS[found[1]], _NAMED.sub("&amp;", text))
    return _TAG.sub(lambda tag: _UNQUOTED.sub(r'="\1"', tag[0]) if "=" in tag[0] else tag[0], text)


def _recover(text: str) -> Any:
    """Return the root element of what can be read of a document, None for nothing."""
    from lxml import etree

    parser = etree.XMLParser(
        recover=True, encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False,
        huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        return None
    if root is not None and is_deeper_than(root, MAX_DEPTH):
        raise XmlRefusedError(f"The XML is nested deeper than {MAX_DEPTH} levels.")
    return root
