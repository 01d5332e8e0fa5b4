"""The HTTP core against the stand-in: signing in, renewal, retries, limits, answers."""

from __future__ import annotations

import http.server
import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from requests.structures import CaseInsensitiveDict

from hpcli.api.operations.site import ADD, SEARCH
from hpcli.auth.account import Account
from hpcli.auth.tokens import MemoryTokenCache, Token
from hpcli.client import Client
from hpcli.client.call_limit import CallLimiter
from hpcli.client.retries import retry_after
from hpcli.client.transport import Transport
from hpcli.errors import (
    CallLimitError,
    DryRun,
    HpcliError,
    NetworkError,
    NotFoundError,
    PlatformError,
    SignInError,
    TimeLimitError,
    UsageError,
)
from hpcli.masking import mask
from hpcli.sandbox import control
from tests.support.platform_server import Platform

NEW_SITE = {"name": "Neubau", "timeZone": 133}


class Clock:
    """Time that only passes while somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


def transport_of(platform: Platform, **settings: Any) -> Transport:
    clock = Clock()
    account = Account(platform.base_url, platform.app_key)
    secret = settings.pop("secret", platform.secret_key)
    tokens = settings.pop("tokens", MemoryTokenCache())
    return Transport(account, lambda: secret, tokens, sleep=clock.sleep, clock=clock, **settings)


def requests_to(platform: Platform, path: str) -> int:
    return control.statistics(platform.state)["requests"].get(f"POST /api/hpcgw/{path}", 0)


def test_a_call_signs_in_once_and_answers_data(platform: Platform) -> None:
    transport = transport_of(platform)
    first = transport.call(SEARCH, {"page": 1, "pageSize": 2})
    transport.call(SEARCH, {"page": 2, "pageSize": 2})
    assert len(first["rows"]) == 2
    assert requests_to(platform, "v1/token/get") == 1


def test_a_wrong_secret_is_a_sign_in_error_with_the_platforms_code(platform: Platform) -> None:
    with pytest.raises(SignInError) as caught:
        transport_of(platform, secret="wrong").call(SEARCH)
    assert caught.value.code == "LAP300002"
    assert "wrong" not in str(caught.value)


def test_a_refused_token_is_renewed_once_and_the_call_repeated(platform: Platform) -> None:
    tokens = MemoryTokenCache()
    tokens.store(Token("hpc.stale", 9e12, platform.base_url))
    transport = transport_of(platform, tokens=tokens)
    assert transport.call(SEARCH, {"pageSize": 1})["rows"]
    assert requests_to(platform, "v1/token/get") == 1
    assert requests_to(platform, "v1/site/search") == 2


def test_a_token_that_ends_within_a_minute_is_renewed_before_it_is_refused(platform: Platform) -> None:
    tokens = MemoryTokenCache()
    tokens.store(Token("hpc.stale", 1030.0, platform.base_url))
    transport = transport_of(platform, tokens=tokens, now=lambda: 1000.0)
    assert transport.call(SEARCH, {"pageSize": 1})["rows"]
    assert requests_to(platform, "v1/site/search") == 1


def test_a_token_that_stays_refused_ends_the_call(platform: Platform) -> None:
    platform.configure(next_faults=["LAP500004", "LAP500004"])
    with pytest.raises(SignInError) as caught:
        transport_of(platform).call(SEARCH)
    assert caught.value.code == "LAP500004"


@pytest.mark.parametrize("fault", ["reset", "cut", "html502", "limit429", "LAP500007", "refuse"])
def test_a_reading_call_is_repeated_after(platform: Platform, fault: str) -> None:
    transport = transport_of(platform)
    transport.sign_in.token()
    platform.configure(next_faults=[fault])
    assert transport.call(SEARCH, {"pageSize": 1})["rows"]
    assert control.statistics(platform.state)["faults"] == {fault: 1}


@pytest.mark.parametrize("fault", ["reset", "cut", "html502"])
def test_a_change_whose_answer_was_lost_is_not_repeated(platform: Platform, fault: str) -> None:
    transport = transport_of(platform)
    transport.sign_in.token()
    platform.configure(next_faults=[fault])
    with pytest.raises(NetworkError):
        transport.call(ADD, NEW_SITE)
    assert requests_to(platform, "v1/site/add") <= 1


@pytest.mark.parametrize("fault", ["limit429", "retry429", "LAP500007"])
def test_a_change_that_was_refused_for_too_many_calls_is_repeated(platform: Platform, fault: str) -> None:
    transport = transport_of(platform)
    transport.sign_in.token()
    platform.configure(next_faults=[fault])
    transport.call(ADD, NEW_SITE)
    sites = transport.call(SEARCH, {"pageSize": 100})["rows"]
    assert [site["siteName"] for site in sites].count("Neubau") == 1


def test_retry_after_is_honoured(platform: Platform) -> None:
    transport = transport_of(platform)
    transport.sign_in.token()
    platform.configure(next_faults=["retry429"])
    transport.call(SEARCH)
    clock = transport.clock
    assert isinstance(clock, Clock)
    asked = clock.slept[0]
    assert asked == int(asked) >= 1


def test_retries_end_with_the_time_limit_and_the_last_error(platform: Platform) -> None:
    platform.configure(faults={"LAP500007": 1.0})
    transport = transport_of(platform, timeout=30)
    with pytest.raises(CallLimitError) as caught:
        transport.call(SEARCH)
    clock = transport.clock
    assert isinstance(clock, Clock)
    assert caught.value.code == "LAP500007"
    assert 1 < sum(clock.slept) <= 30


def test_pauses_between_tries_grow_up_to_half_a_minute(platform: Platform) -> None:
    platform.configure(faults={"html502@site/search": 1.0})
    transport = transport_of(platform, timeout=300)
    with pytest.raises(NetworkError):
        transport.call(SEARCH)
    clock = transport.clock
    assert isinstance(clock, Clock)
    assert clock.slept[0] < 1
    assert 8 < max(clock.slept) <= 30


def test_who_waits_for_another_try_is_told_once(platform: Platform) -> None:
    platform.configure(faults={"html502@site/search": 1.0})
    told: list[str] = []
    transport = transport_of(platform, retry_info=told.append)
    with pytest.raises(NetworkError):
        transport.call(SEARCH)
    assert len(told) == 1
    assert "Trying again for up to " in told[0]


def test_a_refusal_slows_all_calls_of_the_account_down(platform: Platform) -> None:
    limiter = CallLimiter.within_process(1000)
    transport = transport_of(platform, limiter=limiter)
    transport.sign_in.token()
    platform.configure(next_faults=["html502"])
    transport.call(SEARCH)
    assert limiter._own.halvings == 0
    platform.configure(next_faults=["LAP500007"])
    transport.call(SEARCH)
    assert limiter._own.halvings == 1


def test_a_planned_change_is_not_sent_and_shows_no_secret(platform: Platform) -> None:
    transport = transport_of(platform, planning=True)
    with pytest.raises(DryRun) as planned:
        transport.call(ADD, {**NEW_SITE, "password": "geheim"})
    assert planned.value.plan == {
        "method": "POST",
        "url": f"{platform.base_url}/api/hpcgw/v1/site/add",
        "headers": {"Authorization": "***"},
        "body": {"name": "Neubau", "timeZone": 133, "password": "***"},
    }
    assert requests_to(platform, "v1/site/add") == 0
    assert transport.call(SEARCH, {"pageSize": 1})["rows"], "reading calls go on"


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


def test_pages_end_at_a_repeated_first_row(platform: Platform) -> None:
    body = b'{"errorCode": "0", "data": {"rows": [{"id": "a"}, {"id": "b"}], "totalPage": 0, "total": 0}}'
    with answering(body) as host:
        assert [site["id"] for site in client_of(host).site.list()] == ["a", "b"]


def test_fewer_rows_than_the_total_are_told() -> None:
    told: list[str] = []
    body = b'{"errorCode": "0", "data": {"rows": [{"id": "a"}], "totalPage": 1, "total": 3}}'
    with answering(body) as host:
        client = client_of(host)
        client.transport.info = told.append
        assert len(list(client.site.list())) == 1
    assert told == ["The platform sent 1 rows of 3."]


def test_list_sites_follows_the_next_page(platform: Platform) -> None:
    control.reset(platform.state, sites=230, devices=0)
    rows = list(platform.client().site.list())
    assert len({row["id"] for row in rows}) == 230
    assert requests_to(platform, "v1/site/search") == 3


def test_a_limit_ends_a_list_without_a_further_page(platform: Platform) -> None:
    control.reset(platform.state, sites=230, devices=0)
    assert len(list(platform.client().site.list(limit=100))) == 100
    assert requests_to(platform, "v1/site/search") == 1


def test_a_token_that_ends_in_the_middle_of_paging_is_renewed(platform: Platform) -> None:
    control.reset(platform.state, sites=230, devices=0)
    rows = platform.client().site.list()
    first = next(rows)
    platform.configure(next_faults=["LAP500004"])
    assert len([first, *rows]) == 230
    assert requests_to(platform, "v1/token/get") == 2


def test_retry_after_reads_seconds_and_dates() -> None:
    from hpcli.client.answers import Answer

    assert retry_after(Answer(429, {"Retry-After": "7"}, b"", "")) == 7
    headers = CaseInsensitiveDict({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"})
    assert retry_after(Answer(429, headers, b"", "")) == 0
    assert retry_after(Answer(429, {"Retry-After": "soon"}, b"", "")) is None


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


def test_a_secret_that_hpcli_hid_is_not_sent_back() -> None:
    bodies: list[bytes] = []
    with answering(b'{"errorCode": "0"}', bodies=bodies) as host:
        client = client_of(host)
        for body in ({"user": {"password": "***"}}, b"<a><password>***</password></a>"):
            with pytest.raises(UsageError, match="nothing was sent"):
                client.raw.call("PUT", "v1/any", body=body)
    assert bodies == []


def test_a_client_keeps_to_the_call_limit_by_itself_but_for_signing_in() -> None:
    slept: list[float] = []
    with answering(b'{"errorCode": "0", "data": 1}') as host:
        client = client_of(host)
        limiter = client.transport.limiter
        assert limiter is not None
        limiter._clock, limiter._sleep = (lambda: 1000.0), slept.append
        for _ in range(6):
            client.raw.call("GET", "v1/any")
        assert slept == [1.0]
        client.alarms.confirm("b")
        assert slept == [1.0], "the alarm queue does not wait"


def test_eight_threads_whose_token_is_refused_sign_in_once(platform: Platform) -> None:
    tokens = MemoryTokenCache()
    tokens.store(Token("hpc.stale", 9e12, platform.base_url))
    transport = transport_of(platform, tokens=tokens)
    start = threading.Barrier(8)
    rows: list[Any] = []

    def ask() -> None:
        start.wait()
        rows.append(transport.call(SEARCH, {"pageSize": 1})["rows"])

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rows) == 8
    assert requests_to(platform, "v1/token/get") == 1


def client_of(host: str) -> Client:
    return Client("key", "secret", host, timeout=5)


@contextmanager
def answering(
    body: bytes,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    seen: list[str] | None = None,
    area: str | None = None,
    token: bytes | None = None,
    counting: bool = False,
    bodies: list[bytes] | None = None,
) -> Iterator[str]:
    """Serve a token to the sign-in and `body` to every other call; keep the Authorization headers.

    With `counting` the number of the call takes the place of `%d` in the body.
    """
    calls = itertools.count(1)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            if seen is not None:
                seen.append(self.headers.get("Authorization", ""))
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if bodies is not None:
                bodies.append(sent)
            is_sign_in = self.path.endswith("token/get")
            fields = {"accessToken": "hpc.t", "expireTime": 9_999_999_999_999, "areaDomain": area or host}
            signed_in = token or json.dumps({"data": fields, "errorCode": "0"}).encode()
            content = signed_in if is_sign_in else body % next(calls) if counting else body
            self.send_response(200 if is_sign_in else status)
            for name, value in ({} if is_sign_in else headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = answer  # noqa: N815 - the names of the base class

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
