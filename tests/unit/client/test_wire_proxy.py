"""The HTTP session through proxies and TLS."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
from pathlib import Path

import pytest

from hpcli.errors import NetworkError
from tests.support.wire_server import (
    CHANGE,
    READ,
    Script,
    answer,
    no_second_try,
    read_request,
    say,
    serving,
    transport_to,
)

HOST = "api.example.org"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate of HOST and of this computer, and its key, in one file."""
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST},IP:127.0.0.1",
         "-keyout", path, "-out", path.with_suffix(".crt")],
        check=True, capture_output=True,
    )  # fmt: skip
    path.write_bytes(path.read_bytes() + path.with_suffix(".crt").read_bytes())
    return path


def through_tls(certificate: Path, script: Script) -> Script:
    """Be a proxy that is also the server behind it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with context.wrap_socket(connection, server_side=True) as secure:
            script(secure)

    return serve


def test_a_proxy_is_used_and_a_change_that_it_lost_is_not_repeated(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytes] = []

    def hang_up(connection: socket.socket) -> None:
        seen.append(read_request(connection))

    with serving(through_tls(certificate, hang_up)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        with pytest.raises(NetworkError):
            transport_to(f"https://{HOST}", timeout=3).call(CHANGE)
    assert len(seen) == 1


def test_a_change_that_the_proxy_did_not_pass_on_is_repeated(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = say(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
    with serving(busy, through_tls(certificate, say(answer()))) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert transport_to(f"https://{HOST}", sleep=lambda _: None).call(CHANGE) == 1


def test_a_proxy_without_a_tunnel_gets_the_whole_address(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(answer())

    with serving(serve) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy)
        assert transport_to(f"http://{HOST}").call(READ) == 1
    assert seen[0].startswith(f"{READ.method} http://{HOST}{READ.path} HTTP/1.1\r\n".encode())


def test_a_proxy_that_wants_a_password_is_told_at_once_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(say(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.replace("//", "//user:geheim@"))
        with pytest.raises(NetworkError) as caught:
            transport_to(f"https://{HOST}", sleep=no_second_try).call(READ)
    assert "407" in caught.value.message
    assert "geheim" not in caught.value.message + (caught.value.hint or "")


def test_a_certificate_that_nobody_signed_is_told_at_once(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(through_tls(certificate, say(answer()))) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        with pytest.raises(NetworkError) as caught:
            transport_to(f"https://{HOST}", sleep=no_second_try).call(READ)
    assert "TLS" in caught.value.message


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", None])
def test_a_loopback_platform_is_trusted_by_the_bundle_of_the_environment(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, name: str | None
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            say(answer())(secure)

    if name is not None:
        monkeypatch.setenv(name, str(certificate))
    with (
        serving(serve) as host,
        contextlib.closing(transport_to(host.replace("http:", "https:"), sleep=no_second_try)) as transport,
    ):
        if name is not None:
            assert transport.call(READ) == 1
        else:
            with pytest.raises(NetworkError, match="TLS"):
                transport.call(READ)


def test_a_host_without_tls_is_told_at_once() -> None:
    with serving(lambda connection: connection.sendall(answer())) as host:
        account = host.replace("http:", "https:")
        with (
            contextlib.closing(transport_to(account, sleep=no_second_try)) as transport,
            pytest.raises(NetworkError, match="does not speak TLS") as caught,
        ):
            transport.call(READ)
    assert host in (caught.value.hint or "")


def test_a_proxy_of_an_unknown_kind_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:1")
    with pytest.raises(NetworkError) as caught:
        transport_to(f"https://{HOST}", sleep=no_second_try).call(READ)
    assert "proxy" in caught.value.message


def test_a_loopback_platform_is_never_reached_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with serving(say(answer())) as host:
        assert transport_to(host).call(READ) == 1
