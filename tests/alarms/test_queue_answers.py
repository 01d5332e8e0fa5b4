"""Whatever the queue answers: nothing is withheld, nothing vanishes, nothing is confirmed before it is stored."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hpcli.alarms.journal.writer import Journal
from hpcli.alarms.tail import poller
from hpcli.client.queue_answer import Batch, QueueReader, read_queue
from hpcli.errors import ConflictError, HpcliError, NetworkError
from tests.support.queue_source import answer_of, tail_bodies
from tests.support.wire_server import READ, say, serving, transport_to

DATA = Path(__file__).parent / "data" / "queue"
CASES = sorted(DATA.glob("*.bin"))

GOOD = (
    b'{"formatType":"JSON","deviceSerial":"Q10000001","alarmData":"{\\"eventType\\":\\"cidEvent\\",'
    b'\\"CIDEvent\\":{\\"code\\":1103,\\"system\\":1,\\"zone\\":2}}"}'
)
OTHER = b'{"deviceSerial":"C2","alarmData":{"eventType":"VMD","n":1}}'


def envelope(*rows: bytes) -> bytes:
    return b'{"data":{"batchId":"b0","list":[' + b",".join(rows) + b']},"errorCode":"0"}'


def read(body: bytes, **more: Any) -> Batch:
    batch = read_queue(answer_of(body, **more))
    assert isinstance(batch, Batch)
    return batch


def stored(folder: Path, query: Callable[[sqlite3.Connection], Any]) -> Any:
    with Journal(folder / "journal.db") as journal:
        return journal.read(query)


def kept_answers(folder: Path) -> list[bytes]:
    bodies = stored(folder, lambda db: db.execute("SELECT body FROM batch_body").fetchall())
    return [zlib.decompress(body) for (body,) in bodies]


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poller, "seconds_after", lambda *_: 0.0)


def burglaries(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event for event in events if event["cid"] and event["cid"]["code"] == 1103]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_burglary_comes_out_beside_whatever_else_an_answer_holds(case: Path, tmp_path: Path) -> None:
    outcome = tail_bodies(tmp_path, case.read_bytes(), envelope(OTHER))

    rows = 1 if case.stem == "list-is-object" else 2
    assert len(outcome.events) == rows + 1
    assert burglaries(outcome.events[:rows])
    assert all(event["raw"] for event in outcome.events)
    assert outcome.confirmed == ["b0", "b0"]
    assert kept_answers(tmp_path) == [case.read_bytes()]


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("bad-escape", "the unknown escape"),
        ("huge-integer", "a number of 5000 digits"),
        ("latin-1-byte", "bytes that are not UTF-8"),
        ("raw-tab", "a raw control character"),
    ],
)
def test_an_odd_row_says_what_is_wrong_with_it_and_no_other_does(
    case: str, words: str, tmp_path: Path
) -> None:
    odd, good = tail_bodies(tmp_path, (DATA / f"{case}.bin").read_bytes()).events

    assert (odd["type"], odd["device"]) == ("VMD", "C20000002")
    assert words in odd["text"]
    assert good["text"] == "Burglary alarm · Area 1 · Zone 3"


@pytest.mark.parametrize(
    "row",
    [
        b"null", b"5", b"true", b'"hello"', b"[]", b"{}", b'{"foo":1}', b"<html>", b'{"deviceSerial":"X"',
        b'{"deviceSerial":"X","alarmData":{"a": @@}}', b'{"deviceSerial":"X,"alarmData":{"a":7}}', b'[["x"]]',
        b"\x00\x01",
    ],
    ids=repr,
)  # fmt: skip
def test_a_row_that_is_not_a_message_is_an_event_of_its_own(row: bytes) -> None:
    batch = read(envelope(GOOD, row, GOOD))

    good = json.loads(GOOD)
    assert batch.id == "b0"
    assert batch.messages.count(good) == 2
    assert len(batch.messages) >= 3
    assert batch.body is not None
    assert all(isinstance(message, str) for message in batch.messages if message != good)


@pytest.mark.parametrize("bad", [b"\xe4", b"\x01", b"\xff\xfe"], ids=repr)
def test_a_bad_byte_anywhere_outside_a_row_costs_no_row(bad: bytes) -> None:
    whole, good = envelope(OTHER, GOOD), json.loads(GOOD)
    start = whole.index(GOOD)
    bodies = [
        whole[:place] + bad + whole[kept:]
        for place in (*range(start), *range(start + len(GOOD), len(whole)))
        for kept in (place, place + 1)
    ]
    batches = [read_queue(answer_of(body)) for body in bodies]
    wrong = [
        body
        for body, batch in zip(bodies, batches, strict=True)
        if not (isinstance(batch, Batch) and batch.id and batch.messages.count(good) == 1)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "data",
    [b"null", b'"null"', b'{"list":"[]"}', b'{"batchId":"","list":{}}', b'{"list":[],"total":0}'],
    ids=repr,
)
def test_an_answer_without_rows_is_a_heartbeat(data: bytes) -> None:
    batch = read(b'{"data":' + data + b',"errorCode":"0"}')
    assert (batch.id, batch.messages) == (None, [])


def test_an_object_that_holds_no_rows_is_a_row() -> None:
    assert read(envelope(b'{"list":[]}', GOOD)).messages == ['{"list": []}', json.loads(GOOD)]


def test_a_broken_row_that_holds_the_start_of_another_costs_no_other() -> None:
    broken = b'{"deviceSerial":"X","alarmData":{"CameraList":[{"deviceSerial":"Y"}], @@}}'

    assert read(envelope(GOOD, broken, OTHER, GOOD)).messages.count(json.loads(GOOD)) == 2


@pytest.mark.parametrize(
    "body",
    [
        b'{"data":{"batchId":"b0","list":' + GOOD + b'},"errorCode":"0"}',
        b'{"data":{"batchId":"b0","list":' + json.dumps("[" + GOOD.decode() + "]").encode() + b'},"errorCode":0}',
        b'{"data":'
        + json.dumps('{"batchId":"b0","list":[' + GOOD.decode() + "]}").encode()
        + b',"errorCode":"0"}',
        envelope(json.dumps(GOOD.decode()).encode()),
        envelope(b"[" + GOOD + b"]"),
        envelope(b'{"list":[' + GOOD + b"]}"),
        b'{"data":{"batchId":"b0","data":{"list":[' + GOOD + b']}},"errorCode":"0"}',
        b'{"batchId":"b0","list":[' + GOOD + b'],"errorCode":"0"}',
        b'{" data ":{" batchId ":"b0"," list ":[' + GOOD + b']}," errorCode ":"0"}',
        b"\xef\xbb\xbf" + envelope(GOOD),
        envelope(GOOD + b","),
        envelope(GOOD).replace(b'"b0"', b'"b0",'),
        envelope(GOOD) + b"\n\x00",
        b'{"Data":{"BatchID":"b0","List":[' + GOOD + b']},"ErrorCode":"0"}',
        b'{"data":{"batchId":"b0","messages":[' + GOOD + b']},"errorCode":"0"}',
        b'{"data":{"batchId":"b0","list":{"0":' + GOOD + b'}},"errorCode":"0"}',
        envelope(b'{"message":' + GOOD + b"}"),
        b"[" + envelope(GOOD) + b"]",
        json.dumps(envelope(GOOD).decode()).encode(),
        b"while(1);" + envelope(GOOD),
        envelope(GOOD).replace(b'"errorCode":"0"', b'"errorCode":"\xe40"'),
    ],
    ids=["object", "list as text", "data as text", "row as text", "row in row", "row in object", "data.data",
         "no data", "blanks", "mark", "comma", "two commas", "tail", "capitals", "another name", "numbered", "wrapped",
         "in a list", "in a text", "junk", "bad code"],
)  # fmt: skip
def test_rows_are_found_wherever_they_are(body: bytes) -> None:
    batch = read(body)

    assert (batch.id, batch.messages, batch.is_whole) == ("b0", [json.loads(GOOD)], True)


def test_two_answers_in_one_body_are_both_read() -> None:
    assert len(read(envelope(GOOD) + envelope(OTHER)).messages) == 2


def test_a_plain_answer_is_not_kept_beside_its_rows() -> None:
    assert read(envelope(GOOD, OTHER)).body is None


def test_the_batch_is_never_named_by_a_row() -> None:
    row = GOOD.replace(b'"formatType"', b'"batchId":"evil","formatType"')
    body = b'{"data":{"list":[' + row + b']},"errorCode":"0"}'

    assert read(body).id is None
    assert read(body.replace(b'"errorCode":', b'"errorCode"')).id is None


def test_rows_are_read_where_the_envelope_is_broken() -> None:
    batch = read(b'{"data":{"batchId" "b0","list":[' + GOOD + b"," + OTHER + b']},"errorCode":"0"}')

    assert batch.messages == [json.loads(GOOD), json.loads(OTHER)]


def test_data_of_an_unknown_form_is_an_event() -> None:
    batch = read(b'{"data":{"batchId":"b0","alarms":[1]},"errorCode":"0"}')

    assert (batch.id, batch.messages) == ("b0", ['{"batchId": "b0", "alarms": [1]}'])


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b"<html><body>Sign in</body></html>", 200, NetworkError),
        (b"", 200, NetworkError),
        (b'{"data":{"batchId" "b0"}', 502, NetworkError),
        (b'{"errorCode":"LAP068001"}', 200, ConflictError),
        (b'{"errorCode":"LAP068001",}', 200, ConflictError),
        (b'{"errorCode" "LAP068001","data":1}', 200, NetworkError),
        (b"{}", 200, NetworkError),
        (b"[1]", 200, NetworkError),
    ],
)
def test_what_is_not_a_batch_is_an_error(body: bytes, status: int, kind: type[HpcliError]) -> None:
    found = read_queue(answer_of(body, status=status))

    assert isinstance(found, kind)


@pytest.mark.parametrize("is_whole", [True, False], ids=["not closed", "fewer bytes than announced"])
def test_an_answer_cut_off_is_stored_and_confirmed_only_when_it_comes_a_third_time(
    tmp_path: Path, *, is_whole: bool
) -> None:
    cut = envelope(OTHER, GOOD)[:-60]

    outcome = tail_bodies(tmp_path, cut, cut, is_whole=is_whole)
    assert [event["type"] for event in outcome.events] == ["VMD"]
    assert outcome.confirmed == []
    assert any("cut off" in line for line in outcome.said)
    assert not any("three times" in line for line in outcome.said)

    outcome = tail_bodies(tmp_path, cut, cut, cut, is_whole=is_whole)
    assert any("three times" in line for line in outcome.said)
    assert [event["type"] for event in outcome.events] == ["unreadable"]
    assert "alarmData" in outcome.events[0]["raw"]
    assert outcome.confirmed == ["b0"]


def test_an_answer_that_comes_whole_in_the_end_repeats_nothing(tmp_path: Path) -> None:
    whole = envelope(OTHER, GOOD)

    outcome = tail_bodies(tmp_path, whole[:-60], whole)

    assert [event["type"] for event in outcome.events] == ["VMD", "cidEvent"]
    assert outcome.confirmed == ["b0"]


def test_an_odd_answer_is_kept_once_however_often_it_comes(tmp_path: Path) -> None:
    body = (DATA / "raw-tab.bin").read_bytes()

    tail_bodies(tmp_path, body, body, body)

    assert kept_answers(tmp_path) == [body]


@pytest.mark.parametrize(
    "error",
    [ValueError("x"), KeyError("x"), OverflowError(), RecursionError(), MemoryError(), ZeroDivisionError()],
)
def test_no_exception_ends_polling(tmp_path: Path, error: Exception) -> None:
    outcome = tail_bodies(tmp_path, error, error, envelope(GOOD))

    assert len(burglaries(outcome.events)) == 1
    assert sum(type(error).__name__ in line for line in outcome.said) >= 1
    assert outcome.confirmed == ["b0"]


def test_a_message_that_decoding_fails_at_is_an_event_and_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hpcli.alarms.event.payload import read_payload

    def fail_at_cameras(message: Any, *more: Any) -> Any:
        if message["deviceSerial"] == "C2":
            raise UnboundLocalError("x")
        return read_payload(message, *more)

    monkeypatch.setattr("hpcli.alarms.decode.decode.read_payload", fail_at_cameras)
    outcome = tail_bodies(tmp_path, envelope(OTHER, GOOD))

    assert "failed to decode it (UnboundLocalError)" in outcome.events[0]["text"]
    assert outcome.events[0]["raw"] == json.loads(OTHER)
    assert len(burglaries(outcome.events)) == 1
    assert any("UnboundLocalError" in line for line in outcome.said)


@pytest.mark.parametrize(
    "hostile",
    [
        lambda: envelope(*[b"@"] * 5_000),
        lambda: envelope(*[b"{@}"] * 3_000),
        lambda: envelope(b"[" * 5_000 + b"@"),
        lambda: envelope(b'{"deviceSerial":' * 2_000),
        lambda: envelope(b'"' + b"\\" * 10_001),
    ],
    ids=["words", "objects", "nested", "starts", "backslashes"],
)
def test_hostile_answers_are_read_to_their_end(hostile: Callable[[], bytes]) -> None:
    assert read_queue(answer_of(hostile())) is not None


def test_alarms_of_one_message_are_repeats_together(tmp_path: Path) -> None:
    alert = '{"eventType":"VMD","dateTime":"2026-11-28T08:00:0%d+01:00"}'
    row = json.dumps({"deviceSerial": "C2", "messageId": "m1", "alarmData": alert % 1 + alert % 2}).encode()

    outcome = tail_bodies(tmp_path, envelope(row), envelope(row))

    assert [event["id"] for event in outcome.events] == ["m1", "m1-2"]
    repeats = stored(tmp_path, lambda db: db.execute("SELECT repeats FROM entry").fetchall())
    assert repeats == [(1,), (1,)]


def test_the_rows_of_an_answer_that_the_wire_cut_off_are_returned() -> None:
    body = envelope(OTHER, GOOD)
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body[:-60])
    with serving(say(cut)) as host:
        reader = QueueReader()
        batch = reader.batch(transport_to(host).poll(READ, reader.refusal))

    assert (batch.messages, batch.is_whole) == ([json.loads(OTHER)], False)


def test_what_the_wire_cut_before_the_first_row_is_an_error() -> None:
    cut = b'HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"da'
    with serving(say(cut)) as host, pytest.raises(NetworkError):
        transport_to(host).poll(READ, QueueReader().refusal)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (OTHER[:-1], "a missing bracket"),
        (OTHER[:-2], "a missing bracket"),
        (OTHER + b"}", "a bracket too many"),
    ],
)
@pytest.mark.parametrize("is_last", [True, False])
def test_a_bracket_too_few_or_too_many_costs_nothing(row: bytes, words: str, *, is_last: bool) -> None:
    batch = read(envelope(GOOD, row) if is_last else envelope(GOOD, row, GOOD))
    assert (batch.id, batch.is_whole) == ("b0", True)
    assert [message["deviceSerial"] for message in batch.messages[:2]] == ["Q10000001", "C2"]
    assert len(batch.messages) == 3 - is_last
    assert words in batch.problems[1]


def test_a_list_without_its_end_ends_with_what_holds_it() -> None:
    batch = read(envelope(GOOD, OTHER).replace(b"]}", b"}"))
    assert (batch.id, batch.is_whole, len(batch.messages)) == ("b0", True, 2)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_list_may_be_text_within_text(times: int) -> None:
    rows: Any = [json.loads(GOOD)]
    whole: Any = envelope(GOOD).decode()
    for _ in range(times):
        rows, whole = json.dumps(rows), json.dumps(whole)
    for body in (json.dumps({"data": {"batchId": "b0", "list": rows}, "errorCode": "0"}), whole):
        batch = read(body.encode())
        assert (batch.id, batch.messages) == ("b0", [json.loads(GOOD)])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_an_answer_may_have_wide_characters(encoding: str) -> None:
    batch = read(envelope(GOOD).decode().encode(encoding))
    assert (batch.id, batch.messages) == ("b0", [json.loads(GOOD)])


@pytest.mark.parametrize("strays", [b"\0", b"\0\0", b"\0" * 9, b"\xff\xfe", b"\xfe\xff\0"], ids=repr)
@pytest.mark.parametrize("place", range(6))
def test_stray_bytes_at_the_begin_are_not_another_encoding(place: int, strays: bytes) -> None:
    whole = b"{  " + envelope(GOOD, OTHER)[1:]
    batch = read(whole[:place] + strays + whole[place:])

    assert batch.messages.count(json.loads(GOOD)) == 1
    assert batch.id == "b0"
