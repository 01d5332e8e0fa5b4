"""The registry of ISAPI functions, what they are given, and the device's own answers (Guide A.4, A.5)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from werkzeug.wrappers import Response

from hpcli.sandbox.http.calls import Call, twice
from hpcli.sandbox.isapi.device import access_rights
from hpcli.sandbox.isapi.device.refusals import (
    BAD_PARAMETERS,
    BAD_XML_CONTENT,
    BAD_XML_FORMAT,
    NOT_SUPPORTED,
    DeviceRefused,
)
from hpcli.sandbox.state.store import Store

NAMESPACE = "http://www.isapi.org/ver20/XMLSchema"
STATUS_NAMESPACE = "http://www.std-cgi.org/ver20/XMLSchema"

_STATUS_TEXTS = {
    1: "OK",
    2: "Device Busy",
    3: "Device Error",
    4: "Invalid Operation",
    5: "Invalid Message Format",
    6: "Invalid Message Content",
    7: "Reboot Required",
}


@dataclass(frozen=True, slots=True)
class DeviceCall:
    """One request that reached a device.

    Attributes:
        store: the state.
        device: the device's kept data.
        ids: the values in the URI, in order.
        query: the query by name.
        body: the body as sent.
        now: the clock.
    """

    store: Store
    device: Mapping[str, Any]
    ids: tuple[str, ...]
    query: Mapping[str, str]
    body: bytes
    now: float

    @property
    def serial(self) -> str:
        """The device's serial."""
        return str(self.device["deviceSerial"])

    @property
    def hardware(self) -> Mapping[str, Any]:
        """What the device is made of."""
        hardware: Mapping[str, Any] = self.device["hardware"]
        return hardware

    def xml(self, root: str) -> ET.Element:
        """Return the XML body; the device refuses another root, entities and broken XML."""
        if b"<!" in self.body:
            raise DeviceRefused(*BAD_XML_FORMAT)
        try:
            message = ET.fromstring(self.body)  # noqa: S314 - this computer's own request, entities refused above
        except ET.ParseError as error:
            raise DeviceRefused(*BAD_XML_FORMAT) from error
        if _local(message.tag) != root:
            raise DeviceRefused(*BAD_XML_CONTENT)
        return message

    def json(self) -> dict[str, Any]:
        """Return the JSON body, `{}` where there is none."""
        try:
            message = json.loads(self.body or b"{}")
        except (ValueError, RecursionError) as error:
            raise DeviceRefused(*BAD_PARAMETERS) from error
        if not isinstance(message, dict):
            raise DeviceRefused(*BAD_PARAMETERS)
        return message

    def json_object(self, root: str) -> dict[str, Any]:
        """Return what a JSON body holds under its root; the device refuses another root."""
        content = self.json().get(root)
        if not isinstance(content, dict):
            raise DeviceRefused(*BAD_PARAMETERS)
        return content


Answer = ET.Element | dict[str, Any] | Response
DeviceFunction = Callable[[DeviceCall], Answer]


@dataclass(frozen=True, slots=True)
class _Route:
    method: str
    uri: str
    pattern: re.Pattern[str]
    part: str
    answer: DeviceFunction


_ROUTES: list[_Route] = []


def isapi(method: str, uri: str, *, part: str = "") -> Callable[[DeviceFunction], DeviceFunction]:
    """Mark the function that answers a URI; `<ID>` stands for one value.

    Args:
        method: HTTP method.
        uri: path without query.
        part: what the device's hardware must list in `parts` to know the URI; empty for every device.
    """

    def register(function: DeviceFunction) -> DeviceFunction:
        for route in _ROUTES:
            if route.method == method and _overlap(route.uri, uri):
                raise twice(f"{method} {uri}", route.answer, function)
        pattern = re.compile(re.escape(uri).replace("<ID>", "([^/]+)"))
        _ROUTES.append(_Route(method, uri, pattern, part, function))
        return function

    return register


def _overlap(first: str, second: str) -> bool:
    """Whether some URI fits both patterns, so that the order of the files would decide who answers it."""
    mine, others = first.split("/"), second.split("/")
    return len(mine) == len(others) and all(
        "<ID>" in (word, other) or word == other for word, other in zip(mine, others, strict=True)
    )


def answer_device(call: Call, device: Mapping[str, Any], uri: str) -> Response:
    """Let a device answer a request."""
    request = call.request
    for route in _ROUTES:
        found = route.pattern.fullmatch(uri)
        if found is None or route.method != request.method or not _has_part(device, route.part):
            continue
        given = DeviceCall(call.store, device, found.groups(), request.args, request.get_data(), call.now)
        try:
            access_rights.check(call, device, uri)
            return _response(route.answer(given))
        except DeviceRefused as refused:
            return _refusal(request.method, uri, refused, is_json=_is_json(request.args))
    return _refusal(request.method, uri, DeviceRefused(*NOT_SUPPORTED), is_json=_is_json(request.args))


def texts(message: ET.Element) -> dict[str, str]:
    """Return the texts of a message's children by local name."""
    return {_local(child.tag): (child.text or "").strip() for child in message}


def nested(message: ET.Element) -> dict[str, Any]:
    """Return a message's elements as nested dicts of texts by local name; what repeats is a list."""
    found: dict[str, Any] = {}
    for child in message:
        name = _local(child.tag)
        value: Any = nested(child) if len(child) else (child.text or "").strip()
        if name in found:
            present = found[name]
            value = [*present, value] if isinstance(present, list) else [present, value]
        found[name] = value
    return found


def element(tag: str, fields: Mapping[str, Any], *, namespace: str = NAMESPACE) -> ET.Element:
    """Make an XML message of version 2.0 from its fields: objects nest, a list repeats its tag, None is left out."""
    root = ET.Element(tag, {"version": "2.0", "xmlns": namespace})
    _fill(root, fields)
    return root


def done(uri: str) -> ET.Element:
    """Make the XML_ResponseStatus of a success (A.5.27)."""
    return _status_element(uri, 1, "OK", "ok")


def done_json(name: str = "ok", code: int = 1) -> dict[str, Any]:
    """Make the JSON_ResponseStatus of a success (A.5.8), with the error code 1 that devices send (field note)."""
    return {"statusCode": 1, "statusString": "OK", "subStatusCode": name, "errorCode": code, "errorMsg": name}


def search_page(
    condition: Mapping[str, Any], rows: Sequence[Any], *, largest: int = 100
) -> tuple[dict[str, Any], Sequence[Any]]:
    """Return the head of a page of a search (A.5.1, A.5.6, A.5.10, A.5.14), and its rows.

    Args:
        condition: searchID, searchResultPosition from 0, maxResults (errata 200).
        rows: everything that was found.
        largest: rows a page has at most; more are cut without a word.
    """
    try:
        start, wanted = int(condition["searchResultPosition"]), int(condition["maxResults"])
        search_id = str(condition["searchID"])
    except (KeyError, TypeError, ValueError) as error:
        raise DeviceRefused(*BAD_PARAMETERS) from error
    if start < 0 or wanted < 1:
        raise DeviceRefused(*BAD_PARAMETERS)
    page = rows[start : start + min(wanted, largest)]
    is_more = start + len(page) < len(rows)
    head = {
        "searchID": search_id,
        "responseStatusStrg": "MORE" if is_more else "OK" if page else "NO MATCH",
        "numOfMatches": len(page),
        "totalMatches": len(rows),
    }
    return head, page


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _has_part(device: Mapping[str, Any], part: str) -> bool:
    return not part or part in device["hardware"].get("parts", ())


def _is_json(query: Mapping[str, str]) -> bool:
    return query.get("format") == "json"


def _fill(parent: ET.Element, fields: Mapping[str, Any]) -> None:
    for tag, value in fields.items():
        for item in value if isinstance(value, list) else [value]:
            if item is None:
                continue
            child = ET.SubElement(parent, tag)
            if isinstance(item, Mapping):
                _fill(child, item)
            else:
                child.text = str(item).lower() if isinstance(item, bool) else str(item)


def _status_element(uri: str, status: int, text: str, name: str) -> ET.Element:
    fields = {"requestURL": uri, "statusCode": status, "statusString": text, "subStatusCode": name}
    return element("ResponseStatus", fields, namespace=STATUS_NAMESPACE)


def _response(answer: Answer, code: int = 0) -> Response:
    if isinstance(answer, Response):
        return answer
    if isinstance(answer, dict):
        body, kind = json.dumps(answer, ensure_ascii=False).encode(), "application/json"
    else:
        body = b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(answer, encoding="utf-8")
        kind = "application/xml"
    headers = {"X-EZO-Code": "0", "X-ErrorCode": "0", "X-DeviceCode": str(code)}
    return Response(body, headers=headers, content_type=kind)


def _refusal(method: str, uri: str, refused: DeviceRefused, *, is_json: bool) -> Response:
    """Make a device's refusal; HTTP stays 200, since the gateway did its part."""
    text = _STATUS_TEXTS[refused.status]
    if not is_json:
        return _response(_status_element(uri, refused.status, text, refused.name), refused.code)
    fields = {
        "requestURL": f"{method} {uri}",
        "statusCode": refused.status,
        "statusString": text,
        "subStatusCode": refused.name,
        "errorCode": refused.code,
        "errorMsg": refused.name,
    }
    return _response(fields, refused.code)
