"""Give an end user some permissions, or take some away, and leave the others as they are (Guide §3.13, §3.15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hpcli.client.handover_permissions import ALL, PermissionRequest, as_read, device_of, shared_device
from hpcli.errors import UsageError

if TYPE_CHECKING:
    from hpcli.api.rows.device.devices import DeviceRow
    from hpcli.client.known import KnownRows

_PANEL, _OTHER = "ax2PermissionDetails", "otherPermissionDetails"
_CODES, _AREAS, _CHANNELS = "ax2Permission", "areaPermission", "channelNo"


def adjusted(
    present: Sequence[Mapping[str, Any]],
    add: Sequence[PermissionRequest],
    take: Sequence[PermissionRequest],
    devices: KnownRows[DeviceRow],
) -> list[dict[str, Any]]:
    """Return what an end user has after some permissions are given and some taken.

    Args:
        present: items of §3.13; what hpcli does not know in them stays.
        add: to give; without channels or areas, for those that the end user has there, else for all.
        take: to take away; without channels for all.
        devices: rows of the site's devices.

    Raises:
        UsageError: a device is not on the site, cannot have a permission, or a permission for all channels
            would have to be taken for some of them.
    """
    found = {str(item["deviceSerial"]).upper(): as_read(item) for item in present}
    for request in add:
        item = shared_device(request, device_of(request, devices))
        serial = str(item["deviceSerial"]).upper()
        found[serial] = _with(found.get(serial), item)
    for request in take:
        serial = request.serial.upper()
        if serial in found:
            item = shared_device(request, device_of(request, devices))
            left = _without(found[serial], item)
            found = {name: one for name, one in found.items() if name != serial} if left is None else found
            found |= {} if left is None else {serial: left}
    return list(found.values())


def _with(before: Mapping[str, Any] | None, item: dict[str, Any]) -> dict[str, Any]:
    """Return the item of a device with more permissions."""
    if before is None:
        return item
    if _PANEL in item:
        had, new = before.get(_PANEL) or {}, item[_PANEL]
        details = {**had, _CODES: _union(had.get(_CODES), new[_CODES])}
        if new[_AREAS] != [ALL]:
            details[_AREAS] = _places(had.get(_AREAS), new[_AREAS])
        return {**before, _PANEL: details}
    others = [dict(one) for one in before.get(_OTHER) or ()]
    for new in item[_OTHER]:
        same = next((one for one in others if _is_same(one.get("permission"), new["permission"])), None)
        if same is None:
            others.append(new)
        elif _CHANNELS in new:
            same[_CHANNELS] = _places(same.get(_CHANNELS), new[_CHANNELS])
    return {**before, _OTHER: others}


def _without(before: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the item of a device with fewer permissions; None where nothing is left."""
    if _PANEL in item:
        had = before.get(_PANEL) or {}
        taken = {str(code) for code in item[_PANEL][_CODES]}
        left = [code for code in had.get(_CODES) or () if str(code) not in taken]
        return {**before, _PANEL: {**had, _CODES: left}} if left else None
    places = {str(one["permission"]): one.get(_CHANNELS, [ALL]) for one in item[_OTHER]}
    others = [
        _with_fewer_channels(one, places, str(before["deviceSerial"])) for one in before.get(_OTHER) or ()
    ]
    kept = [one for one in others if one is not None]
    return {**before, _OTHER: kept} if kept else None


def _with_fewer_channels(
    one: Mapping[str, Any], taken: Mapping[str, Sequence[str]], serial: str
) -> dict[str, Any] | None:
    channels = taken.get(str(one.get("permission")))
    if channels is None:
        return dict(one)
    had = [str(channel) for channel in one.get(_CHANNELS) or ()]
    if list(channels) == [ALL] or not had:
        return None
    if had == [ALL]:
        raise UsageError(
            f"A permission on {serial} is for all channels, so it cannot be taken for some.",
            hint="Set it for the others: --device SERIAL:PERMISSIONS:CHANNELS.",
        )
    left = [channel for channel in had if channel not in channels]
    return {**one, _CHANNELS: left} if left else None


def _union(had: Sequence[Any] | None, new: Sequence[Any]) -> list[Any]:
    known = [str(code) for code in had or ()]
    return [*(had or ()), *(code for code in new if str(code) not in known)]


def _places(had: Sequence[Any] | None, new: Sequence[str]) -> list[str]:
    if ALL in new or ALL in [str(place) for place in had or ()]:
        return [ALL]
    return [str(place) for place in _union(had, new)]


def _is_same(code: object, other: object) -> bool:
    return str(code) == str(other)
