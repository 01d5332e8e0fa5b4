"""What end users may do on shared devices, as it is written and as it is sent (Guide §3.11, §3.13, §3.15)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hpcli.client.device.devices import PANEL
from hpcli.client.known import DEVICE, check_kind, is_device_serial, is_text
from hpcli.client.paging import count_of
from hpcli.errors import UsageError
from hpcli.parse import parse_serial
from hpcli.reference.codes import CodeList, code_list, is_ax_pro, shareable_permissions

if TYPE_CHECKING:
    from hpcli.api.rows.device.devices import DeviceRow
    from hpcli.client.known import KnownRows

ALL = "-1"  # every channel, every area (§3.11)
_RADAR = 13  # sub-category (§3.21)
_ALARM = 3
_SHARING = 6  # "share the device": for the device as a whole, never per channel (§3.11)
_AX_PRO_KEY, _OTHER_KEY = "ax2PermissionDetails", "otherPermissionDetails"
_KNOWN_KEYS = frozenset({"deviceSerial", _AX_PRO_KEY, _OTHER_KEY, "ax2Permission", "areaPermission"})
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
            f"'{account}' is not an account.",
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
            raise UsageError(f"'{place}' in '{text}' is neither a channel or area number from 1 nor all.")
    if not places:
        raise UsageError(
            f"'{text}' ends without a channel or area.", hint="Leave the last colon out for all."
        )
    return PermissionRequest(parse_serial(parts[0]), permissions, places)


def shared_device(requested: PermissionRequest, device: Mapping[str, Any]) -> dict[str, Any]:
    """Return one item of `userSharePermission` (§3.11) or `shareDevices` (§3.15).

    Args:
        requested: what is allowed.
        device: the row of the device (§3.21), whose category and sub-category tell the permissions it can have.

    Raises:
        UsageError: a device of this category cannot have a permission; the valid ones are named.
    """
    is_pro = _is_ax_pro(device) is not False
    codes, serial = _codes(device, is_ax_pro_panel=is_pro), str(device["deviceSerial"])
    values = list(dict.fromkeys(_code(codes, word, device) for word in requested.permissions))
    if is_pro:
        details = {"ax2Permission": values, "areaPermission": list(requested.places)}
        return {"deviceSerial": serial, _AX_PRO_KEY: details}
    others: list[dict[str, Any]] = [
        {"permission": value}
        if value == _SHARING
        else {"permission": value, "channelNo": list(requested.places)}
        for value in values
    ]
    return {"deviceSerial": serial, _OTHER_KEY: others}


def check_shared_device(entry: Any, device: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item in the guide's form, its codes checked against the kind of the device.

    Raises:
        UsageError: the item has another form, or a permission that the device cannot have.
    """
    serial = _serial_of(entry)
    is_pro = _is_ax_pro(device)
    if is_pro is None:  # the platform does not say, so the item tells
        is_pro = not entry.get(_OTHER_KEY)
    right, wrong = (_AX_PRO_KEY, _OTHER_KEY) if is_pro else (_OTHER_KEY, _AX_PRO_KEY)
    if not entry.get(right) or entry.get(wrong):
        kind = "an AX Pro panel" if is_pro else "not an AX Pro panel"
        raise UsageError(f"{serial} is {kind}, so it takes {right} and no {wrong}.")
    if not _has_form(entry[right], is_ax_pro_panel=is_pro):
        raise UsageError(
            f"The {right} of {serial} has another form than the guide's (§3.11).", hint=_FORM_HINT
        )
    codes = _codes(device, is_ax_pro_panel=is_pro)
    for permission in permissions_of(entry):
        _code(codes, permission, device)
    return cleaned(entry)


def device_of(
    requested: PermissionRequest | Mapping[str, Any], devices: KnownRows[DeviceRow]
) -> Mapping[str, Any]:
    """Return the row of the device that a request, or an item in the guide's form, is about.

    Args:
        requested: what is allowed.
        devices: rows of the site's devices (§3.21).

    Raises:
        ProtocolError: the rows do not say which devices the site has.
        UsageError: the site has no such device.
    """
    serial = requested.serial if isinstance(requested, PermissionRequest) else _serial_of(requested)
    for row in devices:
        if str(row.get("deviceSerial")).upper() == serial.upper():
            return check_kind(row)
    devices.check_absence(f"a device {serial} on the site", DEVICE)
    raise UsageError(f"The site has no device {serial}.", hint="`hpcli device list --site SITE` shows them.")


def merge(
    present: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]], *, only: bool = False
) -> list[dict[str, Any]]:
    """Return what an end user has after a change: the wanted items replace those of the same device.

    Args:
        present: items of §3.13.
        wanted: items to set, see `shared_device` and `check_shared_device`.
        only: take away the devices that are not wanted; else they stay exactly as they were read, with codes
            and fields that hpcli does not know.
    """
    named = {_serial_of(item).upper() for item in wanted}
    kept = (
        [] if only else [as_read(item) for item in present if str(item["deviceSerial"]).upper() not in named]
    )
    return [*kept, *map(as_read, wanted)]


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
    panel = next(iter(objects(as_read(entry).get(_AX_PRO_KEY))), {})
    others = (item.get("permission") for item in objects(entry.get(_OTHER_KEY)))
    return [str(value) for value in (*listed(panel.get("ax2Permission")), *others)]


def words_of(entry: Mapping[str, Any]) -> list[str]:
    """Return the permissions of an item in words: `live`, `playback (1, 2)`; the numbers are channels or areas.

    What hpcli does not know is shown by its number, or by the name of its field.
    """
    whole = as_read(entry)
    panel = next(iter(objects(whole.get(_AX_PRO_KEY))), {})
    areas = _place_words(panel.get("areaPermission"))
    return [
        *(f"{_name('ax2Permission', value)}{areas}" for value in listed(panel.get("ax2Permission"))),
        *(
            f"{_name('permission', item.get('permission'))}{_place_words(item.get('channelNo'))}"
            for item in objects(whole.get(_OTHER_KEY))
        ),
        *(name for name in (*whole, *panel) if name not in _KNOWN_KEYS),
    ]


def is_shared_device(entry: Any) -> bool:
    """Return whether an item of §3.13 says which device it is about, and what is allowed in codes."""
    if not isinstance(entry, Mapping) or not is_device_serial(entry.get("deviceSerial")):
        return False
    panels = objects(as_read(entry).get(_AX_PRO_KEY))
    codes = [code for panel in panels for code in listed(panel.get("ax2Permission"))]
    codes += [item["permission"] for item in objects(entry.get(_OTHER_KEY)) if "permission" in item]
    return all(is_text(code) for code in codes)


def as_read(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item of §3.13 as it goes into §3.15: with all that it has, known or not.

    The example of §3.13 nests the object ax2PermissionDetails in itself; what is in both is put together.
    """
    details = entry.get(_AX_PRO_KEY)
    if not isinstance(details, Mapping) or not isinstance(details.get(_AX_PRO_KEY), Mapping):
        return dict(entry)
    outer = {name: value for name, value in details.items() if name != _AX_PRO_KEY}
    return {**entry, _AX_PRO_KEY: {**outer, **details[_AX_PRO_KEY]}}


def cleaned(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item of the user as it is sent: numbers for permissions, text for places (errata 20, 21)."""
    serial = _serial_of(entry)
    panel = as_read(entry).get(_AX_PRO_KEY)
    if isinstance(panel, Mapping):
        known = code_list("ax2Permission")
        codes = [int(str(v)) for v in panel.get("ax2Permission") or () if known.find(v)]
        details: dict[str, Any] = {"ax2Permission": codes}
        if panel.get("areaPermission"):
            details["areaPermission"] = [str(place) for place in panel["areaPermission"]]
        return {"deviceSerial": serial, _AX_PRO_KEY: details}
    known = code_list("permission")
    others: list[dict[str, Any]] = []
    for item in entry.get(_OTHER_KEY) or ():
        if known.find(item.get("permission")):
            places = {"channelNo": [str(p) for p in item["channelNo"]]} if item.get("channelNo") else {}
            others.append({"permission": int(str(item["permission"])), **places})
    return {"deviceSerial": serial, _OTHER_KEY: others}


def _by_serial(entries: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    words: dict[str, list[str]] = {}
    for entry in entries:
        words.setdefault(str(entry["deviceSerial"]).upper(), []).extend(words_of(entry))
    return words


def listed(value: Any) -> list[Any]:
    """Return a list, one value in its place as a list of it, and nothing as an empty one."""
    return value if isinstance(value, list) else [] if value is None else [value]


def objects(value: Any) -> list[Mapping[str, Any]]:
    """Return the objects of a list, or the one object in its place (errata 19)."""
    return [item for item in listed(value) if isinstance(item, Mapping)]


def _serial_of(entry: Any) -> str:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("deviceSerial"), str):
        raise UsageError(
            "A shared device is not an object with a deviceSerial.",
            hint=_FORM_HINT,
        )
    return parse_serial(entry["deviceSerial"])


def _has_form(details: Any, *, is_ax_pro_panel: bool) -> bool:
    if is_ax_pro_panel:
        return isinstance(details, dict) and isinstance(details.get("ax2Permission"), list)
    return isinstance(details, list) and all(isinstance(item, dict) for item in details)


def _is_ax_pro(device: Mapping[str, Any]) -> bool | None:
    return is_ax_pro(*_kind(device))


def _kind(device: Mapping[str, Any]) -> tuple[int, int]:
    return count_of(device.get("deviceCategory")), count_of(device.get("deviceSubCategory"))


def _codes(device: Mapping[str, Any], *, is_ax_pro_panel: bool) -> CodeList:
    """Return the permissions that a device can have: those of its channels, and the sharing of the device."""
    if is_ax_pro_panel:
        return code_list("ax2Permission")
    category, sub_category = _kind(device)
    if category == PANEL:
        return code_list("permission")  # the guide names none that other panels cannot have
    codes = shareable_permissions(category, sub_category)
    if not codes.codes:
        raise UsageError(f"{_title(device)} has nothing that can be shared.")
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
    numbers = [str(place) for place in listed(places)]
    return "" if not numbers or ALL in numbers else f" ({', '.join(numbers)})"


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
