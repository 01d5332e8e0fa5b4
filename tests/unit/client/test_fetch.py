"""Pictures come over real HTTP and HTTPS; what must not be fetched is not even asked for."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hpcli.client.connections import is_local_host, is_public, read_address
from hpcli.client.fetch import (
    DownloadError,
    DownloadTimeError,
    FetchResult,
    LinkExpiredError,
    PictureRefusedError,
    fetch,
)
from hpcli.errors import PictureError

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 800
HOST = "pictures.example.com"

Answer = Callable[["Handler"], object]


class Server(ThreadingHTTPServer):
    daemon_threads = True
    answers: dict[str, Answer]
    seen: list[tuple[str, dict[str, str]]]
    stopped: threading.Event

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what some of these tests are about."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        self.close_connection = True
        self.server.answers[self.path](self)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"content_length": str(len(body))} | headers).items():
            self.send_header(name.replace("_", "-").title(), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Keep stderr quiet."""


def serve(context: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.answers, server.seen, server.stopped = {}, [], threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.stopped.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def _no_proxy_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "no_proxy",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
    ):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def plain() -> Iterator[Server]:
    yield from serve()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate and its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    today = dt.datetime.now(dt.UTC)
    names = [x509.DNSName(HOST), x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(pem + signed.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def secure(certificate: Path) -> Iterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    yield from serve(context)


def url_of(server: Server, path: str, scheme: str = "http", host: str = "127.0.0.1") -> str:
    return f"{scheme}://{host}:{server.server_port}{path}"


def get(server: Server, answer: Answer, *, limit: int = 1 << 20, total: float = 60.0) -> bytes:
    server.answers["/p"] = answer
    sink = BytesIO()
    fetch(url_of(server, "/p"), sink, allow_local=True, limit=limit, total=total)
    return sink.getvalue()


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


@pytest.mark.parametrize(
    ("text", "most"), [("9" * 400, 10 * 365 * 86400), ("Fri, 31 Dec 9999 23:59:59 GMT", 10 * 365 * 86400)]
)
def test_a_server_cannot_ask_for_an_endless_pause(plain: Server, text: str, most: int) -> None:
    with pytest.raises(DownloadError) as caught:
        get(plain, lambda handler: handler.answer(503, retry_after=text))
    assert caught.value.retry_after == most


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


def test_five_redirects_are_followed_and_no_more(plain: Server) -> None:
    def redirect(handler: Handler) -> None:
        handler.answer(307, location=f"/{int(handler.path[1:]) + 1}")

    plain.answers |= {f"/{number}": redirect for number in range(7)}
    plain.answers["/7"] = lambda handler: handler.answer(200, JPEG)
    fetch(url_of(plain, "/2"), BytesIO(), allow_local=True)
    with pytest.raises(PictureRefusedError, match="redirect"):
        fetch(url_of(plain, "/1"), BytesIO(), allow_local=True)
    assert plain.seen[-1][0] == "/6"


def test_the_body_of_a_redirect_is_not_read(plain: Server) -> None:
    plain.answers["/p"] = lambda handler: handler.answer(200, JPEG)
    sink = BytesIO()
    plain.answers["/first"] = lambda handler: handler.answer(302, location="/p", content_length="99999999999")
    fetch(url_of(plain, "/first"), sink, allow_local=True)
    assert sink.getvalue() == JPEG


@pytest.mark.parametrize(
    "location", [None, "", "http://[::1", "ftp://127.0.0.1/p", "file:///etc/passwd", "https://"]
)
def test_a_redirect_to_no_https_address_is_refused(plain: Server, location: str | None) -> None:
    with pytest.raises(PictureRefusedError):
        get(
            plain,
            lambda handler: handler.answer(302, b"", **({} if location is None else {"location": location})),
        )


@pytest.mark.parametrize(
    "url",
    [
        "",
        "p.jpg",
        "ISAPI_FILES/Q03110476_1/x",
        "http://pictures.example.com/p",
        "http://192.0.2.1/p",
        "file:///etc/passwd",
        "https://",
        "https:///p",
        "https://user:secret@pictures.example.com/p",
        "https://pictures.example.com:99999/p",
        "https://[::1/p",
        f"https://{'a' * 300}/p",
        "https://a..b/p",
        "https://\udcff/p",
    ],
)
@pytest.mark.parametrize("allow_local", [True, False])
def test_an_address_that_cannot_be_fetched_is_refused(url: str, allow_local: object) -> None:
    with pytest.raises(PictureRefusedError) as caught:
        fetch(url, BytesIO(), allow_local=bool(allow_local))
    assert "secret" not in str(caught.value)


def test_plain_http_is_for_loopback_with_a_local_login_host_only(plain: Server) -> None:
    plain.answers["/p"] = lambda handler: handler.answer(200, JPEG)
    for host in ("127.0.0.1", "localhost"):
        fetch(url_of(plain, "/p", host=host), BytesIO(), allow_local=True)
        with pytest.raises(PictureRefusedError, match="https"):
            fetch(url_of(plain, "/p", host=host), BytesIO())
    assert len(plain.seen) == 2


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A port on loopback and what was sent to it."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def record() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    received.append(connection.recv(1000))

        thread = threading.Thread(target=record, daemon=True)
        thread.start()
        yield server.getsockname()[1], received
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f.1", "127.0.0.1", "localhost", "[::ffff:127.0.0.1]"]
)
def test_no_spelling_of_a_private_address_gets_a_byte(host: str, listener: tuple[int, list[bytes]]) -> None:
    port, received = listener
    with pytest.raises(PictureRefusedError, match="private address"):
        fetch(f"https://{host}:{port}/p", BytesIO())
    assert b"".join(received) == b""


@pytest.fixture
def proxy(secure: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A proxy that leads every host to the TLS server: the one way here to reach a "public" name."""
    asked: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def tunnel() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                request = client.recv(4000)
                asked.append(request.split()[1].decode())
                client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                target = socket.create_connection(("127.0.0.1", secure.server_port))
                for one, other in ((client, target), (target, client)):
                    threading.Thread(target=pump, args=(one, other), daemon=True).start()

        thread = threading.Thread(target=tunnel, daemon=True)
        thread.start()
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{server.getsockname()[1]}")
        yield asked
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
    except OSError:
        pass
    finally:
        target.close()


def test_a_proxy_from_the_environment_is_used(secure: Server, certificate: Path, proxy: list[str]) -> None:
    secure.answers["/p"] = lambda handler: handler.answer(200, JPEG)
    sink = BytesIO()
    fetch(f"https://{HOST}/p", sink, verify=str(certificate))
    assert sink.getvalue() == JPEG
    assert proxy == [f"{HOST}:443"]


def test_a_loopback_address_is_not_fetched_through_a_proxy(
    secure: Server, certificate: Path, proxy: list[str]
) -> None:
    secure.answers["/p"] = lambda handler: handler.answer(200, JPEG)
    fetch(url_of(secure, "/p", "https", "localhost"), BytesIO(), allow_local=True, verify=str(certificate))
    assert proxy == []


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("https://127.1:{port}/p", "private address 127.0.0.1"),
        ("https://10.0.0.1/p", "private address 10.0.0.1"),
        ("https://169.254.169.254/latest", "private address 169.254.169.254"),
        ("https://localhost:{port}/p", "private address localhost"),
        ("http://127.0.0.1:{port}/p", "https"),
        ("http://pictures.example.com/p", "https"),
        ("//10.0.0.1/p", "private address 10.0.0.1"),
    ],
)
def test_a_redirect_to_a_private_or_plain_address_is_refused(
    location: str,
    reason: str,
    secure: Server,
    certificate: Path,
    proxy: list[str],
    listener: tuple[int, list[bytes]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.1")
    port, received = listener
    secure.answers["/p"] = lambda handler: handler.answer(302, location=location.format(port=port))
    with pytest.raises(PictureRefusedError, match=reason):
        fetch(f"https://{HOST}/p", BytesIO(), verify=str(certificate))
    assert [path for path, _ in secure.seen] == ["/p"]
    assert b"".join(received) == b""


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("8.8.8.8", True), ("2001:4860:4860::8888", True), ("::ffff:8.8.8.8", True), ("64:ff9b::808:808", True),
        ("10.1.2.3", False), ("172.16.0.1", False), ("192.168.1.1", False), ("127.0.0.1", False),
        ("169.254.1.1", False), ("100.64.0.1", False), ("0.0.0.0", False), ("224.0.0.1", False),
        ("239.1.1.1", False), ("255.255.255.255", False), ("240.0.0.1", False), ("192.0.2.1", False),
        ("::1", False), ("::", False), ("fe80::1%eth0", False), ("fc00::1", False), ("fec0::1", False),
        ("ff02::1", False), ("ff0e::1", False), ("::ffff:10.0.0.1", False), ("::ffff:7f00:1", False),
        ("64:ff9b::a00:1", False), ("2002:7f00:1::", False), ("2001:db8::1", False),
    ],
)  # fmt: skip
def test_only_addresses_of_the_internet_are_public(address: str, expected: object) -> None:
    assert is_public(read_address(address)) is expected


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("http://127.0.0.1:8080", True), ("http://localhost:1", True), ("https://192.168.0.7", True),
        ("https://[::1]", True), ("https://8.8.8.8", False), ("https://", False), ("https://a..b", False),
    ],
)  # fmt: skip
def test_a_login_host_is_local_if_it_is_private(base_url: str, expected: object) -> None:
    assert is_local_host(base_url) is expected


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
