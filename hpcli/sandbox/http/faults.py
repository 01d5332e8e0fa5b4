"""Faults that a network, a proxy or the platform may cause, at random or on request."""

from __future__ import annotations

import json
import os
import random
import socket
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Response

from hpcli.sandbox.http.calls import Call
from hpcli.sandbox.http.envelope import (
    ConnectionDroppedError,
    Refused,
    failure,
    json_response,
    not_found,
    success,
)
from hpcli.sandbox.state.store import Settings, Store

LIMIT_CODE = "LAP500007"
_QUEUE = "/mq/messages"
_SIGN_IN = "/token/get"


@dataclass(frozen=True, slots=True)
class Incident:
    """A fault about to happen.

    Attributes:
        kind: the kind of fault.
        call: the request; its body is not read yet.
        answer: answers the request as if nothing happened; if a fault does not call it, the request has no effect.
    """

    kind: str
    call: Call
    answer: Callable[[], Response]


def pick(store: Store, settings: Settings, path: str, now: float) -> str | None:
    """Choose the fault of a request, None for none; the same seed and requests give the same faults."""
    chosen = (
        _over_rate(store, settings, now)
        or _ordered(store, settings, path)
        or _by_chance(store, settings, path)
    )
    if chosen is not None:
        store.count(f"fault {chosen}")
    return chosen


def kind_of(entry: str) -> str:
    """Return the kind in `KIND` or `KIND@PATH`."""
    return entry.split("@", 1)[0]


def _applies(entry: str, path: str) -> bool:
    kind, _, part = entry.partition("@")
    place = _PLACES.get(kind, "")
    # A refused token makes no sense for the call that gets a token.
    return part in path and place in path and not (kind == "LAP500004" and _SIGN_IN in path)


def _over_rate(store: Store, settings: Settings, now: float) -> str | None:
    if not settings.rate:
        return None
    window = store.get("rate", "window") or {}
    second = int(now)
    calls = window["calls"] + 1 if window.get("second") == second else 1
    store.put("rate", "window", {"second": second, "calls": calls})
    return LIMIT_CODE if calls > settings.rate else None


def _ordered(store: Store, settings: Settings, path: str) -> str | None:
    waiting = list(settings.next_faults)
    for entry in waiting:
        if _applies(entry, path):
            waiting.remove(entry)
            store.keep_setting("next_faults", waiting)
            return kind_of(entry)
    return None


def _by_chance(store: Store, settings: Settings, path: str) -> str | None:
    shares = {entry: share for entry, share in settings.faults.items() if _applies(entry, path)}
    if not shares:
        return None
    throw = random.Random(f"{settings.seed}/{store.count('throw')}").random()  # noqa: S311 - dice, not secrets
    for entry, share in shares.items():
        throw -= share
        if throw < 0:
            return kind_of(entry)
    return None


def _refuse(incident: Incident) -> Response:
    """Close the connection without an answer; the request has no effect."""
    raise ConnectionDroppedError(incident.kind)


def _reset(incident: Incident) -> Response:
    """Carry out the request and reset the connection in the middle of the answer."""
    connection: socket.socket = incident.call.request.environ["werkzeug.socket"]
    head, body = _raw(incident.answer())
    connection.sendall(head + body[: len(body) // 2])
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # The server would first close the connection in order; closing the descriptor sends the reset.
    os.close(connection.detach())
    raise ConnectionDroppedError(incident.kind)


def _cut(incident: Incident) -> Response:
    """Carry out the request and end the connection in the middle of the answer."""
    connection: socket.socket = incident.call.request.environ["werkzeug.socket"]
    head, body = _raw(incident.answer())
    connection.sendall(head + body[: len(body) // 2])
    raise ConnectionDroppedError(incident.kind)


def _stall(incident: Incident) -> Response:
    """Send nothing for a minute, then close."""
    call = incident.call
    for _ in range(int(call.settings.stall_seconds * 10)):
        if call.is_over(0.1):
            break
    raise ConnectionDroppedError(incident.kind)


def _silence(incident: Incident) -> Response:
    """Answer the poll with a heartbeat when its time is over, even if the queue has messages."""
    call = incident.call
    for _ in range(int(call.settings.poll_seconds * 20)):
        if call.is_over(0.05):
            break
    return _empty(incident)


def _empty(incident: Incident) -> Response:  # noqa: ARG001 - the table calls all alike
    """Answer the poll with a heartbeat at once."""
    return success({"batchId": "", "list": []})


def _null_data(incident: Incident) -> Response:  # noqa: ARG001 - the table calls all alike
    """Answer with data null (errata row 134)."""
    return json_response({"data": None, "errorCode": "0"})


def _without_data(incident: Incident) -> Response:
    """Do what was asked and answer a success that lacks its `data`, or holds a text in its place."""
    envelope = json.loads(incident.answer().get_data())
    if incident.kind == "textdata":
        return json_response({**envelope, "data": "ok"})
    return json_response({name: value for name, value in envelope.items() if name != "data"})


def _proxy_page(incident: Incident) -> Response:  # noqa: ARG001 - the table calls all alike
    """Answer like a proxy that cannot reach the platform."""
    page = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
    return Response(page, status=502, content_type="text/html")


def _too_many(incident: Incident) -> Response:
    """Answer HTTP 429, with Retry-After in `retry429`."""
    answer = Response("Too Many Requests", status=429, content_type="text/plain")
    if incident.kind == "retry429":
        answer.headers["Retry-After"] = "1"
    return answer


def _broken_json(incident: Incident) -> Response:
    """Carry out the request and answer JSON that ends too early, with a matching length."""
    answer = incident.answer()
    body = answer.get_data()
    answer.set_data(body[: max(1, len(body) * 2 // 3)])
    return answer


def _forget_offset(incident: Incident) -> Response:  # noqa: ARG001 - the table calls all alike
    """Answer that a batch is confirmed, but send it again."""
    return success()


def _disorder(incident: Incident) -> Response:
    """Return a batch with its messages in another order."""
    answer = incident.answer()
    envelope = json.loads(answer.get_data())
    if isinstance(envelope.get("data"), dict):
        envelope["data"]["list"] = envelope["data"].get("list", [])[::-1]
    return json_response(envelope)


def _bad_clock(incident: Incident) -> Response:
    """Return a token that expired an hour ago: the platform's clock is wrong."""
    return _with_token_data(incident, expireTime=int((incident.call.now - 3600) * 1000))


def _move_domain(incident: Incident) -> Response:
    """Return another name of this host as area domain, followed by a slash and a blank (field note)."""
    return _with_token_data(
        incident, areaDomain=incident.call.base_url.replace("127.0.0.1", "localhost") + "/ "
    )


def _with_token_data(incident: Incident, **changes: Any) -> Response:
    envelope = json.loads(incident.answer().get_data())
    if "data" in envelope:
        envelope["data"] |= changes
    return json_response(envelope)


def _drift(incident: Incident) -> Response:
    """Answer with keys and values as loose as the guide's examples: blanks, 1 for true, digits as text.

    Messages of the queue hold their JSON as an object instead of as text (errata row 131).
    """
    answer = incident.answer()
    if not answer.content_type.startswith("application/json"):
        return answer
    envelope = json.loads(answer.get_data())
    if isinstance(envelope.get("data"), dict | list):
        if _QUEUE in incident.call.request.path:
            _unwrap(envelope["data"].get("list", ()))
        envelope["data"] = _loosened(envelope["data"])
    return json_response(envelope)


def _unwrap(messages: Iterable[dict[str, Any]]) -> None:
    for message in messages:
        if message["formatType"] == "JSON" and isinstance(message["alarmData"], str):
            message["alarmData"] = json.loads(message["alarmData"])


def _loosened(value: Any) -> Any:
    if isinstance(value, dict):
        return {f"{key} ": _loosened(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_loosened(inner) for inner in value]
    if isinstance(value, bool):
        return int(value)
    return str(value) if isinstance(value, int) else value


def _gone(incident: Incident) -> Response:
    """Answer as for a call that the platform no longer offers."""
    return not_found(incident.call.request.path)


def _refused(code: str) -> Callable[[Incident], Response]:
    """Return the fault that refuses a call with a code of the platform."""

    def answer(incident: Incident) -> Response:  # noqa: ARG001 - the table calls all alike
        return failure(Refused(code))

    return answer


KINDS: Mapping[str, Callable[[Incident], Response]] = {
    "refuse": _refuse,
    "reset": _reset,
    "cut": _cut,
    "stall60": _stall,
    "html502": _proxy_page,
    "limit429": _too_many,
    "retry429": _too_many,
    "badjson": _broken_json,
    "drift": _drift,
    "badclock": _bad_clock,
    "movedomain": _move_domain,
    "silence20": _silence,
    "empty": _empty,
    "nulldata": _null_data,
    "nodata": _without_data,
    "textdata": _without_data,
    "dupbatch": _forget_offset,
    "disorder": _disorder,
    **{
        code: _refused(code)
        for code in (
            "LAP000000",
            "LAP500001",
            "LAP500004",
            LIMIT_CODE,
            "LAP068001",
            "LAP008128",
            "EVZ10007",
            "EVZ20008",
        )
    },
    "gone404": _gone,
}
"""The faults by the name that `configure` and `sandbox serve --fault` take."""

_PLACES: Mapping[str, str] = {
    "badclock": _SIGN_IN,
    "movedomain": _SIGN_IN,
    "silence20": _QUEUE,
    "empty": _QUEUE,
    "nulldata": _QUEUE,
    "disorder": _QUEUE,
    "LAP068001": _QUEUE,
    "dupbatch": "/mq/offset",
    "EVZ20008": "/device/",
}
"""The part of the path that a fault applies to; other faults apply to every path."""


def _raw(answer: Response) -> tuple[bytes, bytes]:
    body = answer.get_data()
    head = f"HTTP/1.1 {answer.status}\r\nContent-Type: {answer.content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode("latin-1"), body
