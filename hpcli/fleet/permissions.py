"""What an end user may do on a device, as a file says it and as the platform has it (Guide §3.13, §3.15).

In a file, permissions are `{live: all, playback: [1, 2]}`: names, or numbers that hpcli does not know, and the channels
(areas of a panel) each is for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from hpcli.client.handover_permissions import (
    ALL,
    PermissionRequest,
    as_read,
    listed,
    shared_device,
)
from hpcli.errors import UsageError
from hpcli.reference.codes import code_list

Allowed = dict[str, Any]
EVERYWHERE: Final = "all"
_PANEL_KEY, _OTHER_KEY = "ax2PermissionDetails", "otherPermissionDetails"


def allowed_of(entry: Mapping[str, Any]) -> Allowed:
    """Return the permissions of an item of §3.13: name or number to `all` or the numbers of channels or areas."""
    whole = as_read(entry)
    allowed: Allowed = {}
    panel = whole.get(_PANEL_KEY)
    if isinstance(panel, Mapping):
        places = _places(panel.get("areaPermission"))
        for value in listed(panel.get("ax2Permission")):
            allowed[_name("ax2Permission", value)] = places
    for item in listed(whole.get(_OTHER_KEY)):
        if isinstance(item, Mapping) and "permission" in item:
            allowed[_name("permission", item["permission"])] = _places(item.get("channelNo"))
    return allowed


def allowed_by_device(entries: Iterable[Mapping[str, Any]]) -> dict[str, Allowed]:
    """Return the permissions of an end user by the serial of the device."""
    found: dict[str, Allowed] = {}
    for entry in entries:
        found.setdefault(str(entry.get("deviceSerial")), {}).update(allowed_of(entry))
    return found


def words_of(allowed: Mapping[str, Any]) -> str:
    """Return permissions in words: `live, playback (1, 2)`."""
    return ", ".join(f"{name}{_in_brackets(places)}" for name, places in sorted(allowed.items()))


def place_words(places: Any) -> str:
    """Return where a permission holds: `all` or `1, 2`."""
    return EVERYWHERE if is_everywhere(places) else ", ".join(map(str, places))


def is_everywhere(places: Any) -> bool:
    """Whether a permission holds for all channels or areas."""
    return not isinstance(places, list) or not places or [str(one) for one in places] == [ALL]


def same_places(one: Any, other: Any) -> bool:
    """Whether a permission holds for the same channels or areas; their order means nothing."""
    if is_everywhere(one) or is_everywhere(other):
        return is_everywhere(one) and is_everywhere(other)
    return {str(place) for place in one} == {str(place) for place in other}


def named_as(allowed: Mapping[str, Any], kind: str) -> Allowed:
    """Return permissions with the names of a code list, whatever spelling a file has.

    Args:
        allowed: of a file.
        kind: the code list: `ax2Permission` or `permission`.
    """
    known = code_list(kind)
    named: Allowed = {}
    for word, places in allowed.items():
        try:
            code = known.find(known.value_of(str(word)))
        except UsageError:
            code = None
        named[code.name if code else str(word)] = places
    return named


def entry_of(serial: str, allowed: Allowed, present: Mapping[str, Any] | None, device: Row) -> dict[str, Any]:
    """Return the item of §3.15 that gives permissions; codes that are there already stay, known to hpcli or not.

    Args:
        serial: the device.
        allowed: all that the end user shall be allowed on it.
        present: its item of §3.13, None if there is none.
        device: the row of the device (§3.21).

    Raises:
        UsageError: the device cannot have a permission, or a panel of the AX Pro series has it for different areas.
    """
    old = as_read(present) if present is not None else {}
    had = allowed_of(old) if old else {}
    new = {name: places for name, places in allowed.items() if name not in had}
    made = [_made(serial, name, places, device) for name, places in new.items()]
    if _PANEL_KEY in old or any(_PANEL_KEY in item for item in made):
        return _panel_entry(serial, allowed, old, made)
    kept = [
        item for item in listed(old.get(_OTHER_KEY)) if _name("permission", item.get("permission")) in allowed
    ]
    items = [_at(item, allowed[_name("permission", item.get("permission"))]) for item in kept]
    return {
        **old,
        "deviceSerial": serial,
        _OTHER_KEY: [*items, *(one for item in made for one in item[_OTHER_KEY])],
    }


Row = Mapping[str, Any]


def _panel_entry(serial: str, allowed: Allowed, old: Row, made: Sequence[Row]) -> dict[str, Any]:
    """Return the item of a panel of the AX Pro series, which has one list of areas for all permissions."""
    places = list(allowed.values())
    if any(not same_places(places[0], other) for other in places[1:]):
        raise UsageError(f"{serial} is an AX Pro panel: all its permissions are for the same areas.")
    panel = dict(old.get(_PANEL_KEY) or {})
    codes = [code for code in listed(panel.get("ax2Permission")) if _name("ax2Permission", code) in allowed]
    codes += [code for item in made for code in item[_PANEL_KEY]["ax2Permission"]]
    areas = [ALL] if is_everywhere(places[0]) else [str(place) for place in places[0]]
    details = {**panel, "ax2Permission": codes, "areaPermission": areas}
    return {**old, "deviceSerial": serial, _PANEL_KEY: details}


def _made(serial: str, name: str, places: Any, device: Row) -> dict[str, Any]:
    where = (ALL,) if is_everywhere(places) else tuple(str(place) for place in places)
    return shared_device(PermissionRequest(serial, (name,), where), device)


def _at(item: Row, places: Any) -> dict[str, Any]:
    """Return an item for the places of the file; as it is where these are the same."""
    if same_places(_places(item.get("channelNo")), places):
        return dict(item)
    return {**item, "channelNo": [ALL] if is_everywhere(places) else [str(place) for place in places]}


def _places(value: Any) -> Any:
    numbers = [str(place) for place in listed(value)]
    if not numbers or ALL in numbers:
        return EVERYWHERE
    return [int(number) if number.isdecimal() and len(number) < 10 else number for number in numbers]


def _in_brackets(places: Any) -> str:
    return "" if is_everywhere(places) else f" ({place_words(places)})"


def _name(codes: str, value: object) -> str:
    code = code_list(codes).find(value)
    return code.name if code else str(value)
