"""Object models of AX PRO panels: properties, operations, lists, the model itself (Guide §3.24).

The platform's copy and the device agree; the copy is available even while the device is offline.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from hpcli.sandbox.device_iot import is_object_model
from hpcli.sandbox.device_upgrade import UNSUPPORTED
from hpcli.sandbox.http.calls import Call, operation
from hpcli.sandbox.http.envelope import Refused
from hpcli.sandbox.state import account
from hpcli.sandbox.state.otap_model import ACTIONS, PROPERTIES, Spot, profile, user_records

_NOT_SUPPORTED, _LOW_PRIVILEGE, _BAD_PARAMETERS = 0x40000001, 0x40000002, 0x60000001
_LARGEST_PAGE = 150


@operation("otapPropGet")
def get_property(call: Call) -> Any:
    """Return a property from the platform's copy (§3.24.1)."""
    return _value(call, _device(call), _name(call))


@operation("otapPropPut")
def set_property(call: Call) -> None:
    """Set a property (§3.24.2)."""
    _set(call, _online(call, _device(call)), _name(call), call.body)


@operation("otapDirectGet")
def get_property_direct(call: Call) -> Any:
    """Return a property from the device (§3.24.3)."""
    return _value(call, _online(call, _device(call)), _name(call))


@operation("otapDirectPut")
def set_property_direct(call: Call) -> None:
    """Set a property of the device (§3.24.4)."""
    _check_user(call)
    _set(call, _online(call, _device(call)), _name(call), call.body)


@operation("otapAction")
def run_action(call: Call) -> Any:
    """Run an operation (§3.24.5)."""
    _check_user(call)
    device = _online(call, _device(call))
    headers = call.request.headers
    spot = Spot(call.store, device, headers["X-ResourceCategory"], headers["X-LocalIndex"], call.now)
    action = ACTIONS.get((headers["X-DomainIdentifier"], headers["X-ActionIdentifier"]))
    if action is None:
        raise _refusal(_NOT_SUPPORTED)
    try:
        return action(spot, call.body if isinstance(call.body, dict) else {})
    except (KeyError, TypeError, ValueError) as error:
        raise _refusal(_BAD_PARAMETERS) from error


@operation("otapProductProfile")
def tell_profile(call: Call) -> dict[str, Any]:
    """Return the object model (§3.24.6)."""
    model = profile(call.store, _device(call), with_schema=bool(call.body.get("needSchema")))
    wanted = call.body.get("identifier")
    if wanted:
        model["resources"] = [part for part in (_part(entry, wanted) for entry in model["resources"]) if part]
    text = json.dumps(model, ensure_ascii=False, sort_keys=True).encode()
    digest = hashlib.md5(text, usedforsecurity=False).hexdigest()
    is_same = bool(call.body.get("checkMD5")) and call.body.get("md5") == digest
    is_packed = bool(call.body.get("needGzip")) and not is_same
    return {
        "gzipProfile": base64.b64encode(gzip.compress(text, mtime=0)).decode() if is_packed else None,
        "productId": "AXPRO-PWA",
        "version": "V1.2.0 build 230412",
        "md5": digest,
        "changed": not is_same,
        "profile": None if is_same or is_packed else model,
    }


@operation("otapMultiPropGetByShadow")
def get_properties(call: Call) -> list[dict[str, Any]]:
    """Return properties of several devices from the platform's copy (§3.24.7)."""
    replies: dict[str, list[dict[str, Any]]] = {}
    for wanted in call.body:
        device = _known(call, wanted["deviceSerial"])
        rows = replies.setdefault(wanted["deviceSerial"], [])
        rows += [_reply(call, device, one) for one in _each_property(call, device, wanted)]
    return [{"deviceSerial": serial, "propResps": rows} for serial, rows in replies.items()]


@operation("otapMultiPropPutByShadow")
def set_properties(call: Call) -> list[dict[str, Any]]:
    """Set properties of several devices; each has its own result (§3.24.8)."""
    return [_set_all(call, entry) for entry in call.body]


@operation("otapMultiPropGet")
def get_properties_direct(call: Call) -> list[dict[str, Any]]:
    """Return several properties from a device (§3.24.9)."""
    device = _online(call, _device(call))
    return [{"propResps": [_reply(call, device, wanted) for wanted in call.body]}]


@operation("otapMultiPropPut")
def set_properties_direct(call: Call) -> list[dict[str, Any]]:
    """Set several properties of a device (§3.24.10)."""
    device = _online(call, _device(call))
    for wanted in call.body:
        _set(call, device, _named(wanted), wanted["value"])
    return [{"propResps": [_reply(call, device, wanted) for wanted in call.body]}]


@operation("otapTableList")
def list_table(call: Call) -> dict[str, Any]:
    """Return one page of a list (§3.24.11); a page out of range is the first or the last one."""
    device = _device(call)
    headers, query = call.request.headers, call.request.args
    if (headers["X-PropIdentifier"], headers["X-ListIdentifier"]) != (
        "UserInfoCfgList",
        "UserInfoCfgChangeSync",
    ):
        raise _refusal(_NOT_SUPPORTED)
    records = user_records(device)
    size = min(_LARGEST_PAGE, max(1, int(query["pageSize"])))
    pages = -(-len(records) // size)
    number = min(max(1, int(query["pageIndex"])), pages)
    return {
        "pageIndex": number,
        "pageSize": size,
        "records": [
            json.dumps(record, ensure_ascii=False) for record in records[(number - 1) * size : number * size]
        ],
        "totalPages": pages,
        "totalElements": len(records),
    }


_Name = tuple[str, str, str, str]
"""Resource category, number, domain, property."""


def _device(call: Call) -> dict[str, Any]:
    return _known(call, call.request.headers["X-Devserial"].strip())


def _known(call: Call, serial: str) -> dict[str, Any]:
    device = account.known_device(call.store, serial)
    if not is_object_model(device["hardware"]):
        raise Refused(UNSUPPORTED)
    return device


def _online(call: Call, device: dict[str, Any]) -> dict[str, Any]:
    if device["deviceOnlineStatus"] != 1:
        raise call.offline()
    return device


def _check_user(call: Call) -> None:
    """An operator may not change anything."""
    if call.request.headers.get("X-UserType", "installer") == "operator":
        raise _refusal(_LOW_PRIVILEGE)


def _name(call: Call) -> _Name:
    headers = call.request.headers
    return (
        headers["X-ResourceCategory"],
        headers["X-LocalIndex"],
        headers["X-DomainIdentifier"],
        headers["X-PropIdentifier"],
    )


def _named(wanted: Mapping[str, Any]) -> _Name:
    return (wanted["resourceCategory"], wanted["localIndex"], wanted["domainId"], wanted.get("propId", ""))


def _each_property(call: Call, device: dict[str, Any], wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a request for each property that is meant: without propId all that the domain has (errata 40)."""
    if wanted.get("propId"):
        return [dict(wanted)]
    category, index, domain, _ = _named(wanted)
    spot = Spot(call.store, device, category, index, call.now)
    return [
        {**wanted, "propId": prop}
        for (of, within, prop), built in PROPERTIES.items()
        if (of, within) == (category, domain) and built.read(spot) is not None
    ]


def _value(call: Call, device: dict[str, Any], name: _Name) -> Any:
    category, index, domain, prop = name
    built = PROPERTIES.get((category, domain, prop))
    value = None if built is None else built.read(Spot(call.store, device, category, index, call.now))
    if value is None:
        raise _refusal(_NOT_SUPPORTED)
    return value


def _set(call: Call, device: dict[str, Any], name: _Name, value: Any) -> None:
    category, index, domain, prop = name
    built = PROPERTIES.get((category, domain, prop))
    spot = Spot(call.store, device, category, index, call.now)
    if built is None or built.write is None or built.read(spot) is None:
        raise _refusal(_NOT_SUPPORTED)
    try:
        built.write(spot, value)
    except (KeyError, TypeError, ValueError) as error:
        raise _refusal(_BAD_PARAMETERS) from error


def _reply(call: Call, device: dict[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    names = ("resourceCategory", "localIndex", "domainId", "propId")
    return {
        "deviceSerial": device["deviceSerial"],
        **{name: wanted.get(name, "") for name in names},
        "timestamp": round(call.now * 1000),
        "value": _value(call, device, _named(wanted)),
    }


def _set_all(call: Call, entry: Mapping[str, Any]) -> dict[str, Any]:
    serial = entry["deviceSerial"]
    try:
        device = _online(call, _known(call, serial))
        for wanted in entry["propReqs"]:
            _set(call, device, _named(wanted), wanted["value"])
    except Refused as refused:
        return {"deviceSerial": serial, "errorCode": refused.code, "message": refused.message or "failed"}
    return {"deviceSerial": serial, "errorCode": "0", "message": "Ok"}


def _refusal(number: int) -> Refused:
    """The device's own code, as a decimal number in the envelope (errata 123)."""
    return Refused(str(number), "The device refused.")


def _part(resource: dict[str, Any], wanted: str) -> dict[str, Any] | None:
    """Return a resource, or the part of it with that identifier."""
    if resource["identifier"] == wanted:
        return resource
    domains = []
    for domain in resource["domains"]:
        kinds = ("props", "actions", "events")
        kept = {kind: [item for item in domain[kind] if item["identifier"] == wanted] for kind in kinds}
        if domain["identifier"] == wanted:
            domains.append(domain)
        elif any(kept.values()):
            domains.append({**domain, **kept})
    return {**resource, "domains": domains} if domains else None
