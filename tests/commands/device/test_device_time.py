"""Clocks of devices: drift, setting them in the site's zone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hpcli.client import Client
from hpcli.commands.device.clock_words import drift_words
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
    client.transport.timeout = client.transport.device_timeout = 5
    platform.configure(next_faults=["reset@System/time"])
    client.device.time.set(PANEL, plain, datetime.now(UTC), None)
    platform.configure(next_faults=["cut@System/time", "EVZ20008@System/time"])
    with pytest.raises(NetworkError) as caught:
        client.device.time.set(PANEL, plain, datetime.now(UTC) + timedelta(days=2), None)
    assert "not known" in str(caught.value.hint)
    assert control.statistics(platform.state)["requests"][f"PUT {URI}"] == 2


# The command


@pytest.mark.parametrize(
    ("drift", "words"),
    [
        (None, "unknown"),
        (0.0, "right"),
        (1.9, "right"),
        (-1.9, "right"),
        (2.0, "2 s ahead"),
        (-61.0, "1 min 1 s behind"),
    ],
)
def test_a_drift_that_whole_seconds_explain_is_none(drift: float | None, words: str) -> None:
    assert drift_words(drift, {}) == words


def test_a_clock_that_is_off_is_warned_of_and_set(hpcli: Runner, platform: Platform) -> None:
    right = hpcli("device", "time", PANEL, environment=platform.environment)
    assert right.lines[0].split("\t")[:4] == ["SERIAL", "DEVICE TIME", "DRIFT", "SET BY"]
    assert (right.exit_code, right.stderr) == (0, "")
    set_clock(platform.client(), timedelta(minutes=-10))
    wrong = hpcli("device", "time", PANEL, environment=platform.environment)
    assert "behind" in wrong.stderr
    assert "--set now" in wrong.stderr
    plan = hpcli(
        "device",
        "time",
        PANEL,
        "--set",
        "now",
        "--mode",
        "manual",
        "--dry-run",
        environment=platform.environment,
    )
    assert plan.lines[0] == f"PUT {platform.base_url}{URI}"
    assert f"  <timeZone>{BERLIN}</timeZone>" in plan.lines
    asked = hpcli(
        "device", "time", PANEL, "--set", "now", "--mode", "manual", environment=platform.environment
    )
    assert (asked.exit_code, "Europe/Berlin" in asked.stderr) == (2, True)
    done = hpcli(
        "device", "time", PANEL, "--set", "now", "--mode", "manual", "--yes", environment=platform.environment
    )
    assert done.exit_code == 0
    row = platform.client().device.time.show(PANEL, datetime.now(UTC))
    assert abs(row["driftSeconds"]) < 30


def test_the_end_of_ntp_is_said(hpcli: Runner, platform: Platform) -> None:
    done = hpcli(
        "device", "time", PANEL, "--set", "now", "--mode", "manual", "--yes", environment=platform.environment
    )
    assert "NTP is now off; the clock is set manually" in done.stderr


def test_the_question_names_both_clocks_and_what_ends(hpcli: Runner, platform: Platform) -> None:
    asked = hpcli(
        "device",
        "time",
        PANEL,
        "--set",
        "2026-05-01T12:00",
        "--mode",
        "manual",
        environment=platform.environment,
    )
    assert asked.exit_code == 2
    assert "to 2026-05-01 14:00:00+02:00 (Europe/Berlin; here 2026-05-01 12:00:00+00:00)?" in asked.stderr
    assert "This turns NTP off." in asked.stderr


def clock_of(platform: Platform) -> dict[str, Any]:
    return dict(platform.client().device.time.read(PANEL)["Time"])


def test_a_clock_that_ntp_sets_is_not_set_by_hand_unasked(hpcli: Runner, platform: Platform) -> None:
    refused = hpcli("device", "time", PANEL, "--set", "now", "--yes", environment=platform.environment)
    assert refused.exit_code == 2
    assert f"{PANEL}: NTP sets the clock of this device" in refused.stderr
    assert "--mode manual" in refused.stderr
    assert clock_of(platform)["timeMode"] == "NTP"
    set_clock(platform.client(), timedelta(hours=1))
    assert (
        hpcli("device", "time", PANEL, "--set", "now", "--yes", environment=platform.environment).exit_code
        == 0
    )


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("pool.ntp.org", ("hostName", "pool.ntp.org", "123", "60")),
        ("10.10.10.10:1123/15", ("ipAddress", "10.10.10.10", "1123", "15")),
        ("ntp.example/2h", ("hostName", "ntp.example", "123", "120")),
        ("[2001:db8::1]:123", ("ipv6Address", "2001:db8::1", "123", "60")),
    ],
)
def test_ntp_sets_the_server_and_the_mode(
    hpcli: Runner, platform: Platform, typed: str, expected: tuple[str, ...]
) -> None:
    set_clock(platform.client(), timedelta(hours=1))
    done = hpcli("device", "time", PANEL, "--ntp", typed, "--yes", environment=platform.environment)
    assert done.exit_code == 0, done.stderr
    server = platform.client().device.time.read_ntp_server(PANEL)
    name, host, port, minutes = expected
    assert (server[name], server["portNo"], server["synchronizeInterval"]) == (host, port, minutes)
    assert clock_of(platform)["timeMode"] == "NTP"


@pytest.mark.parametrize(
    "options",
    [
        ("--set", "now", "--ntp", "pool.ntp.org"),
        ("--set", "now", "--mode", "ntp"),
        ("--mode", "manual", "--ntp", "pool.ntp.org"),
        ("--mode", "satellites"),
        ("--ntp", "http://pool.ntp.org"),
        ("--ntp", "pool.ntp.org:99999"),
        ("--ntp", "pool.ntp.org/0"),
        ("--zone", "Europe/Berln"),
    ],
)
def test_options_that_make_no_sense_are_refused_before_the_first_call(
    hpcli: Runner, platform: Platform, options: tuple[str, ...]
) -> None:
    assert hpcli("device", "time", PANEL, *options, "--yes", environment=platform.environment).exit_code == 2
    assert not any("time" in path for path in control.statistics(platform.state)["requests"])


def test_a_mode_and_a_zone_leave_the_rest_as_it_was(hpcli: Runner, platform: Platform) -> None:
    run = partial(hpcli, "device", "time", PANEL, environment=platform.environment)
    assert run("--zone", "America/New_York", "--yes").exit_code == 0
    clock = clock_of(platform)
    assert (clock["timeMode"], clock["timeZone"][:9]) == ("NTP", "CST+5:00:")
    plan = run("--mode", "platform", "--dry-run", "-o", "json").json
    assert [(call["method"], "platform</timeMode>" in call["body"]) for call in plan] == [("PUT", True)]
    assert run("--mode", "platform", "--yes").exit_code == 0
    assert (clock_of(platform)["timeMode"], clock_of(platform)["timeZone"]) == ("platform", clock["timeZone"])
    assert run("--mode", "manual", "--yes").exit_code == 0
    assert clock_of(platform)["timeMode"] == "manual"
    assert abs(platform.client().device.time.show(PANEL, datetime.now(UTC))["driftSeconds"]) < 30


def test_two_plans_of_one_change_are_both_shown(hpcli: Runner, platform: Platform) -> None:
    set_clock(platform.client(), timedelta(hours=1))
    plan = hpcli(
        *("device", "time", PANEL, "--ntp", "pool.ntp.org/30", "--dry-run", "-o", "json"),
        environment=platform.environment,
    ).json
    assert [call["url"].rpartition("/time")[2] for call in plan] == ["/ntpServers/1", ""]


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
    return run_at(now, platform, "device", "time", SERIAL, "--set", "now", "--mode", "manual", "--yes", *more)


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
    assert "--zone Europe/Berlin" in done.stderr


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
        NOW - timedelta(hours=3),
        platform,
        "device",
        "time",
        SERIAL,
        "--set",
        "2026-11-28T12:00Z",
        "--mode",
        "manual",
        "--yes",
    )
    assert "platform's time" not in at_noon.stderr
    assert "<localTime>2026-11-28T23:00:00" in platform.set[1]


def test_one_line_puts_all_recorders_on_ntp(hpcli: Runner, platform: Platform) -> None:
    assert hpcli("config", "set", "call-rate", "1000").exit_code == 0
    words = ("device", "time", "--yes", "-o", "ids")
    ntp = ("--category", "nvr", "--ntp", "pool.ntp.org/30", "--zone", "Europe/Berlin")
    done = hpcli(*words, *ntp, environment=platform.environment)
    client = platform.client()
    recorders = [row["deviceSerial"] for row in client.device.list() if row["deviceCategory"] == 2]
    assert (done.exit_code, done.lines) == (0, recorders)
    server = client.device.time.read_ntp_server(recorders[1])
    assert (server["hostName"], str(server["synchronizeInterval"])) == ("pool.ntp.org", "30")
    assert client.device.time.read(recorders[1])["Time"]["timeZone"].startswith("CST-1")
    picked = ("--pick", "category = 2", "--mode", "platform")
    assert hpcli(*words, *picked, environment=platform.environment).lines == recorders
    assert client.device.time.read(recorders[-1])["Time"]["timeMode"] == "platform"
