"""Batches of properties: what is sent of them, and what the answers tell (Guide §3.24.7–3.24.10)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from hpcli.client.checks import check_count
from hpcli.client.device.isapi import told_refusal
from hpcli.errors import HpcliError, ProtocolError, UnconfirmedError, UsageError
from hpcli.masking import mask, quote_line
from hpcli.parse import parse_serial

NAME = ("resourceCategory", "localIndex", "domainId", "propId")
"""What names a property in a batch."""

_DONE = ("0", "200")
_MOST_NAMED = 3
_LOOK = "Whether they were set is not known: `hpcli device otap get-direct` shows them."


def batch_refusal(row: Mapping[str, Any]) -> HpcliError | None:
    """Return the error in a row of `batch_set`: `errorCode`, or `code` with 200 for done (errata 121).

    A row without either confirms nothing; no more does a device without a row.
    """
    from hpcli.isapi.outcome import failure_told

    told = [str(row[name]).strip() for name in ("errorCode", "code") if row.get(name) not in (None, "")]
    code = next((text for text in told if text not in _DONE), None)
    if code is not None:
        return told_refusal(code, str(row.get("message") or ""))
    if not told:
        return UnconfirmedError(
            "The properties were sent; the answer does not say what became of them.", hint=_LOOK
        )
    return failure_told({name: item for name, item in row.items() if name not in ("errorCode", "code")})


def check_set(rows: Sequence[Mapping[str, Any]], requests: Sequence[Mapping[str, Any]]) -> None:
    """Check that an answer of `batch_set_direct` names every property that was sent.

    Raises:
        UnconfirmedError: it does not.
    """
    named = {_name_of(row) for row in rows}
    missing = [request for request in requests if _name_of(request) not in named]
    if missing:
        listed = ", ".join(f"{request['domainId']}/{request['propId']}" for request in missing[:_MOST_NAMED])
        more = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
        raise UnconfirmedError(
            f"The properties were sent; the device confirmed nothing of {listed}{more}.", hint=_LOOK
        )


def _name_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row.get(name, "")).strip() for name in NAME)


def check_requests(requests: Any, names: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    """Return the items of a batch where each has these names.

    Raises:
        UsageError: it is not a list of objects, an item lacks a name or has a malformed serial.
    """
    if not isinstance(requests, list):
        raise UsageError(
            "The batch is not a list.",
            hint="It is a bare JSON array; propRequests is a name in the guide only.",
        )
    check_count("request", requests)
    for number, request in enumerate(requests, start=1):
        missing = [name for name in names if not isinstance(request, dict) or name not in request]
        if missing:
            raise UsageError(f"Item {number} of the batch has no {missing[0]}.")
        if "deviceSerial" in names:
            parse_serial(str(request["deviceSerial"]))
    return requests


def check_batch_set(requests: Any) -> Sequence[Mapping[str, Any]]:
    """Return the items of `batch_set` where they are whole.

    Raises:
        UsageError: as `check_requests`.
    """
    given = check_requests(requests, ("deviceSerial", "propReqs"))
    for request in given:
        check_requests(request["propReqs"], (*NAME, "value"))
    return given


def own_requests(serial: str, requests: Any, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the items of a batch for one device; what was written for several may name that device too."""
    for request in check_requests(requests, names):
        if request.get("deviceSerial", serial) != serial:
            raise UsageError(f"The batch is for {request['deviceSerial']}, not for {serial}.")
    return [{name: request[name] for name in names} for request in requests]


def as_list(data: Any, name: str = "data") -> list[Mapping[str, Any]]:
    """Return the rows of an answer; one object stands for a list of one.

    Args:
        data: what came.
        name: of the field that it came in.

    Raises:
        ProtocolError: it is neither, or a row is not an object.
    """
    rows = [data] if isinstance(data, Mapping) else data
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        came = quote_line(json.dumps(mask(data), ensure_ascii=False, default=str))
        raise ProtocolError(f"The platform's answer should have a list of objects in {name}, and has {came}")
    return rows


def property_rows(data: Any, serial: str | None = None) -> list[dict[str, Any]]:
    """Return the properties in the answers of all devices, each with its device's serial.

    Raises:
        ProtocolError: it is something else, or a device has no list of properties.
    """
    rows: list[dict[str, Any]] = []
    for device in as_list(data):
        own = device.get("deviceSerial") or serial
        rows += [{"deviceSerial": own, **row} for row in as_list(device.get("propResps"), "propResps")]
    return rows
