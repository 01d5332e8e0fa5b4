"""Unexpected JSON: endless numbers, nesting without end. Rows stay, or it is an HpcliError."""

from __future__ import annotations

import json

import pytest

from hpcli.client import Client
from hpcli.client.device.numbers import number_in
from hpcli.errors import HpcliError
from tests.support.transports import answering
from tests.support.wire_server import transport_to

DIGITS = "9" * 5000
DEEP = '{"a":' * 900 + "[" * 900 + "]" * 900 + "}" * 900
ODD = [
    "1e999",
    "-1e999",
    "NaN",
    "Infinity",
    DIGITS,
    f'"{DIGITS}"',
    "-1",
    "1.5",
    "null",
    "[]",
    "{}",
    '"x"',
    "true",
    DEEP,
]


def client_to(host: str, told: list[str]) -> Client:
    return Client(transport=transport_to(host, trace=told.append, trace_bodies=True, timeout=3.0))


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd[:8])
@pytest.mark.parametrize("field", ["total", "totalPage", "page"])
def test_rows_stay_whatever_is_counted(field: str, odd: str) -> None:
    told: list[str] = []
    row = '{"id": "1", "siteName": "One"}'
    body = f'{{"errorCode": "0", "data": {{"{field}": {odd}, "rows": [{row}]}}}}'
    with answering(body.encode()) as host:
        try:
            names = [site["siteName"] for site in client_to(host, told).site.list()]
        except HpcliError as error:
            assert error.message  # noqa: PT017 - either is fine, another exception is not
        else:
            assert names == ["One"]
    assert told


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd[:8])
@pytest.mark.parametrize(
    "body",
    [
        "%s",
        '{"errorCode": %s}',
        '{"errorCode": "0", "data": %s}',
        '{"errorCode": "0", "data": {"rows": %s}}',
        '{"errorCode": "0", "data": {"rows": [%s]}}',
        '{"errorCode": "0", "data": {"rows": [{"id": %s, "siteName": "One"}]}}',
        '{"errorCode": "LAP000002", "message": %s}',
        '{"errorCode": "0", "data": {"rows": [{"id": "1", "more": %s}]}}',
    ],
)
def test_nothing_else_than_an_error_of_ours_comes_of_an_odd_value(body: str, odd: str) -> None:
    told: list[str] = []
    with answering((body % odd).encode()) as host:
        client = client_to(host, told)
        for read in (
            lambda: list(client.site.list()),
            lambda: client.device.pin("Q10254783"),
            lambda: client.site.delete("1"),
            lambda: client.device.isapi("GET", "/ISAPI/System/time", "Q10254783"),
            lambda: client.raw.call("GET", "v1/any"),
            client.alarms.poll,
        ):
            try:
                json.dumps(str(read()))
            except HpcliError as error:
                assert error.message  # noqa: PT017 - either is fine, another exception is not
    assert told


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd[:8])
def test_a_sign_in_of_odd_values_is_an_error_of_ours_or_a_token(odd: str) -> None:
    for field in ("accessToken", "expireTime", "areaDomain"):
        fields = {"accessToken": '"hpc.t"', "expireTime": "9999999999999", "areaDomain": '""', field: odd}
        data = ", ".join(f'"{name}": {value}' for name, value in fields.items())
        token = f'{{"errorCode": "0", "data": {{{data}}}}}'.encode()
        with answering(b'{"errorCode": "0", "data": {"rows": []}}', token=token) as host:
            client = Client("key", "secret", host, timeout=3)
            try:
                assert list(client.site.list()) == []
            except HpcliError as error:
                assert error.message  # noqa: PT017 - either is fine, another exception is not


@pytest.mark.parametrize(
    ("odd", "number"), [(" 7 ", 7), ("07", 7), (DIGITS, None), ("-1", None), (True, None)]
)
def test_a_number_that_nobody_can_read_is_none(odd: object, number: int | None) -> None:
    assert number_in({"id": odd}, "id") == number
