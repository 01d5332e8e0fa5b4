"""Messages of devices as plain data and back, from XML or JSON.

The plain form keeps the root's name as its one key, as JSON messages do themselves::

    {"DeviceInfo": {"@xmlns": "http://…", "@version": "2.0", "deviceName": "Hall", "telecontrolID": 255, …}}

Attributes are `@name`, the namespace is `@xmlns`, an element's own text beside attributes or children is
`#text`. What appendix A.5 defines gets the type it says, and a list is a list even of one; what it does not
know stays, as text and dicts. Keys keep the order of the elements; elements of one name that stand apart
come together, and comments go.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

from hpcli.errors import DeviceError, UsageError
from hpcli.isapi.body import Body, Kind, read_body
from hpcli.isapi.definitions import Field, Format, find_message, messages
from hpcli.isapi.xml import DECLARATION, local_name, namespace_of, to_text

_INTEGER = re.compile(r"[+-]?\d{1,18}")
_FLOAT = re.compile(r"[+-]?\d{1,300}(?:\.\d{0,300})?(?:[eE][+-]?\d{1,2})?")
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
_AS_IT_IS: dict[str, type] = {"string": str, "datetime": str, "boolean": bool, "integer": int, "float": float}
"""The type of a value that already has the form of its kind."""
_XML_NAME = re.compile(r"[^\W\d][\w.-]*")
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

SPELLINGS = {"isAbnormalTemperature": "isAbnomalTemperature", "usefulLifeStatus": "userfulLifeStatus"}
"""The right spellings of two misprinted names, which may come as well (errata 175 and 204)."""


def to_plain(body: bytes, message: str | None = None, content_type: str = "") -> dict[str, Any]:
    """Return a message as plain data; an empty body is an empty dict.

    Args:
        body: XML or JSON in any encoding.
        message: name of the A.5 message it should be; without one, or when another came, the root tells.
        content_type: Content-Type header of the body, if there is one.

    Raises:
        DeviceError: the body is neither a JSON object nor well-formed, harmless XML.
    """
    parsed = read_body(body, content_type)
    if parsed.kind in (Kind.EMPTY, Kind.BLANK):
        return {}
    if parsed.kind is Kind.JSON and not isinstance(parsed.value, dict):
        raise DeviceError("The device's answer is JSON, but not an object, where a message was expected.")
    if parsed.kind in (Kind.JSON, Kind.XML):
        return body_to_plain(parsed, message)
    raise DeviceError("The device's answer cannot be read.", hint=parsed.reason or None)


def body_to_plain(body: Body, message: str | None = None) -> dict[str, Any]:
    """Return XML or a JSON object as plain data.

    Args:
        body: as `body.read_body` returns it.
        message: name of the A.5 message it should be; without one, or when another came, the root tells.
    """
    if body.root is None:
        return _json_to_plain(body.value, message)
    name = local_name(body.root.tag)
    definition = _root_field(name, message, "xml")
    plain = element_to_plain(body.root, definition)
    if not isinstance(plain, dict):
        plain = {"#text": plain} if plain else {}
    if definition is not None:
        # Even an empty one: it says that the message was read, not made, so that nothing is added to it.
        plain = {"@xmlns": namespace_of(body.root.tag), **plain}
    return {name: plain}


def to_body(
    plain: Mapping[str, Any], message: str | None = None, message_format: Format | None = None
) -> bytes:
    """Return plain data as the bytes to send.

    What was read goes back with every element in its order, the same namespace and the same attributes. A
    message made from scratch (no `@xmlns`) gets the guide's namespace, version and order of elements.

    Args:
        plain: the root's name and what it holds.
        message: name of the A.5 message; without one the root tells.
        message_format: xml or json, where it is not the message's own.

    Raises:
        UsageError: the data does not fit into XML (several roots, a bad name, a forbidden character).
    """
    wanted = message_format or _format_of(plain, message)
    if wanted == "json":
        document = messages()[message].document if message else None
        typed = {key: _typed(value, _json_field(key, document)) for key, value in plain.items()}
        return json.dumps(typed, ensure_ascii=False).encode()
    if len(plain) != 1:
        raise UsageError(
            "An XML message has exactly one root element.", hint='Write it as {"DeviceInfo": {…}}.'
        )
    name, value = next(iter(plain.items()))
    definition = _root_field(name, message, "xml")
    if isinstance(value, Mapping) and "@xmlns" not in value:
        value = _completed(name, value, definition, message)
    text = to_text(_plain_to_element(name, value, ""))
    if _NO_XML.search(text):
        raise UsageError("A value holds a control character, which XML cannot carry.")
    return (DECLARATION + text).encode()


def _json_to_plain(plain: Mapping[str, Any], message: str | None) -> dict[str, Any]:
    document = messages()[message].document if message else None
    return {key.strip(): _typed(value, _json_field(key.strip(), document)) for key, value in plain.items()}


def _json_field(key: str, document: Field | None) -> Field | None:
    if document is not None and key in document.children:
        return document.children[key]
    found = find_message(key, "json")
    return found.document.children[key] if found else None


def _root_field(name: str, message: str | None, message_format: Format) -> Field | None:
    if message is not None and name in messages()[message].document.children:
        return messages()[message].document.children[name]
    found = find_message(name, message_format)
    return found.document.children[name] if found else None


def _format_of(plain: Mapping[str, Any], message: str | None) -> Format:
    if message is not None:
        return messages()[message].format
    root, value = next(iter(plain.items()), ("", None))
    if isinstance(value, Mapping) and "@xmlns" in value:
        return "xml"
    return "xml" if find_message(root, "xml") and not find_message(root, "json") else "json"


def element_to_plain(element: Element, definition: Field | None = None, outer_namespace: str = "") -> Any:
    """Return an element as plain data: its text, or its attributes and children.

    Args:
        element: of a parsed document.
        definition: gives types and tells lists; text and dicts without it.
        outer_namespace: that of the element around it; another one is kept as `@xmlns`.
    """
    namespace = namespace_of(element.tag)
    plain: dict[str, Any] = {"@xmlns": namespace} if namespace != outer_namespace else {}
    plain.update({f"@{key}": value for key, value in element.items()})
    value = _value_of(_trimmed(element.text), definition)
    if len(element) == 0:
        if plain or (definition is not None and definition.kind == "object" and value == ""):
            return {**plain, "#text": value} if value != "" else plain
        return value
    mixed = "".join([_trimmed(element.text), *(_trimmed(child.tail) for child in element)])
    if mixed:
        plain["#text"] = mixed
    for child in element:
        _add_child(plain, child, definition, namespace)
    return plain


def _add_child(plain: dict[str, Any], child: Element, parent: Field | None, namespace: str) -> None:
    name = local_name(child.tag)
    definition = parent.children.get(name) if parent else None
    value = element_to_plain(child, definition, namespace)
    if name in plain:
        present = plain[name]
        plain[name] = [*present, value] if isinstance(present, list) else [present, value]
    else:
        plain[name] = [value] if definition is not None and definition.is_list else value


def _trimmed(text: str | None) -> str:
    """Drop the blanks of pretty printing; blanks at the end of a name on one line may be meant."""
    if not text:
        return ""
    return text.strip() if "\n" in text else text


def _typed(value: Any, definition: Field | None) -> Any:
    """Give a JSON value the form its definition says, as far as it can have it."""
    if definition is None or value is None:
        return value
    if type(value) is _AS_IT_IS.get(definition.kind) and not definition.is_list:
        return value
    if definition.is_list:
        if value == "":
            return []
        items = value if isinstance(value, list) else [value]
        return [typed_item(item, definition) for item in items]
    return typed_item(value, definition)


def typed_item(value: Any, definition: Field) -> Any:
    """Give a JSON value the form of its definition, of one item where that is a list."""
    if not isinstance(value, Mapping):
        return _value_of(value, definition)
    typed: dict[str, Any] = {}
    for key, item in value.items():
        name = SPELLINGS.get(key.strip(), key.strip())
        typed[name] = _typed(item, definition.children.get(name))
    return typed


def _value_of(value: Any, definition: Field | None) -> Any:
    """Turn numbers, digits and booleans into the defined type; what does not fit stays as it came."""
    if definition is None or value is None or isinstance(value, (list, Mapping)):
        return value
    text = (str(value).lower() if isinstance(value, bool) else str(value)).strip()
    match definition.kind:
        case "string" | "datetime":
            return value if isinstance(value, str) else text
        case "boolean":
            return _BOOLEANS.get(text.lower(), value)
        case "integer" if _INTEGER.fullmatch(text):
            return int(text)
        case "float" if _FLOAT.fullmatch(text):
            return float(text)
    return value


def _completed(
    name: str, value: Mapping[str, Any], definition: Field | None, message: str | None
) -> Mapping[str, Any]:
    """Give a message made from scratch its namespace, version and order."""
    found = messages()[message] if message else find_message(name, "xml")
    if found is None or definition is None or found.format != "xml":
        return value
    attributes = {"@xmlns": found.namespace}
    if found.version:
        attributes["@version"] = found.version
    return {**attributes, **_in_order(value, definition)}


def _in_order(value: Any, definition: Field | None) -> Any:
    if isinstance(value, list):
        return [_in_order(item, definition) for item in value]
    if not isinstance(value, Mapping) or definition is None:
        return value
    names = list(definition.children)
    known = [name for name in names if name in value]
    unknown = [name for name in value if name not in definition.children]
    return {name: _in_order(value[name], definition.children.get(name)) for name in known + unknown}


def _plain_to_element(name: str, value: Any, namespace: str) -> Element:
    if not _XML_NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot be the name of an XML element.")
    if isinstance(value, list):
        raise UsageError(f"{name} is a list within a list, which XML cannot carry.")
    if not isinstance(value, Mapping):
        element = Element(_tag(name, namespace))
        element.text = _text_of(value)
        return element
    namespace = value.get("@xmlns", namespace)
    element = Element(_tag(name, namespace))
    for key, item in value.items():
        if key == "#text":
            element.text = _text_of(item)
        elif key.startswith("@"):
            _set_attribute(element, key[1:], item)
        else:
            for each in item if isinstance(item, list) else [item]:
                element.append(_plain_to_element(key, each, namespace))
    return element


def _set_attribute(element: Element, name: str, value: Any) -> None:
    if name == "xmlns":
        return
    if not _XML_NAME.fullmatch(local_name(name)):
        raise UsageError(f"{name!r} cannot be the name of an XML attribute.")
    element.set(name, _text_of(value))


def _tag(name: str, namespace: str) -> str:
    return f"{{{namespace}}}{name}" if namespace else name


def _text_of(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
