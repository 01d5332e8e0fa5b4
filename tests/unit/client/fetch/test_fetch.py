"""Pictures come over real HTTP and HTTPS; what must not be fetched is not even asked for."""

import socket
from io import BytesIO
from pathlib import Path

import pytest

from hpcli.client.fetch import (
    DownloadError,
    DownloadTimeError,
    FetchResult,
    LinkExpiredError,
    PictureRefusedError,
    fetch,
)
from hpcli.errors import PictureError
from tests.support.picture_server import JPEG, Answer, Handler, Server, get, url_of


def test_a_picture_arrives_whole(plain: Server) -> None:
    plain.answers["/p?id=1&n=2"] = lambda handler: handler.answer(200, JPEG, content_type="image/jpeg")
    sink = BytesIO()
    result = fetch(url_of(plain, "/p?id=1&amp;n=2"), sink, allow_local=True)
    assert sink.getvalue() == JPEG
    assert result == FetchResult(len(JPEG), "image/jpeg")


def test_a_picture_arrives_over_https(secure: Server, certificate: Path) -> None:
    secure.answers["/p"] = lambda handler: handler.answer(200, JPEG)
    sink = BytesIO()
    fetch(url_of(secure, "/p", "https"), sink, allow_local=True, verify=str(certificate))
    assert sink.getvalue() == JPEG


def test_a_certificate_nobody_vouches_for_ends_it(secure: Server) -> None:
    with pytest.raises(PictureRefusedError, match="certificate of the picture server"):
        fetch(url_of(secure, "/p", "https"), BytesIO(), allow_local=True)
    assert secure.seen == []


def test_nothing_that_identifies_the_user_is_sent(
    plain: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("default login someone password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    plain.answers["/first"] = lambda handler: handler.answer(
        302, location="/p", set_cookie="session=1; Path=/"
    )
    plain.answers["/p"] = lambda handler: handler.answer(200, JPEG)
    fetch(url_of(plain, "/first"), BytesIO(), allow_local=True)
    assert [path for path, _ in plain.seen] == ["/first", "/p"]
    for _, headers in plain.seen:
        assert set(headers) <= {"host", "user-agent", "accept", "accept-encoding", "connection"}


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_stale_link_is_said_to_have_expired(plain: Server, status: int) -> None:
    with pytest.raises(LinkExpiredError, match="link has expired") as caught:
        get(plain, lambda handler: handler.answer(status, b"{}"))
    assert isinstance(caught.value, PictureError)
    assert caught.value.http_status == status
    assert not caught.value.is_retryable


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_fault_that_may_pass_can_be_retried(plain: Server, status: int) -> None:
    with pytest.raises(DownloadError, match=f"HTTP {status}") as caught:
        get(plain, lambda handler: handler.answer(status, retry_after="7"))
    assert caught.value.is_retryable
    assert caught.value.retry_after == 7.0


@pytest.mark.parametrize("text", ["9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_server_cannot_ask_for_an_endless_pause(plain: Server, text: str) -> None:
    with pytest.raises(DownloadError) as caught:
        get(plain, lambda handler: handler.answer(503, retry_after=text))
    assert caught.value.retry_after is None


@pytest.mark.parametrize("status", [204, 206, 304, 401, 405, 418])
def test_other_answers_are_final(plain: Server, status: int) -> None:
    with pytest.raises(PictureRefusedError, match=f"HTTP {status}") as caught:
        get(plain, lambda handler: handler.answer(status))
    assert not caught.value.is_retryable


def send_in_chunks(handler: Handler, *chunks: bytes, end: bytes = b"0\r\n\r\n") -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for chunk in chunks:
        handler.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
    handler.wfile.write(end)


def send_without_length(handler: Handler, body: bytes) -> None:
    handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n" + body)


@pytest.mark.parametrize(
    "answer",
    [
        lambda handler: send_in_chunks(handler, JPEG[:100], JPEG[100:]),
        lambda handler: send_without_length(handler, JPEG),
    ],
    ids=["chunked", "until the end"],
)
def test_bodies_without_a_length_arrive_whole(plain: Server, answer: Answer) -> None:
    assert get(plain, answer) == JPEG


@pytest.mark.parametrize(
    "answer",
    [
        lambda handler: handler.answer(200, JPEG),
        lambda handler: send_in_chunks(handler, JPEG[:5000], JPEG[5000:]),
        lambda handler: send_without_length(handler, JPEG),
    ],
    ids=["with a length", "chunked", "until the end"],
)
def test_a_picture_over_the_limit_is_refused_and_the_limit_never_exceeded(
    plain: Server, answer: Answer
) -> None:
    plain.answers["/p"] = answer
    sink = BytesIO()
    with pytest.raises(PictureRefusedError, match="larger than"):
        fetch(url_of(plain, "/p"), sink, allow_local=True, limit=len(JPEG) - 1)
    assert len(sink.getvalue()) < len(JPEG)
    assert get(plain, answer, limit=len(JPEG)) == JPEG


@pytest.mark.parametrize(
    "answer",
    [
        lambda handler: handler.answer(200, JPEG, content_length=str(len(JPEG) + 1)),
        lambda handler: send_in_chunks(handler, JPEG, end=b""),
        lambda handler: send_in_chunks(handler, end=b"ff\r\nabc"),
        lambda handler: handler.answer(200, b""),
        lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Le"),
        lambda handler: handler.wfile.write(b"what is this?\r\n\r\n"),
        lambda handler: handler.wfile.write(b""),
    ],
    ids=["length", "chunks", "chunk", "empty", "headers", "not HTTP", "nothing"],
)
def test_an_answer_that_was_cut_off_can_be_retried(plain: Server, answer: Answer) -> None:
    with pytest.raises(DownloadError) as caught:
        get(plain, answer)
    assert caught.value.is_retryable


def drip(handler: Handler, start: bytes) -> None:
    handler.wfile.write(start)
    while not handler.server.stopped.wait(0.02):
        handler.wfile.write(b"a")
        handler.wfile.flush()


@pytest.mark.parametrize(
    "start",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n",
        b"HTTP/1.1 200 OK\r\nX-Long: ",
        b"HTTP/1.1 2",
    ],
    ids=["length", "until the end", "chunked", "header", "status"],
)
def test_a_server_that_trickles_is_left_when_the_time_is_up(plain: Server, start: bytes) -> None:
    with pytest.raises(DownloadTimeError) as caught:
        get(plain, lambda handler: drip(handler, start), total=0.3)
    assert caught.value.is_retryable


def test_a_silent_server_is_left(plain: Server) -> None:
    plain.answers["/p"] = lambda handler: handler.server.stopped.wait(30)
    with pytest.raises(DownloadTimeError, match="too long to answer"):
        fetch(url_of(plain, "/p"), BytesIO(), allow_local=True, timeout=0.2)


def test_nobody_listening_can_be_retried() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(DownloadError, match="cannot be reached"):
        fetch(f"http://127.0.0.1:{port}/p", BytesIO(), allow_local=True)


def test_a_compressed_answer_is_refused(plain: Server) -> None:
    with pytest.raises(PictureRefusedError, match="compressed"):
        get(plain, lambda handler: handler.answer(200, JPEG, content_encoding="gzip"))


def test_an_error_page_is_no_picture_but_a_wrong_label_does_no_harm(plain: Server) -> None:
    with pytest.raises(DownloadError, match="text instead of a picture"):
        get(plain, lambda handler: handler.answer(200, b"\n<html>", content_type="text/html; charset=utf-8"))
    with pytest.raises(DownloadError, match="text instead of a picture"):
        get(plain, lambda handler: handler.answer(200, b'{"code":1}', content_type="application/json"))
    assert get(plain, lambda handler: handler.answer(200, JPEG, content_type="text/plain")) == JPEG


def test_what_the_sink_raises_passes_through(plain: Server) -> None:
    class Full:
        def write(self, _data: bytes, /) -> None:
            raise OSError(28, "No space left on device")

    plain.answers["/p"] = lambda handler: handler.answer(200, JPEG)
    with pytest.raises(OSError, match="No space left"):
        fetch(url_of(plain, "/p"), Full(), allow_local=True)


def test_no_address_shows_its_query_in_an_error(plain: Server) -> None:
    plain.answers["/p?ticket=hidden"] = lambda handler: handler.answer(500)
    with pytest.raises(DownloadError) as caught:
        fetch(url_of(plain, "/p?ticket=hidden"), BytesIO(), allow_local=True)
    assert "hidden" not in str(caught.value)


def test_a_large_picture_streams_within_bounds(plain: Server) -> None:
    import tracemalloc

    block = bytes(1 << 20)

    def send(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(31 << 20))
        handler.end_headers()
        for _ in range(31):
            handler.wfile.write(block)

    sizes: list[int] = []

    class Counter:
        def write(self, data: bytes, /) -> None:
            sizes.append(len(data))

    plain.answers["/p"] = send
    fetch(url_of(plain, "/p"), Counter(), allow_local=True)
    tracemalloc.start()
    fetch(url_of(plain, "/p"), Counter(), allow_local=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sum(sizes) == 2 * (31 << 20)
    assert peak < 4 << 20
