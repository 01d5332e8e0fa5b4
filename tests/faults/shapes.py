"""Ways to bend a right answer: other rows, other leaves, XML for JSON and back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from tests.support.proxy import Answer

_BETWEEN_TAGS = re.compile(r">([^<>\s][^<>]*)<")
_ID = re.compile(r"^(id|.*(Id|ID|Serial|No|Name|name))$")
DEPTH = 1000


def with_body(answer: Answer, body: bytes, content_type: str | None = None) -> Answer:
    """Return the answer with another body."""
    headers = answer.headers
    if content_type is not None:
        headers = (
            *((n, v) for n, v in headers if n.lower() != "content-type"),
            ("Content-Type", content_type),
        )
    return Answer(answer.status, headers, body)


def bend_json(function: Callable[[Any], Any]) -> Callable[[Answer], Answer]:
    """Return what makes another answer of one in JSON; others stay as they are."""

    def bend(answer: Answer) -> Answer:
        parsed = _parse(answer)
        if parsed is None:
            return answer
        if isinstance(parsed, dict) and "errorCode" in parsed:
            bent: Any = {**parsed, **({"data": function(parsed["data"])} if "data" in parsed else {})}
        else:
            bent = function(parsed)
        return with_body(answer, json.dumps(bent).encode())

    return bend


def every_leaf(value: Any) -> Callable[[Answer], Answer]:
    """Return what puts one value in the place of every number, text and boolean."""
    inside = bend_json(lambda data: _leaves(data, lambda _: value))
    text = json.dumps(value) if not isinstance(value, str) else value

    def bend(answer: Answer) -> Answer:
        if answer.body.lstrip().startswith(b"<"):
            changed = _BETWEEN_TAGS.sub(f">{escape(text).replace(chr(92), '')}<", answer.body.decode())
            return with_body(answer, changed.encode())
        return inside(answer)

    return bend


def every_number(text: str) -> Callable[[Answer], Answer]:
    """Return what writes one number, as text that JSON allows, in the place of every number."""
    mark = "\x01number\x01"
    inside = bend_json(lambda data: _leaves(data, lambda leaf: mark if type(leaf) in (int, float) else leaf))

    def bend(answer: Answer) -> Answer:
        changed = inside(answer)
        return with_body(changed, changed.body.replace(json.dumps(mark).encode(), text.encode()))

    return bend


def scalars_for_rows(data: Any) -> Any:
    """Put scalars in the place of the rows of every list."""
    if isinstance(data, dict):
        return {key: scalars_for_rows(value) for key, value in data.items()}
    return [1, "row", None, True, [], 2.5] if isinstance(data, list) else data


def objects_for_lists(data: Any) -> Any:
    """Put the first row in the place of every list."""
    if isinstance(data, dict):
        return {key: objects_for_lists(value) for key, value in data.items()}
    if isinstance(data, list):
        return objects_for_lists(data[0]) if data else {}
    return data


def empty_rows(data: Any) -> Any:
    """Take everything out of the rows."""
    if isinstance(data, dict):
        return {key: empty_rows(value) for key, value in data.items()}
    return [{} for _ in data] if isinstance(data, list) else data


def without_ids(data: Any) -> Any:
    """Leave ids, serials, numbers and names out of all objects."""
    if isinstance(data, dict):
        return {key: without_ids(value) for key, value in data.items() if not _ID.match(key.strip())}
    return [without_ids(item) for item in data] if isinstance(data, list) else data


def without_ids_in_text(answer: Answer) -> Answer:
    """Leave ids out of a message of a device, in JSON or XML."""
    if answer.body.lstrip().startswith(b"<"):
        return with_body(answer, re.sub(rb"<(id|\w*(?:ID|Id|No|Name))>[^<]*</\1>", b"", answer.body))
    return bend_json(without_ids)(answer)


def other_language(answer: Answer) -> Answer:
    """Give XML for JSON, and JSON for XML."""
    if answer.body.lstrip().startswith(b"<"):
        root = ET.fromstring(answer.body)
        content = {_local(root.tag): _element(root)}
        return with_body(answer, json.dumps(content).encode(), "application/json")
    parsed = _parse(answer)
    if not isinstance(parsed, dict):
        return answer
    root_name, content = next(iter(parsed.items())) if len(parsed) == 1 else ("ResponseStatus", parsed)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{_xml(root_name, content)}'
    return with_body(answer, text.encode(), "application/xml")


def deep(value: bytes = b"1") -> bytes:
    """Return JSON that is nested too deep for most readers."""
    return b"[" * DEPTH + value + b"]" * DEPTH


def _parse(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except ValueError:
        return None


def _leaves(data: Any, function: Callable[[Any], Any]) -> Any:
    if isinstance(data, dict):
        return {key: _leaves(value, function) for key, value in data.items()}
    if isinstance(data, list):
        return [_leaves(item, function) for item in data]
    return function(data)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _element(element: ET.Element) -> Any:
    if not len(element):
        return element.text or ""
    content: dict[str, Any] = {}
    for child in element:
        name, value = _local(child.tag), _element(child)
        content[name] = [content[name], value] if name in content else value
    return content


def _xml(name: str, content: Any) -> str:
    if isinstance(content, list):
        return "".join(_xml(name, item) for item in content)
    if isinstance(content, dict):
        return f"<{name}>{''.join(_xml(key, value) for key, value in content.items())}</{name}>"
    return f"<{name}>{escape(str(content))}</{name}>"
