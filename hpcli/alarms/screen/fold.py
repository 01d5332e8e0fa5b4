"""Fold equal events in a row into one line with their number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from hpcli.alarms.event.event import Event

_OWN_TYPES: Final = ("media", "gap", "unreadable")
"""Lines of which each counts."""


class Folded(NamedTuple):
    """Equal events in a row: the first of them, how many they are, and the last if they are several."""

    event: Event
    times: int = 1
    last: Event | None = None


def fold(events: Iterable[Event]) -> Iterator[Folded]:
    """Yield events in their order, equal ones in a row once."""
    current: Folded | None = None
    for event in events:
        if current is not None and are_equal(current.event, event):
            current = current._replace(times=current.times + 1, last=event)
            continue
        if current is not None:
            yield current
        current = Folded(event)
    if current is not None:
        yield current


def are_equal(one: Event, other: Event) -> bool:
    """Return whether two events say the same of the same device at different times; pictures make a difference."""
    return _key(one) == _key(other) and one["type"] not in _OWN_TYPES


def _key(event: Event) -> tuple[Any, ...]:
    cid = event.get("cid") or {}
    names = ("device", "type", "state", "priority", "channel", "source", "text", "timeSource")
    picture_states = [picture["state"] for picture in event.get("pictures") or ()]
    return (
        *(event.get(name) for name in names),
        cid.get("code"),
        cid.get("areas"),
        cid.get("zone"),
        picture_states,
    )
