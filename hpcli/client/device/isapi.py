"""Requests that the platform passes on to a device and back (Guide §3.23)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from hpcli.api.operation import API, Operation
from hpcli.api.operations.device.isapi import DELETE_ISAPI, POST_ISAPI, PUT_ISAPI, READ_ISAPI
from hpcli.client.answers import Answer, read_envelope, refusal, status_error
from hpcli.client.calls import Calls
from hpcli.client.request import Request
from hpcli.errors import (
    DeviceError,
    HpcliError,
    NetworkError,
    ProtocolError,
    UnconfirmedError,
    UsageError,
)
from hpcli.parse import parse_serial

if TYPE_CHECKING:
    from hpcli.client.transport import Transport
    from hpcli.isapi.outcome import Outcome

Refused = Callable[[Answer], HpcliError | None]
_GATEWAY = "v1/device/transparent/"
ANY_ISAPI = {operation.method: operation for operation in (READ_ISAPI, PUT_ISAPI, POST_ISAPI, DELETE_ISAPI)}
USER_LEVELS = {"installer": "0", "admin": "1"}
_LETTERS = "In URIs small and capital letters count."


class DeviceUser(NamedTuple):
    """Which device user a call acts as (§3.23).

    Attributes:
        level: `installer` or `admin`, None for the platform's default.
        name: a user of the device; panels of the AX Pro series know one by the name alone.
        password: that user's password, which other devices need.
    """

    level: str | None = None
    name: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        """Leave the password out."""
        return f"DeviceUser(level={self.level!r}, name={self.name!r})"

    def headers(self) -> dict[str, str]:
        """Return the headers of §3.23.

        Raises:
            UsageError: a password without a name, or an unknown level.
        """
        if self.name is None and self.password is not None:
            raise UsageError("A device user's password needs the user's name.", hint="Add --as USER.")
        given = {"X-Username": self.name, "X-Password": self.password}
        headers = {header: value for header, value in given.items() if value is not None}
        if self.level is not None:
            if self.level not in USER_LEVELS:
                raise UsageError(f"'{self.level}' is not a user level.", hint="Choose installer or admin.")
            headers["X-Userlevel"] = USER_LEVELS[self.level]
        return headers


class SilentAnswerError(UnconfirmedError):
    """The answer to a change was empty, or an envelope around nothing: its state may show what became of it."""

    def __init__(self, *, http_status: int | None = None) -> None:
        super().__init__(
            "The change was sent; the device confirmed nothing.",
            hint=self.advice,
            http_status=http_status,
        )


class IsapiCalls(Calls):
    """The pass-through call, as a part of the calls about devices."""

    def isapi(
        self,
        method: str,
        uri: str,
        serial: str,
        *,
        query: Mapping[str, str] | None = None,
        content: bytes | None = None,
        user: DeviceUser | None = None,
        operation: Operation | None = None,
        timeout: float | None = None,
    ) -> Answer:
        """Send an ISAPI request to a device and return its answer as it came. Guide §3.23.

        Args:
            method: GET, PUT, POST or DELETE.
            uri: `ISAPI/System/deviceInfo`, with or without the leading slash, with or without a query.
            serial: the device.
            query: further query parameters.
            content: body; XML where it begins with `<`, else JSON.
            user: as whom.
            operation: what is done, where it is a known call.
            timeout: seconds, those of the transport without it.

        Raises:
            DeviceError: the device refused, or its answer to a change is no confirmation (`isapi.outcome`).
            SilentAnswerError: its answer to a change says nothing.
            DeviceOfflineError: it is not connected (EVZ20007).
            HpcliError: as every call.
        """
        path, _, given = uri.partition("?")
        wanted = {**_parse_query(given), **(query or {})}
        request = device_request(
            operation or isapi_operation(method, path), path, serial, wanted, content, user
        )
        refused = known_refusal
        if operation is None:
            refused = device_refusal if request.operation.change else reading_refusal
        return pass_through(self._transport, request, refused, timeout)


def pass_through(
    transport: Transport, request: Request, refused: Refused, timeout: float | None = None
) -> Answer:
    """Send a request to a device; of a change, return its answer only where that confirms it (`isapi.outcome`).

    Args:
        transport: sends it.
        request: what to send.
        refused: reads an answer; returns its error or None.
        timeout: seconds, those of the transport without it.

    Raises:
        UnconfirmedError: the answer to a change is no confirmation; SilentAnswerError where it says nothing.
        HpcliError: as every call.
    """
    if not request.operation.change:
        return transport.exchange(request, refused, timeout)
    method, path = request.operation.method, request.path

    def unconfirmed(answer: Answer) -> HpcliError | None:
        return refused(answer) or outcome_of(method, path, answer).error

    answer = transport.exchange(request, unconfirmed, timeout)
    if outcome_of(method, path, answer).is_silent:
        raise SilentAnswerError(http_status=answer.status)
    return answer


def isapi_operation(method: str, uri: str = "") -> Operation:
    """Return what an ISAPI request by hand is: a GET, or a search that the guide knows, reads.

    Anything else is a change that asks.
    """
    if method not in ANY_ISAPI:
        raise UsageError(
            f"'{method}' is not a method that devices know.", hint=f"Choose from: {', '.join(ANY_ISAPI)}."
        )
    by_hand = ANY_ISAPI[method]
    if by_hand.change and uri and _is_documented_reading(method, uri):
        return by_hand._replace(change=False, asks=False, repeatable=True)
    return by_hand


def _is_documented_reading(method: str, uri: str) -> bool:
    from hpcli.reference.document import find_operation

    found = find_operation(method, API + _GATEWAY + uri.lstrip("/"))
    return found is not None and bool(found[1].get("x-reads"))


def has_dot_segments(path: str) -> bool:
    """Whether a path has a segment `.` or `..`, also as `%2e%2e`, which would be taken away before it is sent."""
    from urllib.parse import unquote

    return not {".", ".."}.isdisjoint(unquote(path.partition("?")[0]).split("/"))


def check_uri(uri: str) -> str:
    """Return the URI without its leading slash.

    Raises:
        UsageError: it does not begin with ISAPI/, or leads out of it.
    """
    cleaned = uri.strip().lstrip("/")
    if not cleaned.startswith("ISAPI/") or has_dot_segments(cleaned):
        raise UsageError(
            f"'{uri}' is not an ISAPI URI.", hint="It begins with /ISAPI/, as in /ISAPI/System/deviceInfo."
        )
    return cleaned


def device_request(
    operation: Operation,
    uri: str,
    serial: str,
    query: Mapping[str, str],
    content: bytes | None,
    user: DeviceUser | None,
) -> Request:
    """Return a request that the platform passes on to a device."""
    headers = {"X-Devserial": parse_serial(serial), **(user or DeviceUser()).headers()}
    return Request(operation, API + _GATEWAY + check_uri(uri), query, headers, content=content)


def outcome_of(method: str, uri: str, answer: Answer) -> Outcome:
    """Return what an answer says of a change that was passed on to a device.

    Args:
        method: of the request.
        uri: the ISAPI URI, or the whole path of the request.
        answer: what came.
    """
    from hpcli.isapi.definitions import find_uri
    from hpcli.isapi.outcome import judge

    known = find_uri(method, uri.removeprefix(API + _GATEWAY))
    response = known.response if known else None
    return judge(answer.status, answer.headers, answer.body, method=method, response=response)


def device_refusal(answer: Answer) -> HpcliError | None:
    """Return the error of an answer to a URI typed by hand, which may be to blame where it is not known."""
    error = known_refusal(answer)
    if error is not None and getattr(error, "name", "") == "notSupport":
        error.hint = f"{error.hint or ''} {_LETTERS}".lstrip()
    return error


def reading_refusal(answer: Answer) -> HpcliError | None:
    """Return the error of an answer to a URI read by hand; nothing and a web page are not an answer of a device."""
    error = device_refusal(answer)
    if error is not None:
        return error
    from hpcli.isapi.body import Kind, read_body

    body = read_body(answer.body, answer.headers.get("Content-Type", ""))
    if body.kind in (Kind.EMPTY, Kind.BLANK, Kind.HTML):
        return ProtocolError(f"The device did not answer with a message; it sent {body.described}.")
    return None


def known_refusal(answer: Answer) -> HpcliError | None:
    """Return the error of an answer to a pass-through call: the gateway's first, then the device's."""
    from hpcli.isapi.errors import device_error, envelope_code

    code = envelope_code(answer.headers, answer.body)
    if code is not None:  # the call did not reach the device (errata 115)
        return refusal(code, _envelope_text(answer), answer.status)
    error = device_error(answer.status, answer.headers, answer.body)
    if error is not None:
        return error
    if 300 <= answer.status < 400:
        return ProtocolError(
            f"Something else than the device answered: a redirect (HTTP {answer.status}), which is not followed.",
            http_status=answer.status,
            hint="A proxy or a wrong host answered; check HTTPS_PROXY and the login host.",
        )
    return status_error(answer) if answer.status >= 500 or answer.status == 429 else None


def _envelope_text(answer: Answer) -> dict[str, Any]:
    """Return what an envelope says beside its code, `{}` where the code came in a header."""
    if not answer.body.lstrip().startswith(b"{"):
        return {}
    try:
        return read_envelope(answer)
    except NetworkError:
        return {}


def told_refusal(code: str, text: str) -> HpcliError:
    """Return the error that an answer names in a field: a code of the platform or of a device, with its text."""
    from hpcli.isapi.errors import device_error
    from hpcli.reference.platform_errors import platform_error

    if platform_error(code):
        return refusal(code, {"message": text}, 200)
    body = json.dumps({"errorCode": code, "errorMsg": text}).encode()
    said = device_error(200, {}, body) if code.isalnum() else None
    if said is None:
        reason = text or "no reason was given"
        return DeviceError(f"The device refused: {reason}.", code=code or None, platform_message=text)
    return said


def _parse_query(text: str) -> dict[str, str]:
    from urllib.parse import parse_qsl

    return dict(parse_qsl(text, keep_blank_values=True))
