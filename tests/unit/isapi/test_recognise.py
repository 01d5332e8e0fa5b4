"""Messages in forms that neighbour the guide's: rows in a `List`, as texts, in another list."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hpcli.errors import ProtocolError
from hpcli.isapi.recognise import recognise

HOUSE = {"id": 1, "name": "House", "arming": "away"}
ANN = {"employeeNo": "7", "name": "Ann"}
PAGE = {"searchID": "s", "responseStatusStrg": "OK", "numOfMatches": 1, "totalMatches": 1}


def read(body: Any, message: str) -> Any:
    return recognise(body if isinstance(body, bytes) else json.dumps(body).encode(), message)


@pytest.mark.parametrize(
    "body",
    [
        [{"SubSysList": [{"SubSys": HOUSE}]}],
        {"SubSysList": json.dumps([{"SubSys": HOUSE}])},
        {"SubSysList": [json.dumps(HOUSE)]},
        {"SubSysList": [{"SubSys": json.dumps(HOUSE)}]},
        {"errorCode": "0", "data": {"List": json.dumps([HOUSE])}},
        json.dumps({"SubSysList": [HOUSE]}),
        b"<List><SubSys><id>1</id><name>House</name><arming>away</arming></SubSys></List>",
        {"List": {"SubSys": HOUSE}},
        {"SubSysList": {"1": HOUSE}},
        {"SubSysList": [[HOUSE]]},
    ],
    ids=str,
)
def test_rows_in_a_text_or_another_list_are_rows(body: Any) -> None:
    assert read(body, "JSON_SubSysList") == {"SubSysList": [{"SubSys": HOUSE}]}


@pytest.mark.parametrize(
    "rows",
    [{"List": [ANN]}, {"list": ANN}, {"UserInfo": json.dumps([ANN])}, {"UserInfo": {"List": [ANN]}}],
    ids=str,
)
def test_the_page_of_a_search_has_its_rows_under_neighbouring_names(rows: dict[str, Any]) -> None:
    page = read({"UserInfoSearch": {**PAGE, **rows}}, "JSON_UserInfoSearch")["UserInfoSearch"]
    assert page == {**PAGE, "UserInfo": [ANN]}


def test_rows_under_numbers_are_rows() -> None:
    rows = {"1": HOUSE, "2": {**HOUSE, "id": 2}}
    assert [row["SubSys"]["id"] for row in read({"SubSysList": rows}, "JSON_SubSysList")["SubSysList"]] == [
        1,
        2,
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"SubSysList": [[]]},
        {"SubSysList": {"1": HOUSE, "2": 5}},
        {"SubSysList": "House"},
        {"SubSysList": ["House"]},
        {"SubSysList": '{"a": 1}'},
        {"List": {"SubSys": "House"}},
        "House",
    ],
    ids=str,
)
def test_other_texts_are_not_rows(body: Any) -> None:
    with pytest.raises(ProtocolError):
        read(body, "JSON_SubSysList")


SOUND = b'{"SubSysList":[{"SubSys":{"id":1,"name":"House","arming":"away"}}]}'


@pytest.mark.parametrize(
    "body",
    [
        SOUND.replace(b'"}}', b'",}}'),
        SOUND.replace(b"}]", b"},]"),
        SOUND.replace(b"]}", b"] , }"),
        SOUND.replace(b"]}", b"],\r\n\xff}"),
        SOUND.replace(b'"}}]}', b'",},},],}'),
        SOUND.replace(b":", b"\xff:\x01"),
        SOUND.replace(b"{", b"\xe4{\xf6"),
        b"\xff" + SOUND + b"\xfe\x02",
        SOUND.replace(b'"id":1', b'"id":1\xff'),
        b'{"errorCode":"0",\xff"data":' + SOUND + b",}",
    ],
    ids=repr,
)
def test_a_comma_behind_the_last_value_and_stray_bytes_cost_nothing(body: bytes) -> None:
    assert read(body, "JSON_SubSysList") == {"SubSysList": [{"SubSys": HOUSE}]}


@pytest.mark.parametrize(
    "body",
    [
        b'{"SubSysList":[,]}',
        b'{"SubSysList":[{"SubSys":{"id":1,"name":"a"}},,{"SubSys":{"id":2,"name":"b"}}]}',
        b'{"SubSysList":[{"SubSys":{"id":1\xff2,"name":"a"}}]}',
        b'{"SubSysList":[{"SubSys":{"id":tr\xffue,"name":"a"}}]}',
        SOUND[:-2] + b",",
        SOUND.replace(b":1", b":,"),
        SOUND + SOUND,
        b"1,",
        b"7\xff",
    ],
    ids=repr,
)
def test_json_that_lacks_a_value_is_not_an_answer(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        read(body, "JSON_SubSysList")
