"""The Contact ID of an event: its code, groups, and zone or user, as a receiving centre wants them."""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple

from hpcli.alarms.event.event import Body, Event
from hpcli.alarms.event.fields import number_of, walk
from hpcli.alarms.event.types import RULE, TEST

GENERAL: Final = 140
"""General alarm: what a receiver that does not know a code still understands."""

_TEST_CODE: Final = 1601
_SILENCE: Final = 350
"""Communication trouble: a device that is offline or silent."""

_USER_EVENTS: Final = frozenset(
    {121, *range(400, 410), *range(411, 416), 421, 422, 424, 425, *range(429, 432), 441, 442, *range(450, 460),
     *range(462, 465), 466, 574, 604, 607, 625, 642, 652, 653}
)  # fmt: skip
"""Events whose third group is a user, not a zone."""

_BY_CATEGORY: Final = {
    "panic": 120, "fire": 110, "medical": 100, "burglary": 130, "technical": 150, "tamper": 137, "video": GENERAL,
    "fault": 300, "access": 422, "device": 306, "test": 602,
}  # fmt: skip
_FORCED: Final = 423
"""Of the category access, a door that was forced or held open; all else is the passing of a person."""

_QUALIFIERS: Final = {"new": 1, "ended": 3, "status": 6}
_OFFLINE: Final = {"deviceoffline": 1, "deviceonline": 3}
_SILENCE_RULES: Final = frozenset({"offline-for", "silent-for", "reader-silent"})
_LARGEST_ZONE: Final = 999


class Report(NamedTuple):
    """What is reported of an event.

    Attributes:
        code: qualifier and event, four digits.
        areas: the groups; one frame each.
        zone: of the zone or user; 0 for none.
    """

    code: int
    areas: tuple[int, ...]
    zone: int

    @property
    def is_alarm(self) -> bool:
        """Whether it is of the alarm codes."""
        return self.code // 100 % 10 == 1

    @property
    def general(self) -> Report:
        """The same as a general alarm."""
        return self._replace(code=self.code // 1000 * 1000 + GENERAL)


def has_report(event: Body | Event, *, by_category: bool = False) -> bool:
    """Return whether an event has a code; see `report_of`."""
    return _find_code(event, by_category=by_category) is not None


def report_of(event: Event, *, by_category: bool = False) -> Report | None:
    """Return what is reported of an event, None if it has no code.

    Args:
        event: the event.
        by_category: give events without a code that of their category.
    """
    code = _find_code(event, by_category=by_category)
    if code is None:
        return None
    cid = event["cid"] or {}
    areas = tuple(area for area in cid.get("areas") or () if 0 < area < 100)
    zone = _user_of(event) if code % 1000 in _USER_EVENTS else number_of(cid.get("zone")) or 0
    return Report(code, areas or (0,), zone if 0 <= zone <= _LARGEST_ZONE else 0)


def _find_code(event: Body | Event, *, by_category: bool) -> int | None:
    return _code_of(event) or (_code_by_category(event) if by_category else None)


def _code_of(event: Body | Event) -> int | None:
    kind = str(event["type"]).casefold()
    if kind in _OFFLINE:
        return _OFFLINE[kind] * 1000 + _SILENCE
    if event["type"] == TEST:
        return _TEST_CODE
    if event["type"] == RULE and event["name"] in _SILENCE_RULES:
        return (3 if event.get("state") == "ended" else 1) * 1000 + _SILENCE
    cid = event["cid"]
    if cid is None:
        return None
    standard = number_of(cid.get("standard"))  # events of the first edition have fewer fields
    if standard is not None and standard // 1000 in _QUALIFIERS.values():
        return standard
    # A loud general alarm is safer than an alarm that is dropped for its unknown code.
    state = event.get("state", "new")
    if event.get("priority") == "critical" or (state == "ended" and _is_alarm(event)):
        return _QUALIFIERS[state] * 1000 + GENERAL
    return None


def _is_alarm(event: Body | Event) -> bool:
    return event["category"] in ("panic", "fire", "medical", "burglary")


def _code_by_category(event: Body | Event) -> int | None:
    code = _BY_CATEGORY.get(event["category"])
    if event["category"] == "access" and (event.get("priority") == "high" or event.get("state") == "ended"):
        code = _FORCED
    return None if code is None else _QUALIFIERS[event.get("state", "new")] * 1000 + code


def _user_of(event: Event) -> int:
    """Return the number of the user; events have names of users, so it is taken from the raw message."""
    for key, value in walk(_whole(event["raw"])):
        if key == "userNo":
            return number_of(value) or 0
    cid: Any = event["cid"] or {}
    word, _, number = str(cid.get("user") or "").partition(" ")
    return (number_of(number) or 0) if word == "user" else 0


def _whole(raw: Any) -> Any:
    """Return a raw message with its alarmData as data."""
    data = raw.get("alarmData") if isinstance(raw, dict) else None
    if isinstance(data, str) and data.lstrip()[:1] == "{":
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            return None
    return data
