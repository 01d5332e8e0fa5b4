"""`hpcli api`: any call, signed in."""

from __future__ import annotations

import pytest

from hpcli.errors import NetworkError
from hpcli.reference.document import document
from hpcli.sandbox import DEFAULT_DEVICE, control
from tests.support.platform_server import Platform
from tests.support.runner import Runner
from tests.support.transports import answering, client_of


def test_a_call_prints_the_platforms_answer(hpcli: Runner, platform: Platform) -> None:
    result = hpcli("api", "v1/site/search", "--data", '{"pageSize": 2}', environment=platform.environment)
    assert result.exit_code == 0, result.stderr
    assert result.json["errorCode"] == "0"
    assert len(result.json["data"]["rows"]) == 2


@pytest.mark.parametrize(
    "words",
    [
        ("POST", "v1/site/search"),
        ("v1/site/search", "-X", "POST"),
        ("/api/hpcgw/v1/site/search",),
        ("v1/site/search", "--data", "{}"),
    ],
)
def test_the_method_may_stand_in_front_behind_or_in_the_document(
    hpcli: Runner, platform: Platform, words: tuple[str, ...]
) -> None:
    result = hpcli("api", *words, environment=platform.environment)
    assert result.json["data"]["total"] > 0


def test_paginate_fetches_every_page(hpcli: Runner, platform: Platform) -> None:
    control.reset(platform.state, sites=130, devices=0)
    result = hpcli("api", "v1/site/search", "--paginate", "-o", "ndjson", environment=platform.environment)
    assert len({row["id"] for row in result.rows}) == 130


def test_a_change_by_hand_asks_and_a_known_reading_call_does_not(hpcli: Runner, platform: Platform) -> None:
    change = ("api", "v1/site/add", "--data", '{"name": "Neubau", "timeZone": 133}')
    refused = hpcli(*change, environment=platform.environment)
    assert (refused.exit_code, control.statistics(platform.state)["requests"]) == (2, {})
    assert hpcli(*change, "--yes", environment=platform.environment).exit_code == 0


def test_a_refusal_of_the_platform_is_an_error(hpcli: Runner, platform: Platform) -> None:
    data = '{"siteId": "x", "subType": 7}'
    result = hpcli(
        "api", "v1/mq/subscribe", "--yes", "--data", data, "-o", "json", environment=platform.environment
    )
    assert (result.exit_code, result.error["code"]) == (1, "LAP000001")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ((), "Give exactly one path"),
        (("a", "b", "c"), "Give exactly one path"),
        (("v1/site/search", "-X", "BREW"), "not an HTTP method"),
        (("PATCH", "v1/site/search"), "'PATCH' is not an HTTP method"),
        (("POST", "https://evil.example/v1/site/search"), "without the host"),
        (("site/search",), "Did you mean v1/site/search?"),
        (("v1/site/search", "-H", "Authorization: Bearer x"), "cannot be given on the command line"),
        (("v1/site/search", "-H", "nonsense"), "NAME:VALUE"),
        (("v1/site/search", "--data", "@/nowhere"), "cannot be read"),
    ],
)
def test_bad_input_sends_nothing(
    hpcli: Runner, platform: Platform, words: tuple[str, ...], text: str
) -> None:
    result = hpcli("api", *words, environment=platform.environment)
    assert result.exit_code in (2, 11)
    assert text in result.stderr
    assert control.statistics(platform.state)["requests"] == {}


def test_spec_prints_the_document(hpcli: Runner) -> None:
    assert hpcli("api", "--spec").json == document()


def test_list_names_every_operation_of_the_document(hpcli: Runner) -> None:
    listed = {(row["method"], row["path"]) for row in hpcli("api", "--list", "-o", "json").json}
    methods = ("get", "put", "post", "delete")
    assert listed == {
        (m.upper(), path) for path, item in document()["paths"].items() for m in methods if m in item
    }


def test_paginate_asks_before_a_change_too(hpcli: Runner, platform: Platform) -> None:
    change = ("api", "v1/site/add", "--data", '{"name": "Neubau", "timeZone": 133}', "--paginate")
    refused = hpcli(*change, environment=platform.environment)
    assert (refused.exit_code, control.statistics(platform.state)["requests"]) == (2, {})


def test_paginate_keeps_the_query_and_streams(hpcli: Runner, platform: Platform) -> None:
    control.reset(platform.state, sites=130, devices=0)
    result = hpcli(
        *("api", "POST", "v1/site/search?page=7", "--paginate", "-o", "json"),
        environment=platform.environment,
    )
    assert len(result.json) == 130


def test_what_a_device_says_is_printed_as_it_came(hpcli: Runner, platform: Platform) -> None:
    path = "v1/device/transparent/ISAPI/System/deviceInfo"
    result = hpcli(
        *("api", "GET", path, "-H", f"X-Devserial: {DEFAULT_DEVICE}"), environment=platform.environment
    )
    assert result.exit_code == 0, result.stderr
    assert result.stdout.lstrip().startswith("<")
    refused = hpcli("api", "GET", path, "-H", "X-Devserial: Q00000000", environment=platform.environment)
    assert refused.exit_code == 4


def test_a_file_is_printed_as_it_came() -> None:
    with answering(b"\x00\x01binary", headers={"Content-Type": "application/octet-stream"}) as host:
        assert client_of(host).raw.call("GET", "v1/hotspare/file/download").body == b"\x00\x01binary"


@pytest.mark.parametrize(
    ("page", "headers"),
    [
        (b"<!DOCTYPE html><p>Sign in", {}),
        (b"Sign in", {"Content-Type": "text/html; charset=utf-8"}),
        (b"oops", {"Content-Type": "application/json"}),
        (b'{"errorCode": "0", "da', {}),
    ],
)
def test_a_web_page_or_broken_json_is_no_answer(page: bytes, headers: dict[str, str]) -> None:
    with answering(page, headers=headers) as host, pytest.raises(NetworkError):
        client_of(host).raw.call("GET", "v1/any")


def test_a_post_without_data_sends_an_empty_object() -> None:
    bodies: list[bytes] = []
    with answering(b'{"errorCode": "0"}', bodies=bodies) as host:
        client_of(host).raw.call("POST", "v1/mq/messages")
        client_of(host).raw.call("GET", "v1/any")
    assert [body for body in bodies if b"appKey" not in body] == [b"{}", b""]


@pytest.mark.parametrize("header", ["Bad Name: x", "Größe: x", ": x", "X-Name: a\nX-Evil: b"])
def test_a_header_that_is_none_is_refused(hpcli: Runner, platform: Platform, header: str) -> None:
    result = hpcli("api", "v1/site/search", "-H", header, environment=platform.environment)
    assert result.exit_code == 2, result.stderr


def test_a_whole_address_is_refused_with_the_way_to_write_it(hpcli: Runner) -> None:
    result = hpcli("api", "https://api.hik-partner.com/api/hpcgw/v1/site/search", "--profile", "sandbox")
    assert (result.exit_code, "path" in result.stderr) == (2, True)


def test_a_get_never_asks_even_where_nobody_knows_the_path(hpcli: Runner, platform: Platform) -> None:
    assert hpcli("api", "GET", "v1/no/such/call", environment=platform.environment).exit_code == 4
