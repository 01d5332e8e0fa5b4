"""Searches of devices that count, number or repeat pages in their own way: each row comes once, or it is said."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from hpcli.isapi.errors import DeviceRefusedError
from hpcli.isapi.recognise import lack_of, recognise
from hpcli.isapi.search import ACCESS_EVENTS, ACCESS_USERS, RELAYS, ZONES, Search, search_pages

Page = Mapping[str, Any]
SEARCHES = [ACCESS_EVENTS, ACCESS_USERS, RELAYS, ZONES]
LEFT_OUT = object()
CAPACITY = 30
COUNTS = [(ACCESS_USERS, 60), (RELAYS, 31), (ZONES, 30)]
REFUSED = DeviceRefusedError("no", name="badParameters", code=None, hint=None, http_status=200)

State = Callable[[int, bool], object]
STATES: dict[str, State] = {
    "right": lambda size, is_last: "NO MATCH" if not size else "OK" if is_last else "MORE",
    "always OK": lambda *_: "OK",
    "OK, then nothing": lambda size, _is_last: "OK" if size else "NO MATCH",
    "none": lambda *_: LEFT_OUT,
    "null": lambda *_: None,
    "a number": lambda *_: 0,
}
Total = Callable[[int, int, int], object]
TOTALS: dict[str, Total] = {
    "right": lambda total, *_: total,
    "text": lambda total, *_: f" {total} ",
    "none": lambda *_: LEFT_OUT,
    "null": lambda *_: None,
    "zero": lambda *_: 0,
    "a word": lambda *_: "many",
    "at first only": lambda total, first, _size: LEFT_OUT if first else total,
    "at first, then zero": lambda total, first, _size: 0 if first else total,
    "zero where empty": lambda total, _first, size: total if size else 0,
}
Place = Callable[[int, int, int], int]
PLACES: dict[str, Place] = {
    "from zero": lambda _total, first, _size: first,
    "from one": lambda _total, first, _size: max(first - 1, 0),
    "not beyond the last page": lambda total, first, size: min(first, max(total - size, 0)),
    "round and round": lambda total, first, _size: first % total,
}


class Device:
    """Answers a search of a number of rows, in its own way."""

    def __init__(self, search: Search, count: int, state: str, total: str, place: str) -> None:
        self.search, self.state, self.total, self.place = search, STATES[state], TOTALS[total], PLACES[place]
        self.rows = [{search.identity: number, "name": "n"} for number in range(count)]
        self.is_round = place == "round and round"
        self.asked = 0

    def answer(self, body: dict[str, Any]) -> Page:
        self.asked += 1
        assert self.asked < 3 + len(self.rows), "it asks without end"
        condition, count = body[self.search.condition_root], len(self.rows)
        first, size = condition["searchResultPosition"], min(CAPACITY, condition["maxResults"])
        start = self.place(count, first, size)
        end = start + size
        rows = (self.rows * 2)[start : start + min(size, count)] if self.is_round else self.rows[start:end]
        page = {
            "responseStatusStrg": self.state(len(rows), end >= count),
            "totalMatches": self.total(count, first, len(rows)),
            self.search.rows: [{self.search.item: row} for row in rows] if self.search.item else rows,
        }
        return {self.search.page_root: {name: value for name, value in page.items() if value is not LEFT_OUT}}


def read(search: Search, answer: Callable[[dict[str, Any]], Page], said: list[str]) -> list[Any]:
    def send(body: dict[str, Any]) -> Page:
        return recognise(json.dumps(answer(body)).encode(), search.response)

    found = search_pages(search, {}, send, doubts_no_match=True, info=said.append)
    return [int(row[search.identity]) for row in found]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("total", TOTALS)
def test_every_row_comes_once_however_pages_are_counted(total: str, place: str) -> None:
    for number, state in enumerate(STATES):
        for search, count in ((ACCESS_EVENTS, 75), COUNTS[number % len(COUNTS)]):
            device, said = Device(search, count, state, total, place), list[str]()
            assert read(search, device.answer, said) == list(range(count)), (search.rows, state)
            assert said == []


@pytest.mark.parametrize("empty_total", [75, 0, None])
@pytest.mark.parametrize("state", ["OK", "NO MATCH", None])
@pytest.mark.parametrize("search", SEARCHES, ids=lambda search: search.rows)
def test_a_list_that_ends_in_the_middle_says_so(
    search: Search, state: str | None, empty_total: int | None
) -> None:
    device, said = Device(search, 75, "none", "at first only", "from zero"), list[str]()

    def answer(body: dict[str, Any]) -> Page:
        if body[search.condition_root]["searchResultPosition"] < 30:
            return device.answer(body)
        return {search.page_root: {"responseStatusStrg": state, "totalMatches": empty_total}}

    assert read(search, answer, said) == list(range(30))
    assert said == ["The device sent 30 of 75 rows; the list is not complete."]


def test_a_device_that_does_not_look_beyond_its_last_row_has_sent_all() -> None:
    device = Device(ACCESS_USERS, 40, "always OK", "none", "from zero")

    def answer(body: dict[str, Any]) -> Page:
        if body[ACCESS_USERS.condition_root]["searchResultPosition"] >= 40:
            raise REFUSED
        return device.answer(body)

    assert read(ACCESS_USERS, answer, []) == list(range(40))


def test_a_refusal_of_rows_that_there_must_be_stays_one() -> None:
    device = Device(ACCESS_USERS, 75, "none", "right", "from zero")

    def answer(body: dict[str, Any]) -> Page:
        if body[ACCESS_USERS.condition_root]["searchResultPosition"] >= 60:
            raise REFUSED
        return device.answer(body)

    with pytest.raises(DeviceRefusedError):
        read(ACCESS_USERS, answer, [])


def test_rows_that_nothing_tells_apart_are_all_kept() -> None:
    pages = [[{"major": 5}] * 30, [{"major": 5}] * 20 + [{"major": 4}] * 10, []]

    def send(body: dict[str, Any]) -> Page:
        number = body["AcsEventCond"]["searchResultPosition"] // 30
        return {"AcsEvent": {"responseStatusStrg": "OK", "InfoList": pages[number]}}

    assert len(list(search_pages(ACCESS_EVENTS, {}, send))) == 60


HOUSE = {"id": 1, "name": "House", "arming": "away"}
MORE = {"responseStatusStrg": "MORE", "numOfMatches": 1, "totalMatches": "75"}
ALL = {"responseStatusStrg": "OK", "numOfMatches": 1, "totalMatches": 1}


@pytest.mark.parametrize(
    "where", ["beside", "inside", "around", "far around", "beside a List", "in a text", "XML"]
)
@pytest.mark.parametrize(
    ("state", "is_whole"),
    [(MORE, False), (ALL, True), ({"totalMatches": 2}, False), ({"totalMatches": "9" * 5000}, True)],
    ids=["more", "all", "total", "absurd"],
)
def test_a_list_that_is_not_whole_says_so_wherever_that_stands(
    where: str, state: dict[str, Any], *, is_whole: bool
) -> None:
    rows = {"SubSysList": [HOUSE]}
    fields = "".join(f"<{name}>{value}</{name}>" for name, value in state.items())
    body: Any = {
        "beside": {**rows, **state},
        "inside": {"SubSysList": {"SubSys": [HOUSE], **state}},
        "around": {"SubSysSearch": {**rows, **state}},
        "far around": {"errorCode": "0", "data": {"Page": {**rows, **state}}},
        "beside a List": {"List": [HOUSE], **state},
        "in a text": {"errorCode": "0", "data": json.dumps({**rows, **state})},
        "XML": f"<SubSysList>{fields}<SubSys><id>1</id><name>House</name><arming>away</arming></SubSys></SubSysList>",
    }[where]
    text = body if isinstance(body, str) else json.dumps(body)
    found = recognise(text.encode(), "JSON_SubSysList")
    assert found["SubSysList"] == [{"SubSys": HOUSE}]
    assert (lack_of(found) is None) is is_whole


def test_the_state_of_a_page_is_read_beside_the_page() -> None:
    body = {"Answer": {"AcsEvent": {"InfoList": [{"serialNo": 1}]}, "totalMatches": "75"}}
    page = recognise(json.dumps(body).encode(), "JSON_AcsEvent")["AcsEvent"]
    assert page == {"totalMatches": 75, "InfoList": [{"serialNo": 1}]}
