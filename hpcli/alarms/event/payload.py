"""The payload of a message: `alarmData` in any form, as a dictionary.

Guide §3.34 promises a string; seen are JSON strings, objects, strings within strings and XML of four
namespaces, each under either `formatType`. The content decides, not the label.
"""

import json
from functools import lru_cache
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from hpcli.alarms.event.json_codec import decode
from hpcli.isapi.xml import local_name, parse_xml

# The last three are a byte-order mark that was read as Latin-1.
_PADDING = " \t\r\n\x00\ufeff\xef\xbb\xbf"
_EXCERPT = 60
_STRINGS_WITHIN_STRINGS = 4

_WRAPPER = "EventNotificationAlert"

_SHORT_TAG = 128
"""Characters of a name with its namespace; longer ones are hostile and are discarded."""

_short_name = lru_cache(maxsize=1024)(local_name)


class Payload(NamedTuple):
    """What a message says.

    Attributes:
        fields: its fields, with local names for XML; empty if nothing could be read.
        problem: what is wrong with it, as a clause for people, or None.
        source: the text it was read from; None if it came as an object.
    """

    fields: dict[str, Any]
    problem: str | None = None
    source: str | None = None


def read_payload(message: object, text: str | None = None) -> Payload:
    """Return the fields of a message's alarmData; never raises.

    Args:
        message: as the platform sent it.
        text: the message as compact JSON, where it is known.
    """
    if not isinstance(message, dict):
        return Payload({}, "the message is not an object")
    body = message.get("alarmData")
    if isinstance(body, str):
        return _read_text(body)
    if body is None:
        # A later edition may send the event without its envelope.
        return Payload(message) if "eventType" in message else Payload({}, "there is no alarmData")
    is_plain = text is not None and text.isascii() and "\\" not in text and not _may_have_blanks(text)
    return _from_value(body, None, may_have_blanks=not is_plain)


def _read_text(text: str) -> Payload:
    source = text
    for _ in range(_STRINGS_WITHIN_STRINGS):
        if not text.startswith(("{", "<")):
            text = text.strip(_PADDING)
        if text.startswith("<"):
            return _read_xml(text, source)
        if not text.startswith(("{", "[", '"')):
            break
        try:
            value, end = decode(text)
        except (ValueError, RecursionError) as error:
            return Payload({}, _json_problem(error), source)
        if not isinstance(value, str):
            payload = _from_value(value, source, may_have_blanks=_may_have_blanks(text))
            if payload.problem is None and text[end:].strip(_PADDING):
                return payload._replace(problem="more text follows the JSON")
            return payload
        text = value
    return Payload({}, _neither_problem(text), source)


def _may_have_blanks(text: str) -> bool:
    """Return whether a key of a JSON text may begin or end with a blank: most need no trimming."""
    return text.rfind('" ') >= 0 or text.rfind(' ":') >= 0  # searching from the end is twice as fast as `in`


def _json_problem(error: ValueError | RecursionError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"the JSON is broken at character {error.pos + 1} ({error.msg})"
    if isinstance(error, RecursionError):
        return "the JSON is nested too deep"
    return "the JSON contains a number that is too long"


def _neither_problem(text: str) -> str:
    if not text:
        return "alarmData is empty"
    excerpt = text[:_EXCERPT] + ("…" if len(text) > _EXCERPT else "")
    return f"alarmData is neither JSON nor XML: {excerpt}"


def _read_xml(text: str, source: str) -> Payload:
    try:
        root = parse_xml(text)
    except ValueError as error:
        problem = str(error)
        return Payload({}, problem[:1].lower() + problem[1:].rstrip("."), source)
    fields = _plain_fields(root)
    if not fields:
        return Payload({}, "the XML is empty", source)
    return _from_value(fields, source, may_have_blanks=False)


def _plain_fields(element: Element) -> dict[str, Any]:
    """Return the children by local name; repeated ones as a list (parse_xml bounds the depth)."""
    fields: dict[str, Any] = {}
    for child in element:
        tag = child.tag
        name = _short_name(tag) if len(tag) <= _SHORT_TAG else local_name(tag)
        value: Any = _plain_fields(child) if len(child) else child.text or ""
        if name not in fields:
            fields[name] = value
        elif isinstance(fields[name], list):
            fields[name].append(value)
        else:
            fields[name] = [fields[name], value]
    return fields


def _from_value(value: object, source: str | None, *, may_have_blanks: bool = True) -> Payload:
    if isinstance(value, dict):
        fields = _with_trimmed_keys(value) if may_have_blanks else value
        inner = fields.get(_WRAPPER)
        if isinstance(inner, dict) and "eventType" not in fields:
            fields = inner
        return Payload(fields, None, source)
    if isinstance(value, list):
        objects = [item for item in value if isinstance(item, dict)]
        if objects:
            problem = None if len(value) == 1 else f"alarmData is a list of {len(value)}, this is the first"
            return _from_value(objects[0], source)._replace(problem=problem)
    return Payload({}, f"alarmData is {_kind_of(value)} instead of an object", source)


def _with_trimmed_keys(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields with trimmed keys, also those of the objects right below (errata 71 to 76)."""
    return {
        key.strip(): {inner.strip(): item for inner, item in value.items()}
        if isinstance(value, dict)
        else value
        for key, value in fields.items()
    }


def _kind_of(value: object) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", list: "a list without objects"}
    return names.get(type(value), "a value")
