"""JSON from elsewhere: each Python gives up at a depth of its own, hpcli at one for all."""

from __future__ import annotations

import pytest

from hpcli.client.answers import Answer, read_json
from hpcli.errors import DeviceError
from hpcli.isapi.messages import to_plain
from hpcli.parse import JsonDepthError, is_deeper, parse_json


def nested(levels: int) -> str:
    return '{"a":[' * (levels // 2) + "[" * (levels % 2) + "1" + "]" * (levels % 2) + "]}" * (levels // 2)


def test_two_hundred_levels_are_read() -> None:
    assert is_deeper(parse_json(nested(200)), 199)


@pytest.mark.parametrize("levels", [201, 900, 1000, 5000, 100_000])
def test_more_levels_are_refused_with_the_same_words(levels: int) -> None:
    with pytest.raises(JsonDepthError, match=r"^The JSON is nested too deeply$"):
        parse_json(nested(levels))


@pytest.mark.parametrize("value", [1, "[[", [], {}, [[], {"a": 1}]])
def test_depth_is_counted_in_objects_and_lists(value: object) -> None:
    assert not is_deeper(value, 2)
    assert is_deeper([value], 0)


def test_an_answer_is_cut_at_the_same_depth_everywhere() -> None:
    whole, cut = (read_json(Answer(200, {}, nested(levels).encode(), "https://x")) for levels in (200, 202))
    assert is_deeper(whole, 199)
    assert not is_deeper(cut, 64)


@pytest.mark.parametrize("levels", [202, 5000])
def test_a_device_that_answers_too_deep_is_a_device_error(levels: int) -> None:
    with pytest.raises(DeviceError) as caught:
        to_plain(nested(levels).encode())
    assert caught.value.hint == "The JSON is nested too deeply."
