"""What counts as an answer of a device with an object model (Guide §3.24)."""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.platform_server import lift_call_limit
from tests.support.proxy import Proxy, replace
from tests.support.runner import Run, Runner

PANEL, OTHER = "Q10254783", "Q10254801"
ZONE = {"resourceCategory": "Zone", "localIndex": "1", "domainId": "ZoneMgr", "propId": "SingleZoneBasicInfo"}
SET = ("InfoMgr", "DeviceDescription", "--data", '{"deviceName": "Shop"}', "--yes")
ONE = json.dumps([{**ZONE, "value": {"zoneName": "Neu"}}])
TWO = json.dumps([{"deviceSerial": serial, "propReqs": [{**ZONE, "value": 1}]} for serial in (PANEL, OTHER)])

CHANGES = (
    ("set", PANEL, *SET),
    ("set-direct", PANEL, *SET),
    ("action", PANEL, "ZoneMgr", "SearchZoneStatus", "--yes"),
    ("batch-set", "--data", TWO, "--yes"),
    ("batch-set-direct", PANEL, "--data", ONE, "--yes"),
)
READS = (
    ("get", PANEL, "InfoMgr", "DeviceVersion"),
    ("get-direct", PANEL, "InfoMgr", "DeviceDescription"),
    ("table", PANEL, "UserMgr", "UserInfoCfgList", "UserInfoCfgChangeSync"),
    ("profile", PANEL),
    ("batch-get", "--data", json.dumps([{"deviceSerial": PANEL, **ZONE}])),
    ("batch-get-direct", PANEL, "--data", json.dumps([ZONE])),
)
WRONG = (
    b"",
    b"None",
    b"{}",
    b"null",
    b"[]",
    b"<html>Login</html>",
    b'{"success": false}',
    b'{"errorCode": "0"',
    b'{"errorCode": "1073741826", "message": "no"}',
)
WRONG_CHANGES = (
    *WRONG,
    b'{"data": {}}',
    b'{"errorCode": "0", "data": {"statusCode": 4, "subStatusCode": "lowPrivilege"}}',
    b'{"errorCode": "0", "data": [{"id": 1, "errorCode": "1073741826"}]}',
    b'{"errorCode": "0", "data": {"results": [{"ResponseStatus": {"statusCode": 4}}]}}',
)
WRONG_READS = (
    *WRONG,
    b" \r\n",
    b'{"data": {}}',
    b'{"errorCode": "0"}',
    b'{"errorCode": "0", "message": "Ok"}',
    b'{"errorCode": "0", "data": null}',
)
ODD_DATA: tuple[Any, ...] = ("ok", "", 7, 0, True, False, [[]], [1, "a"], {"unknown": {"deeper": []}})


@pytest.fixture
def run(hpcli: Runner, proxy: Proxy, tmp_path: Path) -> Run:
    environment = proxy.platform.environment | lift_call_limit(tmp_path / "config")
    return partial(hpcli, "device", "otap", environment=environment)


@pytest.mark.parametrize("line", CHANGES, ids=lambda line: line[0])
def test_no_wrong_answer_makes_a_change_done(run: Run, proxy: Proxy, line: tuple[str, ...]) -> None:
    for body in WRONG_CHANGES:
        proxy.forget()
        proxy.spoil(replace(body=body, is_done=False), path="/otap/")
        result = run(*line)
        assert result.exit_code in (5, 7, 8, 9), (body, result)
        assert result.stdout == ""
        assert not [said for said in result.stderr.splitlines() if said.startswith(("Set ", "Ran "))], body


@pytest.mark.parametrize("line", READS, ids=lambda line: line[0])
def test_no_wrong_answer_is_read_as_nothing_there(run: Run, proxy: Proxy, line: tuple[str, ...]) -> None:
    for body in WRONG_READS:
        proxy.forget()
        proxy.spoil(replace(body=body, is_done=False), path="/otap/")
        result = run(*line)
        assert result.exit_code in (5, 7, 8), (body, result)
        assert (result.stdout, len(re.findall("^error: ", result.stderr, re.MULTILINE))) == ("", 1)
        assert not re.search(r"^No \w+s\.|hpcli itself", result.stderr, re.MULTILINE), body


def test_the_documented_answer_of_set_has_no_data(run: Run, proxy: Proxy) -> None:
    proxy.spoil(replace(body=b'{"errorCode": "0", "message": "Ok"}', is_done=False), path="/otap/")
    assert [run(*line).exit_code for line in CHANGES[:3]] == [0, 0, 0]


def test_a_device_that_the_batch_does_not_tell_of_is_not_done(run: Run, proxy: Proxy) -> None:
    rows = [{"deviceSerial": PANEL, "errorCode": "0", "message": "Ok"}]
    proxy.spoil(replace(body=json.dumps({"errorCode": "0", "data": rows}).encode()), path="/otap/")
    result = run(*CHANGES[3], "-o", "json")
    assert (result.exit_code, [row["ok"] for row in result.json]) == (9, [True, False])
    assert result.json[1]["error"]["kind"] == "unconfirmed"


def test_a_property_that_the_device_does_not_tell_of_is_not_set(run: Run, proxy: Proxy) -> None:
    rows = [{"propResps": [{**ZONE, "localIndex": "2", "value": {}}]}]
    proxy.spoil(replace(body=json.dumps({"errorCode": "0", "data": rows}).encode()), path="/otap/")
    error = run(*CHANGES[4], "-o", "json").error
    assert (error["kind"], error["exitCode"]) == ("unconfirmed", 8)
    assert "ZoneMgr/SingleZoneBasicInfo" in error["message"]


@pytest.mark.parametrize("line", [READS[2], READS[3], READS[4], READS[5]], ids=lambda line: line[0])
def test_data_of_another_kind_is_not_read_as_nothing_there(
    run: Run, proxy: Proxy, line: tuple[str, ...]
) -> None:
    for data in (*ODD_DATA, [{"propResps": 7}], [{"propResps": [[]]}]):
        proxy.forget()
        body = json.dumps({"errorCode": "0", "data": data}).encode()
        proxy.spoil(replace(body=body, is_done=False), path="/otap/")
        result = run(*line, "-o", "json")
        assert (result.exit_code, result.error["kind"], result.stdout) == (7, "protocol", ""), data


@pytest.mark.parametrize("line", CHANGES[3:], ids=lambda line: line[0])
def test_a_change_with_data_of_another_kind_may_have_been_made(
    run: Run, proxy: Proxy, line: tuple[str, ...]
) -> None:
    for data in ODD_DATA[:-1]:
        proxy.forget()
        body = json.dumps({"errorCode": "0", "data": data}).encode()
        proxy.spoil(replace(body=body, is_done=False), path="/otap/")
        error = run(*line, "-o", "json").error
        assert (error["exitCode"], error["kind"]) == (7, "protocol"), data
        assert "may have been made" in error["hint"]


@pytest.mark.parametrize("line", CHANGES, ids=lambda line: line[0])
def test_an_empty_body_confirms_no_change(run: Run, proxy: Proxy, line: tuple[str, ...]) -> None:
    proxy.spoil(replace(body=b"", is_done=False), path="/otap/")
    error = run(*line, "-o", "json").error
    assert (error["exitCode"], error["kind"]) == (8, "unconfirmed")


@pytest.mark.parametrize(
    ("said", "pages"),
    [
        ({"totalPages": -1}, 1),
        ({"totalPages": -1, "totalElements": 301}, 3),
        ({"totalPages": 0}, 1),
        ({"totalPages": None, "totalElements": 151}, 2),
        ({"totalPages": "many"}, 1),
        ({"totalPages": 2}, 2),
    ],
)
def test_a_list_ends_whatever_the_number_of_pages(
    run: Run, proxy: Proxy, said: dict[str, object], pages: int
) -> None:
    body = json.dumps({"errorCode": "0", "data": {"records": ["{}"], **said}}).encode()
    proxy.spoil(replace(body=body, is_done=False), path="/otap/")
    result = run(*READS[2], "-o", "json")
    assert (result.exit_code, len(result.json)) == (0, pages)
