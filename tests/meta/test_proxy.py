"""The proxy of the tests passes calls on unchanged, spoils those it is asked to, and keeps them all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hpcli.errors import ExitCode
from tests.support.proxy import Proxy, replace, start_proxy
from tests.support.runner import Runner

PANEL = "Q10254783"


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    with start_proxy(tmp_path / "platform.db") as started:
        yield started


def test_it_passes_calls_on_and_keeps_them(hpcli: Runner, proxy: Proxy) -> None:
    listed = hpcli("site", "list", "-o", "ids", environment=proxy.platform.environment)
    assert listed.exit_code == 0, listed.stderr
    assert listed.lines
    assert [arrival.operation for arrival in proxy.arrivals] == ["tokenGet", "siteSearch"]
    assert all(arrival.is_done for arrival in proxy.arrivals)


def test_it_spoils_the_chosen_call_and_no_other(hpcli: Runner, proxy: Proxy) -> None:
    proxy.spoil(replace(body=b"<html>"), operation="siteSearch", calls={2})
    environment = proxy.platform.environment
    codes = [hpcli("site", "list", environment=environment).exit_code for _ in range(3)]
    assert codes == [ExitCode.DONE, ExitCode.NETWORK, ExitCode.DONE]
    assert [arrival.is_spoilt for arrival in proxy.sent("siteSearch")] == [False, True, False]


def test_it_can_keep_a_call_from_the_platform(hpcli: Runner, proxy: Proxy) -> None:
    refusal = json.dumps({"errorCode": "LAP500003"}).encode()
    proxy.spoil(replace(body=refusal, is_done=False), method="PUT", path="/disarm/")
    done = hpcli("panel", "disarm", PANEL, "1", "--yes", environment=proxy.platform.environment)
    assert done.exit_code != 0
    assert proxy.sent("isapiDisarm")
    assert proxy.done("isapiDisarm") == []


def test_pass_through_calls_and_their_queries_arrive_unchanged(hpcli: Runner, proxy: Proxy) -> None:
    areas = hpcli("panel", "areas", PANEL, "-o", "json", environment=proxy.platform.environment)
    assert areas.exit_code == 0, areas.stderr
    assert areas.json
    assert proxy.sent("isapiGetAreas")[0].target.endswith("?format=json")
