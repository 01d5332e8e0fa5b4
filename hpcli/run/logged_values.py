"""What the log of changes stores of a request: values by an allow-list of names, everything else as `***`."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from hpcli.api.operation import API
from hpcli.masking import HIDDEN, is_secret, mask_known, mask_text

if TYPE_CHECKING:
    from hpcli.client.request import Request

_PHOTO: Final = "facePicture"
_NEW_SITE: Final = API + "v1/site/add"
_LONGEST_TEXT: Final = 1000
_LONGEST_LINE: Final = 4000

NAMES: Final = frozenset({
    "CCTVEventList", "accountNumber", "applyTimeType", "arcId", "areaPermission", "ax2Permission",
    "ax2PermissionDetails", "ax2PermissionList", "ax2PermissionLists", "batchHcAccount", "channelNo",
    "cloudEnable", "deleteMode", "describe", "deviceAuthorities", "deviceId", "deviceList", "deviceName",
    "deviceSerial", "deviceSerialList", "domainId", "email", "employeeNo", "employeeNoList",
    "eventFilterLists", "expiredDurationTime", "extendInfo", "familyName", "givenName", "hcAccount",
    "hcAccounts", "id", "installerId", "installerPermissionTimes", "list", "localIndex", "location", "name",
    "newShareHc", "num", "oldShareHc", "opspackType", "otherPermissionDetails", "permission", "personId",
    "personIdList", "personIds", "phone", "propId", "remark", "resourceCategory", "shareDevices", "sharedHc",
    "siteCity", "siteId", "siteIds", "siteState", "siteStreet", "subMode", "subType", "timeSync", "timeZone",
    "type", "userSharePermission", "uuid", "DeviceInfo", "deviceDescription", "deviceLocation", "deviceType",
    "model", "telecontrolID", "Time", "timeMode", "localTime", "isSummerTime", "satelliteInterval",
    "NTPServer", "NTPServerList", "addressingFormatType", "hostName", "ipAddress", "ipv6Address", "portNo",
    "synchronizeInterval", "IOPortData", "IOPort", "outputState", "enabled", "PTZPreset", "PTZPresetList",
    "presetName", "InputProxyChannel", "InputProxyChannelList", "sourceInputPortDescriptor", "proxyProtocol",
    "managePortNo", "srcInputPort", "streamType", "List", "Zone", "ZoneList", "zoneBypass",
    "OutputsCtrl", "switch", "SubSys", "SubSysList", "arming", "preferType",
})  # fmt: skip
"""The names of fields and XML elements whose values the log keeps; reviewed by hand.

A code, a card number, a password or a key is never among them, nor the values of objects of a model (§3.24), which may
be anything.
"""

_TARGETS: Final = {
    "siteId", "siteIds", "deviceSerial", "deviceSerialList", "deviceId", "personId", "personIds", "personIdList",
    "hcAccount", "hcAccounts", "uuid", "employeeNo", "employeeNoList",
}  # fmt: skip


def value_sent(request: Request) -> Any:
    """Return what a request sends, as the log stores it; photos and files as size and SHA-256."""
    if request.upload is not None:
        name, content = request.upload
        return {"file": {"name": name, **_digest(content)}}
    if request.content is not None:
        return _content(request)
    sent = allowed(request.json)
    return sent or None


def allowed(value: Any, name: str = "") -> Any:
    """Return data with the values of the allowed names; the others are `***`."""
    if isinstance(value, Mapping):
        hides = "propId" in value
        return {
            str(key): HIDDEN if hides and key == "value" else allowed(item, str(key))
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [allowed(item, name) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if name == _PHOTO:
        return _photo(str(value))
    if name not in NAMES or is_secret(name):
        return HIDDEN
    return mask_known(value)[:_LONGEST_TEXT] if isinstance(value, str) else value


def targets_of(request: Request) -> list[str]:
    """Return what a request changes: the device it goes to, ids in its path, sites, devices and persons in its body."""
    found = [request.headers.get("X-Devserial", "")]
    template = re.escape(request.operation.path)
    if "{" in request.operation.path and not request.operation.is_for_device:
        found += _placeholders(template, request.path)
    found += [str(request.query[name]) for name in ("deviceSerial",) if request.query.get(name)]
    found += _named(request.json)
    if request.operation.path == _NEW_SITE:
        found.append(str(request.json["name"]))
    return [target for target in dict.fromkeys(found) if target]


def masked_line(arguments: Sequence[str]) -> str:
    """Return a command line as a shell would take it, with secrets masked, and cut."""
    import shlex

    line = shlex.join(["hpcli", *masked_arguments(arguments)])
    return line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 1] + "…"


def masked_arguments(arguments: Sequence[str]) -> list[str]:
    """Return arguments with secrets masked: what is in fields of secret names, and the numbers of cards."""
    masked: list[str] = []
    for before, argument in zip(["", *arguments], arguments, strict=False):
        masked.append(HIDDEN if before == "--card" else _without_secrets(argument))
    return masked


def _without_secrets(argument: str) -> str:
    option, equals, value = argument.partition("=") if argument.startswith("--") else ("", "", argument)
    if option == "--card" and equals:
        return f"{option}={HIDDEN}"
    if value.lstrip()[:1] in ("{", "[", "<"):
        value = _without_values(value)
    name, colon, _ = value.partition(":")
    if colon and is_secret(name.strip()):  # a header
        value = f"{name}: {HIDDEN}"
    return option + equals + mask_known(mask_text(value))


def _without_values(text: str) -> str:
    """Return a body on the command line with the values that the log keeps; XML and what is no JSON not at all."""
    import json

    from hpcli.parse import parse_json

    try:
        return json.dumps(allowed(parse_json(text)), ensure_ascii=False)
    except ValueError:
        return HIDDEN


def _content(request: Request) -> Any:
    """Return the body of a call to a device: XML and JSON as data, anything else as size and digest."""
    content = request.content or b""
    if not content:
        return None
    if content.lstrip().startswith(b"<"):
        from hpcli.isapi.body import plain_of, read_body

        root = read_body(content).root
        if root is not None:
            return allowed(plain_of(root))
    data = request.readable_content
    return allowed(data) if isinstance(data, Mapping | list) else _digest(content)


def _digest(content: bytes) -> dict[str, Any]:
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _photo(text: str) -> dict[str, Any] | str:
    try:
        return _digest(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return HIDDEN


def _placeholders(template: str, path: str) -> list[str]:
    from urllib.parse import unquote

    pattern = re.sub(r"\\\{\w+\\\}", "([^/]+)", template)
    found = re.fullmatch(pattern, path)
    return [unquote(part) for part in found.groups()] if found else []


def _named(value: Any) -> Iterator[str]:
    """Yield the ids in a body."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            if name in _TARGETS:
                yield from (str(one) for one in (item if isinstance(item, list) else [item]) if one)
            elif name == "list" and isinstance(item, list):  # servers
                yield from (one for one in item if isinstance(one, str))
            elif name == "id" and isinstance(item, str):
                yield item
            else:
                yield from _named(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _named(item)
