"""Give an end user some permissions, or take some away, and leave the others as they are (Guide §3.13, §3.15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hpcli.client.handover_permissions import (
    ALL,
    PermissionRequest,
    as_read,
    device_of,
    listed,
    objects,
    shared_device,
)
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
    items = [as_read(item) for item in present]
    for request in add:
        item = shared_device(request, device_of(request, devices))
        items = _with_item(items, _with(_item_of(items, str(item["deviceSerial"])), item))
    for request in take:
        had = _item_of(items, request.serial)
        if had is not None:
            item = shared_device(request, device_of(request, devices))
            left = _without(had, item)
            others = [one for one in items if _serial(one) != request.serial.upper()]
            items = others if left is None else _with_item(items, left)
    return items


def _serial(item: Mapping[str, Any]) -> str:
    return str(item["deviceSerial"]).upper()


def _item_of(items: Sequence[Mapping[str, Any]], serial: str) -> dict[str, Any] | None:
    """Return what there is of a device, of several items put together; None where there is nothing."""
    mine = [item for item in items if _serial(item) == serial.upper()]
    if len(mine) < 2:
        return dict(mine[0]) if mine else None
    whole = {name: value for item in mine for name, value in item.items()}
    others = [other for item in mine for other in objects(item.get(_OTHER))]
    panels = [panel for item in mine for panel in objects(item.get(_PANEL))]
    if others:
        whole[_OTHER] = others
    if panels:
        places = [place for panel in panels for place in listed(panel.get(_AREAS))]
        codes = [code for panel in panels for code in listed(panel.get(_CODES))]
        merged = {name: value for panel in panels for name, value in panel.items()}
        whole[_PANEL] = {
            **merged,
            _CODES: _union([], codes),
            **({_AREAS: _union([], places)} if places else {}),
        }
    return whole


def _with_item(items: Sequence[dict[str, Any]], new: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the items with this one at the place of the first of its device, or at the end."""
    serial = _serial(new)
    places = [place for place, item in enumerate(items) if _serial(item) == serial]
    at = places[0] if places else len(items)
    others = [(place, item) for place, item in enumerate(items) if place not in places]
    return [
        *(item for place, item in others if place < at),
        new,
        *(item for place, item in others if place > at),
    ]


def _panel_of(item: Mapping[str, Any]) -> Mapping[str, Any]:
    return next(iter(objects(item.get(_PANEL))), {})


def _with(before: Mapping[str, Any] | None, item: dict[str, Any]) -> dict[str, Any]:
    """Return the item of a device with more permissions."""
    if before is None:
        return item
    if _PANEL in item:
        had, new = _panel_of(before), item[_PANEL]
        details = {**had, _CODES: _union(listed(had.get(_CODES)), new[_CODES])}
        if new[_AREAS] != [ALL]:
            details[_AREAS] = _places(listed(had.get(_AREAS)), new[_AREAS])
        return {**before, _PANEL: details}
    others = [dict(one) for one in objects(before.get(_OTHER))]
    for new in item[_OTHER]:
        same = next((one for one in others if _is_same(one.get("permission"), new["permission"])), None)
        if same is None:
            others.append(new)
        elif _CHANNELS in new:
            same[_CHANNELS] = _places(listed(same.get(_CHANNELS)), new[_CHANNELS])
    return {**before, _OTHER: others}


def _without(before: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the item of a device with fewer permissions; None where nothing is left."""
    if _PANEL in item:
        had = _panel_of(before)
        taken = {str(code) for code in item[_PANEL][_CODES]}
        left = [code for code in listed(had.get(_CODES)) if str(code) not in taken]
        return _left(before, _PANEL, {**had, _CODES: left} if left else None, _OTHER)
    places = {str(one["permission"]): one.get(_CHANNELS, [ALL]) for one in item[_OTHER]}
    others = [
        _with_fewer_channels(one, places, str(before["deviceSerial"])) for one in objects(before.get(_OTHER))
    ]
    kept = [one for one in others if one is not None]
    return _left(before, _OTHER, kept or None, _PANEL)


def _left(before: Mapping[str, Any], name: str, kept: Any, other: str) -> dict[str, Any] | None:
    """Return an item with what is left under a name; None where nothing is left under the other one either."""
    if kept is not None:
        return {**before, name: kept}
    return (
        {key: value for key, value in before.items() if key != name} if objects(before.get(other)) else None
    )


def _with_fewer_channels(
    one: Mapping[str, Any], taken: Mapping[str, Sequence[str]], serial: str
) -> dict[str, Any] | None:
    channels = taken.get(str(one.get("permission")))
    if channels is None:
        return dict(one)
    had = [str(channel) for channel in listed(one.get(_CHANNELS))]
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
    whole = list(had or ())
    for code in new:
        if str(code) not in map(str, whole):
            whole.append(code)
    return whole


def _places(had: Sequence[Any] | None, new: Sequence[str]) -> list[str]:
    if ALL in new or ALL in [str(place) for place in had or ()]:
        return [ALL]
    return [str(place) for place in _union(had, new)]


def _is_same(code: object, other: object) -> bool:
    return str(code) == str(other)
