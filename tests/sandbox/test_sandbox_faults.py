"""The faults that the stand-in can be asked to make, and its controls."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from hpcli.errors import UsageError
from hpcli.sandbox import DEFAULT_DEVICE, control
from hpcli.sandbox.http.faults import KINDS
from tests.support.runner import Runner
from tests.support.sandbox_reader import Reader, new_state, serving


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with serving(new_state(tmp_path)) as made:
        yield made


@pytest.mark.parametrize("kind", ["refuse", "reset", "cut"])
def test_a_lost_answer_is_a_connection_error(reader: Reader, kind: str) -> None:
    control.configure(reader.state, next_faults=[kind])
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        reader.post("v1/site/search", json={})
    assert reader.post("v1/site/search", json={}).json()["errorCode"] == "0", "one fault for one request"
    assert control.statistics(reader.state)["faults"] == {kind: 1}


def test_a_reset_answer_was_done_and_a_refused_one_was_not(reader: Reader) -> None:
    for kind, name in (("reset", "Doch"), ("refuse", "Nicht")):
        control.configure(reader.state, next_faults=[kind])
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            reader.call("v1/site/add", name=name, timeZone=133)
    assert reader.data("v1/site/search", search="doch")["total"] == 1
    assert reader.data("v1/site/search", search="nicht")["total"] == 0


@pytest.mark.parametrize(
    ("kind", "status", "retry"), [("html502", 502, None), ("limit429", 429, None), ("retry429", 429, "1")]
)
def test_answers_that_are_no_envelope(reader: Reader, kind: str, status: int, retry: str | None) -> None:
    control.configure(reader.state, next_faults=[kind])
    answer = reader.post("v1/site/search", json={})
    assert (answer.status_code, answer.headers.get("Retry-After")) == (status, retry)


def test_a_fault_can_be_tied_to_a_path(reader: Reader) -> None:
    control.configure(reader.state, faults={"LAP500001@device/list": 1.0})
    assert reader.call("v1/site/search")["errorCode"] == "0"
    assert reader.call("v1/device/list")["errorCode"] == "LAP500001"


def test_faults_of_the_queue_stay_there(reader: Reader) -> None:
    control.configure(reader.state, faults={"LAP068001": 1.0})
    assert reader.call("v1/site/search")["errorCode"] == "0"
    assert reader.call("v1/mq/messages")["errorCode"] == "LAP068001"


def test_signing_in_works_while_tokens_are_refused(reader: Reader) -> None:
    control.configure(reader.state, faults={"LAP500004": 1.0})
    assert reader.post("v1/site/search", json={}).json()["errorCode"] == "LAP500004"
    assert reader.call("v1/token/get", appKey="nobody", secretKey="x")["errorCode"] == "LAP300001"


def test_chance_is_the_same_for_the_same_seed(reader: Reader) -> None:
    def outcomes() -> list[str]:
        control.reset(reader.state)
        control.configure(reader.state, faults={"LAP500001": 0.5}, seed=7)
        return [reader.post("v1/site/search", json={}).json()["errorCode"] for _ in range(30)]

    first = outcomes()
    assert first == outcomes()
    assert len(set(first)) == 2


def test_calls_beyond_the_rate_are_refused(reader: Reader) -> None:
    control.configure(reader.state, rate=3)
    codes = {reader.post("v1/site/search", json={}).json()["errorCode"] for _ in range(20)}
    assert "LAP500007" in codes


def test_a_confirmation_can_be_lost_on_the_platform(reader: Reader) -> None:
    control.configure(reader.state, next_faults=["dupbatch"])
    control.trigger(reader.state, "burglary")
    first = reader.data("v1/mq/messages")
    reader.data("v1/mq/offset", batchId=first["batchId"])
    assert reader.data("v1/mq/messages") == first


def test_broken_json_and_null_data(reader: Reader) -> None:
    control.configure(reader.state, next_faults=["badjson", "nulldata@mq"])
    with pytest.raises(requests.exceptions.JSONDecodeError):
        reader.post("v1/site/search", json={}).json()
    assert reader.call("v1/mq/messages") == {"data": None, "errorCode": "0"}


def test_loose_answers_have_blanks_in_keys_and_numbers_as_text(reader: Reader) -> None:
    control.configure(reader.state, next_faults=["drift"])
    data = reader.data("v1/device/list", deviceSerial=DEFAULT_DEVICE)
    assert data["total "] == "1"
    assert data["rows "][0]["isSubscribed "] == 1


def test_a_token_may_seem_expired_and_its_domain_untidy(reader: Reader) -> None:
    keys = {"appKey": reader.sandbox.app_key, "secretKey": reader.sandbox.secret_key}
    control.configure(reader.state, next_faults=["badclock", "movedomain"])
    assert reader.data("v1/token/get", **keys)["expireTime"] < time.time() * 1000
    assert reader.data("v1/token/get", **keys)["areaDomain"].endswith("/ ")


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"faults": {"meteor": 0.1}}, "meteor"),
        ({"faults": {"reset": 5}}, "share"),
        ({"next_faults": ["meteor"]}, "meteor"),
        ({"speed": 3}, "speed"),
    ],
)
def test_settings_that_make_no_sense_are_refused(reader: Reader, changes: dict[str, Any], match: str) -> None:
    with pytest.raises(UsageError, match=match):
        control.configure(reader.state, **changes)


def test_statistics_count_requests_by_path(reader: Reader) -> None:
    reader.data("v1/site/search")
    reader.data("v1/site/search")
    control.trigger(reader.state, "burglary")
    counted = control.statistics(reader.state)
    assert counted["requests"]["POST /api/hpcgw/v1/site/search"] == 2
    assert counted["queue"] == {"waiting": 1}


def test_the_help_of_serve_names_all_faults(hpcli: Runner) -> None:
    words = set(re.findall(r"\w+", hpcli("sandbox", "serve", "--help").stdout))
    assert set(KINDS) <= words


def test_a_reset_ends_the_faults(reader: Reader) -> None:
    control.configure(reader.state, faults={"html502": 1.0})
    assert reader.post("v1/site/search", json={}).status_code == 502
    control.reset(reader.state)
    assert reader.post("v1/site/search", json={}).status_code < 500
