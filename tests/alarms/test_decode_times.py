"""When an event happened: zones, clock changes, and times as devices write them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hpcli.alarms.decode.decode import Receipt
from hpcli.alarms.decode.decode import decode as decode_message
from hpcli.alarms.journal.rows import make_rows
from tests.support.alarm_messages import ACCESS, CID, RECEIVED, Home, decode, event_of, message

LATER = datetime(2026, 12, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "time", "source"),
    [
        ({"triggerTime": "2026-11-22T15:30"}, "2026-11-22T15:30:00+01:00", "site-zone"),
        ({"triggerTime": "2026-11-22 15:30:12"}, "2026-11-22T15:30:12+01:00", "site-zone"),
        ({"triggerTime": "2026/11/22 15:30:12"}, "2026-11-22T15:30:12+01:00", "site-zone"),
        ({"triggerTime": "2026-11-21T24:00:00"}, "2026-11-22T00:00:00+01:00", "site-zone"),
        ({"dateTime": "2026-11-22T14:30Z"}, "2026-11-22T14:30:00+00:00", "device"),
        ({"dateTime": "2026-11-22T15:30:12 +1:00"}, "2026-11-22T15:30:12+01:00", "device"),
        ({"triggerTime": 1795271412000}, "2026-11-21T14:30:12+00:00", "device"),
        ({"triggerTime": "1795271412"}, "2026-11-21T14:30:12+00:00", "device"),
        (
            {"triggerTime": "2026-11-22T15:30:12", "dateTime": "2026-11-22T15:30:12+08:00"},
            "2026-11-22T15:30:12+08:00",
            "device",
        ),
        (
            {"triggerTime": "2026-11-22T15:30:12", "dateTime": "2026-11-22T15:30:10"},
            "2026-11-22T15:30:10+01:00",
            "site-zone",
        ),
        # A call writes local time as if it were an epoch: 20:48:17 on the clock of the door.
        ({"callingTime": 1715201297000}, "2024-05-08T20:48:17+02:00", "site-zone"),
        ({}, "2026-11-22T14:31:00.250+00:00", "received"),
    ],
)
def test_times_are_read_as_devices_write_them(fields: dict[str, Any], time: str, source: str) -> None:
    event = event_of({"eventType": "Linkage", **fields})

    assert (event["time"], event["timeSource"]) == (time, source)
    assert event["text"] == "Video review"


@pytest.mark.parametrize(
    "time", ["yesterday", "2026-02-30T10:00:00", 10**400, {"a": 1}, "²" * 10, "1" * 13 + "x"]
)
def test_a_time_nobody_can_read_gives_way_to_the_receipt_and_is_said(time: object) -> None:
    event = event_of(CID | {"triggerTime": time})

    assert event["timeSource"] == "received"
    assert event["text"].startswith("Burglary alarm · Area 1 · Zone 3 Kitchen PIR: unreadable time")


def test_a_naive_time_without_a_known_zone_is_not_guessed() -> None:
    unplaced = decode(message(CID), received=RECEIVED)
    nowhere = event_of(CID, sites=Home("no zone"))

    assert (unplaced["timeSource"], unplaced["site"]) == ("received", None)
    assert (nowhere["timeSource"], nowhere["site"]) == ("received", {"id": "s1", "name": "Home"})


@pytest.mark.parametrize(
    ("zone", "naive", "time"),
    [
        ("182", "2026-11-22T15:30:12", "2026-11-22T15:30:12+08:00"),
        ("America/New_York", "2026-11-22T15:30:12", "2026-11-22T15:30:12-05:00"),
        # Regions that have left the offset that the guide lists: what they have today.
        (137, "2026-11-22T15:30:12", "2026-11-22T15:30:12+00:00"),
        (139, "2026-11-22T15:30:12", "2026-11-22T15:30:12+03:00"),
        # The clock jumps from 02:00 to 03:00: 02:30 is shown by a clock not yet put forward.
        (133, "2026-03-29T02:30:00", "2026-03-29T03:30:00+02:00"),
        (133, "2026-03-29T01:59:59", "2026-03-29T01:59:59+01:00"),
        (133, "2026-07-01T12:00:00", "2026-07-01T12:00:00+02:00"),
    ],
)
def test_a_naive_time_is_read_in_the_zone_of_the_site(zone: object, naive: str, time: str) -> None:
    event = decode(message(CID | {"triggerTime": naive}), received=LATER, sites=Home(zone))

    assert event["time"] == time


@pytest.mark.parametrize(
    ("received", "time"),
    [
        (datetime(2026, 10, 25, 2, 30, 5, tzinfo=ZoneInfo("Europe/Berlin")), "2026-10-25T02:30:00+02:00"),
        (
            datetime(2026, 10, 25, 2, 30, 5, fold=1, tzinfo=ZoneInfo("Europe/Berlin")),
            "2026-10-25T02:30:00+01:00",
        ),
    ],
)
def test_in_the_hour_that_comes_twice_the_receipt_decides(received: datetime, time: str) -> None:
    event = decode(message(CID | {"triggerTime": "2026-10-25T02:30:00"}), received=received, sites=Home())

    assert event["time"] == time


@pytest.mark.parametrize(
    "time",
    [
        "9999-12-31T23:30:00-05:00",
        "0001-01-01T00:00:00+10:00",
        "1970-01-01T00:13:07Z",
        "2026-11-22T14:42:00Z",
    ],
)
def test_a_clock_that_is_wrong_gives_way_to_the_receipt_and_is_said(time: str) -> None:
    row = make_rows(message(CID | {"triggerTime": time}), Receipt(RECEIVED))[0]

    assert row.happened == row.received
    assert f"clock wrong: {time[:16].replace('T', ' ')}" in row.body


GOOD = "2026-11-22T15:30:12+01:00"
NAIVE = "2026-11-22T15:30:12"


@pytest.mark.parametrize(
    "wrong",
    [0, "0", "1970-01-01T00:00:00Z", "1970-01-01T08:00:00+08:00", "1970-01-01T00:13:07", "2000-01-01T00:00:00Z",
     "2036-02-07T06:28:16Z", "2026-11-22T17:30:12+01:00", "9999-12-31T23:59:59Z", "0000-00-00T00:00:00", 1000],
)  # fmt: skip
@pytest.mark.parametrize(
    ("first", "other", "good", "source"),
    [
        ("dateTime", "triggerTime", GOOD, "device"),
        ("dateTime", "alarmTime", NAIVE, "site-zone"),
        ("triggerTime", "timestamp", 1795357812000, "device"),
        ("timestamp", "alarmTime", "2026-11-22 15:30:12", "site-zone"),
        ("alarmTime", "dateTime", GOOD, "device"),
        ("dateTime", "callingTime", 1795361412000, "site-zone"),
    ],
)
def test_of_several_times_that_of_a_clock_that_is_right_counts(
    wrong: object, first: str, other: str, good: object, source: str
) -> None:
    event = event_of({"eventType": "Linkage", first: wrong, other: good})

    assert datetime.fromisoformat(event["time"]) == datetime.fromisoformat(GOOD)
    assert (event["timeSource"], event["text"]) == (source, "Video review")


@pytest.mark.parametrize("trigger", ["1970-01-01T00:00:00Z", "1970-01-01T00:00:00", "2036-02-07T06:28:16Z"])
def test_a_panel_whose_clock_was_never_set_gives_way_to_the_time_of_the_upload(trigger: str) -> None:
    cid = CID["CIDEvent"] | {"trigger": trigger}
    event = event_of(CID | {"CIDEvent": cid, "dateTime": GOOD})

    assert (event["time"], event["timeSource"]) == (GOOD, "device")
    assert "clock wrong" in event_of({**CID, "CIDEvent": cid, "triggerTime": trigger})["text"]


@pytest.mark.parametrize("time", ["2005-01-01T00:00:00Z", "2026-11-22T14:40:00Z"])
def test_an_old_time_and_one_a_little_ahead_are_kept(time: str) -> None:
    assert event_of(CID | {"triggerTime": time})["timeSource"] == "device"


def test_times_of_access_events_without_a_zone_are_utc() -> None:
    event = event_of(ACCESS | {"dateTime": "2026-11-22T14:30:12"})

    assert (event["time"], event["timeSource"]) == ("2026-11-22T14:30:12+00:00", "site-zone")


@pytest.mark.parametrize(
    ("hours", "time", "source"),
    [
        (-48, "2026-11-22T14:30:12+00:00", "device"),
        (48, "2026-11-22T14:30:12+00:00", "device"),
        (48, "2026-11-23T14:30:12+00:00", "received"),
    ],
)
def test_a_clock_is_judged_by_the_platforms_where_this_computers_is_wrong(
    hours: int, time: str, source: str
) -> None:
    event = message(CID | {"triggerTime": time})
    here = RECEIVED + timedelta(hours=hours)
    (decoded,) = decode_message(event, Receipt(here, Home(), present=RECEIVED))

    assert decoded.body["timeSource"] == source
    assert ("clock wrong: 2026-11-23 14:30" in decoded.body["text"]) == (source == "received")
