"""Batches of properties: what is sent of them, and what the answers tell (Guide §3.24.7–3.24.10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hpcli.client.checks import check_count
from hpcli.client.device.isapi import told_refusal
from hpcli.errors import HpcliError, UsageError
from hpcli.parse import parse_serial

NAME = ("resourceCategory", "localIndex", "domainId", "propId")
"""What names a property in a batch."""


def batch_refusal(row: Mapping[str, Any]) -> HpcliError | None:
    """Return the error in a row of `batch_set`: `errorCode`, or `code` with 200 for done (errata 121)."""
    code = str(row.get("errorCode") or row.get("code") or "0").strip()
    if code in ("0", "200"):
        return None
    return told_refusal(code, str(row.get("message") or ""))


def check_requests(requests: Any, names: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    """Return the items of a batch where each has these names.

    Raises:
        UsageError: it is no list of objects, an item lacks a name or has a malformed serial.
    """
    if not isinstance(requests, list):
        raise UsageError(
            "The batch is no list.", hint="It is a bare JSON array; propRequests is a name in the guide only."
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


def as_list(data: Any) -> list[Any]:
    """Return the rows of an answer; one object stands for a list of one."""
    return data if isinstance(data, list) else [data] if isinstance(data, dict) else []


def property_rows(data: Any, serial: str | None = None) -> list[dict[str, Any]]:
    """Return the properties in the answers of all devices, each with its device's serial."""
    rows: list[dict[str, Any]] = []
    for device in as_list(data):
        own = device.get("deviceSerial") or serial
        rows += [{"deviceSerial": own, **row} for row in as_list(device.get("propResps"))]
    return rows
