"""Time zones: the platform's numbers and their names."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hpcli.errors import UsageError
from hpcli.reference.timezones import (
    TimeZone,
    clock_by_number,
    find_time_zones,
    time_zone_by_number,
    time_zone_of,
    time_zones,
    zone_name,
)


class TestTimeZones:
    def test_all_rows_of_the_guide_are_listed_once(self) -> None:
        numbers = [zone.number for zone in time_zones()]
        assert len(numbers) == len(set(numbers)) == 137

    @pytest.mark.parametrize("zone", [zone for zone in time_zones() if zone.iana], ids=lambda zone: zone.iana)
    def test_iana_zone_keeps_the_listed_offset(self, zone: TimeZone) -> None:
        year = {datetime(2026, month, 15, 12, tzinfo=ZoneInfo(zone.iana)).utcoffset() for month in (1, 7)}
        standard = min(offset for offset in year if offset is not None)
        # The guide prints a wrong offset for Newfoundland, and old ones for seven regions.
        listed = "UTC-03:30" if zone.number == 231 else zone.offset
        if not zone.is_current:
            listed = zone.note.split()[1]
            assert listed != zone.offset
        minutes = round(standard.total_seconds() / 60)
        sign = "-" if minutes < 0 else "+"
        assert f"UTC{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}" == listed

    def test_every_row_has_a_zone_and_seven_have_left_their_offset(self) -> None:
        assert all(zone.iana for zone in time_zones())
        outdated = [zone.number for zone in time_zones() if not zone.is_current]
        assert outdated == [137, 139, 143, 172, 225, 237, 261]

    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("182", 182),
            ("261", 261),
            ("Africa/Sao_Tome", 137),
            ("America/Nuuk", 225),
            ("America/Godthab", 225),
            ("Europe/Volgograd", 153),
            ("Volgograd", 153),
            ("Asia/Almaty", 172),
            ("Europe/Kyiv", 46),
            ("Europe/Kiev", 46),
            ("asia/calcutta", 169),
            ("Asia/Saigon", 179),
            ("Asia/Rangoon", 175),
            ("US/Pacific", 86),
            ("Asia/Aden", 151),
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
            ("Zürich", 27),
            ("ZURICH", 27),
            ("São Paulo", 223),
            ("Sao Tomé", 137),
            ("ho chi minh", 179),
        ],
    )
    def test_number_name_city_and_iana_name_lead_to_the_row(self, text: str, number: int) -> None:
        assert time_zone_of(text).number == number

    @pytest.mark.parametrize(
        "name",
        [
            *(
                "America/Argentina/San_Juan",
                "America/Chihuahua",
                "America/El_Salvador",
                "America/Scoresbysund",
            ),
            *("Asia/Urumqi", "Pacific/Samoa", "US/Samoa", "Europe/Lisbon", "Australia/Lord_Howe"),
        ],
    )
    def test_an_iana_name_gives_a_row_that_keeps_its_time(self, name: str) -> None:
        clock = clock_by_number(time_zone_of(name).number)
        assert clock is not None
        for month in (1, 7):
            noon = datetime(2026, month, 15, 12, tzinfo=ZoneInfo(name))
            assert noon.utcoffset() == noon.replace(tzinfo=clock.zone).utcoffset()

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

    @pytest.mark.parametrize(
        ("number", "name", "winter", "summer"),
        [
            (137, "Africa/Sao_Tome", 0, 0),
            ("139", "Asia/Amman", 3, 3),
            ("225", "America/Nuuk", -2, -1),
            ("133", "Europe/Berlin", 1, 2),
        ],
    )
    def test_clocks_of_a_number_are_those_of_the_region_today(
        self, number: int | str, name: str, winter: int, summer: int
    ) -> None:
        clock = clock_by_number(number)
        assert clock is not None
        assert (clock.name, clock.is_exact) == (name, True)
        offsets = [datetime(2026, month, 15, tzinfo=clock.zone).utcoffset() for month in (1, 7)]
        assert offsets == [timedelta(hours=winter), timedelta(hours=summer)]

    @pytest.mark.parametrize("number", ["", None, "9999", "x"])
    def test_an_unknown_number_has_no_clocks(self, number: str | None) -> None:
        assert clock_by_number(number) is None

    @pytest.mark.parametrize(
        ("number", "offset"), [(171, timedelta(hours=5, minutes=45)), (251, -timedelta(hours=9, minutes=30))]
    )
    def test_where_the_rules_are_not_known_the_listed_offset_has_to_do(
        self, number: int, offset: timedelta, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("hpcli.reference.timezones._load", lambda _iana: None)
        clock = clock_by_number(number)
        assert clock is not None
        assert (clock.is_exact, clock.zone.utcoffset(None)) == (False, offset)

    @pytest.mark.parametrize(
        ("text", "numbers"),
        [
            ("Zu\u0308rich", [27]),
            ("zurich", [27]),
            ("são paulo", [223]),
            ("curaçao", [235]),
            ("BERLIN", [133]),
            ("137", [137]),
            ("nowhere", []),
        ],
    )
    def test_places_are_found_without_their_capitals_and_accents(self, text: str, numbers: list[int]) -> None:
        assert [zone.number for zone in find_time_zones(text)] == numbers


@pytest.mark.parametrize(
    ("number", "name"), [(133, "Europe/Berlin"), ("133", "Europe/Berlin"), (9999, "9999"), (None, "")]
)
def test_a_number_is_shown_by_its_name(number: object, name: str) -> None:
    assert zone_name(number) == name
    from hpcli.fleet.workbook import SITES

    column = next(column for column in SITES if column.title == "TIME ZONE")
    assert column.show is not None
    assert column.show(number, {}) == name
