"""Clocks of devices: POSIX zones and drift."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hpcli.errors import DeviceError
from hpcli.isapi.clock import device_time, device_zone, drift, parse_zone, with_time

SUMMER = datetime(2025, 7, 1, 12, 0, tzinfo=UTC)
BERLIN = "CST-1:00:00DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00"
ZONES = [
    "Europe/Berlin",
    "Europe/Dublin",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "America/Havana",
    "America/Nuuk",
    "Asia/Shanghai",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Beirut",
    "Africa/Cairo",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "UTC",
]


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("Europe/Berlin", BERLIN),
        ("Asia/Shanghai", "CST-8:00:00"),
        ("Asia/Kolkata", "CST-5:30:00"),
        ("UTC", "CST+0:00:00"),
        ("America/New_York", "CST+5:00:00DST01:00:00,M3.2.0/02:00:00,M11.1.0/02:00:00"),
        ("America/St_Johns", "CST+3:30:00DST01:00:00,M3.2.0/02:00:00,M11.1.0/02:00:00"),
        ("Australia/Lord_Howe", "CST-10:30:00DST00:30:00,M10.1.0/02:00:00,M4.1.0/02:00:00"),
        ("Europe/Dublin", "CST+0:00:00DST01:00:00,M3.5.0/01:00:00,M10.5.0/02:00:00"),
    ],
)
def test_a_zone_is_written_as_devices_write_it(zone: str, text: str) -> None:
    assert str(device_zone(ZoneInfo(zone), SUMMER)) == text


@pytest.mark.parametrize("name", ZONES)
def test_the_device_keeps_the_time_of_its_zone_for_years(name: str) -> None:
    zone = ZoneInfo(name)
    kept = parse_zone(str(device_zone(zone, SUMMER)))
    moment = datetime(2025, 1, 1, tzinfo=UTC)
    while moment.year < 2029:
        local = moment.astimezone(zone)
        is_doubled = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
        if not is_doubled:
            assert kept.offset_at(local.replace(tzinfo=None)) == local.utcoffset(), local
        moment += timedelta(hours=7)


@pytest.mark.parametrize(
    ("text", "winter", "summer"),
    [
        ("CST-8:00:00DST00:30:00,M4.1.0/02:00:00,M10.5.0/02:00:00", 8.0, 8.5),
        ("CET-1CEST,M3.5.0,M10.5.0/3", 1.0, 2.0),
        ("CET-1CEST-2,M3.5.0,M10.5.0/3", 1.0, 2.0),
        ("EST5EDT4,M3.2.0,M11.1.0", -5.0, -4.0),
        ("<+03>-3", 3.0, 3.0),
        ("CST-0:00:00", 0.0, 0.0),
        ("CST+0:00:00DST01:00:00,M3.5.0/00:00:00,M10.5.0/00:00:00", 0.0, 1.0),
    ],
)
def test_zones_of_devices_and_plain_posix_are_read(text: str, winter: float, summer: float) -> None:
    zone = parse_zone(text)
    assert zone.offset_at(datetime(2025, 1, 15)) == timedelta(hours=winter)  # noqa: DTZ001 - a device's local time
    assert zone.offset_at(datetime(2025, 7, 15)) == timedelta(hours=summer)  # noqa: DTZ001 - a device's local time


@pytest.mark.parametrize(
    "text", ["", "8", "UTC+8 please", "CST-8:00:00DST01:00:00,M13.1.0,M10.5.0", "CST-8,M3.5.0,J60"]
)
def test_an_unreadable_zone_is_a_device_error(text: str) -> None:
    with pytest.raises(DeviceError):
        parse_zone(text)


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        ({"localTime": "2025-07-01T12:00:05Z"}, 5),
        ({"localTime": "2025-07-01T20:30:05+8:30", "timeZone": "CST-8:00:00"}, 5),
        ({"localTime": "2025-07-01T20:00:00+0800"}, 0),
        ({"localTime": "2025-07-01T14:00:00", "timeZone": BERLIN}, 0),
        ({"localTime": "2025-07-01 13:58:00.250", "timeZone": BERLIN}, -120),
        (
            {
                "localTime": {"@opt": "x", "#text": "2025-07-01T13:00:00"},
                "timeZone": {"#text": "CST-1:00:00"},
            },
            0,
        ),
    ],
)
def test_drift_is_positive_where_the_device_is_ahead(time: dict[str, Any], seconds: int) -> None:
    assert drift(time, SUMMER) == timedelta(seconds=seconds)


def test_the_doubled_hour_is_decided_by_what_the_device_says() -> None:
    time = {"localTime": "2025-10-26T02:30:00", "timeZone": BERLIN}
    assert device_time({**time, "isSummerTime": True}) == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    assert device_time({**time, "isSummerTime": False}) == datetime(2025, 10, 26, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("time", [{}, {"localTime": ""}, {"localTime": "2025-07-01T12:00:00"}])
def test_a_device_that_does_not_tell_has_no_drift(time: dict[str, Any]) -> None:
    assert drift(time, SUMMER) is None


@pytest.mark.parametrize(
    "text", ["noon", "2025-13-01T00:00:00Z", "2025-07-01T12:00:00+99:00", "0000-00-00T00:00:00Z"]
)
def test_an_unreadable_time_is_a_device_error(text: str) -> None:
    with pytest.raises(DeviceError):
        drift({"localTime": text}, SUMMER)


def test_setting_a_clock_keeps_all_else_in_its_order() -> None:
    read = {
        "@xmlns": "urn:x",
        "timeMode": "NTP",
        "localTime": {"@opt": "x", "#text": "2020-01-01T00:00:00"},
        "timeZone": "CST-8:00:00",
        "isSummerTime": False,
        "vendor": "kept",
    }
    new = with_time(read, SUMMER, ZoneInfo("Europe/Berlin"))
    assert list(new) == list(read)
    assert new == {
        "@xmlns": "urn:x",
        "timeMode": "manual",
        "localTime": {"@opt": "x", "#text": "2025-07-01T14:00:00"},
        "timeZone": BERLIN,
        "isSummerTime": True,
        "vendor": "kept",
    }
    assert drift(new, SUMMER) == timedelta(0)


def test_setting_a_clock_puts_what_was_missing_where_the_guide_has_it() -> None:
    new = with_time({"@xmlns": "urn:x", "timeMode": "NTP", "satelliteInterval": 5}, SUMMER, ZoneInfo("UTC"))
    assert list(new) == ["@xmlns", "timeMode", "localTime", "timeZone", "satelliteInterval"]
