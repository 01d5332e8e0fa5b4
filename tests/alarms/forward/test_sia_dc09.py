"""`sia-dc09:`: captured frames byte for byte, a receiver of others, and receivers that refuse or stay silent."""

from __future__ import annotations

import queue
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pysiaalarm.account import SIAAccount
from pysiaalarm.sync.client import SIAClient
from pysiaalarm.utils.enums import CommunicationsProtocol
from siadc09.message import parse_frame

from hpcli.alarms.forward.config import read_output
from hpcli.alarms.forward.dc09 import Line, crc_of, enclose, event_data, read_answer, read_key
from hpcli.alarms.forward.kind import NotesInMemory, Setup, read_address
from hpcli.alarms.forward.outputs.sia_dc09 import OUTPUT
from hpcli.alarms.forward.setup import make_setup
from hpcli.alarms.journal.writer import Journal
from hpcli.errors import UsageError
from tests.support.dc09_receiver import answer_to, message, nak, receiver, send_until_decided, sender
from tests.support.forward_journal import forward, keep_alarms, marks_of, output_at, place_of

if TYPE_CHECKING:
    from pysiaalarm.event import SIAEvent

KEY = "AAAABBBBCCCCDDDD"
CAPTURED = [
    '9EC40027"ADM-CID"0001L0#1002[#1002|1602 00 001]',
    '77880027"ADM-CID"0068R0L0#AAA[#AAA|3401 01 070]',
    'A3AC0029"ADM-CID"6855R0L0#AAAA[#AAAA|3441 01 042]',
]
LINK_TEST = 'EA740027"NULL"0000L0#1409[]_20:38:07,08-27-2026'


@pytest.mark.parametrize(
    ("captured", "line", "number", "account", "code", "area", "zone"),
    [
        (CAPTURED[0], Line(receiver=""), 1, "1002", 1602, 0, 1),
        (CAPTURED[1], Line(), 68, "AAA", 3401, 1, 70),
        (CAPTURED[2], Line(), 6855, "AAAA", 3441, 1, 42),
    ],
)
def test_frames_are_those_that_were_captured(
    captured: str, line: Line, number: int, account: str, code: int, area: int, zone: int
) -> None:
    frame = line.frame("ADM-CID", number, account, event_data(account, code, area, zone), None)
    assert frame == f"\n{captured}\r".encode()


def test_a_link_test_and_its_answer_are_those_that_were_captured() -> None:
    moment = datetime(2026, 8, 27, 20, 38, 7, tzinfo=UTC)
    assert Line(receiver="").frame("NULL", 0, "1409", "", moment) == f"\n{LINK_TEST}\r".encode()
    answer = read_answer(b'\n59890012"ACK"0000L0#1409[]\r')
    assert answer is not None
    assert (answer.kind, answer.number, answer.account) == ("ACK", 0, "1409")
    assert read_answer(b'\n59890012"ACK"0001L0#1409[]\r') is None


ACK = enclose('"ACK"0001R0L0#1409[]')


@pytest.mark.parametrize("before", [b"", b"\r\n", b"\0", b"WELCOME\r\n", b"\xff\xfe", ACK[:9], b"x" * 3000])
@pytest.mark.parametrize("after", [b"", b"\n"])
@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_an_answer_counts_whatever_else_the_receiver_sends(
    monkeypatch: pytest.MonkeyPatch, before: bytes, after: bytes, transport: str
) -> None:
    if transport == "udp" and len(before) > 2048:
        return  # a datagram is cut there
    made = sender(9, f"transport={transport}")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(before + ACK + after)
        monkeypatch.setattr(made._link, "_connect", lambda _address: ours)
        assert made.send([message()]).kind == "done"


@pytest.mark.parametrize("account", ["14091", "01409", "1409G", "1409x1409", "14091409140914091409"])
def test_an_answer_for_another_account_does_not_count(account: str) -> None:
    answer = read_answer(enclose(f'"ACK"0001R0L0#{account}[]'))
    assert answer is not None
    assert answer.account not in ("1409", "1409140914091409")


@pytest.mark.parametrize("size", [0, 16, 24, 32])
def test_a_second_reader_of_others_reads_the_frames(size: int) -> None:
    key = bytes(range(size))
    line, now = Line(key=key), datetime.now(UTC)
    sent = line.frame("ADM-CID", 68, "1AB3", event_data("1AB3", 3130, 2, 31), now)
    read = parse_frame(sent, keys=key or None)
    assert (read.seq, read.account.acct, read.encrypted) == (68, 0x1AB3, bool(key))
    assert (read.data.content, read.timestamp) == (b"#1AB3|3130 02 031", now.replace(microsecond=0))
    assert parse_frame(line.frame("NULL", 0, "1AB3", "", now), keys=key or None).idtoken == "NULL"


@contextmanager
def pysiaalarm(
    protocol: CommunicationsProtocol, *accounts: SIAAccount
) -> Iterator[tuple[int, queue.Queue[SIAEvent]]]:
    """A receiver that others wrote; it shows an event some time after its acknowledgement, from a thread each."""
    got: queue.Queue[SIAEvent] = queue.Queue()
    client = SIAClient("127.0.0.1", 0, list(accounts), got.put, protocol)
    client.start(poll_interval=0.01)
    try:
        yield client.sia_server.server_address[1], got
    finally:
        client.stop()


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("key", ["", KEY])
def test_a_receiver_of_others_takes_the_journal(
    journal: Journal, tmp_path: Path, transport: str, key: str
) -> None:
    keep_alarms(journal, "Q1", "Q2", "Q1")
    (tmp_path / "map").write_text("Q1 AAA1\nQ2 bbb2 # the shop\n")
    table: dict[str, Any] = {"account-map": str(tmp_path / "map")}
    if key:
        (tmp_path / "key").write_text(key.encode().hex() + "\n")
        (tmp_path / "key").chmod(0o600)
        table["key-file"] = str(tmp_path / "key")
    protocol = CommunicationsProtocol.UDP if transport == "udp" else CommunicationsProtocol.TCP
    accounts = [SIAAccount(name, key or None) for name in ("AAA1", "BBB2")]
    with pysiaalarm(protocol, *accounts) as (port, got):
        forward(output_at(f"sia-dc09://127.0.0.1:{port}?transport={transport}", **table), journal)
        shown = [got.get(timeout=20) for _ in range(3)]
    assert sorted((one.account, one.sequence, one.code, one.ri) for one in shown) == [
        ("AAA1", "0001", "BA", "002"), ("AAA1", "0002", "BA", "002"), ("BBB2", "0001", "BA", "002"),
    ]  # fmt: skip
    assert place_of(journal).position == 3


def test_the_link_is_tested_under_the_own_account() -> None:
    with pysiaalarm(CommunicationsProtocol.TCP, SIAAccount("1409")) as (port, _):
        log: list[str] = []
        made = sender(port, "account=1409&supervision=60", log=log.append)
        assert (made.idle(), log) == (60, [])
        assert 0 < (made.idle() or 0) <= 60
        made.close()


def moment_in(frame: bytes) -> datetime:
    return datetime.strptime(frame.rstrip(b"\r").decode()[-19:], "%H:%M:%S,%m-%d-%Y").replace(tzinfo=UTC)


def test_a_nak_gives_the_clock_and_the_frame_goes_again_with_its_number() -> None:
    def reply(frame: bytes) -> bytes:
        ahead = moment_in(frame) - datetime.now(UTC)
        return answer_to(frame) if ahead > timedelta(hours=1) else nak(timedelta(hours=2))

    with receiver(reply) as server:
        made = sender(server.server_address[1])
        assert [made.send([message(n)]).kind for n in (1, 2)] == ["done", "done"]
    assert [frame[18:22] for frame in server.frames] == [b"0001", b"0001", b"0002"]


def test_a_nak_of_another_day_changes_no_clock() -> None:
    with receiver(lambda _frame: nak(timedelta(days=3))) as server:
        made = sender(server.server_address[1])
        assert made.send([message()]).kind == "retry"
        assert len(server.frames) == 1


def test_three_naks_lead_to_the_back_up() -> None:
    with receiver(lambda _frame: nak(timedelta())) as first, receiver(answer_to) as second:
        made = sender(first.server_address[1], back_up=second.server_address[1])
        assert [made.send([message()]).kind for _ in range(2)] == ["retry", "done"]
    assert (len(first.frames), len(second.frames)) == (4, 1)


def test_duh_is_tried_as_a_general_alarm_and_then_a_dead_letter() -> None:
    with receiver(lambda frame: answer_to(frame, "ACK" if b"|1140" in frame else "DUH")) as server:
        log: list[str] = []
        made = sender(server.server_address[1], log=log.append)
        outcome = made.send([message()])
        words = "as 1140 (general alarm): it does not know 1130 (DUH)"
        assert (outcome.kind, outcome.remark) == ("done", words)
        assert log == [f"an alarm of the account 1409 was taken {words}."]
        assert made.send([message(2, cid={"standard": 1301})]).kind == "refused"
        server.reply = lambda frame: answer_to(frame, "DUH")
        assert made.send([message(3)]).kind == "refused"
    assert [frame[frame.index(b"|") + 1 :][:4] for frame in server.frames] == [
        b"1130", b"1140", b"1301", b"1130", b"1140",
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", ["number", "account", "crc", "nothing"])
def test_only_the_right_answer_counts_and_the_number_stays(wrong: str) -> None:
    def reply(frame: bytes) -> bytes | None:
        if wrong == "number":
            return answer_to(frame.replace(b"0001R0", b"0009R0"))
        if wrong == "account":
            return answer_to(frame.replace(b"#1409", b"#1408"))
        return None if wrong == "nothing" else answer_to(frame).replace(b"0001", b"0011")

    with receiver(reply) as server:
        made = sender(server.server_address[1], seconds=0.05)
        assert send_until_decided(made, message()).kind == "down"
        assert [frame[18:22] for frame in server.frames] == [b"0001"] * 3
        server.reply = answer_to
        made.setup.__dict__["seconds"] = 5.0
        assert made.send([message()]).kind == "done"
    assert server.frames[-1][18:22] == b"0001"


def test_several_areas_are_several_frames_and_only_what_is_missing_goes_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    notes = NotesInMemory()
    with receiver(lambda frame: None if b" 02 " in frame else answer_to(frame)) as server:
        made = sender(server.server_address[1], seconds=0.03, notes=notes)
        many = message(cid={"areas": [1, 2, 3]})
        assert send_until_decided(made, many).kind == "down"
        made.close()
        server.reply = answer_to
        server.frames.clear()
        made = sender(server.server_address[1], notes=notes)
        assert made.send([many]).kind == "done"
        monkeypatch.setattr(notes, "find_settled", set)
        made.close()
    assert [(frame[18:22], frame[frame.index(b"|") + 6 :][:2]) for frame in server.frames] == [
        (b"0002", b"02"), (b"0003", b"03"),
    ]  # fmt: skip
    assert notes.kept == {"last 1409": "3"}


def test_an_area_that_is_refused_keeps_no_other_back(monkeypatch: pytest.MonkeyPatch) -> None:
    notes = NotesInMemory()
    many = message(cid={"areas": [1, 2, 3]})
    with receiver(lambda frame: answer_to(frame, "DUH" if b" 02 " in frame else "ACK")) as server:
        made = sender(server.server_address[1], notes=notes)
        assert made.send([many]).kind == "refused"
        server.reply = answer_to  # `forward retry` sends what is missing
        assert made.send([many]).kind == "done"
        monkeypatch.setattr(notes, "find_settled", set)
        made.close()
    assert [frame[frame.index(b"|") + 1 :][:7] for frame in server.frames] == [
        b"1130 01", b"1130 02", b"1140 02", b"1130 03", b"1130 02",
    ]  # fmt: skip
    assert notes.kept == {"last 1409": "4"}


def test_a_connection_that_the_receiver_has_closed_is_opened_again() -> None:
    with receiver(answer_to) as server:
        made = sender(server.server_address[1], "keep-alive=yes")
        assert made.send([message(1)]).kind == "done"
        connection = made._link._connection
        assert connection is not None
        connection.shutdown(socket.SHUT_WR)  # the receiver sees an end, and ends too
        assert made.send([message(2)]).kind == "done"
        made.close()
    assert [frame[18:22] for frame in server.frames] == [b"0001", b"0002"]


@pytest.mark.parametrize(
    ("account", "words"), [(None, "no account for Q1"), ("XTRM189", "3 to 16 hex digits")]
)
def test_an_event_without_a_usable_account_is_a_dead_letter(account: str | None, words: str) -> None:
    outcome = sender(1).send([message(account=account)])
    assert (outcome.kind, words in outcome.error) == ("refused", True)


def test_events_without_a_code_are_not_for_the_receiver(journal: Journal) -> None:
    from tests.support.journal_messages import alarm, keep

    keep(journal, "b", alarm(body={"eventType": "VMD", "CIDEvent": None}))
    forward(output_at("sia-dc09://127.0.0.1:1?default-account=1409"), journal)
    assert (place_of(journal).position, marks_of(journal)) == (1, [])


@pytest.mark.parametrize(
    ("query", "more", "words"),
    [
        ("?transprot=udp", {}, "no option 'transprot'"),
        ("?transport=sctp", {}, "not one of tcp, udp"),
        ("?account=12", {}, "3 to 16 hex digits"),
        ("?line=", {}, "1 to 6 hex digits"),
        ("?receiver=1234567", {}, "1 to 6 hex digits"),
        ("?supervision=60", {}, "needs \\?account="),
        ("", {"account-map": "Q1 1409\nQ2 1409\n"}, "given to Q1 and to Q2"),
        ("", {"account-map": "Q1 1409\nQ1 1410\n"}, "names Q1 again"),
        ("", {"account-map": "Q1\n"}, "is not `SERIAL ACCOUNT`"),
        ("", {"key-file": "short\n"}, "32, 48 or 64 hex digits"),
    ],
)
def test_what_cannot_work_is_refused(tmp_path: Path, query: str, more: dict[str, str], words: str) -> None:
    table: dict[str, Any] = {"to": [f"sia-dc09://127.0.0.1:9{query}"]}
    for name, content in more.items():
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(0o600)
        table[name] = str(tmp_path / name)
    with pytest.raises(UsageError, match=words):
        make_setup(read_output("out", table))


def test_options_of_a_back_up_alone_are_refused() -> None:
    to = tuple(read_address(f"sia-dc09://127.0.0.1:9{query}") for query in ("", "?line=2"))
    with pytest.raises(UsageError, match="options that the first address lacks"):
        OUTPUT.check(Setup("out", to))


def test_keys_are_hex_or_characters() -> None:
    assert [len(read_key(text)) for text in ("0" * 32, "0" * 48, "0" * 64, KEY, "x" * 24, "x" * 32)] == [
        16, 24, 32, 16, 24, 32,
    ]  # fmt: skip
    assert OUTPUT.seconds == 5
    assert crc_of(CAPTURED[0][8:].encode()) == 0x9EC4
