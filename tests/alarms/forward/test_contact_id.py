"""The Contact ID of events: what a receiving centre is told, and of which it is told nothing."""

from __future__ import annotations

from typing import Any

import pytest

from hpcli.alarms.event.contact_id import report_of
from tests.support.dc09_receiver import event


@pytest.mark.parametrize(
    ("more", "report"),
    [
        ({}, (1130, (1,), 3)),
        ({"cid": {"areas": [], "zone": None}}, (1130, (0,), 0)),
        ({"cid": {"areas": [1, 5]}}, (1130, (1, 5), 3)),
        ({"cid": {"zone": 1000}}, (1130, (1,), 0)),
        ({"cid": {"standard": 1401, "user": "user 501"}}, (1401, (1,), 501)),
        ({"cid": {"standard": 3401, "user": "Ann"}, "raw": {"alarmData": '{"userNo": 7}'}}, (3401, (1,), 7)),
        ({"cid": {"standard": None}}, (1140, (1,), 3)),
        ({"cid": {"standard": None}, "state": "ended", "priority": "low"}, (3140, (1,), 3)),
        ({"cid": {"standard": None}, "category": "other", "priority": "normal"}, None),
        ({"cid": None, "type": "deviceOffline"}, (1350, (0,), 0)),
        ({"cid": None, "type": "deviceonline"}, (3350, (0,), 0)),
        ({"cid": None, "type": "rule", "name": "silent-for", "state": "ended"}, (3350, (0,), 0)),
        ({"cid": None, "type": "VMD", "category": "video"}, None),
        ({"cid": {"code": 3977, "standard": None}, "category": "device", "priority": "normal"}, None),
    ],
)  # fmt: skip
def test_the_contact_id_of_an_event(more: dict[str, Any], report: tuple[Any, ...] | None) -> None:
    cid = more.pop("cid", {})
    made = event(**more, cid=cid or {}) | ({"cid": None} if cid is None else {})
    assert report_of(made) == report


def test_events_without_a_code_are_taken_by_category_on_request() -> None:
    for category, priority, state, code in (
        ("video", "high", "new", 1140),
        ("device", "normal", "new", 1306),  # a device that was added is no trouble of communication
        ("access", "low", "new", 1422),  # nor is a person who enters an alarm
        ("access", "high", "new", 1423),
        ("access", "low", "ended", 3423),
        ("open-close", "low", "new", None),
    ):
        made = event(type="VMD", category=category, priority=priority, state=state) | {"cid": None}
        found = report_of(made, by_category=True)
        assert found == (None if code is None else (code, (0,), 0))
