"""The one masking: which names hold secrets, and what is left of data and texts that have them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hpcli.api.operations.site import SEARCH
from hpcli.client.request import Request
from hpcli.errors import PlatformError, ProtocolError, UnconfirmedError
from hpcli.masking import (
    HIDDEN,
    is_secret,
    mask,
    mask_text,
    mask_values,
    masked_name,
    quote_line,
    without_masked,
)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "password",
            "userPassword",
            "@loginPassword",
            "X-Password",
            "ns:password",
            "keypadPwd",
            "sys_passwd",
        ),
        *("secretKey", "Authorization", "accessToken", "token", "validateCode", "verificationCode"),
        *(
            "deviceVerifyCode",
            "streamCode",
            "streamEncryptKey",
            "encryptionKey",
            "pictureKey",
            "pinCode",
            "PIN",
        ),
        *(
            "apiKey",
            "authToken",
            "id_token",
            "securityCode",
            "AccessCode",
            "duressCode",
            "disarmCode",
            "unlockCode",
        ),
        *(
            "keypadCode",
            "activationCode",
            "authCode",
            "smsCode",
            "wifiKey",
            "networkKey",
            "sessionKey",
            "licenseKey",
        ),
        *("userPass", "readCommunity", "snmpWriteCommunity", "SNMPCommunity"),
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "pinned",
            "alarmCode",
            "armCode",
            "passengers",
            "pass",
            "bypassed",
            "communityNo",
            "keyfob",
            "tokenType",
            "spin",
            "errorCode",
            "subStatusCode",
            "userVerifyMode",
            "isEncrypt",
            "appKey",
            "key",
            "keyfob",
        ),
        *("tokenUntil", "credentials", "code", "cardNo", "stream", "verifyNo", "healthCode", "keypads"),
    ],
)
def test_names_of_other_things(name: str) -> None:
    assert not is_secret(name)


def test_what_is_no_text_or_number_tells_no_secret() -> None:
    assert mask({"password": None, "isPasswordSet": True, "pin": 1234}) == {
        "password": None,
        "isPasswordSet": True,
        "pin": HIDDEN,
    }
    assert mask({"passwords": {"a": "b"}, "rows": [({"pwd": "x"},)]}) == {
        "passwords": HIDDEN,
        "rows": [[{"pwd": HIDDEN}]],
    }


def test_a_property_of_an_object_model_is_known_by_its_id() -> None:
    rows = [{"propId": "AdminPassword", "value": "x"}, {"propId": "Name", "value": "x"}]
    assert [row["value"] for row in mask(rows)] == [HIDDEN, "x"]


@pytest.mark.parametrize(
    ("label", "value"), [("name", "value"), ("Key", "Value"), ("paramName", "paramValue")]
)
def test_a_value_is_hidden_beside_the_name_of_a_secret(label: str, value: str) -> None:
    rows = [{label: "password", value: "x", "c": 1}, {label: "Yard", value: "x"}]
    assert mask({"rows": rows}) == {"rows": [{label: "password", value: HIDDEN, "c": 1}, rows[1]]}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<a><password><![CDATA[x<y]]></password><b>1</b></a>", "<a><password>***</password><b>1</b></a>"),
        ("<ns:Password a='1'>x</ns:Password>", "<ns:Password a='1'>***</ns:Password>"),
        ("<password><![CDATA[a</password>b]]></password>", "<password>***</password>"),
        ("<password><!-- </password> -->b</password >", "<password>***</password >"),
        ("<password><password>a</password>b</password>", "<password>***</password>"),
        ("<password><password/>b</password>", "<password>***</password>"),
        ("cut: <password>a<![CDATA[</password>b", "cut: <password>***"),
        ("<password>a</password", "<password>***</password"),
        ("<password/><b>x</b>", "<password/><b>x</b>"),
        ("cut: <password>secr", "cut: <password>***"),
        ('{"password": "a\\"b", "c": 1}', '{"password": "***", "c": 1}'),
        ('cut: {"password": "a\\"b', 'cut: {"password": "***"'),
        ('{"pin":1234}', '{"pin":***}'),
        ("{'pinCode': 'abc'}", "{'pinCode': '***'}"),
        ('{"name": "password", "value": "x", "c": 1', '{"name": "password", "value": "***", "c": 1'),
        ('{"name": "Yard", "value": "x", "c": 1', '{"name": "Yard", "value": "x", "c": 1'),
        ("{password: x, c: 1", "{password: ***, c: 1"),
        ("{name: password, value: x, c: 1", "{name: password, value: ***, c: 1"),
        (r"{\"password\": \"x\", \"c\": 1", r"{\"password\": \"***\", \"c\": 1"),
        (r'{"pass\u0077ord": "x", "c": 1', r'{"pass\u0077ord": "***", "c": 1'),
        ('<!ENTITY p "x">', '<!ENTITY p "***">'),
        ("<!DOCTYPE a [<!ENTITY % p 'x y'>]><a/>", "<!DOCTYPE a [<!ENTITY % p '***'>]><a/>"),
        (
            "<p><name>password</name><value>x</value></p><p><name>Yard</name><value>y</value></p>",
            "<p><name>password</name><value>***</value></p><p><name>Yard</name><value>y</value></p>",
        ),
        (
            "<p><name>Yard</name><value>y</value></p><p><name>password</name><value>x</value></p>",
            "<p><name>Yard</name><value>y</value></p><p><name>password</name><value>***</value></p>",
        ),
        ("<p><value>x</value><name>password</name></p>", "<p><value>***</value><name>password</name></p>"),
        (
            "<key>pwd</key><i>1</i><n:value><![CDATA[<x]]></n:value>",
            "<key>pwd</key><i>1</i><n:value>***</n:value>",
        ),
        ('<p name="password" value="x"/>', '<p name="password" value="***"/>'),
        ('<p name="password">x</p>', '<p name="password">***</p>'),
        ("/a?b=1&password=x&c=2", "/a?b=1&password=***&c=2"),
        ("The user name or the password: wrong.", "The user name or the password: wrong."),
        ("errorCode=5 and code: 7", "errorCode=5 and code: 7"),
    ],
)
def test_texts(text: str, shown: str) -> None:
    assert mask_text(text) == shown


def test_an_echo_is_found_by_its_value() -> None:
    sent: dict[str, Any] = {
        "validateCode": "ABCDEF",
        "pin": "1",
        "name": "Yard",
        "list": [{"pwd": "ABCDEFG"}],
    }
    assert mask_values("no ABCDEFG, no ABCDEF, but 1 Yard", sent) == "no ***, no ***, but 1 Yard"


def test_errors_hide_what_they_quote() -> None:
    error = PlatformError('The platform said {"password": "hunter2"}.')
    assert str(error) == 'The platform said {"password": "***"}.'
    assert error.as_dict()["message"] == str(error)


def test_what_hpcli_printed_is_told_from_a_secret() -> None:
    assert masked_name([{"a": {"userPassword": HIDDEN}}]) == "userPassword"
    assert masked_name(f"<a><x:pwd>{HIDDEN}</x:pwd></a>") == "x:pwd"
    assert masked_name({"name": HIDDEN, "password": "x"}) is None
    assert without_masked([{"id": 1, "s": {"password": HIDDEN, "name": HIDDEN}}]) == [
        {"id": 1, "s": {"name": HIDDEN}}
    ]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("a\r\n  b", "a b"),
        ("\x1b[2Jgone\u202e", r"\x1b[2Jgone\u202e"),
        ('{"password": "hunter22"}', '{"password": "***"}'),
        ("x" * 81, "x" * 79 + "…"),
        ("<password>" + "s" * 999, "<password>***"),
        ("", ""),
    ],
)
def test_a_foreign_text_is_quoted_on_one_line_without_its_secrets(text: str, quoted: str) -> None:
    assert quote_line(text) == quoted


def test_an_error_carries_the_words_of_the_platform_beside_its_own() -> None:
    error = ProtocolError("No.", platform_message="Wrong\n token eyJhbGciOi")
    assert error.as_dict()["platformMessage"] == "Wrong token eyJhbGciOi"
    assert error.hide({"token": "eyJhbGciOi"}).platform_message == "Wrong token ***"
    assert UnconfirmedError("No.").as_dict()["platformMessage"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"json": {"data": json.dumps({"user": {"password": "Hunter2"}})}},
        {"json": {"data": ["<password><![CDATA[Hunter2]]></password>"]}},
        {"content": b"<User><password><![CDATA[</password>Hunter2]]></password></User>"},
        {"content": "<User><password>Hunter2</password></User>".encode("utf-16")},
        {"content": b'\xef\xbb\xbf{"password": ["Hunter2"]}'},
        {"content": "<password>Hunter2</password>".encode("utf-16-le")},
        {"content": b'{"text": "<password>Hunter2</password>"}'},
    ],
)
def test_a_plan_shows_no_secret_however_the_body_is_written(body: dict[str, Any]) -> None:
    plan = Request(SEARCH, "/a", **body).plan("https://area.example.org")
    assert "Hunter2" not in json.dumps(plan).replace("\\u0000", "")
    assert "***" in json.dumps(plan["body"]) or "bytes" in plan["body"]
