"""The payload of a message: `alarmData` in any form, as a dictionary.

Guide §3.34 promises a string; seen are JSON strings, objects, strings within strings and XML of four
namespaces, each under either `formatType`. The content decides, not the label.
"""

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final, NamedTuple

from hpcli.alarms.event.fields import walk
from hpcli.alarms.event.json_codec import decode
from hpcli.alarms.event.usual_names import usual_message, with_usual_names
from hpcli.isapi.xml import XmlError, XmlRefusedError, local_name, parse_xml

# The last three are a byte-order mark that was read as Latin-1.
_PADDING = " \t\r\n\x00\ufeff\xef\xbb\xbf"
_EXCERPT = 60
_STRINGS_WITHIN_STRINGS = 4

_WRAPPER = "EventNotificationAlert"

_ESCAPED_XML = ("&lt;", "{&quot;")
_ESCAPED = (*_ESCAPED_XML, '{\\"')

_BEGINNING = re.compile(r'<\??[A-Za-z]|\{\s*"')
"""Where XML or a JSON object may begin in a text that begins with something else."""

_JSON_BEHIND = re.compile(r'>[\s\x00]*(\{\s*".*)\Z', re.DOTALL)
"""A further alert in JSON behind one in XML."""

_SHORT_TAG = 128
"""Characters of a name with its namespace; longer ones are hostile and are discarded."""

_short_name = lru_cache(maxsize=1024)(local_name)


class Payload(NamedTuple):
    """What a message says.

    Attributes:
        fields: its fields, with local names for XML; empty if nothing could be read.
        problem: what is wrong with it, as a clause for people, or None.
        source: the text it was read from; None if it came as an object.
        others: the fields of further alerts in the same message.
    """

    fields: dict[str, Any]
    problem: str | None = None
    source: str | None = None
    others: tuple[dict[str, Any], ...] = ()


def read_payload(message: object, text: str | None = None) -> Payload:
    """Return the fields of a message's alarmData; never raises.

    Args:
        message: as the platform sent it.
        text: the message as compact JSON, where it is known.
    """
    if not isinstance(message, dict):
        return Payload({}, "the message is not an object")
    body = message.get("alarmData")
    if body is None:
        message = usual_message(message)
        body = message.get("alarmData")
    if isinstance(body, str):
        return _read_text(body)
    if body is None:
        # A later edition may send the event without its envelope.
        found = _alerts_of(message, 0)
        return Payload(found[0], others=tuple(found[1:])) if found else Payload({}, "there is no alarmData")
    is_plain = text is not None and text.isascii() and "\\" not in text and not _may_have_blanks(text)
    return _from_value(body, None, may_have_blanks=not is_plain)


def _read_text(text: str) -> Payload:
    source = text
    for _ in range(_STRINGS_WITHIN_STRINGS):
        if not text.startswith(("{", "<")):
            text = text.strip(_PADDING)
        if text.startswith(_ESCAPED):
            text = _with_escapes_undone(text)
        if text.startswith("<"):
            return _read_xml(text, source)
        if not text.startswith(("{", "[", '"')):
            break
        try:
            value, end = decode(text)
        except (ValueError, RecursionError) as error:
            return _read_broken_json(text, source, _json_problem(error))
        if not isinstance(value, str):
            payload = _from_value(value, source, may_have_blanks=_may_have_blanks(text))
            left = text[end:].strip(_PADDING)
            return _with_more(payload, left) if left and payload.problem is None else payload
        text = value
    return _read_inner(text, source)


def _with_escapes_undone(text: str) -> str:
    """Return a text whose quotes or brackets are still escaped as in the message that held it."""
    if '\\"' in text:
        with suppress(ValueError):
            return str(json.loads(f'"{text}"', strict=False))
    if text.startswith(_ESCAPED_XML):
        from html import unescape

        return unescape(text)
    return text


def _with_more(payload: Payload, left: str) -> Payload:
    """Return a payload with the alerts that follow it in its text."""
    more = _read_broken_json(left, left, None) if left.startswith("{") else Payload({})
    if not left.startswith("{") and (begins := _BEGINNING.search(left)):
        more = _read_inner(left[begins.start() :], left)  # the next part of several
    if more.fields and more.problem is None:
        return payload._replace(others=(more.fields, *more.others))
    return payload._replace(problem="more text follows the JSON")


def _read_inner(text: str, source: str) -> Payload:
    """Read what has text before it, such as the head of a MIME part."""
    begins = _BEGINNING.search(text)
    if begins is None:
        return Payload({}, _neither_problem(text), source)
    inner = text[begins.start() :]
    payload = _read_xml(inner, source) if inner.startswith("<") else _read_broken_json(inner, source, None)
    return payload if payload.fields else Payload({}, _neither_problem(text), source)


def _read_broken_json(text: str, source: str, problem: str | None) -> Payload:
    """Read what can be read of JSON.

    Args:
        text: begins with it.
        source: of the payload.
        problem: what is wrong with it, if that is known.
    """
    from hpcli.isapi.lenient_json import read_lenient

    try:
        reading = read_lenient(text)
    except ValueError:
        return Payload({}, problem or "the JSON is broken", source)
    if reading.is_cut and problem is None:
        problem = "the JSON is cut off"
    values = [value for value in reading.values if isinstance(value, dict | list) and value]
    if not values:
        return Payload({}, problem or "there is no object in the JSON", source)
    first, *others = (_from_value(value, source) for value in values)
    further = [*first.others, *(fields for other in others for fields in (other.fields, *other.others))]
    payload = Payload(first.fields, problem or first.problem, source, tuple(further))
    begins = _BEGINNING.search(reading.tail) if reading.tail and payload.fields else None
    return _with_more(payload, reading.tail[begins.start() :]) if begins else payload


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
        roots = [(parse_xml(text), False)]
    except XmlRefusedError as error:
        return Payload({}, _clause(error), source)
    except XmlError as error:
        from hpcli.isapi.lenient_xml import read_documents

        text = _with_escapes_undone(text) if '=\\"' in text else text
        try:
            roots = read_documents(text)
        except XmlRefusedError as refused:
            return Payload({}, _clause(refused), source)
        except XmlError:
            return Payload({}, _clause(error), source)
    found = [
        _with_inner_fields(fields) if is_recovered else fields
        for root, is_recovered in roots
        for fields in _alerts_in(root)
    ]
    if not found:
        return Payload({}, "the XML is empty", source)
    problem = "the XML is broken; this is what can be read of it" if roots[0][1] else None
    payload = Payload(found[0], problem, source, tuple(found[1:]))
    behind = _JSON_BEHIND.search(text) if text[-1:] in ("}", "]") else None
    return _with_more(payload, behind[1]) if behind else payload


def _with_inner_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a broken alert; where a field was not closed, the following ones lie in it."""
    if not _TELLING.isdisjoint(fields):
        return fields
    lost = {name: value for name, value in walk(fields) if isinstance(value, str)}
    return with_usual_names({**lost, **fields})


def _clause(error: XmlError) -> str:
    problem = str(error)
    return problem[:1].lower() + problem[1:].rstrip(".")


def _alerts_in(root: Any) -> list[dict[str, Any]]:
    """Return the fields of a document: of its root, or of each alert if the root holds only such."""
    fields = with_usual_names(_plain_fields(root))
    inner = fields.get(_WRAPPER)
    if inner is None or "eventType" in fields:
        return [fields] if fields else []
    alerts = inner if isinstance(inner, list) else [inner]
    return [with_usual_names(alert) for alert in alerts if isinstance(alert, dict)]


def _plain_fields(element: Any) -> dict[str, Any]:
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
        if "eventType" in fields:
            return Payload(with_usual_names(fields), None, source)
        found = _alerts_of(fields, 0)
        if found:
            return Payload(found[0], None, source, tuple(found[1:]))
        return Payload(with_usual_names(fields), None, source)
    if isinstance(value, list):
        held = [_alerts_of(item, 1) or _unknown_alert(item) for item in value]
        found = [fields for alerts in held for fields in alerts]
        if found:
            problem = None if all(held) else "alarmData is a list that holds more than objects"
            return Payload(found[0], problem, source, tuple(found[1:]))
    return Payload({}, f"alarmData is {_kind_of(value)} instead of an object", source)


def _unknown_alert(item: object) -> list[dict[str, Any]]:
    """Return an object of a list that is an alert of a kind that nobody knows."""
    return [with_usual_names(_with_trimmed_keys(item))] if isinstance(item, dict) else []


_TELLING: Final = frozenset({"eventType", "CIDEvent", "AccessControllerEvent", "callingId", "customType"})
"""Names of which an alert has at least one."""


def _alerts_of(value: object, depth: int) -> list[dict[str, Any]]:
    """Return the alerts that a value is or holds, in lists, texts and objects around them."""
    if isinstance(value, dict):
        fields = with_usual_names(_with_trimmed_keys(value))
        if not _TELLING.isdisjoint(fields):
            return [fields]
        inner: Iterable[object] = fields.values()
    elif isinstance(value, list):
        inner = value
    elif isinstance(value, str) and value.lstrip(_PADDING)[:1] in ("{", "[", "<"):
        payload = _read_text(value) if depth else Payload({})
        return [] if _TELLING.isdisjoint(payload.fields) else [payload.fields, *payload.others]
    else:
        return []
    if depth >= _STRINGS_WITHIN_STRINGS:
        return []
    return [
        alert
        for item in inner
        if isinstance(item, dict | list | str)
        for alert in _alerts_of(item, depth + 1)
    ]


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
