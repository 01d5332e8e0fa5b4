"""The HTTP core against the stand-in: signing in, renewal, retries, limits, answers."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from hpcli.api.operations.site import ADD, SEARCH
from hpcli.auth.tokens import MemoryTokenCache, Token
from hpcli.client.call_limit import CallLimiter
from hpcli.errors import (
    CallLimitError,
    DryRun,
    NetworkError,
    SignInError,
)
from hpcli.sandbox import control
from tests.support.platform_server import Platform
from tests.support.transports import Clock, answering, client_of, requests_to, transport_of

NEW_SITE = {"name": "Neubau", "timeZone": 133}


def test_a_call_signs_in_once_and_answers_data(platform: Platform) -> None:
    transport = transport_of(platform)
    first = transport.call(SEARCH, {"page": 1, "pageSize": 2})
    transport.call(SEARCH, {"page": 2, "pageSize": 2})
    assert len(first["rows"]) == 2
    assert requests_to(platform, "v1/token/get") == 1


def test_the_sign_in_counts_in_the_call_limit(platform: Platform, tmp_path: Path) -> None:
    clock = Clock()
    limiter = CallLimiter(tmp_path, "id", 5.0, clock=clock, sleep=clock.sleep)
    transport = transport_of(platform, limiter=limiter)
    for _ in range(4):
        transport.call(SEARCH, {"pageSize": 1})
    assert clock.slept == []
    transport.call(SEARCH, {"pageSize": 1})
    assert sum(clock.slept) == pytest.approx(1.0)


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
    assert "Retrying for up to " in told[0]


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


def test_a_client_keeps_to_the_call_limit_by_itself_but_for_signing_in() -> None:
    clock = Clock()
    with answering(b'{"errorCode": "0", "data": 1}') as host:
        client = client_of(host)
        limiter = client.transport.limiter
        assert limiter is not None
        limiter._clock, limiter._sleep = clock, clock.sleep
        for _ in range(6):
            client.raw.call("GET", "v1/any")
        assert clock.slept == [1.0]
        client.alarms.confirm("b")
        assert clock.slept == [1.0], "the alarm queue does not wait"


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
