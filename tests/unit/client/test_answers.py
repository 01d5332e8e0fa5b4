"""Answers as the platform, gateways and devices really send them: to data in documented types, or to an error."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import socket
from typing import Any

import pytest

from hpcli.api.operation import Operation
from hpcli.api.operations.arc import SITE
from hpcli.api.operations.device.devices import CHANNELS, PIN
from hpcli.api.operations.device.devices import SEARCH as DEVICES
from hpcli.api.operations.device.otap import BATCH_GET, BATCH_GET_DIRECT, BATCH_SET, BATCH_SET_DIRECT
from hpcli.api.operations.site import DELETE, MANAGERS
from hpcli.api.operations.site import SEARCH as SITES
from hpcli.client import Client
from hpcli.client.answers import Answer, envelope_refusal, read_json
from hpcli.client.coercion import coerce, read_answer
from hpcli.client.request import Request
from hpcli.errors import HpcliError, NetworkError, PlatformError, ProtocolError, SignInError
from tests.support.transports import answering, client_of
from tests.support.wire_server import answer as ok
from tests.support.wire_server import read_request, serving, transport_to


def one_row(**row: Any) -> dict[str, Any]:
    return dict(coerce(DEVICES, {"rows": [row]})["rows"][0])


def site_row(**row: Any) -> dict[str, Any]:
    return dict(coerce(SITES, {"rows": [row]})["rows"][0])


@pytest.mark.parametrize(
    ("sent", "read_as"),
    [
        ({"deviceCategory": "0"}, {"deviceCategory": 0}),
        ({"deviceOnlineStatus": True}, {"deviceOnlineStatus": 1}),
        ({"deviceOnlineStatus": "-1"}, {"deviceOnlineStatus": -1}),
        ({"deviceOnlineStatus": "online"}, {"deviceOnlineStatus": "online"}),
        ({"deviceOnlineStatus": "9" * 5000}, {"deviceOnlineStatus": "9" * 5000}),
        ({"DEVICESERIAL": " Q1 "}, {"deviceSerial": "Q1"}),
        ({"deviceSerial": 123}, {"deviceSerial": "123"}),
        ({"siteId": "s"}, {"siteID": "s"}),
        ({"newField": {"a": "1"}}, {"newField": {"a": "1"}}),
    ],
)
def test_values_come_in_the_documented_types_and_names(sent: dict[str, Any], read_as: dict[str, Any]) -> None:
    assert one_row(**sent) == read_as


@pytest.mark.parametrize("row", [{"id": "a", "deviceId": "b"}, {"deviceId": "b", "id": "a"}])
def test_an_equal_spelling_never_takes_the_place_of_a_documented_field(row: dict[str, Any]) -> None:
    assert one_row(**row) == {"id": "a", "deviceId": "b"}


@pytest.mark.parametrize("data", [None, {}, []])
def test_a_list_that_is_missing_is_empty(data: Any) -> None:
    assert read_answer(MANAGERS, data) == read_answer(CHANNELS, data) == []
    assert read_answer(MANAGERS, {"installerMangers": None}) == []


@pytest.mark.parametrize(
    "data",
    [
        {"installerManagers": [{"installerId": 7}]},
        {"installerMangers": {"installerId": "7"}},
        [{"installerId": "7"}],
    ],
)
def test_rows_are_found_in_every_form_that_is_met(data: Any) -> None:
    assert read_answer(MANAGERS, data) == [{"installerId": "7"}]


@pytest.mark.parametrize("data", [{"installerMangers": "none"}, {"installerMangers": ["7"]}, "none"])
def test_rows_that_are_no_objects_are_an_unexpected_answer(data: Any) -> None:
    with pytest.raises(ProtocolError):
        read_answer(MANAGERS, data)


@pytest.mark.parametrize("data", [None, {}])
def test_an_object_that_is_missing_is_empty(data: Any) -> None:
    assert read_answer(PIN, data) == {}


@pytest.mark.parametrize("data", ["1234", 1234, [{"pin": 1}, {"pin": 2}], "", [], [[]], True, {"other": 1}])
def test_data_that_is_no_object_of_the_call_is_an_unexpected_answer(data: Any) -> None:
    with pytest.raises(ProtocolError):
        read_answer(PIN, data)


@pytest.mark.parametrize("operation", [SITE, BATCH_GET, BATCH_SET, BATCH_GET_DIRECT, BATCH_SET_DIRECT])
@pytest.mark.parametrize("data", ["ok", "", 7, 0, True, False, [[]], [1], [None], [{"propResps": 7}]])
def test_data_with_several_documented_forms_is_one_of_them(operation: Operation[Any], data: Any) -> None:
    if operation is BATCH_SET and isinstance(data, list) and data and isinstance(data[0], dict):
        data = [{"errorCode": "0"}, "row"]
    with pytest.raises(ProtocolError):
        coerce(operation, data)


def test_a_list_of_rows_in_an_object_without_them_is_not_the_answer() -> None:
    wrong: list[dict[str, Any]] = [{"unknown": {"deeper": []}}, {"list": [{"id": "a"}]}]
    for data in wrong:
        with pytest.raises(ProtocolError):
            coerce(SITES, data)


@pytest.mark.parametrize("data", [{"unknown": {"deeper": []}}, {"list": [{"channelNo": 1}]}, {"": None}])
def test_an_object_without_a_documented_field_is_not_a_list_of_one(data: Any) -> None:
    assert read_answer(CHANNELS, {"channelNo": "1"}) == [{"channelNo": 1}]
    with pytest.raises(ProtocolError, match="a list of objects with deviceSerial"):
        read_answer(CHANNELS, data)


def test_data_that_the_guide_does_not_describe_stays_as_it_is() -> None:
    assert read_answer(DELETE, ["what", 1]) == ["what", 1]


@pytest.mark.parametrize("text", ["nan", "inf", "-Infinity", "1e999"])
def test_a_number_that_json_cannot_write_stays_text(text: str) -> None:
    found = coerce(SITE, {"id": "s", "longitude": text, "latitude": "1.5", "siteLongitude": text})
    assert json.loads(json.dumps(found, allow_nan=False))


@pytest.mark.parametrize(
    "data",
    [
        [{"id": "a"}],
        {"rows": [{"id": "a"}], "totalPage": "many", "total": "all"},
        {"rows": {"id": "a"}, "totalPage": 1},
        {"rows": [{"id": "a"}], "totalPage": 1.0},
    ],
)
def test_a_list_is_read_whatever_stands_around_its_rows(data: Any) -> None:
    with answering(json.dumps({"errorCode": "0", "data": data}).encode()) as host:
        assert [site["id"] for site in client_of(host).site.list()] == ["a"]


@pytest.mark.parametrize("data", ["text", "", 5, 0, True, False, {"rows": "text"}, [1, 2], [None]])
def test_a_list_that_is_none_is_an_unexpected_answer(data: Any) -> None:
    body = json.dumps({"errorCode": "0", "data": data}).encode()
    with answering(body) as host, pytest.raises(ProtocolError):
        list(client_of(host).site.list())


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ({"sharedInfo": "none"}, 'data.rows[0].sharedInfo should be an object, and is "none"'),
        ({"sharedInfo": [1, 2]}, "data.rows[0].sharedInfo should be an object, and is [1, 2]"),
        (
            {"sharedInfo": {"shareType": {}}},
            "data.rows[0].sharedInfo.shareType should be a number, and is {}",
        ),
    ],
)
def test_what_is_not_as_documented_is_named_with_its_place(row: dict[str, Any], what: str) -> None:
    with pytest.raises(ProtocolError, match=re.escape(what)):
        coerce(SITES, {"rows": [row]})


def test_what_stands_for_a_text_or_is_missing_withholds_no_row() -> None:
    assert site_row(siteName={"de": "Hof"}, sharedInfo="") == {
        "siteName": '{"de": "Hof"}',
        "sharedInfo": {},
    }
    assert site_row(sharedInfo=None, siteCity=None) == {"sharedInfo": None, "siteCity": None}


def test_a_change_whose_answer_is_unusable_may_have_been_made() -> None:
    body = json.dumps({"errorCode": "0", "data": "done"}).encode()
    with answering(body) as host, pytest.raises(ProtocolError) as caught:
        client_of(host).device.upgrade.start("Q10254783")
    assert caught.value.hint is not None
    assert "may have been made" in caught.value.hint


def test_pages_end_at_a_repeated_first_id_though_the_row_has_changed() -> None:
    body = b'{"errorCode": "0", "data": {"rows": [{"id": "a", "siteName": "%d"}], "totalPage": 0}}'
    with answering(body, counting=True) as host:
        assert [site["siteName"] for site in client_of(host).site.list()] == ["1"]


def refused(body: bytes, status: int = 200) -> HpcliError | None:
    return envelope_refusal(Answer(status, {}, body, ""))


@pytest.mark.parametrize("status", [200, 404, 500])
def test_the_error_code_is_the_truth_whatever_the_status(status: int) -> None:
    assert refused(b'{"errorCode": "0", "data": {}}', status) is None
    error = refused(b'{"errorCode": "EVZ20007"}', status)
    assert error is not None
    assert error.code == "EVZ20007"


@pytest.mark.parametrize("body", [b'{"login": "required"}', b"{}", b"[]", b'"ok"', b"true"])
def test_json_that_is_no_envelope_is_no_success_and_is_not_quoted(body: bytes) -> None:
    error = refused(body)
    assert isinstance(error, NetworkError)
    assert "required" not in error.message


@pytest.mark.parametrize(
    "body",
    [
        b'{"data": {}}',
        b'{"data": {"rows": []}}',
        b'{"data": null}',
        b'{"errorCode": "", "data": {}}',
        b'{"errorCode": null, "data": {}}',
        b'{"errorCode": {"code": "0"}}',
        b'{"errorCode": ["0"]}',
        b'{"errorCode": true}',
        b'{"errorCode": false}',
    ],
)
def test_an_envelope_without_a_code_is_no_success(body: bytes) -> None:
    assert isinstance(refused(body), ProtocolError)


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_is_no_success_whatever_its_body(status: int) -> None:
    assert isinstance(refused(b"{}", status), NetworkError)
    assert isinstance(refused(b'{"data": {}}', status), NetworkError)


def test_refused_credentials_without_a_code_are_a_sign_in_error() -> None:
    assert isinstance(refused(b'{"message": "Unauthorized"}', 401), SignInError)


@pytest.mark.parametrize(
    "token",
    [
        b'{"errorCode": "0", "data": "hpc.t"}',
        b'{"errorCode": "0", "data": ["hpc.t"]}',
        b'{"errorCode": "0", "data": {"accessToken": "hpc.t\\r\\nX: y"}}',
        b'{"errorCode": "0", "data": {"accessToken": "\\u00fc"}}',
        b'{"errorCode": "0"}',
    ],
)
def test_a_sign_in_without_a_usable_token_is_an_unexpected_answer(token: bytes) -> None:
    with answering(b"{}", token=token) as host, pytest.raises(PlatformError) as caught:
        client_of(host).raw.call("GET", "v1/any")
    assert "without a token" in caught.value.message
    assert "hpc.t" not in str(caught.value)


def test_a_flat_sign_in_is_read_too() -> None:
    flat = b'{"accessToken": "hpc.t", "expireTime": "9999999999999", "areaDomain": ""}'
    with answering(b'{"errorCode": "0", "data": {"rows": []}}', token=flat) as host:
        assert list(client_of(host).site.list()) == []


def test_a_vendors_text_without_end_is_cut() -> None:
    error = refused(json.dumps({"errorCode": "4711", "message": "x" * 5000}).encode())
    assert error is not None
    assert len(error.message) < 400


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b'{"UserInfo": {"userPassword": "geheim"}}', {"UserInfo": {"userPassword": "***"}}),
        (
            b"<User><userName>a</userName><password enc='1'>geheim</password></User>",
            "<User><userName>a</userName><password enc='1'>***</password></User>",
        ),
        (b"plain", "plain"),
    ],
)
def test_a_plan_hides_secrets_in_bodies_for_devices(content: bytes, shown: Any) -> None:
    plan = Request(Operation("PUT", "/x", "§3.23", change=True), "/x", content=content).plan("https://host")
    assert plan["body"] == shown


@pytest.mark.parametrize(
    "name", ["password", "pinCode", "validateCode", "secretKey", "X-Password", "newPassword", "PIN"]
)
def test_a_plan_hides_what_is_secret_by_name(name: str) -> None:
    plan = Request(
        Operation("PUT", "/x", "§3.28", change=True), "/x", json={"list": [{name: "geheim"}]}
    ).plan("https://host")
    assert "geheim" not in json.dumps(plan)


def test_a_refused_page_size_is_asked_again_smaller_and_other_refusals_are_not() -> None:
    asked: list[bytes] = []

    def refuse_large(connection: socket.socket) -> None:
        while request := read_request(connection):
            asked.append(request)
            large = b'"pageSize": 100' in request
            rows = b'{"errorCode": "0", "data": {"rows": [{"id": "a"}], "totalPage": 1}}'
            connection.sendall(ok(b'{"errorCode": "LAP000001"}' if large else rows))

    with serving(refuse_large) as host:
        assert [site["id"] for site in Client(transport=transport_to(host)).site.list()] == ["a"]
    assert [b'"pageSize": 20' in request for request in asked] == [False, True]
    bodies: list[bytes] = []
    with answering(b'{"errorCode": "LAP000001"}', bodies=bodies) as host, pytest.raises(PlatformError):
        list(client_of(host).site.list())
    assert len(bodies) == 3


def test_the_number_of_pages_may_stand_beside_the_data() -> None:
    bodies: list[bytes] = []
    body = b'{"errorCode": "0", "totalPage": 1, "data": {"rows": [{"id": "%d"}]}}'
    with answering(body, bodies=bodies, counting=True) as host:
        assert len(list(client_of(host).site.list())) == 1


@pytest.mark.parametrize("body", [b"", b"None"])
def test_an_empty_body_is_a_success_where_the_call_is_documented_so(body: bytes) -> None:
    assert envelope_refusal(Answer(200, {}, body, "", may_be_empty=True)) is None
    assert isinstance(envelope_refusal(Answer(500, {}, body, "", may_be_empty=True)), NetworkError)
    assert isinstance(refused(body), NetworkError)


@pytest.mark.parametrize("body", [b" \r\n", b"\0", b"\xef\xbb\xbf", b"ok", b"null"])
def test_blanks_are_no_empty_body(body: bytes) -> None:
    assert isinstance(envelope_refusal(Answer(200, {}, body, "", may_be_empty=True)), ProtocolError)


def test_one_call_alone_may_answer_nothing() -> None:
    from hpcli.api import operations

    found = [
        f"{module.name}.{name}"
        for module in pkgutil.walk_packages(operations.__path__, operations.__name__ + ".")
        for name, value in vars(importlib.import_module(module.name)).items()
        if isinstance(value, Operation) and value.may_be_empty
    ]
    assert found == ["hpcli.api.operations.arc.SET_ACCOUNT"]


def test_a_path_parameter_cannot_leave_its_place() -> None:
    assert DELETE.fill({"id": "a/../b?c#d"}) == "/api/hpcgw/v1/site/a%2F..%2Fb%3Fc%23d/delete"


def test_a_message_nested_too_deep_costs_nothing_around_it() -> None:
    deep = '{"a}":["\\"[",' * 2000 + "1" + "]}" * 2000
    other = '{"alarmData":{"a":[1]}}'
    body = f'{{"errorCode":"0","data":{{"batchId":"b","list":[{{"alarmData":{deep}}},{other}]}}}}'
    batch = read_json(Answer(200, {}, body.encode(), "https://x"))["data"]
    assert (batch["batchId"], batch["list"][1]) == ("b", json.loads(other))
    inner, text = batch["list"][0]["alarmData"], deep
    while isinstance(inner, dict):
        inner, text = inner["a}"][1], text[len('{"a}":["\\"[",') : -2]
    assert inner == text


@pytest.mark.parametrize("body", ["[" * 100_000, "[" * 2000 + "]" * 1999, "[" * 2000 + '"', "]" * 2000])
def test_deep_json_that_is_broken_is_no_answer(body: str) -> None:
    with pytest.raises(NetworkError):
        read_json(Answer(200, {}, body.encode(), "https://x"))


@pytest.mark.parametrize(
    "name", ["message", "msg", "errorMsg", "errorDesc", "failReason", "reason", "MErrCode"]
)
def test_the_platforms_own_words_stand_beside_ours(name: str) -> None:
    error = refused(json.dumps({"errorCode": "EVZ20007", name: "Ger\u00e4t\nweg \u001b[2J"}).encode())
    assert error is not None
    assert error.as_dict()["platformMessage"] == "Gerät weg \\x1b[2J"
    assert str(error) == f'{error.message} (EVZ20007) In its own words: "Gerät weg \\x1b[2J"'


def test_words_that_are_the_message_are_not_repeated() -> None:
    error = refused(b'{"errorCode": "LAP999999", "message": "Out of luck."}')
    assert str(error) == "Out of luck. (LAP999999)"


@pytest.mark.parametrize("code", ["0", 0, "", None])
def test_an_upgrade_that_answers_error_0_has_started(code: Any) -> None:
    body = json.dumps({"errorCode": "0", "data": {"deviceSerial": "Q10254783", "error": code}}).encode()
    with answering(body) as host:
        assert client_of(host).device.upgrade.start("Q10254783")["deviceSerial"] == "Q10254783"


def test_an_upgrade_that_is_refused_gives_the_reason_in_the_devices_words() -> None:
    data = {"deviceSerial": "Q10254783", "error": "EVZ20007", "errorDesc": "device gone"}
    body = json.dumps({"errorCode": "0", "data": data}).encode()
    with answering(body) as host, pytest.raises(HpcliError) as caught:
        client_of(host).device.upgrade.start("Q10254783")
    assert (caught.value.code, caught.value.platform_message) == ("EVZ20007", "device gone")
