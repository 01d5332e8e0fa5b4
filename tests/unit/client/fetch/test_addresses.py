"""Which addresses pictures are fetched from: redirects, proxies, private networks."""

import socket
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from hpcli.client.connections import is_local_host, is_public, read_address
from hpcli.client.fetch import (
    PictureRefusedError,
    fetch,
)
from tests.support.picture_server import HOST, JPEG, Handler, Server, get, url_of


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
        ("64:ff9b::a00:1", False), ("64:ff9b:1::808:808", False), ("2002:7f00:1::", False), ("2001:db8::1", False),
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
