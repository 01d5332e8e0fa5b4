"""Messages of real devices, each with what is right for it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hpcli.alarms.decode.decode import Receipt
from hpcli.alarms.decode.decode import decode as decode_message
from hpcli.alarms.event.accounts import Accounts
from hpcli.alarms.event.sites import Site
from hpcli.alarms.journal.writer import Journal
from tests.support.alarm_messages import CID, decode, event_of, message, notice
from tests.support.journal_messages import entries, keep

CASES = sorted((Path(__file__).parent / "data" / "messages").rglob("*.json"))
RECEIVED = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)


class Known:
    """Every device but one stands at a site."""

    def site_of(self, serial: str) -> Site | None:
        return None if serial.startswith("U") else Site("s1", "Home", "Europe/Berlin")


def value_at(event: dict[str, Any], path: str) -> Any:
    if path == "encryption of pictures":
        return [picture["encryption"] for picture in event["pictures"]]
    value: Any = event
    for key in path.split("."):
        value = value[key]
    return value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_message_means_what_its_device_meant(case: Path) -> None:
    known = json.loads(case.read_text(encoding="utf-8"))
    event = decode(known["message"], received=RECEIVED, sites=Known())

    right = dict(known["right"])
    for words in right.pop("text contains", []):
        assert words in event["text"]
    if str(right.get("category", "")).startswith("anything"):
        assert right.pop("category")
        assert event["category"] == "test"
    assert {path: value_at(event, path) for path in right} == right


@pytest.mark.parametrize("state", ["inactive", "Inactive", " INACTIVE ", "ended"])
@pytest.mark.parametrize("name", ["IO", "diskerror", "PIR", "hovering", "videoloss", "linedetection"])
def test_the_end_of_an_alarm_is_never_a_new_one(name: str, state: str) -> None:
    event = event_of({"eventType": name, "eventState": state})

    assert (event["state"], event["priority"]) == ("ended", "low")


@pytest.mark.parametrize(
    ("code", "state", "priority"),
    [
        (1103, "new", "critical"),
        (3103, "ended", "low"),
        (6103, "status", "critical"),
        (1401, "new", "low"),
        (3401, "new", "low"),
        (3977, "new", "normal"),
        (1975, "new", "normal"),
        (1301, "new", "high"),
        (3301, "ended", "low"),
        (1137, "new", "high"),
        (1302, "new", "normal"),
    ],
)
def test_a_code_says_whether_something_begins_or_ends(code: int, state: str, priority: str) -> None:
    event = event_of({"eventType": "cidEvent", "CIDEvent": {"code": code}})

    assert (event["state"], event["priority"]) == (state, priority)


@pytest.mark.parametrize(
    ("words", "category", "state"),
    [
        ("ArmAway", "open-close", "new"),
        ("AwayArm", "open-close", "new"),
        ("DisarmOperation", "open-close", "new"),
        ("ClearAlarm", "open-close", "new"),
        ("ACDown", "fault", "new"),
        ("ACRecov", "fault", "ended"),
        ("LowBattery", "fault", "new"),
        ("BypassZone", "bypass", "new"),
        ("BypassRecover", "bypass", "ended"),
        ("TamperAlarm", "tamper", "new"),
        ("SoftZonePanic", "panic", "new"),
        ("WiredNetworkFault", "fault", "new"),
        ("zoneAlarm", "burglary", "new"),
        ("addExModule", "device", "new"),
    ],
)
def test_a_message_without_a_code_is_judged_by_its_words(words: str, category: str, state: str) -> None:
    for payload in (
        {"eventDescription": words, "CIDEvent": {"system": 1}},
        {"eventDescription": "CID event", "CIDEvent": {"description": words}},
    ):
        event = event_of({"eventType": "cidEvent", **payload})
        assert (event["category"], event["state"]) == (category, state)
        assert words in event["text"]


def test_account_and_source_are_named() -> None:
    panel = {
        "eventType": "cidEvent",
        "CIDEvent": {"code": 1344, "ModNo": 2, "deviceNo": 9, "deviceName": "Siren"},
    }
    event = event_of(panel, accountNumber="004711")

    assert (event["account"], event["accountSource"]) == ("004711", "message")
    assert event["source"] == {"kind": "device", "number": 9, "name": "Siren"}


def test_a_keep_alive_is_kept_and_printed_on_demand_only(journal: Journal) -> None:
    panel = json.dumps({"eventType": "cidEvent", "eventState": "inactive", "CIDEvent": {}})
    keep(journal, "b1", message(panel), message(CID))

    assert [entry.category for entry in entries(journal)] == ["burglary"]
    assert [entry.category for entry in entries(journal, with_keep_alives=True)] == ["test", "burglary"]


@pytest.mark.parametrize(
    ("more", "account", "source"),
    [
        ({}, "0815", "set-account"),
        ({"accountNumber": ""}, "0815", "set-account"),
        ({"accountNumber": "4711"}, "4711", "message"),
        ({"deviceSerial": "Q2"}, None, None),
        ({"deviceSerial": "q3", "accountNumber": "4711"}, "99", "map"),
    ],
)
def test_the_account_is_that_of_the_map_else_of_the_message_else_what_was_set_here(
    more: dict[str, str], account: str | None, source: str | None
) -> None:
    receipt = Receipt(RECEIVED, accounts=Accounts({"Q12345678": "0815", "Q3": "2"}, {"Q3": "99"}))
    (decoded,) = decode_message(message(notice("deviceoffline"), **more), receipt)

    assert (decoded.body["account"], decoded.body["accountSource"]) == (account, source)


class Panels:
    """Panels without a site."""

    def __init__(self, *, is_panel: bool) -> None:
        self.is_panel = is_panel

    def site_of(self, serial: str) -> Site | None:  # noqa: ARG002 - all are alike
        return Site(None, None, is_panel=self.is_panel)


@pytest.mark.parametrize(
    ("kind", "is_panel", "priority"),
    [
        ("deviceoffline", True, "high"),
        ("DeviceOffline", True, "high"),
        ("deviceoffline", False, "normal"),
        ("deviceonline", True, "normal"),
    ],
)
def test_a_panel_that_goes_offline_is_high(kind: str, *, is_panel: bool, priority: str) -> None:
    receipt = Receipt(RECEIVED, Panels(is_panel=is_panel))
    (decoded,) = decode_message(message(notice(kind)), receipt)

    assert (decoded.body["category"], decoded.body["priority"]) == ("device", priority)
    assert decoded.body["site"] is None
