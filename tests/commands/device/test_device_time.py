"""Clocks of devices: drift, setting them in the site's zone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hpcli.client import Client
from hpcli.errors import NetworkError
from hpcli.sandbox import control
from tests.support.clock_platform import SERIAL, ClockPlatform, serving_clock
from tests.support.inside import InsideRunner
from tests.support.platform_server import Platform
from tests.support.runner import Result, Runner

PANEL = "Q10254783"
URI = "/api/hpcgw/v1/device/transparent/ISAPI/System/time"
BERLIN = "CST-1:00:00DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00"


def set_clock(client: Client, ahead: timedelta, zone: ZoneInfo | None = None) -> None:
    clock = client.device.time
    clock.set(PANEL, clock.read(PANEL), datetime.now(UTC) + ahead, zone)


def test_drift_is_told_ahead_and_behind(client: Client) -> None:
    for hours in (3, -3):
        set_clock(client, timedelta(hours=hours))
        drift = client.device.time.show(PANEL, datetime.now(UTC))["driftSeconds"]
        assert drift == pytest.approx(hours * 3600, abs=30)


def test_setting_a_clock_sets_the_zone_with_its_summer_time(client: Client) -> None:
    set_clock(client, timedelta(0), ZoneInfo("Europe/Berlin"))
    shown = client.device.time.show(PANEL, datetime.now(UTC))
    assert (shown["timeMode"], shown["timeZone"]) == ("manual", BERLIN)
    assert abs(shown["driftSeconds"]) < 30


def test_without_a_zone_of_the_site_the_device_keeps_its_own(client: Client) -> None:
    before = client.device.time.read(PANEL)["Time"]["timeZone"]
    set_clock(client, timedelta(0))
    shown = client.device.time.show(PANEL, datetime.now(UTC))
    assert shown["timeZone"] == before
    assert abs(shown["driftSeconds"]) < 30


def test_a_lost_answer_is_looked_up(client: Client, platform: Platform) -> None:
    plain = client.device.time.read(PANEL)
    client.transport.timeout = 5
    platform.configure(next_faults=["reset@System/time"])
    client.device.time.set(PANEL, plain, datetime.now(UTC), None)
    platform.configure(next_faults=["cut@System/time", "EVZ20008@System/time"])
    with pytest.raises(NetworkError) as caught:
        client.device.time.set(PANEL, plain, datetime.now(UTC) + timedelta(days=2), None)
    assert "not known" in str(caught.value.hint)
    assert control.statistics(platform.state)["requests"][f"PUT {URI}"] == 2


# The command


def test_a_clock_that_is_off_is_warned_of_and_set(hpcli: Runner, platform: Platform) -> None:
    right = hpcli("device", "time", PANEL, environment=platform.environment)
    assert right.lines[0].split("\t")[:4] == ["SERIAL", "DEVICE TIME", "DRIFT", "SET BY"]
    assert (right.stderr, right.lines[1].split("\t")[2]) == ("", "right")
    set_clock(platform.client(), timedelta(minutes=-10))
    wrong = hpcli("device", "time", PANEL, environment=platform.environment)
    assert "behind" in wrong.stderr
    assert "--set now" in wrong.stderr
    plan = hpcli("device", "time", PANEL, "--set", "now", "--dry-run", environment=platform.environment)
    assert plan.lines[0] == f"PUT {platform.base_url}{URI}"
    assert f"  <timeZone>{BERLIN}</timeZone>" in plan.lines
    asked = hpcli("device", "time", PANEL, "--set", "now", environment=platform.environment)
    assert (asked.exit_code, "Europe/Berlin" in asked.stderr) == (2, True)
    done = hpcli("device", "time", PANEL, "--set", "now", "--yes", environment=platform.environment)
    assert done.exit_code == 0
    row = platform.client().device.time.show(PANEL, datetime.now(UTC))
    assert abs(row["driftSeconds"]) < 30


def test_the_end_of_ntp_is_said(hpcli: Runner, platform: Platform) -> None:
    done = hpcli("device", "time", PANEL, "--set", "now", "--yes", environment=platform.environment)
    assert "NTP is now off; the clock is set manually" in done.stderr


def test_the_question_names_both_clocks_and_what_ends(hpcli: Runner, platform: Platform) -> None:
    asked = hpcli("device", "time", PANEL, "--set", "2026-05-01T12:00", environment=platform.environment)
    assert asked.exit_code == 2
    assert "to 2026-05-01 14:00:00+02:00 (Europe/Berlin; here 2026-05-01 12:00:00+00:00)?" in asked.stderr
    assert "This turns NTP off." in asked.stderr


# A platform where every clock is set by the test


NOW = datetime(2026, 11, 28, 8, 45, tzinfo=UTC)
SYDNEY = "CST-10:00:00DST01:00:00,M10.1.0/02:00:00,M4.1.0/03:00:00"


def time_xml(local: str = "2026-11-28T19:45:00+10:00", zone: str = SYDNEY) -> str:
    elements = [("timeMode", "NTP"), ("localTime", local), ("timeZone", zone)]
    return "".join(f"<{name}>{text}</{name}>" for name, text in elements if text)


def run_at(now: datetime, platform: ClockPlatform, *arguments: str) -> Result:
    with serving_clock(platform):
        return InsideRunner(lambda: now)(*arguments, environment=platform.environment)


def shown_at(now: datetime, platform: ClockPlatform) -> Result:
    return run_at(now, platform, "device", "time", SERIAL, "-o", "json")


def set_at(now: datetime, platform: ClockPlatform, *more: str) -> Result:
    return run_at(now, platform, "device", "time", SERIAL, "--set", "now", "--yes", *more)


def notice_of(done: Result) -> str:
    return str(json.loads(done.stderr)["notice"])


def test_a_clock_in_summer_time_tagged_with_the_standard_offset_is_right() -> None:
    done = shown_at(NOW, ClockPlatform(time_xml()))
    assert (done.exit_code, done.stderr) == (0, "")
    assert (done.json["driftSeconds"], done.json["deviceTime"]) == (0, "2026-11-28T19:45:00+11:00")


@pytest.mark.parametrize(
    ("local", "site_zone", "seconds", "said"),
    [
        ("2026-11-28T19:45:00+11:00", "200", 0, "computed with the offset that it sends"),
        ("2026-11-28T19:45:00", "200", 0, "computed with the offset of its site's time zone"),
        ("2026-11-28T19:45:00", "9999", None, "The drift of its clock is unknown."),
        ("2026-11-28T19:45:00", None, None, "The drift of its clock is unknown."),
    ],
)
def test_a_zone_that_cannot_be_read_does_not_hide_the_clock(
    local: str, site_zone: str | None, seconds: float | None, said: str
) -> None:
    done = shown_at(NOW, ClockPlatform(time_xml(local, "Somewhere\x7f/else"), site_zone))
    assert (done.exit_code, done.json["driftSeconds"]) == (0, seconds)
    assert done.json["deviceTime"].startswith("2026-11-28T19:45:00")
    assert 'cannot be read: "Somewhere\\x7f/else".' in notice_of(done)
    assert said in notice_of(done)


def test_an_unknown_drift_is_called_unknown() -> None:
    platform = ClockPlatform(time_xml("2026-11-28T19:45:00", "??"), None)
    done = run_at(NOW, platform, "device", "time", SERIAL)
    assert done.lines[1].split("\t")[1:3] == ["2026-11-28T19:45:00", "unknown"]
    none = run_at(NOW, ClockPlatform(time_xml("")), "device", "time", SERIAL, "-o", "json")
    assert (none.exit_code, none.json["deviceTime"], none.json["driftSeconds"]) == (0, None, None)
    assert "does not report its time." in none.stderr


@pytest.mark.parametrize(
    ("number", "local", "zone"),
    [
        ("200", "2026-11-28T19:45:00", SYDNEY),
        ("139", "2026-11-28T11:45:00", "CST-3:00:00"),
        ("137", "2026-11-28T08:45:00", "CST+0:00:00"),
        ("261", "2026-11-28T11:45:00", "CST-3:00:00"),
        ("9999", "2026-11-28T19:45:00", SYDNEY),
    ],
)
def test_a_clock_is_set_to_the_wall_clock_of_its_place(number: str, local: str, zone: str) -> None:
    platform = ClockPlatform(time_xml("2026-11-28T19:00:00+10:00"), number)
    done = set_at(NOW, platform)
    assert done.exit_code == 0
    assert f"<localTime>{local}</localTime>" in platform.set[0]
    assert f"<timeZone>{zone}</timeZone>" in platform.set[0]
    assert local.replace("T", " ") in done.stderr


@pytest.mark.parametrize("zone", ["", "??"])
def test_a_clock_is_not_set_by_a_zone_that_nobody_knows(zone: str) -> None:
    platform = ClockPlatform(time_xml("2026-11-28T19:00:00+10:00", zone), "9999")
    done = set_at(NOW, platform)
    assert (done.exit_code, platform.set) == (8, [])
    assert "The clock was not set" in done.stderr
    assert "hpcli device isapi" in done.stderr


def test_a_clock_that_cannot_be_read_can_be_set() -> None:
    platform = ClockPlatform(time_xml("0000-00-00T00:00:00"))
    assert shown_at(NOW, platform).exit_code == 8
    assert set_at(NOW, platform).exit_code == 0
    assert "<localTime>2026-11-28T19:45:00</localTime>" in platform.set[0]


# The clock of this computer


@pytest.mark.parametrize(("off", "words"), [(-3, "3 h behind"), (3, "3 h ahead")])
def test_the_wrong_clock_of_this_computer_is_not_blamed_on_the_device(off: int, words: str) -> None:
    done = shown_at(NOW + timedelta(hours=off), ClockPlatform(time_xml(), date=NOW))
    assert abs(done.json["driftSeconds"]) < 30
    assert notice_of(done) == f"This computer's clock is {words}; the device is right."


def test_with_three_different_clocks_the_platform_is_right() -> None:
    platform = ClockPlatform(time_xml("2026-11-28T19:55:00+10:00"), date=NOW)
    done = shown_at(NOW - timedelta(hours=3), platform)
    assert done.json["driftSeconds"] == pytest.approx(600, abs=30)
    assert "This computer's clock is 3 h behind the platform's." in done.stderr


@pytest.mark.parametrize("date", [None, NOW + timedelta(seconds=50), NOW + timedelta(hours=5)])
def test_without_the_platforms_time_or_against_it_two_clocks_that_agree_are_right(
    date: datetime | None,
) -> None:
    done = shown_at(NOW, ClockPlatform(time_xml(), date=date))
    assert (done.json["driftSeconds"], done.stderr) == (0, "")
    wrong = shown_at(NOW, ClockPlatform(time_xml("2026-11-28T22:45:00+11:00")))
    assert wrong.json["driftSeconds"] == 3 * 3600
    assert "is 3 h ahead." in wrong.stderr


def test_a_clock_is_set_by_the_platforms_time_where_this_computer_is_wrong() -> None:
    platform = ClockPlatform(time_xml("2026-11-28T19:55:00+10:00"), date=NOW)
    done = set_at(NOW - timedelta(hours=3), platform)
    assert "This computer's clock is 3 h behind; the platform's time is used." in done.stderr
    assert "<localTime>2026-11-28T19:45:" in platform.set[0]
    at_noon = run_at(
        NOW - timedelta(hours=3), platform, "device", "time", SERIAL, "--set", "2026-11-28T12:00Z", "--yes"
    )
    assert "platform's time" not in at_noon.stderr
    assert "<localTime>2026-11-28T23:00:00" in platform.set[1]
