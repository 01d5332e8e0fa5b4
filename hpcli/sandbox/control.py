"""The stand-in's controls: events, faults, reset. They change the file, no matter which process serves it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from hpcli.errors import NotFoundError, UsageError
from hpcli.reference.choices import did_you_mean, nearest
from hpcli.reference.platform_errors import platform_errors
from hpcli.sandbox import DEFAULT_DEVICE, pictures, verification_code
from hpcli.sandbox.http import faults
from hpcli.sandbox.isapi.device import access_rights, panel_state
from hpcli.sandbox.state import account, alarm_queue, boxed, events, seed
from hpcli.sandbox.state.alarm_queue import Message
from hpcli.sandbox.state.events import EventType, Occasion
from hpcli.sandbox.state.store import Settings, Store

OFFLINE_CODES = tuple(sorted(code for code, entry in platform_errors().items() if entry.kind == "offline"))
"""What the platform answers for a device that is offline."""


def event_names() -> tuple[str, ...]:
    """Return the names that `trigger` accepts: the friendly names, then the types of Guide A.3."""
    return (*events.FRIENDLY_NAMES, *events.EVENTS)


def trigger(
    state: Path,
    type: str,  # noqa: A002 - the word of the command line
    *,
    device: str | None = None,
    picture: str = "none",
    count: int = 1,
) -> list[str]:
    """Trigger events and put their messages on the queue.

    Args:
        state: the SQLite file.
        type: a name of `event_names`.
        device: serial; None for a device that reports such events.
        picture: `none` or a kind of `pictures.KINDS`; a CID event gets a Linkage with the pictures.
        count: how many events.

    Returns:
        The ids of the queued messages; none if the device is not subscribed.

    Raises:
        UsageError: an unknown type or picture, or a type without pictures.
        NotFoundError: the account has no such device.
    """
    name, kind = _event_type(type)
    if picture != "none" and picture not in pictures.KINDS:
        raise UsageError(f"There is no picture {picture}.", hint=f"Use none, {', '.join(pictures.KINDS)}.")
    if picture != "none" and not kind.has_pictures:
        raise UsageError(f"An event of type {name} has no picture.", hint="Leave --picture out.")
    now = time.time()
    with seed.open_state(state) as store, store.transaction():
        source = _device(store, kind, device)
        if kind.online is not None:
            _set_online(store, source, kind.online)
        panel_state.follow_event(store, source, name, count)
        if not (source["isSubscribed"] or kind.always):
            return []
        occasion = Occasion(store, source, now, picture, 0, _usable_zones(store, source))
        return alarm_queue.enqueue(store, _messages(kind, occasion, count), now)


def set_device(
    state: Path,
    serial: str,
    *,
    online: bool | None = None,
    fault: str | None = None,
    seconds: float | None = None,
) -> None:
    """Give a device a fault.

    Args:
        state: the SQLite file.
        serial: the device.
        online: whether it is connected to the platform.
        fault: `busy`, `locked`, `password`: what it refuses everything with; `slow` answers late; empty for no fault.
        seconds: how late a slow device answers.

    Raises:
        UsageError: an unknown fault.
    """
    known = (*access_rights.FAULTS, access_rights.SLOW, "")
    if fault is not None and fault not in known:
        raise UsageError(f"There is no device fault {fault}.", hint=f"Use one of {', '.join(known[:-1])}.")
    wanted = {
        "deviceOnlineStatus": None if online is None else int(online),
        "fault": fault,
        "slowSeconds": seconds,
    }
    with seed.open_state(state) as store, store.transaction():
        store.change("device", serial, **{name: value for name, value in wanted.items() if value is not None})


def set_zone(state: Path, serial: str, zone: int, *, is_open: bool) -> None:
    """Open or close a zone of a panel; one that opens in an armed area raises the alarm.

    Args:
        state: the SQLite file.
        serial: the panel.
        zone: its number, from 1.
        is_open: its new state.
    """
    with seed.open_state(state) as store, store.transaction():
        panel_state.set_zone_open(store, serial, zone - 1, time.time(), is_open=is_open)


def reset(state: Path, *, sites: int | None = None, devices: int | None = None, empty: bool = False) -> None:
    """Reset the account: the demo account, a large one of numbered sites and devices, or an empty one.

    This also resets settings, faults, tokens and counters.
    """
    with seed.open_state(state) as store, store.transaction():
        seed.fill(store, sites=sites, devices=devices, empty=empty)


def configure(state: Path, **changes: Any) -> Settings:
    """Change settings of the file (see `Settings`); None leaves one unchanged. Returns the new settings.

    Raises:
        UsageError: an unknown setting, kind of fault or code of an offline device, or a share outside 0 to 1.
    """
    given = {name: value for name, value in changes.items() if value is not None}
    unknown = sorted(set(given) - set(Settings.__slots__))
    if unknown:
        raise UsageError(
            f"There is no sandbox setting {unknown[0]}.", hint=f"Use {', '.join(Settings.__slots__)}."
        )
    given["next_faults"] = tuple(given.get("next_faults", ()))
    _check_faults({**dict.fromkeys(given["next_faults"], 1.0), **given.get("faults", {})})
    if "next_faults" not in changes:
        del given["next_faults"]
    if "offline_code" in given:
        _check_offline_code(given["offline_code"])
    with seed.open_state(state) as store, store.transaction():
        settings = replace(store.settings(), **given)
        store.keep_settings(settings)
    return settings


def is_subscribed(state: Path) -> bool:
    """Return whether the account subscribed to any device."""
    with seed.open_state(state) as store:
        return account.is_subscribed(store)


def can_be_added(state: Path, serial: str) -> bool:
    """Return whether no account has a device, so that `device/add` accepts it."""
    with seed.open_state(state) as store:
        found = boxed.find_boxed(store, serial)
    return found is not None and found["owner"] == "none"


def spares(state: Path) -> list[dict[str, str]]:
    """Return the spare devices that no account has yet: [{serial, code}]."""
    with seed.open_state(state) as store:
        return [
            {"serial": serial, "code": verification_code(serial)} for serial in boxed.spare_serials(store)
        ]


def statistics(state: Path) -> dict[str, dict[str, int]]:
    """Return what happened since the last reset.

    `requests` counts by `METHOD PATH`, `faults` by kind; `queue` holds `waiting`, the number of messages that
    are not confirmed yet.
    """
    with seed.open_state(state) as store:
        counters = store.counters()
        waiting = alarm_queue.waiting(store)
    return {
        "requests": _starting_with("request ", counters),
        "faults": _starting_with("fault ", counters),
        "queue": {"waiting": waiting},
    }


def _starting_with(word: str, counters: Mapping[str, int]) -> dict[str, int]:
    return {name.removeprefix(word): n for name, n in counters.items() if name.startswith(word)}


def _event_type(name: str) -> tuple[str, EventType]:
    known = {entry.casefold(): entry for entry in event_names()}
    found = known.get(name.strip().casefold())
    if found is None:
        meant = did_you_mean(nearest(name, event_names()), "{}")
        raise UsageError(
            f"There is no event type {name}.", hint=f"{meant}Use one of {', '.join(event_names())}."
        )
    wire = events.FRIENDLY_NAMES.get(found, found)
    return wire, events.EVENTS[wire]


def _device(store: Store, kind: EventType, serial: str | None) -> dict[str, Any]:
    """Return the requested device, else an online and subscribed one that reports such events."""
    if serial is not None:
        device = store.get("device", serial)
        if device is None:
            raise NotFoundError(
                f"The sandbox has no device {serial}.", hint="`hpcli device list` shows its devices."
            )
        return device
    default = store.get("device", DEFAULT_DEVICE)
    for category in kind.categories or (events.IPC, None):
        for is_strict in (True, False):
            for device in itertools.chain([default] if default else [], store.each("device")):
                is_ready = device["deviceOnlineStatus"] == 1 and device["isSubscribed"]
                if category in (None, device["deviceCategory"]) and (is_ready or not is_strict):
                    return device
    raise NotFoundError(
        "No device of the sandbox reports such an event.", hint="Start over: hpcli sandbox reset"
    )


def _usable_zones(store: Store, device: Mapping[str, Any]) -> list[dict[str, Any]]:
    zones = store.children("zone", device["deviceSerial"])
    return [zone for zone in zones if zone["status"] != "notRelated"]


def _messages(kind: EventType, occasion: Occasion, count: int) -> Iterator[Message]:
    for number in range(count):
        yield from kind.make(replace(occasion, number=number))


def _set_online(store: Store, device: Mapping[str, Any], status: int) -> None:
    serial = device["deviceSerial"]
    store.change("device", serial, deviceOnlineStatus=status)


def _check_offline_code(code: str) -> None:
    if code not in OFFLINE_CODES:
        raise UsageError(
            f"{code} is not a code of an offline device.", hint=f"Use one of {', '.join(OFFLINE_CODES)}."
        )


def _check_faults(shares: Mapping[str, float]) -> None:
    for entry, share in shares.items():
        if faults.kind_of(entry) not in faults.KINDS:
            raise UsageError(f"There is no fault {entry}.", hint=f"Use one of {', '.join(faults.KINDS)}.")
        if not 0 <= share <= 1:
            raise UsageError(
                f"The share of {entry} is {share}.", hint="Give a share from 0 to 1, such as 0.05."
            )
