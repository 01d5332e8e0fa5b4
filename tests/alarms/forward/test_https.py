"""`https:`: signed as the verifier of Standard Webhooks has it, acknowledged by 2xx, without redirects."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from hpcli.alarms.forward.kind import Message, Setup, read_address
from hpcli.alarms.forward.outputs.https import OUTPUT, HttpsSender
from hpcli.alarms.forward.setup import make_setup
from hpcli.alarms.journal.writer import Journal
from hpcli.errors import UsageError
from tests.support.forward_journal import ODD_IDS, forward, keep_alarms, marks_of, output_at, place_of
from tests.support.tail_process import PATIENCE

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Receiver(ThreadingHTTPServer):
    """A receiver of webhooks that verifies each as its users would."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 204
        self.more: dict[str, str] = {}
        self.events: list[Any] = []
        self.headers: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.events.append(Webhook(SECRET).verify(body, headers))
        self.server.headers.append(headers)
        self.send_response_only(self.server.status)
        for name, value in self.server.more.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[Receiver]:
    with Receiver() as made:
        threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
        yield made
        made.shutdown()


@pytest.fixture
def receiver(server: Receiver) -> Receiver:
    server.status, server.more, server.events, server.headers = 204, {}, [], []
    return server


def message(mark: str = "e1") -> Message:
    return Message(1, json.dumps({"id": mark, "text": "Zone 3 Küche"}), "")


def sender(*urls: str, **more: Any) -> HttpsSender:
    return HttpsSender(Setup("out", tuple(map(read_address, urls)), secret=SECRET, **more))


def secret_file(folder: Path) -> str:
    path = folder / "secret"
    path.write_text(f"{SECRET}\n")
    path.chmod(0o600)
    return str(path)


def test_each_event_is_signed_and_has_its_id(receiver: Receiver, journal: Journal, tmp_path: Path) -> None:
    keep_alarms(journal, "A1", "B1", "A1")
    forward(output_at(receiver.url, **{"secret-file": secret_file(tmp_path)}), journal)
    assert sorted(event["device"] for event in receiver.events) == ["A1", "A1", "B1"]
    assert [one["webhook-id"] for one in receiver.headers] == [event["id"] for event in receiver.events]
    assert place_of(journal).position == 3


def test_an_odd_id_holds_no_event_up(receiver: Receiver) -> None:
    made = sender(receiver.url)
    assert [made.send([message(mark)]).kind for mark in ODD_IDS] == ["done"] * len(ODD_IDS)
    made.close()
    marks = [one["webhook-id"] for one in receiver.headers]
    assert marks[:4] == [r"e\n1", r"e\r\nX:\x201", r"\x20e1\x20", r"\x00e"]
    assert len(set(marks)) == len(ODD_IDS)
    assert max(map(len, marks)) < 300


def test_a_batch_is_an_array_under_its_first_id_and_its_count(
    receiver: Receiver, journal: Journal, tmp_path: Path
) -> None:
    keep_alarms(journal, "A1", "B1", "A1")
    forward(output_at(receiver.url, batch=10, **{"secret-file": secret_file(tmp_path)}), journal)
    (events,) = receiver.events
    assert len(events) == 3
    assert receiver.headers[0]["webhook-id"] == f"{events[0]['id']}+3"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, "done"), (204, "done"), (400, "refused"), (413, "refused"), (422, "refused"), (301, "misconfigured"),
        (307, "misconfigured"), (401, "misconfigured"), (404, "misconfigured"), (410, "misconfigured"),
        (408, "retry"), (500, "retry"), (429, "down"), (503, "down"),
    ],
)  # fmt: skip
def test_the_status_is_the_outcome_and_no_redirect_is_followed(
    receiver: Receiver, status: int, kind: str
) -> None:
    receiver.status, receiver.more = status, {"Location": receiver.url, "Retry-After": "7"}
    made = sender(receiver.url)
    outcome = made.send([message()])
    made.close()
    assert (outcome.kind, len(receiver.events)) == (kind, 1)
    assert outcome.retry_after == (7 if kind in ("retry", "down") else None)


def test_headers_come_from_files_and_netrc_is_left_alone(
    receiver: Receiver, tmp_path: Path, home: Path
) -> None:
    (home / ".netrc").write_text("default login someone password else\n")
    (home / ".netrc").chmod(0o600)
    (tmp_path / "headers").write_text("# ours\nX-Team: night\n")
    (tmp_path / "headers").chmod(0o600)
    config = output_at(
        receiver.url, header=[str(tmp_path / "headers")], **{"secret-file": secret_file(tmp_path)}
    )
    made = OUTPUT.open(make_setup(config))
    assert made.send([message()]).kind == "done"
    made.close()
    assert (receiver.headers[0]["x-team"], "authorization" in receiver.headers[0]) == ("night", False)


def test_the_back_up_is_used_while_the_first_is_down(receiver: Receiver) -> None:
    said: list[str] = []
    made = sender("http://127.0.0.1:1/", receiver.url, log=said.append)
    first, second = (made.send([message(str(n))]) for n in range(2))
    assert (first.kind, second) == ("done", first)
    assert f"; the back-up {receiver.url.removesuffix('/hook')} has the events" in first.error
    assert len(said) == 1
    made.close()
    alone = sender("http://127.0.0.1:1/")
    assert alone.send([message()]).kind == "down"


def test_a_server_that_drips_ends_at_the_time_limit() -> None:
    from tests.support.wire_server import serving

    over = threading.Event()

    def drip(connection: Any) -> None:
        while not over.is_set():
            connection.sendall(b"x")
            over.wait(0.01)

    with serving(drip) as url:
        outcome = sender(f"{url}/", seconds=0.2).send([message()])
        over.set()
    assert (outcome.kind, "within 0.2 s" in outcome.error) == ("down", True)


def test_a_pause_that_is_asked_for_is_counted_by_the_clock_of_the_server(receiver: Receiver) -> None:
    receiver.status = 503
    receiver.more = {"Date": "Sat, 28 Nov 2026 10:00:00 GMT", "Retry-After": "Sat, 28 Nov 2026 10:01:00 GMT"}
    made = sender(receiver.url)
    outcome = made.send([message()])
    made.close()
    assert (outcome.kind, outcome.retry_after) == ("down", 60.0)


def test_a_body_that_comes_late_does_not_hold_up_other_events() -> None:
    from tests.support.wire_server import read_request, serving

    over, was_late = threading.Event(), threading.Event()

    def answer(connection: Any) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        if not over.wait(PATIENCE):
            was_late.set()
            connection.sendall(b"hello")

    with serving(answer) as url:
        made = sender(f"{url}/", seconds=5 * PATIENCE)
        assert made.send([message()]).kind == "done"
        over.set()
        made.close()
    assert not was_late.is_set()


def test_a_server_without_tls_suspends(receiver: Receiver) -> None:
    made = sender(receiver.url.replace("http:", "https:"))
    outcome = made.send([message()])
    made.close()
    assert (outcome.kind, "does not speak TLS" in outcome.error) == ("misconfigured", True)


def test_refused_events_become_dead_letters(receiver: Receiver, journal: Journal, tmp_path: Path) -> None:
    keep_alarms(journal, "A1")
    receiver.status = 422
    forward(output_at(receiver.url, **{"secret-file": secret_file(tmp_path)}), journal)
    (mark,) = marks_of(journal)
    assert (mark.state, mark.error) == ("dead", f"{receiver.url.removesuffix('/hook')} answered 422")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"to": ["http://example.com/"]}, "for this computer only"),
        ({"to": ["https:///x"]}, "has no host"),
        ({"to": ["https://x/"], "batch": -1}, "not a number"),
    ],
)
def test_what_cannot_work_is_refused(table: dict[str, Any], words: str) -> None:
    from hpcli.alarms.forward.config import read_output

    with pytest.raises(UsageError, match=words):
        make_setup(read_output("out", table))
