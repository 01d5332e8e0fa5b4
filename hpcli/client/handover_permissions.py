"""What end users may do on shared devices, as it is written and as it is sent (Guide §3.11, §3.13, §3.15)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hpcli.client.device.devices import PANEL
from hpcli.errors import UsageError
from hpcli.parse import parse_serial
from hpcli.reference import CodeList, code_list, shareable_permissions

ALL = "-1"  # every channel, every area (§3.11)
_RADAR = 13  # sub-category (§3.21)
_ALARM = 3
_SHARING = 6  # "share the device": for the device as a whole, never per channel (§3.11)
_PANEL_KEY, _OTHER_KEY = "ax2PermissionDetails", "otherPermissionDetails"
_FORM_HINT = "`hpcli customer show SITE ACCOUNT -o json` shows the form."


@dataclass(frozen=True, slots=True)
class PermissionRequest:
    """What an end user shall be allowed on one device.

    Attributes:
        serial: the device.
        permissions: names or numbers.
        places: numbers of channels, of areas on a panel; `-1` alone for all.
    """

    serial: str
    permissions: tuple[str, ...]
    places: tuple[str, ...] = (ALL,)


def account_entry(account: str) -> dict[str, Any]:
    """Return an end user as {hcAccount, type}: an account with @ is an e-mail (0), else a phone number (1).

    Raises:
        UsageError: it is neither.
    """
    text = account.strip()
    is_mail = bool(re.fullmatch(r"[^@\s]+@[^@\s]+", text))
    if not is_mail and not re.fullmatch(r"\+?[\d\s()/.-]{3,}", text):
        raise UsageError(
            f"'{account}' is no account.",
            hint="Give an e-mail address or a phone number, such as +4930555010.",
        )
    return {"hcAccount": text, "type": 0 if is_mail else 1}


def parse_permission_request(text: str) -> PermissionRequest:
    """Read `SERIAL:PERMISSIONS[:CHANNELS]`; without channels (or areas), or with `all`, it is for all.

    Raises:
        UsageError: it is written in another way.
    """
    parts = [part.strip() for part in text.split(":")]
    permissions = _words(parts[1]) if len(parts) in (2, 3) else ()
    if not permissions:
        raise UsageError(
            f"'{text}' is not SERIAL:PERMISSIONS[:CHANNELS].", hint="Such as Q10254801:live,playback:1,2."
        )
    places = _words(parts[2]) if len(parts) == 3 else ("all",)
    if [place.lower() for place in places] in (["all"], [ALL]):
        return PermissionRequest(parse_serial(parts[0]), permissions)
    for place in places:
        if not re.fullmatch(r"[1-9]\d{0,4}", place):
            raise UsageError(f"'{place}' in '{text}' is no number of a channel or area from 1, nor all.")
    if not places:
        raise UsageError(
            f"'{text}' ends without a channel or area.", hint="Leave the last colon out for all."
        )
    return PermissionRequest(parse_serial(parts[0]), permissions, places)


def shared_device(requested: PermissionRequest, device: Mapping[str, Any]) -> dict[str, Any]:
    """Return one item of `userSharePermission` (§3.11) or `shareDevices` (§3.15).

    Args:
        requested: what is allowed.
        device: the row of the device (§3.21), whose category tells the permissions it can have.

    Raises:
        UsageError: a device of this category cannot have a permission; the valid ones are named.
    """
    codes, serial = _codes(device), str(device["deviceSerial"])
    values = list(dict.fromkeys(_code(codes, word, device) for word in requested.permissions))
    if _is_panel(device):
        details = {"ax2Permission": values, "areaPermission": list(requested.places)}
        return {"deviceSerial": serial, _PANEL_KEY: details}
    others: list[dict[str, Any]] = [
        {"permission": value}
        if value == _SHARING
        else {"permission": value, "channelNo": list(requested.places)}
        for value in values
    ]
    return {"deviceSerial": serial, _OTHER_KEY: others}


def check_shared_device(entry: Any, device: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item in the guide's form, its codes checked against the category of the device.

    Raises:
        UsageError: the item has another form, or a permission that the device cannot have.
    """
    serial = _serial_of(entry)
    right, wrong = (_PANEL_KEY, _OTHER_KEY) if _is_panel(device) else (_OTHER_KEY, _PANEL_KEY)
    if not entry.get(right) or entry.get(wrong):
        kind = "a panel" if _is_panel(device) else "no panel"
        raise UsageError(f"{serial} is {kind}, so it takes {right} and no {wrong}.")
    if not _has_form(entry[right], is_panel=_is_panel(device)):
        raise UsageError(
            f"The {right} of {serial} has another form than the guide's (§3.11).", hint=_FORM_HINT
        )
    codes = _codes(device)
    for permission in permissions_of(entry):
        _code(codes, permission, device)
    return cleaned(entry)


def device_of(
    requested: PermissionRequest | Mapping[str, Any], devices: Iterable[Mapping[str, Any]]
) -> Mapping[str, Any]:
    """Return the row of the device that a request, or an item in the guide's form, is about.

    Args:
        requested: what is allowed.
        devices: rows of the site's devices (§3.21).

    Raises:
        UsageError: the site has no such device.
    """
    serial = requested.serial if isinstance(requested, PermissionRequest) else _serial_of(requested)
    for row in devices:
        if str(row.get("deviceSerial")).upper() == serial.upper():
            return row
    raise UsageError(f"The site has no device {serial}.", hint="`hpcli device list --site SITE` shows them.")


def merge(
    present: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]], *, only: bool = False
) -> list[dict[str, Any]]:
    """Return what an end user has after a change: the wanted items replace those of the same device.

    Args:
        present: items of §3.13.
        wanted: items to set.
        only: take away the devices that are not wanted; else they stay as they are.
    """
    named = {_serial_of(item).upper() for item in wanted}
    kept = [] if only else [cleaned(item) for item in present if _serial_of(item).upper() not in named]
    return [*kept, *(cleaned(item) for item in wanted)]


def differences(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return one line a device whose permissions change: `Q10254783: + bypass; - disarm`."""
    old, new = _by_serial(before), _by_serial(after)
    lines = []
    for serial in {**old, **new}:
        had, has = old.get(serial, ()), new.get(serial, ())
        added = ", ".join(word for word in has if word not in had)
        removed = ", ".join(word for word in had if word not in has)
        changes = [f"+ {added}"] * bool(added) + [f"- {removed}"] * bool(removed)
        if changes:
            lines.append(f"{serial}: {'; '.join(changes)}")
    return lines


def permissions_of(entry: Mapping[str, Any]) -> list[str]:
    """Return the codes of the permissions of an item, as text."""
    panel = _panel_details(entry)
    if panel is not None:
        return [str(value) for value in panel.get("ax2Permission") or ()]
    return [str(item.get("permission")) for item in entry.get(_OTHER_KEY) or ()]


def words_of(entry: Mapping[str, Any]) -> list[str]:
    """Return the permissions of an item in words: `live`, `playback (1, 2)`; the numbers are channels or areas."""
    panel = _panel_details(entry)
    if panel is not None:
        places = _place_words(panel.get("areaPermission"))
        return [f"{_name('ax2Permission', value)}{places}" for value in panel.get("ax2Permission") or ()]
    return [
        f"{_name('permission', item.get('permission'))}{_place_words(item.get('channelNo'))}"
        for item in entry.get(_OTHER_KEY) or ()
    ]


def cleaned(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item as it is sent: numbers for permissions, text for places, listed codes only (errata 20, 21)."""
    serial = _serial_of(entry)
    panel = _panel_details(entry)
    if panel is not None:
        known = code_list("ax2Permission")
        codes = [int(str(v)) for v in panel.get("ax2Permission") or () if known.find(v)]
        details: dict[str, Any] = {"ax2Permission": codes}
        if panel.get("areaPermission"):
            details["areaPermission"] = [str(place) for place in panel["areaPermission"]]
        return {"deviceSerial": serial, _PANEL_KEY: details}
    known = code_list("permission")
    others: list[dict[str, Any]] = []
    for item in entry.get(_OTHER_KEY) or ():
        if known.find(item.get("permission")):
            places = {"channelNo": [str(p) for p in item["channelNo"]]} if item.get("channelNo") else {}
            others.append({"permission": int(str(item["permission"])), **places})
    return {"deviceSerial": serial, _OTHER_KEY: others}


def _panel_details(entry: Mapping[str, Any]) -> Mapping[str, Any] | None:
    details = entry.get(_PANEL_KEY)
    # The example of §3.13 nests the object in itself.
    if isinstance(details, Mapping) and isinstance(details.get(_PANEL_KEY), Mapping):
        details = details[_PANEL_KEY]
    return details if isinstance(details, Mapping) else None


def _by_serial(entries: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    return {_serial_of(entry): words_of(entry) for entry in entries}


def _serial_of(entry: Any) -> str:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("deviceSerial"), str):
        raise UsageError(
            "A shared device is not an object with a deviceSerial.",
            hint=_FORM_HINT,
        )
    return parse_serial(entry["deviceSerial"])


def _has_form(details: Any, *, is_panel: bool) -> bool:
    if is_panel:
        return isinstance(details, dict) and isinstance(details.get("ax2Permission"), list)
    return isinstance(details, list) and all(isinstance(item, dict) for item in details)


def _is_panel(device: Mapping[str, Any]) -> bool:
    return device.get("deviceCategory") == PANEL


def _codes(device: Mapping[str, Any]) -> CodeList:
    """Return the permissions that a device can have: those of its channels, and the sharing of the device."""
    codes = shareable_permissions(int(device.get("deviceCategory") or 0))
    if not codes.codes:
        raise UsageError(f"{_title(device)} has nothing that can be shared.")
    if _is_panel(device):
        return codes
    wanted = {code.value for code in codes.codes} | {_SHARING}
    if device.get("deviceSubCategory") == _RADAR:
        wanted = {_ALARM, _SHARING}
    return CodeList(codes.name, tuple(code for code in code_list("permission").codes if code.value in wanted))


def _code(codes: CodeList, word: str, device: Mapping[str, Any]) -> int:
    try:
        return int(codes.value_of(word))
    except UsageError as error:
        raise UsageError(
            f"{_title(device)} cannot have the permission '{word}'.",
            hint=f"It takes {', '.join(codes.names)}.",
        ) from error


def _title(device: Mapping[str, Any]) -> str:
    label = code_list("deviceCategory").label(device.get("deviceCategory"))
    return f"{device['deviceSerial']} ({label})"


def _name(codes: str, value: object) -> str:
    code = code_list(codes).find(value)
    return code.name if code else f"unknown ({value})"


def _place_words(places: Any) -> str:
    numbers = [str(place) for place in places or ()]
    return "" if not numbers or ALL in numbers else f" ({', '.join(numbers)})"


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
