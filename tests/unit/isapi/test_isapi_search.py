"""Searches that devices answer page by page."""

from collections.abc import Iterator, Mapping
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
    pages: Iterator[Mapping[str, Any]] = iter(
        [
            {"UserInfoSearch": {"responseStatusStrg": "more", "UserInfo": [{"employeeNo": "1"}]}},
            {"UserInfoSearch": {"responseStatusStrg": "OK", "UserInfo": [{"employeeNo": "2"}]}},
            {"UserInfoSearch": {"responseStatusStrg": "NO MATCH"}},
        ]
    )
    asked: list[int] = []

    def send(body: dict[str, Any]) -> Mapping[str, Any]:
        asked.append(body["UserInfoSearchCond"]["searchResultPosition"])
        return next(pages)

    assert [row["employeeNo"] for row in search_pages(ACCESS_USERS, {}, send)] == ["1", "2"]
    assert asked == [0, 1, 2]


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


class Reticent(Device):
    """Says OK or nothing on every page, and gives nothing at all where it is asked for more than `most` rows."""

    def __init__(self, count: int, *, capacity: int = 30, most: int = 1000, state: str | None = "OK") -> None:
        super().__init__("AcsEvent", [{"serialNo": n} for n in range(count)], "InfoList", capacity)
        self.most, self.state = most, state

    def answer(self, body: dict[str, Any]) -> Mapping[str, Any]:
        page = dict(super().answer(body)["AcsEvent"])
        page["responseStatusStrg"] = self.state
        if self.conditions[-1]["maxResults"] > self.most:
            page |= {"InfoList": [], "numOfMatches": 0}
        return {"AcsEvent": page}


@pytest.mark.parametrize("state", ["OK", "", None])
@pytest.mark.parametrize("count", [30, 75, 371])
def test_a_list_goes_on_to_its_total_whatever_its_pages_say(count: int, state: str | None) -> None:
    device = Reticent(count, state=state)
    rows = list(search_pages(ACCESS_EVENTS, {}, device.answer))
    assert [row["serialNo"] for row in rows] == list(range(count))


@pytest.mark.parametrize("most", [30, 10, 1])
def test_an_empty_first_page_of_a_list_that_has_rows_is_asked_for_smaller(most: int) -> None:
    device = Reticent(75, most=most)
    rows = list(search_pages(ACCESS_EVENTS, {}, device.answer))
    assert [row["serialNo"] for row in rows] == list(range(75))
    assert [condition["maxResults"] for condition in device.conditions[:3]] == [100, 50, 25]


def test_a_device_that_finds_nothing_in_large_pages_is_asked_once_more() -> None:
    device = event_device(75)
    nothing = {"responseStatusStrg": "NO MATCH", "numOfMatches": 0, "totalMatches": 0}

    def send(body: dict[str, Any]) -> Mapping[str, Any]:
        page = device.answer(body)
        return {"AcsEvent": nothing} if device.conditions[-1]["maxResults"] > 30 else page

    assert len(list(search_pages(ACCESS_EVENTS, {}, send, doubts_no_match=True))) == 75
    assert list(search_pages(ACCESS_EVENTS, {}, lambda _: {"AcsEvent": nothing}, doubts_no_match=True)) == []


def test_rows_that_are_missing_in_the_end_are_counted() -> None:
    device, said = Reticent(75), list[str]()
    device.rows = device.rows[:40]
    totals = {"totalMatches": 75}
    rows = search_pages(
        ACCESS_EVENTS,
        {},
        lambda body: {"AcsEvent": {**device.answer(body)["AcsEvent"], **totals}},
        info=said.append,
    )
    assert len(list(rows)) == 40
    assert said == ["The device sent 40 of 75 rows; the list is not complete."]


def test_a_device_that_counts_rows_and_sends_none_has_not_answered() -> None:
    page = {"AcsEvent": {"responseStatusStrg": "OK", "numOfMatches": 0, "totalMatches": 75}}
    with pytest.raises(DeviceError, match="counts 75 rows but sends none"):
        list(search_pages(ACCESS_EVENTS, {}, lambda _: page))


def test_a_device_that_knows_one_page_only_is_left_with_a_word() -> None:
    said = list[str]()
    page = {"AcsEvent": {"responseStatusStrg": "OK", "totalMatches": 75, "InfoList": [{"serialNo": 1}]}}
    assert len(list(search_pages(ACCESS_EVENTS, {}, lambda _: page, info=said.append))) == 1
    assert said == ["The device sent 1 of 75 rows; the list is not complete."]
