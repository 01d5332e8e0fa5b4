"""Rules: an event when something begins and one when it ends, by what the journal has, also over a restart."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hpcli.alarms.clock import Clock
from hpcli.alarms.forward.rule_config import Rule, read_rules
from hpcli.alarms.forward.rules import Rules
from hpcli.alarms.journal.batches import keep_own
from hpcli.alarms.journal.chain import check_chain
from hpcli.alarms.journal.entries import event_of
from hpcli.alarms.journal.facts import note_fact
from hpcli.alarms.journal.writer import Journal
from hpcli.alarms.tail.error_log import ErrorLog
from hpcli.alarms.tail.gaps import make_gap
from hpcli.errors import UsageError
from hpcli.parse import epoch_milliseconds
from tests.support.forward_journal import Receiver, config_for, forward
from tests.support.journal_messages import NOW, alarm, entries, keep


class Stage:
    """A journal with rules, at a time that the test sets."""

    def __init__(self, journal: Journal, **rule: Any) -> None:
        self.journal, self.zone = journal, "UTC"
        self.now = NOW
        self.restart(**rule)

    def restart(self, **rule: Any) -> None:
        """Begin anew, with another rule if one is given."""
        if rule:
            self.rules = read_rules({"rule": [rule]})
        log = ErrorLog(lambda _line: None, time.monotonic)
        clock = Clock(lambda: self.now)
        self.made = Rules(
            self.rules, self.journal, log, clock, local=lambda moment: moment.astimezone(ZoneInfo(self.zone))
        )

    def message(self, **more: Any) -> None:
        keep(self.journal, None, alarm(**more), received=self.now)

    def look(
        self, after: timedelta = timedelta(), *, is_read: bool = True
    ) -> list[tuple[str, str, str | None]]:
        """Let time pass and the queue be read; return the state, name and device of the new events."""
        known = len(entries(self.journal))
        self.now += after
        if is_read:
            moment = epoch_milliseconds(self.now)
            self.journal.write(lambda db: note_fact(db, "last-poll", moment))
        self.made.look()
        found = [event_of(entry, redelivered=False) for entry in entries(self.journal)[known:]]
        return [(event["state"], event["name"], event["device"]) for event in found]


def device_event(kind: str) -> dict[str, Any]:
    return {"body": {"eventType": kind, "CIDEvent": None}}


def test_a_device_that_is_offline_for_long_begins_and_ends_once(journal: Journal) -> None:
    stage = Stage(journal, **{"offline-for": "10m"})
    stage.message(**device_event("deviceOffline"))
    assert stage.look(timedelta(minutes=9)) == []
    assert stage.look(timedelta(minutes=2)) == [("new", "offline-for", "Q10254783")]
    stage.restart()
    assert stage.look(timedelta(hours=2)) == []
    stage.message(**device_event("deviceOnline"))
    assert stage.look() == [("ended", "offline-for", "Q10254783")]
    assert stage.look(timedelta(hours=1)) == []
    assert journal.read(check_chain).broken is None


def test_what_was_not_read_is_no_silence(journal: Journal) -> None:
    stage = Stage(journal, **{"silent-for": "25h"})
    stage.message()
    assert stage.look(timedelta(hours=26), is_read=False) == []
    assert stage.look() == [("new", "silent-for", "Q10254783")]
    stage.message()
    assert stage.look() == [("ended", "silent-for", "Q10254783")]


def test_the_silence_of_an_account_and_of_its_reader(journal: Journal) -> None:
    stage = Stage(journal, **{"silent-for": "2h"}, account=True)
    stage.message()
    assert stage.look(timedelta(hours=3)) == [("new", "silent-for", None)]
    stage.restart(**{"reader-silent": True, "priority": "critical"})
    assert stage.look(timedelta(minutes=4), is_read=False) == []
    assert stage.look(timedelta(minutes=2), is_read=False) == [("new", "reader-silent", None)]
    assert stage.look() == [("ended", "reader-silent", None)]


def test_areas_that_are_not_armed_in_the_evening(journal: Journal) -> None:
    def panel(code: int) -> dict[str, Any]:
        return {"body": {"CIDEvent": {"code": code, "partitionNo": "2"}}}

    stage = Stage(journal, **{"open-after": "22:00"})
    stage.message(**panel(1401))
    assert stage.look(timedelta(hours=7)) == []  # 21:31
    assert stage.look(timedelta(hours=1)) == [("new", "open-after", "Q10254783")]
    assert stage.look(timedelta(hours=9)) == []  # 07:31: the hours are over, the area still open
    stage.message(**panel(3401))
    assert stage.look() == [("ended", "open-after", "Q10254783")]


def test_what_ended_and_began_again_while_no_rules_ran_is_told(journal: Journal) -> None:
    stage = Stage(journal, **{"offline-for": "10m"})
    stage.message(deviceSerial="Q1/2", **device_event("deviceOffline"))
    assert stage.look(timedelta(minutes=11)) == [("new", "offline-for", "Q1/2")]
    for kind in ("deviceOnline", "deviceOffline"):
        stage.now += timedelta(minutes=1)
        stage.message(deviceSerial="Q1/2", body={"eventType": kind, "CIDEvent": None, "n": 2})
    stage.restart()
    assert stage.look(timedelta(minutes=11)) == [
        ("ended", "offline-for", "Q1/2"), ("new", "offline-for", "Q1/2"),
    ]  # fmt: skip


@pytest.mark.parametrize("later", [{"offline-for": "20m"}, {"offline-for": "10m", "device": "Q2"}])
def test_a_changed_rule_claims_nothing_that_is_not_so(journal: Journal, later: dict[str, str]) -> None:
    stage = Stage(journal, **{"offline-for": "10m"})
    stage.message(**device_event("deviceOffline"))
    assert len(stage.look(timedelta(minutes=11))) == 1
    stage.restart(**later)
    assert stage.look() == []
    stage.message(**device_event("deviceOnline"))
    assert stage.look() == [("ended", "offline-for", "Q10254783")]


@pytest.mark.parametrize(
    ("rule", "begin", "end"),
    [
        ({"offline-for": "10m"}, {"eventType": "deviceOffline"}, {"eventType": "deviceOnline"}),
        ({"open-after": "14:00"}, {"CIDEvent": {"code": 1401}}, {"CIDEvent": {"code": 3401}}),
    ],
)
def test_what_is_pruned_has_not_ended(
    journal: Journal, rule: dict[str, str], begin: dict[str, Any], end: dict[str, Any]
) -> None:
    stage = Stage(journal, **rule)
    stage.message(body={"CIDEvent": None, **begin})
    assert len(stage.look(timedelta(hours=1))) == 1
    journal.write(lambda db: db.execute("DELETE FROM entry WHERE seq=1"))
    stage.restart()
    assert stage.look(timedelta(hours=1)) == []
    stage.message(body={"CIDEvent": None, **end})
    assert [state for state, _, _ in stage.look()] == ["ended"]


def test_silence_is_known_since_the_end_of_a_gap_only(journal: Journal) -> None:
    stage = Stage(journal, **{"silent-for": "25h"})
    stage.message()
    stage.now += timedelta(days=3)
    journal.write(lambda db: keep_own(db, make_gap(NOW, stage.now)))
    assert stage.look(timedelta(hours=24)) == []
    assert stage.look(timedelta(hours=2)) == [("new", "silent-for", "Q10254783")]


@pytest.mark.parametrize("now", [datetime(2026, 10, 25, tzinfo=UTC), datetime(2027, 3, 28, tzinfo=UTC)])
def test_a_night_of_a_clock_change_has_one_beginning(journal: Journal, now: datetime) -> None:
    stage = Stage(journal, **{"open-after": "02:30", "until": "03:30"})
    stage.now, stage.zone = now, "Europe/Berlin"
    stage.message(body={"CIDEvent": {"code": 1401}})
    found = [change for _ in range(30) for change in stage.look(timedelta(minutes=10))]
    assert found == [("new", "open-after", "Q10254783")]


def test_a_look_reads_what_is_new_only(journal: Journal) -> None:
    stage = Stage(journal, **{"offline-for": "10m"})
    stage.message()
    stage.look()
    assert stage.made._seen.last == 1


def test_events_of_rules_are_routed_like_all_others(journal: Journal) -> None:
    other = Stage(journal, **{"offline-for": "10m"}, device=["Q1"])
    stage = Stage(journal, **{"offline-for": "10m"}, device=["Q10254783"])
    stage.message(**device_event("deviceOffline"))
    assert other.look(timedelta(hours=1)) == []
    stage.look(timedelta(hours=1))
    receiver = Receiver()
    forward(config_for(receiver, ["type=rule", "priority=high"]), journal)
    (message,) = receiver.got
    assert message.event["text"] == "Offline for over 10 min, since 2026-11-22T14:31:00Z"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"offline-for": "10 parsecs"}, "Rule 1: '10 parsecs' is not a duration"),
        ({"offline-four": "10m"}, "no key 'offline-four'"),
        ({"offline-for": "10m", "silent-for": "1h"}, "it needs one of"),
        ({"open-after": "25:00"}, "not a time of day"),
        ({"silent-for": "1h", "priority": "loud"}, "not a priority"),
        ({"silent-for": "1h", "device": 7}, "not a list of serials"),
        ("x", "not a table"),
        ({"offline-for": "0"}, "Rule 1: `offline-for` is zero"),
        ({"open-after": "22:00", "until": "22:00"}, "the same time"),
        ({"silent-for": "1h", "until": "06:00"}, "`until` does not go with silent-for"),
        ({"reader-silent": "5m", "device": "Q1"}, "`device` does not go with reader-silent"),
        ({"offline-for": "5m", "account": True}, "`account` does not go with offline-for"),
        ({"silent-for": "1h", "account": "yes"}, "`account` is not true or false"),
        ({"silent-for": "1h", "account": True, "device": "Q1"}, "cannot be used together"),
        ({"silent-for": "1h", "device": []}, "`device` is empty"),
        ({"silent-for": "1h", "device": [" "]}, "not a list of serials"),
    ],
)
def test_a_wrong_rule_is_named(table: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read_rules({"rule": [table]})


def test_all_wrong_rules_are_named_at_once() -> None:
    with pytest.raises(UsageError, match=r"Rule 1: .* Rule 3: ") as refused:
        read_rules({"rule": [{"silnt-for": "1h"}, {"silent-for": "1h"}, {"open-after": "25:00"}]})
    assert "'silent-for'" in refused.value.message
    assert refused.value.hint == 'Write "22:00".'


@pytest.mark.parametrize(
    ("device", "words"), [(None, "repeats rule 1"), (["q1", "Q2"], "repeats rule 1"), (["Q2"], "")]
)
def test_a_rule_that_is_there_already_is_named(device: list[str] | None, words: str) -> None:
    rules: list[dict[str, Any]] = [
        {"silent-for": "60m", "device": ["Q1"]},
        {"silent-for": "1h", "priority": "critical"},
    ]
    if device is not None:
        rules[1]["device"] = device
    if not words:
        assert len(read_rules({"rule": rules})) == 2
        return
    with pytest.raises(UsageError, match=f"Rule 2: it {words}"):
        read_rules({"rule": rules})


def test_a_window_may_be_within_a_day() -> None:
    rule = Rule("open-after", start="01:00", until="05:00")
    assert [rule.is_time(clock) for clock in ("00:59", "01:00", "05:00")] == [False, True, False]
    assert datetime(2026, 11, 22, tzinfo=UTC) < NOW
