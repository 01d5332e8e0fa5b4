"""What keeps an area from arming, in words: open zones by name, another mode."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hpcli.errors import DeviceError, HpcliError, NetworkError

ARMING = "arming"
HINDRANCES = ("arming", "armingFailed", "zoneFault")
"""Sub-status names that may mean an open zone; `arming` also that it is under way (field notes)."""

_ARMED = frozenset({"away", "stay", ARMING})


class ArmingUnseenError(NetworkError):
    """The panel accepted the request to arm; its areas could not be read afterwards.

    Attributes:
        reason: why not.
    """

    def __init__(self, serial: str, reason: HpcliError) -> None:
        super().__init__(
            f"{serial} accepted the request, but the state of its areas could not be read: {reason}",
            hint=f"`hpcli panel areas {serial}` shows whether they are armed.",
        )
        self.reason = reason


def is_armed_or_arming(area: Mapping[str, Any]) -> bool:
    """Return whether an area is armed or about to be."""
    return area.get("arming") in _ARMED


def is_open(zone: Mapping[str, Any]) -> bool:
    """Return whether a zone is open: triggered, or its magnetic contact open."""
    return zone.get("status") == "trigger" or zone.get("magnetOpenStatus") is True


def open_zones(
    zones: Iterable[Mapping[str, Any]], areas: Iterable[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Return the open zones of some areas that are not bypassed; a zone that names no area may be theirs."""
    numbers = {area.get("id") for area in areas} | {None}
    return [
        zone
        for zone in zones
        if is_open(zone) and not zone.get("bypassed") and zone.get("subSystemNo") in numbers
    ]


def not_armed(
    areas: Sequence[Mapping[str, Any]], zones: Sequence[Mapping[str, Any]], serial: str
) -> DeviceError:
    """Return the error of areas that went back to disarmed."""
    names = ", ".join(str(area.get("name") or f"area {area.get('id')}") for area in areas)
    reason = f": {_listed(zones)}" if zones else ""
    return DeviceError(f"{names} did not arm{reason}.", hint=_advice(zones, serial))


def hindered(error: HpcliError, zones: Sequence[Mapping[str, Any]], serial: str) -> HpcliError:
    """Return a refusal to arm with the open zones in it; the error itself where none is open."""
    if not zones:
        return error
    named = DeviceError(
        f"The panel refused to arm: {_listed(zones)}.",
        code=error.code,
        hint=_advice(zones, serial),
        http_status=error.http_status,
    )
    named.exit_code = error.exit_code
    return named


def already_armed_otherwise(error: HpcliError, areas: Sequence[Mapping[str, Any]]) -> HpcliError:
    """Return the error of an area that is armed, but not as it was asked."""
    states = ", ".join(f"{area.get('name') or area.get('id')} is {_state(area)}" for area in areas)
    return DeviceError(
        f"The panel refused: {states}.",
        code=error.code,
        hint="Disarm it first, then arm it anew.",
        http_status=error.http_status,
    )


def _state(area: Mapping[str, Any]) -> str:
    mode = area.get("arming")
    return "disarmed" if mode == "disarm" else ARMING if mode == ARMING else f"armed {mode}"


def _listed(zones: Sequence[Mapping[str, Any]]) -> str:
    named = [f"{zone.get('name') or 'a zone'} (zone {zone.get('zone')})" for zone in zones]
    return f"{', '.join(named)} {'is' if len(named) == 1 else 'are'} open"


def _advice(zones: Sequence[Mapping[str, Any]], serial: str) -> str:
    if not zones:
        return f"`hpcli panel zones {serial} --problems` shows what is wrong."
    them = "it" if len(zones) == 1 else "them"
    numbers = " ".join(str(zone.get("zone")) for zone in zones)
    return f"Close {them}, or bypass {them}: `hpcli panel bypass {serial} {numbers}`."


def are_armed(areas: Iterable[Mapping[str, Any]], mode: str) -> bool:
    """Whether areas are armed in a mode, or about to be armed."""
    return all(row.get("arming") in (mode, ARMING) for row in areas)


def area_key(row: Mapping[str, Any]) -> str:
    """Return what tells an area from others while it is waited for."""
    return str(row.get("id", row.get("name")))
