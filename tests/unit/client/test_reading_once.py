"""Several look at an answer before it is used: whether it refuses the token, whether it refuses the call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hpcli.client.answers import Answer, envelope_refusal, read_envelope
from hpcli.client.request import Request
from hpcli.parse import parse_json
from tests.support.wire_server import READ, transport_to

if TYPE_CHECKING:
    import pytest


def test_an_answer_is_parsed_once_however_many_look_at_it(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []

    def parse(text: str, **more: Any) -> Any:
        parsed.append(text)
        return parse_json(text, **more)

    monkeypatch.setattr("hpcli.client.answers.parse_json", parse)
    answer = Answer(200, {}, b'{"errorCode ": "0", "data": {"rows ": [1]}}', "http://platform.example/")
    assert envelope_refusal(answer) is None
    first = read_envelope(answer)
    first["errorCode"] = "LAP000001"
    assert read_envelope(answer) == {"errorCode": "0", "data": {"rows": [1]}}
    assert len(parsed) == 1
    other = Answer(200, {}, b'{"errorCode": "7"}', answer.url)
    assert read_envelope(other) == {"errorCode": "7"}


def test_a_call_reads_whether_its_answer_is_a_refusal_once() -> None:
    read: list[Answer] = []

    def refused(answer: Answer) -> None:
        read.append(answer)

    transport = transport_to("http://127.0.0.1:1")
    answer = Answer(200, {}, b"{}", "http://platform.example/")
    transport.wire.send = lambda *_arguments: answer  # type: ignore[method-assign]  # nothing is sent
    assert transport.exchange(Request(READ, READ.path), refused) is answer
    assert read == [answer]
