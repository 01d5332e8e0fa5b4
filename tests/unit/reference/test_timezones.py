"""Time zones: the platform's numbers and their names."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from hpcli.errors import UsageError
from hpcli.reference.timezones import TimeZone, time_zone_by_number, time_zone_of, time_zones


class TestTimeZones:
    def test_all_rows_of_the_guide_are_listed_once(self) -> None:
        numbers = [zone.number for zone in time_zones()]
        assert len(numbers) == len(set(numbers)) == 137

    @pytest.mark.parametrize("zone", [zone for zone in time_zones() if zone.iana], ids=lambda zone: zone.iana)
    def test_iana_zone_keeps_the_listed_offset(self, zone: TimeZone) -> None:
        year = {datetime(2026, month, 15, 12, tzinfo=ZoneInfo(zone.iana)).utcoffset() for month in (1, 7)}
        standard = min(offset for offset in year if offset is not None)
        # The guide prints a wrong offset for Newfoundland.
        listed = "UTC-03:30" if zone.number == 231 else zone.offset
        minutes = round(standard.total_seconds() / 60)
        sign = "-" if minutes < 0 else "+"
        assert f"UTC{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}" == listed

    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("182", 182),
            (" 182 ", 182),
            ("Beijing, Chongqing, Hong Kong, Urumqi", 182),
            ("hong kong", 182),
            ("Asia/Shanghai", 182),
            ("asia/shanghai", 182),
            ("Europe/Prague", 27),
            ("Europe/Berlin", 133),
            ("UTC", 136),
            ("America/La_Paz", 235),
            ("Asia/Amman", 139),
        ],
    )
    def test_number_name_city_and_iana_name_lead_to_the_row(self, text: str, number: int) -> None:
        assert time_zone_of(text).number == number

    def test_iana_name_that_is_not_listed_gives_a_row_with_the_same_time(self) -> None:
        row = time_zone_of("Europe/Zurich")
        assert row.offset == "UTC+01:00"
        assert row.iana.startswith("Europe/")

    def test_region_without_daylight_saving_is_not_mixed_up_with_one_that_has_it(self) -> None:
        assert time_zone_of("Africa/Abidjan").iana == "Atlantic/Reykjavik"
        assert time_zone_of("Europe/Lisbon").iana == "Europe/London"

    def test_city_in_two_rows_is_refused_with_both(self) -> None:
        with pytest.raises(UsageError, match=r"235 .*247 "):
            time_zone_of("La Paz")

    @pytest.mark.parametrize("text", ["Mars/Olympus", "999", "", "/etc/passwd", "../../etc/passwd"])
    def test_unknown_zone_is_refused_with_the_command_that_lists_them(self, text: str) -> None:
        with pytest.raises(UsageError) as caught:
            time_zone_of(text)
        assert "hpcli timezones" in str(caught.value.hint)

    def test_misspelt_zone_gets_the_right_one_suggested(self) -> None:
        with pytest.raises(UsageError) as caught:
            time_zone_of("Europe/Berlim")
        assert "Europe/Berlin" in str(caught.value.hint)

    @pytest.mark.parametrize("number", [182, "182", " 182"])
    def test_number_comes_as_number_or_text(self, number: int | str) -> None:
        row = time_zone_by_number(number)
        assert row is not None
        assert row.iana == "Asia/Shanghai"

    def test_number_that_is_not_listed_is_nothing(self) -> None:
        assert time_zone_by_number(1) is None
