"""`hpcli api`: any call, signed in."""

from __future__ import annotations

import pytest

from hpcli.reference import document
from hpcli.sandbox import control
from tests.platform_server import Platform
from tests.runner import Runner


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
        ((), "Name one path"),
        (("a", "b", "c"), "Name one path"),
        (("v1/site/search", "-X", "BREW"), "no method"),
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
