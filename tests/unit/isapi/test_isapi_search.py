"""Searches that devices answer page by page."""

from collections.abc import Mapping
from typing import Any

import pytest

from hpcli.errors import DeviceError, UsageError
from hpcli.isapi.search import ACCESS_EVENTS, ACCESS_USERS, RELAYS, ZONES, make_condition, search_pages


class Device:
    """Answers as a device does, at most `capacity` rows a page, and remembers what it was asked."""

    def __init__(self, root: str, rows: list[dict[str, Any]], name: str, capacity: int = 30) -> None:
        self.root, self.rows, self.name, self.capacity = root, rows, name, capacity
        self.conditions: list[dict[str, Any]] = []

    def answer(self, body: dict[str, Any]) -> Mapping[str, Any]:
        ((_, condition),) = body.items()
        self.conditions.append(condition)
        first = condition["searchResultPosition"]
        page = self.rows[first : first + min(self.capacity, condition["maxResults"])]
        is_more = first + len(page) < len(self.rows)
        return {
            self.root: {
                "searchID": condition["searchID"],
                "responseStatusStrg": "MORE" if is_more else "OK" if page else "NO MATCH",
                "numOfMatches": len(page),
                "totalMatches": len(self.rows),
                self.name: page,
            }
        }


def event_device(count: int) -> Device:
    return Device("AcsEvent", [{"serialNo": number} for number in range(count)], "InfoList")


def test_ten_thousand_events_come_once_each_under_one_search_id() -> None:
    device = event_device(10_000)
    found = list(search_pages(ACCESS_EVENTS, {"major": 5}, device.answer))
    assert [row["serialNo"] for row in found] == list(range(10_000))
    assert len({condition["searchID"] for condition in device.conditions}) == 1
    assert [condition["searchResultPosition"] for condition in device.conditions[:3]] == [0, 30, 60]
    assert {(condition["major"], condition["minor"]) for condition in device.conditions} == {(5, 0)}


def test_no_match_yields_nothing() -> None:
    device = event_device(0)
    assert list(search_pages(ACCESS_EVENTS, {}, device.answer)) == []
    assert len(device.conditions) == 1


def test_pages_are_asked_for_only_as_they_are_read() -> None:
    device = event_device(100)
    rows = search_pages(ACCESS_EVENTS, {}, device.answer)
    next(rows)
    assert len(device.conditions) == 1


@pytest.mark.parametrize(
    ("search", "root", "name", "item"),
    [(ZONES, "ZoneSearch", "ZoneList", "Zone"), (RELAYS, "OutputSearch", "OutputList", "Output")],
)
def test_zones_and_relays_come_without_their_wrapping(search: Any, root: str, name: str, item: str) -> None:
    device = Device(root, [{item: {"id": number}} for number in range(40)], name)
    assert [row["id"] for row in search_pages(search, {}, device.answer)] == list(range(40))


def test_a_device_that_repeats_a_page_is_stopped() -> None:
    page = {"AcsEvent": {"responseStatusStrg": "MORE", "numOfMatches": 1, "InfoList": [{"serialNo": 1}]}}
    with pytest.raises(DeviceError, match="repeats"):
        list(search_pages(ACCESS_EVENTS, {}, lambda _: page))


def test_a_device_that_promises_more_and_gives_nothing_is_stopped() -> None:
    page = {"AcsEvent": {"responseStatusStrg": "MORE", "numOfMatches": 0, "InfoList": []}}
    with pytest.raises(DeviceError, match="gives nothing"):
        list(search_pages(ACCESS_EVENTS, {}, lambda _: page))


def test_a_search_without_end_is_bounded() -> None:
    device = event_device(1000)
    with pytest.raises(DeviceError, match="after 3 pages"):
        list(search_pages(ACCESS_EVENTS, {}, device.answer, max_pages=3))


def test_another_answer_is_an_error() -> None:
    with pytest.raises(DeviceError, match="AcsEvent"):
        list(search_pages(ACCESS_EVENTS, {}, lambda _: {"Other": {}}))


def test_rows_count_where_the_device_does_not() -> None:
    pages = iter(
        [
            {"UserInfoSearch": {"responseStatusStrg": "more", "UserInfo": [{"employeeNo": "1"}]}},
            {"UserInfoSearch": {"responseStatusStrg": "OK", "UserInfo": [{"employeeNo": "2"}]}},
        ]
    )
    asked: list[int] = []

    def send(body: dict[str, Any]) -> Mapping[str, Any]:
        asked.append(body["UserInfoSearchCond"]["searchResultPosition"])
        return next(pages)

    assert [row["employeeNo"] for row in search_pages(ACCESS_USERS, {}, send)] == ["1", "2"]
    assert asked == [0, 1]


def test_conditions_are_typed_by_the_message() -> None:
    where = {"cardno": "12", "picEnable": "yes", "beginSerialNo": "7"}
    assert make_condition(ACCESS_EVENTS, where) == {"cardNo": "12", "picEnable": True, "beginSerialNo": 7}


def test_lists_in_conditions_are_separated_by_commas() -> None:
    condition = make_condition(ACCESS_USERS, {"employeeNo": "1, 2", "deviceIDList": "3"})
    assert condition == {"EmployeeNoList": [{"employeeNo": "1"}, {"employeeNo": "2"}], "deviceIDList": [3]}


@pytest.mark.parametrize("name", ["searchID", "maxResults", "colour"])
def test_a_condition_the_message_does_not_have_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="There is no field"):
        make_condition(ACCESS_EVENTS, {name: "1"})


def test_a_condition_of_the_wrong_type_is_refused() -> None:
    with pytest.raises(UsageError, match="whole number"):
        make_condition(ACCESS_EVENTS, {"major": "five"})
