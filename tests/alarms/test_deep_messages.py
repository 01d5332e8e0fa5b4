"""Messages nested so deep that Pythons differ over them: the same event, with the same id, on each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hpcli.alarms.event.fields import dict_of
from hpcli.alarms.event.identity import fingerprint_of
from hpcli.alarms.journal.writer import Journal
from tests.support.alarm_messages import event_of
from tests.support.journal_messages import events, keep

READABLE = 900
"""What Python 3.11 reads and writes as well."""

TOO_DEEP = 930
"""What it could just so read and write; 3.13 goes on to 10,000."""


def nested(levels: int, inner: object = 1) -> Any:
    value: Any = inner
    for number in range(levels):
        value = {"b": value, "a": 1} if number % 2 else [value]
    return value


@pytest.mark.parametrize(("odd", "kept"), [(1, 1), (float("nan"), None), ("\ud800", "\ufffd")])
def test_a_deep_value_stays_what_it_is_or_comes_as_text(journal: Journal, odd: object, kept: object) -> None:
    for levels in (500, READABLE, TOO_DEEP):
        keep(journal, f"b{levels}", {"deviceSerial": "Q1", "odd": odd, "alarmData": nested(levels, odd)})
    *whole, cut = (event["raw"] for event in events(journal))
    for raw, levels in zip(whole, (500, READABLE), strict=True):
        assert raw["odd"] == kept
        # Comparing them as values would go deeper than Python's own limit.
        assert json.dumps(raw["alarmData"]) == json.dumps(nested(levels, kept))
    assert isinstance(cut["alarmData"], str)


@pytest.mark.parametrize(
    ("levels", "fingerprint"),
    [(READABLE, "842e6b73cd9f325a"), (TOO_DEEP, "e9c1245e5354bbdf"), (5000, "07f6edfdb95a31c6")],
)
def test_the_fingerprint_of_a_deep_message_is_the_same_on_every_python(levels: int, fingerprint: str) -> None:
    assert fingerprint_of({"deviceSerial": "Q1", "alarmData": nested(levels)}) == fingerprint


def text_of(levels: int) -> str:
    """A message that only Python's own reader takes: JSON has no NaN."""
    return '{"eventType":"VMD","n":NaN,"deep":' + "[" * levels + "]" * levels + "}"


def test_deep_text_is_read() -> None:
    assert "unreadable" not in event_of(text_of(READABLE))["text"]
    assert dict_of(text_of(READABLE))


@pytest.mark.parametrize("levels", [TOO_DEEP, 5000])
def test_text_that_is_too_deep_is_said_to_be(levels: int) -> None:
    assert "the JSON is nested too deep" in event_of(text_of(levels))["text"]
    assert dict_of(text_of(levels)) == {}
