"""What devices and their gateway refuse with, as one error (Guide §3.23, A.6, A.7)."""

import json

import pytest
from requests.structures import CaseInsensitiveDict

from hpcli.errors import DeviceError, DeviceOfflineError, ExitCode
from hpcli.isapi.errors import DeviceRefusedError, device_error, device_remark
from hpcli.isapi.status import envelope_code, parse_number, read_status

OK_XML = b"""<?xml version="1.0" encoding="UTF-8"?>
<ResponseStatus version="2.0" xmlns="http://www.std-cgi.org/ver20/XMLSchema">
<requestURL>/ISAPI/System/time</requestURL>
<statusCode>1</statusCode>
<statusString>OK</statusString>
<subStatusCode>ok</subStatusCode>
</ResponseStatus>"""


def status_xml(code: object, sub_status: str, more: str = "") -> bytes:
    return (
        '<ResponseStatus version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema">'
        f"<requestURL>/x</requestURL><statusCode>{code}</statusCode><statusString>Invalid Operation</statusString>"
        f"<subStatusCode>{sub_status}</subStatusCode>{more}</ResponseStatus>"
    ).encode()


def status_json(**fields: object) -> bytes:
    return json.dumps(fields).encode()


def refused(status: int, headers: dict[str, str], body: bytes) -> DeviceRefusedError:
    error = device_error(status, CaseInsensitiveDict(headers), body)
    assert isinstance(error, DeviceRefusedError)
    return error


@pytest.mark.parametrize(
    "body",
    [
        b"",
        OK_XML,
        OK_XML.replace(b">1<", b">0<"),
        b"<DeviceInfo><deviceName>errorCode</deviceName></DeviceInfo>",
        b'{"ZoneList": []}',
        status_json(statusCode=1, statusString="OK", subStatusCode="ok"),
        status_json(statusCode=1, subStatusCode="ok", errorCode=1, errorMsg="ok"),
        status_json(statusCode="0", errorCode=1073741826),
        status_json(ResponseStatus={"statusCode": 1, "subStatusCode": "ok"}),
        status_json(errorCode="0", data={"a": 1}),
        b"\xff\xd8\xff\xe0 a picture with the word statusCode in it",
    ],
)
def test_a_success_is_no_error(body: bytes) -> None:
    assert device_error(200, {"X-EZO-Code": "0", "X-ErrorCode": "200", "X-DeviceCode": ""}, body) is None


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, status_xml(4, "lowPrivilege")),
        ({}, status_xml(" 4 ", " lowprivilege. ")),
        ({}, status_json(statusCode=4, subStatusCode="lowPrivilege")),
        ({}, status_json(statusCode="4", subStatusCode="lowPrivilege", errorCode="1073741826")),
        ({}, status_json(statusCode=4, errorCode=1073741826)),
        ({}, status_json(statusCode=4, errorCode="0x40000002")),
        ({}, status_json(errorCode=1073741826)),
        ({}, status_json(errorCode="lowPrivilege")),
        ({}, status_json(ResponseStatus={"StatusCode": 4, "subStatusCode ": "lowPrivilege"})),
        ({"X-DeviceCode": "1073741826"}, b""),
        ({"x-devicecode": "0x40000002", "X-EZO-Code": "0"}, b'{"ZoneList": []}'),
        ({"X-ErrorCode": "lowPrivilege"}, b""),
        ({"X-EZO-Code": "0x40000002"}, b""),
    ],
)
def test_every_form_of_no_permission_is_the_same_error(headers: dict[str, str], body: bytes) -> None:
    error = refused(200, headers, body)
    assert str(error).startswith("The device refused: No permission (lowPrivilege).")
    assert error.name == "lowPrivilege"
    assert error.exit_code == ExitCode.PERMISSION
    assert error.hint is not None
    assert "--user-level" in error.hint


def test_the_code_is_shown_in_hexadecimal_as_the_guide_prints_it() -> None:
    assert refused(200, {}, status_json(statusCode=4, errorCode=1073774606)).code == "0x4000800E"
    assert refused(200, {}, status_xml(4, "zoneFault")).code == "0x4000800E"


def test_other_refusals_exit_with_8() -> None:
    error = refused(403, {}, status_xml(4, "zoneFault"))
    assert (error.exit_code, error.http_status) == (ExitCode.DEVICE, 403)


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, b""), (403, status_xml(4, "notSupport")), (200, status_json(statusCode=4, errorCode=1073741825))],
)
def test_an_unknown_uri_is_an_error_of_the_device(status: int, body: bytes) -> None:
    assert refused(status, {}, body).exit_code == ExitCode.DEVICE


@pytest.mark.parametrize(
    ("status", "name", "exit_code"),
    [
        (400, "", ExitCode.DEVICE),
        (401, "badAuthorization", ExitCode.DEVICE),
        (403, "lowPrivilege", ExitCode.PERMISSION),
        (405, "methodNotAllowed", ExitCode.DEVICE),
    ],
)
def test_a_bare_http_status_is_an_error(status: int, name: str, exit_code: ExitCode) -> None:
    error = refused(status, {}, b"<html>sorry</html>")
    assert (error.name, error.exit_code, error.http_status) == (name, exit_code, status)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_bare_failure_of_the_platform_is_left_to_the_caller(status: int) -> None:
    assert device_error(status, {}, b"") is None


def test_what_the_device_says_wins_over_the_http_status() -> None:
    assert refused(503, {}, status_xml(2, "deviceBusy")).name == "deviceBusy"
    assert refused(401, {}, status_xml(4, "userNameLocked")).name == "userNameLocked"


def test_an_http_failure_is_no_success_whatever_the_body() -> None:
    assert refused(403, {}, OK_XML).exit_code == ExitCode.PERMISSION


def test_the_module_code_adds_its_advice() -> None:
    error = refused(200, {}, status_xml(4, "someNewName", "<MErrCode>0x00200006</MErrCode>"))
    assert error.code == "0x00200006"
    assert error.hint is not None


def test_a_module_code_without_a_name_is_explained() -> None:
    error = refused(200, {}, status_json(statusCode=4, MErrCode="0x0060000B"))
    assert (error.name, error.code) == ("", "0x0060000B")
    assert "transcoding" in error.message


def test_unknown_names_and_numbers_are_passed_on() -> None:
    named = refused(200, {}, status_json(statusCode=9, subStatusCode="brandNew", errorMsg="It rained."))
    assert named.message == "The device refused: It rained."
    assert named.code == "brandNew"
    assert refused(200, {}, status_json(statusCode=4, errorCode=1073799999)).code == "0x4000E33F"


def test_a_name_of_several_codes_follows_the_status_code() -> None:
    assert refused(200, {}, status_xml(2, "noMemory")).code == "0x20000001"
    assert refused(200, {}, status_xml(4, "noMemory")).code == "0x4000202A"


def test_a_level_without_a_user_says_so() -> None:
    error = refused(200, {}, status_json(statusCode=4, errorCode=0x4000804F))
    assert error.name == "userNotExist"
    assert error.hint is not None
    assert "--user-level" in error.hint


def test_an_unknown_header_code_beside_data_is_passed_over() -> None:
    assert device_error(200, {"X-DeviceCode": "12345"}, b'{"ZoneList": []}') is None
    assert refused(200, {"X-DeviceCode": "12345"}, b"").code == "0x00003039"


@pytest.mark.parametrize(
    ("headers", "body", "word"),
    [
        ({}, status_json(statusCode=1, subStatusCode="riskPassword", errorCode=268435458), "weak"),
        ({}, status_xml(1, "riskPassword"), "weak"),
        ({"X-DeviceCode": "0x10000002"}, b"", "weak"),
        ({}, status_json(statusCode=1, subStatusCode="armProcess", errorCode=268435461), "arming"),
        ({}, status_json(errorCode=268435461), "arming"),
        ({}, status_json(subStatusCode="armProcess"), "arming"),
        ({}, status_json(statusCode=4, subStatusCode="armProcess"), "arming"),
        ({"X-ErrorCode": "armProcess"}, b"", "arming"),
        ({}, status_xml(7, "rebootRequired"), "restart"),
        ({}, status_json(statusCode=7), "restart"),
    ],
)
def test_a_success_with_a_condition_is_a_remark(headers: dict[str, str], body: bytes, word: str) -> None:
    assert device_error(200, headers, body) is None
    remark = device_remark(headers, body)
    assert remark is not None
    assert word in remark


def test_a_refused_weak_password_is_an_error() -> None:
    assert refused(200, {}, status_xml(6, "riskPassword")).code == "0x60000015"
    assert device_remark({}, status_xml(6, "riskPassword")) is None


def test_a_plain_success_has_no_remark() -> None:
    assert device_remark({}, OK_XML) is None
    assert device_remark({}, b'{"ZoneList": []}') is None


@pytest.mark.parametrize(
    ("headers", "body", "code"),
    [
        ({}, b'{"errorCode": "EVZ20007", "message": "offline"}', "EVZ20007"),
        ({}, b'{"errorCode ": "LAP500004"}', "LAP500004"),
        ({"X-EZO-Code": "EVZ20008"}, b"", "EVZ20008"),
        ({"x-ezo-code": "20007"}, b"", "EVZ20007"),
        ({"X-ErrorCode": "LAP006009"}, b"", "LAP006009"),
        ({"X-EZO-Code": "0"}, b'{"errorCode": "0"}', None),
        ({"X-EZO-Code": "200"}, OK_XML, None),
        ({}, status_json(statusCode=4, errorCode=1073741826), None),
    ],
)
def test_the_code_of_the_gateway_is_told_from_that_of_the_device(
    headers: dict[str, str], body: bytes, code: str | None
) -> None:
    assert envelope_code(CaseInsensitiveDict(headers), body) == code


def test_a_call_that_did_not_reach_the_device_is_the_platforms_error() -> None:
    offline = device_error(200, {}, b'{"errorCode": "EVZ20007"}')
    assert isinstance(offline, DeviceOfflineError)
    assert offline.code == "EVZ20007"
    unknown = device_error(200, {"X-EZO-Code": "EVZ99999"}, b"")
    assert isinstance(unknown, DeviceError)
    assert (unknown.code, unknown.exit_code) == ("EVZ99999", ExitCode.DEVICE)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (1073741826, 1073741826),
        ("1073741826", 1073741826),
        (" 0x40000002 ", 1073741826),
        ("0X40000002", 1073741826),
        ("lowPrivilege", None),
        ("", None),
        (None, None),
        ("0x", None),
        ("9" * 40, None),
    ],
)
def test_numbers_are_read_in_every_form(value: object, number: int | None) -> None:
    assert parse_number(value) == number


@pytest.mark.parametrize(
    "body",
    [
        b'{"statusCode":',
        b'{"statusCode": ' + b"[" * 100_000,
        b"[1, 2, 3, 4, 5, 'errorCode']",
        b'<!DOCTYPE a [<!ENTITY x "y">]><ResponseStatus><statusCode>4</statusCode></ResponseStatus>',
        b"<ResponseStatus><statusCode>",
        b'{"statusCode": {"errorCode": [true]}}',
    ],
)
def test_hostile_and_broken_bodies_tell_nothing(body: bytes) -> None:
    assert read_status({}, body) is None
