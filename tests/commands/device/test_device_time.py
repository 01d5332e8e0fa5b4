"""Clocks of devices: drift, setting them in the site's zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hpcli.client import Client
from hpcli.errors import NetworkError
from hpcli.sandbox import control
from tests.support.platform_server import Platform
from tests.support.runner import Runner

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
