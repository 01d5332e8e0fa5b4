"""Clocks of devices: POSIX zones and drift."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hpcli.errors import DeviceError
from hpcli.isapi.clock import drift, read_clock
from hpcli.isapi.clock_changes import with_time
from hpcli.isapi.posix_zone import device_zone, parse_zone

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
        ("CST-10:00:00DST01:00:00, M10.1.0/02:00:00, M4.1.0/03:00:00", 11.0, 10.0),
        ("CST-10:30:00DST00:30:00,M10.1.0/02:00:00,M4.1.0/02:00:00", 11.0, 10.5),
        ("<-03>3<-02>2,M3.2.0,M11.1.0", -3.0, -2.0),
        ("<-01>1<+00>0,M3.5.0/0,M10.5.0/1", -1.0, 0.0),
        ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", -2.0, -1.0),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", 0.0, 1.0),
        ("IST-2IDT,M3.4.4/26,M10.5.0", 2.0, 3.0),
        ("EET-2EEST,J84/2,J300/3", 2.0, 3.0),
        ("EET-2EEST,83/2,299/3", 2.0, 3.0),
        ("XXX3EDT4,0/0,J365/23", -4.0, -4.0),
        ("XXX3EDT2,0/0,J365/25", -2.0, -2.0),
        ("CST-8:00:00DST00:00:00,M4.1.0/02:00:00,M10.5.0/02:00:00", 8.0, 8.0),
    ],
)
def test_zones_of_devices_and_plain_posix_are_read(text: str, winter: float, summer: float) -> None:
    zone = parse_zone(text)
    assert zone.offset_at(datetime(2025, 1, 15)) == timedelta(hours=winter)  # noqa: DTZ001 - a device's local time
    assert zone.offset_at(datetime(2025, 7, 15)) == timedelta(hours=summer)  # noqa: DTZ001 - a device's local time


@pytest.mark.parametrize(
    "text",
    [
        "",
        "8",
        "UTC+8 please",
        "CST-8:00:00DST01:00:00,M13.1.0,M10.5.0",
        "CST-8,M3.5.0,J60",
        "CST-8DST,M3.6.0,M10.5.0",
        "CST-8DST,M3.5.7,M10.5.0",
        "CST-8DST,J0,J60",
        "CST-8DST,J366,J60",
        "CST-8DST,366,60",
        "CST-8DST,M3.5.0/168,M10.5.0",
        "CST-8DST,M3.5.0/2:75,M10.5.0",
        "CST-8DST05:00:00,M3.5.0,M10.5.0",
        "CST-24:00:00",
        "CST-999:00:00",
    ],
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
    assert read_clock({**time, "isSummerTime": True}).checked().moment == datetime(
        2025, 10, 26, 0, 30, tzinfo=UTC
    )
    assert read_clock({**time, "isSummerTime": False}).checked().moment == datetime(
        2025, 10, 26, 1, 30, tzinfo=UTC
    )


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


SYDNEY = "CST-10:00:00DST01:00:00,M10.1.0/02:00:00,M4.1.0/03:00:00"
LORD_HOWE = "CST-10:30:00DST00:30:00,M10.1.0/02:00:00,M4.1.0/02:00:00"
SOUTHERN_SUMMER = datetime(2026, 11, 28, 8, 45, tzinfo=UTC)


@pytest.mark.parametrize("flag", [{}, {"isSummerTime": True}])
@pytest.mark.parametrize(
    ("local", "zone", "now"),
    [
        ("2026-11-28T19:45:00+10:00", SYDNEY, SOUTHERN_SUMMER),
        ("2026-11-28T19:45:00+11:00", SYDNEY, SOUTHERN_SUMMER),
        ("2026-11-28T19:45:00", SYDNEY, SOUTHERN_SUMMER),
        ("2026-11-28T19:45:00+08:00", SYDNEY, SOUTHERN_SUMMER),
        ("2026-11-28T19:45:00+10:30", LORD_HOWE, SOUTHERN_SUMMER),
        ("2025-07-01T14:00:00+01:00", BERLIN, SUMMER),
        ("2025-07-01T14:00:00+02:00", BERLIN, SUMMER),
        ("2025-07-01T14:00:00+01:00", "CET-1CEST,J84,J300", SUMMER),
        ("2025-07-01T14:00:00+01:00", "CET-1CEST,83,299/3", SUMMER),
        ("2025-07-01T13:00:00+00:00", "GMT0BST,M3.5.0/1,M10.5.0", SUMMER),
        ("2025-07-01T08:00:00-05:00", "EST5EDT,M3.2.0,M11.1.0", SUMMER),
    ],
)
def test_in_summer_the_wall_clock_counts_and_not_the_offset_behind_it(
    local: str, zone: str, now: datetime, flag: dict[str, Any]
) -> None:
    assert drift({"localTime": local, "timeZone": zone, **flag}, now) == timedelta(0)


@pytest.mark.parametrize("tag", ["", "+10:00", "+11:00", "+08:00"])
@pytest.mark.parametrize("hours", [-1, 1, -7])
def test_a_wall_clock_that_is_wrong_in_summer_is_off_by_what_it_shows(tag: str, hours: int) -> None:
    wall = datetime(2026, 11, 28, 19, 45, tzinfo=timezone(timedelta(hours=11))) + timedelta(hours=hours)
    time = {"localTime": f"{wall:%Y-%m-%dT%H:%M:%S}{tag}", "timeZone": SYDNEY}
    assert drift(time, SOUTHERN_SUMMER) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("local", "zone", "is_summer", "now", "hours"),
    [
        # Summer time is switched off on the device, though its zone text has rules.
        ("2026-11-28T18:45:00+10:00", SYDNEY, False, SOUTHERN_SUMMER, 0),
        # The zone text has no rules, but the device says that it is summer time.
        ("2025-07-01T14:00:00+01:00", "CST-1:00:00", True, SUMMER, 0),
        ("2025-07-01T14:00:00", "CST-1:00:00", True, SUMMER, 0),
        ("2025-07-01T14:00:00+02:00", "CST-1:00:00", True, SUMMER, 0),
        ("2025-07-01T14:00:00+01:00", "CST-1:00:00DST01:00:00", True, SUMMER, 0),
        ("2025-07-01T14:00:00+01:00", "CST-1:00:00DST01:00:00", "true", SUMMER, 0),
        # One voice against two.
        ("2025-07-01T14:00:00+02:00", BERLIN, False, SUMMER, 0),
    ],
)
def test_what_the_device_says_of_summer_time_counts(
    local: str, zone: str, is_summer: object, now: datetime, hours: int
) -> None:
    time = {"localTime": local, "timeZone": zone, "isSummerTime": is_summer}
    assert drift(time, now) == timedelta(hours=hours)


@pytest.mark.parametrize("tag", ["", "+01:00"])
@pytest.mark.parametrize("hour", [0, 1])
def test_in_the_hour_that_comes_twice_a_right_clock_is_right(hour: int, tag: str) -> None:
    now = datetime(2025, 10, 26, hour, 30, tzinfo=UTC)
    assert drift({"localTime": f"2025-10-26T02:30:00{tag}", "timeZone": BERLIN}, now) == timedelta(0)


@pytest.mark.parametrize(
    ("local", "zone", "hours"),
    [
        ("2025-07-01T12:00:00Z", BERLIN, 0),
        ("2025-07-01T14:00:00Z", BERLIN, 0),  # a local time with a Z that means nothing
        ("2025-07-01T12:00:00Z", "GMT0BST,M3.5.0/1,M10.5.0", 0),
        ("2025-07-01T15:00:00Z", BERLIN, 3),
        ("2025-07-01T09:00:00Z", "CST-8:00:00", -3),
        ("2025-07-01T12:00:00Z", "nonsense", 0),
    ],
)
def test_a_time_in_utc_is_taken_at_its_word_unless_the_wall_clock_is_right(
    local: str, zone: str, hours: int
) -> None:
    assert drift({"localTime": local, "timeZone": zone}, SUMMER) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("time", "zone", "seconds", "is_by_site"),
    [
        ({"localTime": "2025-07-01T14:00:00+02:00", "timeZone": "??"}, "Asia/Tokyo", 0, False),
        ({"localTime": "2025-07-01T14:00:00", "timeZone": "??"}, "Europe/Berlin", 0, True),
        ({"localTime": "2025-07-01T14:00:00"}, "Europe/Berlin", 0, True),
        ({"localTime": "2025-07-01T14:00:00", "timeZone": "??"}, None, None, False),
        ({"localTime": "2025-07-01T14:00:00+01:00", "timeZone": "CST-1DST"}, "Europe/Berlin", 0, True),
        ({"localTime": "2025-07-01T14:00:00+01:00", "timeZone": "CST-1DST"}, None, 3600, False),
        ({"localTime": "2025-07-01T14:00:00+01:00", "timeZone": "CST-1DST"}, "Asia/Tokyo", 3600, False),
        ({"localTime": "2025-07-01T14:00:00", "timeZone": "CST-1DST"}, None, None, False),
        ({"timeZone": BERLIN}, "Europe/Berlin", None, False),
        ({"localTime": "2025-07-01T14:00:00+01:00", "timeZone": "CST-1:00:00"}, "Europe/Berlin", 0, True),
        ({"localTime": "2025-07-01T14:00:00+01:00"}, "Europe/Berlin", 0, True),
        ({"localTime": "2025-07-01T13:00:00+01:00", "timeZone": "CST-1:00:00"}, "Europe/Berlin", 0, False),
        ({"localTime": "2025-07-01T14:10:00+01:00", "timeZone": "CST-1:00:00"}, "Europe/Berlin", 600, True),
        ({"localTime": "2025-07-01T14:00:00+01:00", "timeZone": "CST-1:00:00"}, "Asia/Tokyo", 3600, False),
        ({"localTime": "2025-07-01T14:00:00+01:00", "timeZone": "CST-1:00:00"}, None, 3600, False),
    ],
)
def test_what_a_device_leaves_open_its_site_decides_or_nobody(
    time: dict[str, Any], zone: str | None, seconds: int | None, is_by_site: object
) -> None:
    def site_zone() -> tzinfo | None:
        return ZoneInfo(zone) if zone else None

    reading = read_clock(time, SUMMER, site_zone)
    assert reading.drift(SUMMER) == (None if seconds is None else timedelta(seconds=seconds))
    assert reading.is_by_site is is_by_site
    assert reading.unread_zone == ("??" if time.get("timeZone") == "??" else "")


@pytest.mark.parametrize("name", ZONES)
def test_the_offset_of_a_moment_is_that_of_the_zone(name: str) -> None:
    zone = ZoneInfo(name)
    kept = parse_zone(str(device_zone(zone, SUMMER)))
    moment = datetime(2025, 1, 1, tzinfo=UTC)
    while moment.year < 2029:
        assert kept.offset_of(moment) == moment.astimezone(zone).utcoffset(), moment
        moment += timedelta(hours=7)


def test_without_the_sites_zone_a_clock_is_set_by_the_rules_of_its_own() -> None:
    time = {"timeMode": "NTP", "localTime": "2026-11-28T19:40:00+10:00", "timeZone": SYDNEY}
    new = with_time({**time, "isSummerTime": False}, SOUTHERN_SUMMER, None)
    assert new == {
        "timeMode": "manual",
        "localTime": "2026-11-28T19:45:00",
        "timeZone": SYDNEY,
        "isSummerTime": True,
    }


@pytest.mark.parametrize("zone", [{}, {"timeZone": "??"}, {"timeZone": "CST-1:00:00DST01:00:00"}])
def test_no_clock_is_set_by_a_zone_that_is_not_known(zone: dict[str, str]) -> None:
    with pytest.raises(DeviceError, match="not set") as caught:
        with_time({"localTime": "2025-07-01T14:00:00+02:00", **zone}, SUMMER, None)
    assert "--zone" in str(caught.value.hint)


def test_a_clock_that_is_right_by_its_offset_is_right_whatever_is_said_of_summer_time() -> None:
    now = datetime(2026, 1, 15, 12, 7, tzinfo=UTC)
    time = {"localTime": "2026-01-15T17:37:00+05:30", "timeZone": "CST-5:30:00", "isSummerTime": "true"}
    assert drift(time, now) == timedelta(0)
    assert drift({**time, "localTime": "2026-01-15T18:37:00+05:30"}, now) == timedelta(0)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-15T13:07:00+01:00:00", "2026-01-15T13:07:00+1", "2026-01-15T13:07:00UTC+01:00",
        "2026-01-15T13:07:00 GMT+1", "2026-01-15T13:07:00,123+01:00", "2026-01-15T13:07+01:00",
        "2026/01/15 13:07:00+01:00", "2026.01.15 13:07:00 +01:00", "2026-1-15T13:7:0+01:00",
        "20260115T130700+0100", "20260115130700+01:00", "2026-01-15  13:07:00  +01:00", "2026-01-15t13:07:00+01:00",
        "2026-01-15T17:37:00+05:30", "2026-01-15T08:07:00\u221204:00", "2026-01-15T12:07:00z", "20260115T120700Z",
    ],
)  # fmt: skip
def test_a_clock_is_read_however_its_time_is_written(text: str) -> None:
    assert drift({"localTime": text}, datetime(2026, 1, 15, 12, 7, tzinfo=UTC)) == timedelta(0)


@pytest.mark.parametrize(
    "text",
    [
        "2026-13-15T13:07:00",
        "2026-01-15",
        "13:07:00",
        "2026-01-15T13",
        "1768478820",
        "soon",
        "2026-01-15T25:07:00",
    ],
)
def test_what_is_not_a_time_is_not_a_clock(text: str) -> None:
    assert read_clock({"localTime": text}).unread_time == text


@pytest.mark.parametrize(
    "text",
    [
        BERLIN.replace("DST", " DST").replace(",", ", "),
        BERLIN.replace("-", "\u2212"),
        f"{BERLIN};",
        f"\n {BERLIN}\n",
    ],
)
def test_a_zone_is_read_with_blanks_and_other_signs_in_it(text: str) -> None:
    assert parse_zone(text) == parse_zone(BERLIN)
