"""The registry of ISAPI functions, what they are given, and the device's own answers (Guide A.4, A.5)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from werkzeug.wrappers import Response

from hpcli.sandbox.calls import Call
from hpcli.sandbox.store import Store

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


class DeviceRefused(Exception):  # noqa: N818 - an answer of a device, not a fault of the program
    """The device refuses a request.

    Args:
        status: status code 2 to 7 (Guide A.6).
        name: sub-status, such as `notSupport`.
        code: the number of that sub-status in A.6.
    """

    def __init__(self, status: int, name: str, code: int) -> None:
        super().__init__(name)
        self.status = status
        self.name = name
        self.code = code


NOT_SUPPORTED = (4, "notSupport", 0x40000001)
BAD_XML_FORMAT = (5, "badXmlFormat", 0x50000001)
BAD_XML_CONTENT = (6, "badXmlContent", 0x60000003)
BAD_PARAMETERS = (6, "badParameters", 0x60000001)


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
        user_level: 0 installer, 1 operator (X-Userlevel).
    """

    store: Store
    device: Mapping[str, Any]
    ids: tuple[str, ...]
    query: Mapping[str, str]
    body: bytes
    now: float
    user_level: int

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

    def json(self) -> Any:
        """Return the JSON body, `{}` where there is none."""
        try:
            return json.loads(self.body or b"{}")
        except ValueError as error:
            raise DeviceRefused(*BAD_PARAMETERS) from error


Answer = ET.Element | dict[str, Any]
DeviceFunction = Callable[[DeviceCall], Answer]


@dataclass(frozen=True, slots=True)
class _Route:
    method: str
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
        pattern = re.compile(re.escape(uri).replace("<ID>", "([^/]+)"))
        _ROUTES.append(_Route(method, pattern, part, function))
        return function

    return register


def answer_device(call: Call, device: Mapping[str, Any], uri: str) -> Response:
    """Let a device answer a request."""
    request = call.request
    for route in _ROUTES:
        found = route.pattern.fullmatch(uri)
        if found is None or route.method != request.method or not _has_part(device, route.part):
            continue
        level = int(request.headers.get("X-Userlevel") or 0)
        given = DeviceCall(
            call.store, device, found.groups(), request.args, request.get_data(), call.now, level
        )
        try:
            return _response(route.answer(given))
        except DeviceRefused as refused:
            return _refusal(request.method, uri, refused, is_json=_is_json(request.args))
    return _refusal(request.method, uri, DeviceRefused(*NOT_SUPPORTED), is_json=_is_json(request.args))


def texts(message: ET.Element) -> dict[str, str]:
    """Return the texts of a message's children by local name."""
    return {_local(child.tag): (child.text or "").strip() for child in message}


def element(tag: str, fields: Mapping[str, Any], *, namespace: str = NAMESPACE) -> ET.Element:
    """Make an XML message of version 2.0 from its fields: objects nest, a list repeats its tag, None is left out."""
    root = ET.Element(tag, {"version": "2.0", "xmlns": namespace})
    _fill(root, fields)
    return root


def done(uri: str) -> ET.Element:
    """Make the XML_ResponseStatus of a success (A.5.27)."""
    return _status_element(uri, 1, "OK", "ok")


def done_json() -> dict[str, Any]:
    """Make the JSON_ResponseStatus of a success (A.5.8), with the error code 1 that devices send (field note)."""
    return {"statusCode": 1, "statusString": "OK", "subStatusCode": "ok", "errorCode": 1, "errorMsg": "ok"}


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
