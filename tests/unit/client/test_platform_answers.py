"""What the HTTP core makes of the platform's answers, odd and hostile ones included."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from hpcli.api.operations.alarms import MESSAGES
from hpcli.client.queue_answer import QueueReader
from hpcli.errors import (
    HpcliError,
    NetworkError,
    NotFoundError,
    PlatformError,
    TimeLimitError,
    UsageError,
)
from hpcli.masking import mask
from tests.support.transports import answering, client_of
from tests.support.wire_server import transport_to


def test_an_unknown_code_is_a_platform_error_with_its_text() -> None:
    with answering(b'{"errorCode": 4711, "msg": "strange"}') as host, pytest.raises(PlatformError) as caught:
        client_of(host).raw.call("GET", "v1/any")
    assert (caught.value.code, caught.value.message) == ("4711", "strange.")


@pytest.mark.parametrize(
    "body",
    [
        b'{"errorCode": "0", "data": {"rows": [{"id": "a"}]}}',
        b'{"errorCode ": 0, " data": {" rows ": [{"id ": "a"}]}}',
        b'\xef\xbb\xbf{"errorCode": "0", "data": {"rows": [{"id": "a"}], "total": "1", "totalPage": "1"}}',
    ],
)
def test_answers_are_read_whatever_blanks_and_types_they_have(body: bytes) -> None:
    with answering(body) as host:
        assert [site["id"] for site in client_of(host).site.list()] == ["a"]


@pytest.mark.parametrize(
    "data", [b'"data": null', b'"message": "ok"', b'"data": {}', b'"data": {"rows": null}']
)
def test_missing_data_is_an_empty_list(data: bytes) -> None:
    with answering(b'{"errorCode": "0", ' + data + b"}") as host:
        assert list(client_of(host).site.list()) == []


@pytest.mark.parametrize("data", [b"", b', "data": {}', b', "data": null', b', "data": []'])
def test_a_damaged_answer_is_no_proof_that_nothing_is_there(data: bytes) -> None:
    with answering(b'{"errorCode": "0"' + data + b",}") as host, pytest.raises(NetworkError):
        list(client_of(host).device.list())


def test_a_proxys_page_is_a_network_error_that_quotes_a_little_of_it() -> None:
    page = b"<html><title>Sign in to Wi-Fi</title>" + b"x" * 5000
    with answering(page) as host, pytest.raises(NetworkError) as caught:
        client_of(host).raw.call("GET", "v1/any")
    assert "Sign in to Wi-Fi" in caught.value.message
    assert len(caught.value.message) < 250


def test_an_unknown_path_is_not_found_and_names_the_host_as_a_cause() -> None:
    with answering(b'{"status": 404}', status=404) as host, pytest.raises(NotFoundError) as caught:
        client_of(host).raw.call("GET", "v1/any")
    assert "login host" in (caught.value.hint or "")


def test_a_redirect_is_not_followed() -> None:
    with answering(b"", status=302, headers={"Location": "http://127.0.0.1:1/"}) as host:
        with pytest.raises(HpcliError) as caught:
            client_of(host).raw.call("GET", "v1/any")
        assert not isinstance(caught.value, TimeLimitError)


def test_netrc_does_not_replace_our_header(home: Any) -> None:
    (home / ".netrc").write_text("default login mallory password pw\n")
    (home / ".netrc").chmod(0o600)
    seen: list[str] = []
    with answering(b'{"errorCode": "0"}', seen=seen) as host:
        client_of(host).raw.call("GET", "v1/any")
    assert seen == ["", "Bearer hpc.t"]


def test_an_area_domain_elsewhere_gets_no_token() -> None:
    seen: list[str] = []
    with answering(b'{"errorCode": "0"}', seen=seen, area="https://evil.example.org") as host:
        with pytest.raises(HpcliError) as caught:
            client_of(host).raw.call("GET", "v1/any")
        assert "evil.example.org" in str(caught.value)
        assert "no token was sent there" in str(caught.value)
    assert seen == [""]


def test_masking_reaches_every_depth() -> None:
    hidden = mask({"deviceList": [{"deviceSerial": "Q1", "validateCode": "ABCDEF"}]})
    assert hidden == {"deviceList": [{"deviceSerial": "Q1", "validateCode": "***"}]}


def test_errors_do_not_repeat_the_secrets_that_a_server_echoes() -> None:
    echo = b'{"errorCode": "LAP999999", "message": "hpc.t may not use secret-PIN-88 or ABCDEF on Q1"}'
    with answering(echo) as host:
        client = client_of(host)
        with pytest.raises(PlatformError, match="may not use") as caught:
            client.raw.call(
                "POST", "v1/any", body={"pinCode": "secret-PIN-88", "list": [{"validateCode": "ABCDEF"}]}
            )
    assert str(caught.value) == "*** may not use *** or *** on Q1. (LAP999999)"


def test_neither_a_poll_nor_a_notice_repeats_the_token_that_a_server_echoes() -> None:
    notices: list[str] = []
    with answering(b"hpc.t is not served", status=503) as host:
        transport = transport_to(host, retry_info=notices.append, sleep=lambda _seconds: None, timeout=5.0)
        reader = QueueReader()
        for ask in (partial(transport.poll, MESSAGES, reader.refusal), partial(transport.call, MESSAGES)):
            with pytest.raises(HpcliError, match="is not served") as caught:
                ask()
            notices.append(str(caught.value.as_dict()))
    assert len(notices) > 2
    assert "hpc.t" not in "".join(notices)


def test_a_secret_that_hpcli_hid_is_not_sent_back() -> None:
    bodies: list[bytes] = []
    with answering(b'{"errorCode": "0"}', bodies=bodies) as host:
        client = client_of(host)
        for body in ({"user": {"password": "***"}}, b"<a><password>***</password></a>"):
            with pytest.raises(UsageError, match="nothing was sent"):
                client.raw.call("PUT", "v1/any", body=body)
    assert bodies == []
