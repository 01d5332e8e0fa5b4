"""Download an alarm picture: without credentials, from public addresses only, within bounds of size and time.

The address comes out of an alarm message, so it may be anyone's. Nothing that identifies the user goes with
the request: no token, no cookie, no `.netrc` entry. Each redirect is checked like a first address. Which computer
is reached is checked on the connected socket before a byte is sent, since a name may lead anywhere. A proxy from
the environment (HTTPS_PROXY, NO_PROXY) is used; then the socket leads to the proxy, which alone knows where it
connects to, and only addresses written out in the URL can be refused here.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol
from urllib.parse import SplitResult, urljoin, urlsplit

from hpcli import __version__
from hpcli.client.connections import (
    Deadline,
    is_loopback_name,
    is_private_literal,
    is_public,
    make_adapter,
    read_address,
)
from hpcli.client.retries import read_retry_after
from hpcli.errors import NetworkError, PictureError, TimeLimitError

if TYPE_CHECKING:
    import requests
    from requests.adapters import HTTPAdapter

PICTURE_LIMIT = 32 << 20
"""Bytes one picture may have."""

_MOST_REDIRECTS = 5
_CONNECT_SECONDS = 10.0
_CHUNK = 1 << 16
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_EXPIRED = frozenset((403, 404, 410))
_PASSING = frozenset((408, 425, 429))


class PictureRefusedError(PictureError):
    """The picture cannot be had from this address, now or later."""

    is_retryable: ClassVar[bool] = False


class LinkExpiredError(PictureRefusedError):
    """The link is stale; an `ISAPI_FILES` path can be exchanged for a new one (guide §3.36)."""


class DownloadError(NetworkError):
    """The download failed in a way that may pass; `retry_after` says when, if the server did."""

    is_retryable: ClassVar[bool] = True


class DownloadTimeError(TimeLimitError):
    """The download took too long."""

    is_retryable: ClassVar[bool] = True


class Sink(Protocol):
    """Where the bytes go."""

    def write(self, data: bytes, /) -> object:
        """Write all of the data."""


@dataclass(frozen=True, slots=True)
class FetchResult:
    """A finished download: its bytes, and its type as the server names it (often wrongly)."""

    size: int
    content_type: str


def fetch(
    url: str,
    sink: Sink,
    *,
    allow_local: bool = False,
    limit: int = PICTURE_LIMIT,
    may_be_text: bool = False,
    timeout: float = 30.0,
    total: float = 300.0,
    verify: bool | str = True,
) -> FetchResult:
    """Download a picture into a sink; after an error the sink may hold a part of it.

    Args:
        url: an https address, perhaps with `&amp;` for `&` as later editions of the guide print it.
        sink: takes the bytes; what its `write` raises passes through.
        allow_local: private addresses are fine, and plain http on loopback, see `connections.is_local_host`.
        limit: bytes.
        may_be_text: it is not a picture, so that JSON or HTML is not an error page.
        timeout: seconds of silence.
        total: seconds for everything, redirects included.
        verify: path of a CA bundle; True for the usual authorities or REQUESTS_CA_BUNDLE.

    Raises:
        LinkExpiredError: 403, 404, 410.
        PictureRefusedError: not https, a private address, too large, no picture, any other refusal.
        DownloadError: unreachable, cut off, 5xx, 429.
        DownloadTimeError: out of time.
    """
    with Deadline(total) as deadline:
        download = _Download(deadline, allow_local=allow_local, timeout=timeout, verify=verify)
        with download.open(url.replace("&amp;", "&")) as response:
            length = _check_answer(response, limit)
            size = 0
            for chunk in download.read(response):
                if not size and not may_be_text and _is_text(response, chunk):
                    raise DownloadError("The server answered with a text instead of a picture.")
                size += len(chunk)
                if size > limit:
                    raise _too_large(limit)
                sink.write(chunk)
            _check_time(deadline)
            if not size or size < (length or 0):
                raise DownloadError(f"The picture was cut off after {size} bytes.")
            return FetchResult(size, response.headers.get("Content-Type", ""))


class _Download:
    """The requests of one download: the picture's own and those of the redirects before it."""

    def __init__(self, deadline: Deadline, *, allow_local: bool, timeout: float, verify: bool | str) -> None:
        self._deadline = deadline
        self._allow_local = allow_local
        self._timeout = (min(_CONNECT_SECONDS, timeout), timeout)
        self._verify = verify

    @contextmanager
    def open(self, url: str) -> Iterator[requests.Response]:
        """Follow redirects to the first other answer. Raises as `fetch` does."""
        adapter = make_adapter(self._check_connection)
        try:
            for _ in range(_MOST_REDIRECTS + 1):
                with self._send(adapter, _check_url(url, allow_local=self._allow_local)) as response:
                    if response.status_code not in _REDIRECTS:
                        yield response
                        return
                    url = _follow(url, response)
            raise PictureRefusedError("The picture's address leads from redirect to redirect.")
        finally:
            adapter.close()

    def read(self, response: requests.Response) -> Iterator[bytes]:
        """Yield the body as it is sent. Raises DownloadError, DownloadTimeError."""
        with self._translate_errors(response.url):
            yield from response.raw.stream(_CHUNK, decode_content=False)

    def _send(self, adapter: HTTPAdapter, parts: SplitResult) -> requests.Response:
        import requests

        headers = {"User-Agent": f"hpcli/{__version__}", "Accept": "*/*", "Accept-Encoding": "identity"}
        url = parts.geturl()
        with self._translate_errors(url):
            # Prepared outside a session: sessions add cookies and the password of a `.netrc` entry.
            request = requests.Request("GET", url, headers=headers).prepare()
            given = requests.Session().merge_environment_settings(
                url, proxies={}, stream=True, verify=self._verify, cert=None
            )
            proxies = {} if is_loopback_name(parts.hostname or "") else given["proxies"]
            return adapter.send(
                request, stream=True, timeout=self._timeout, verify=given["verify"] or False, proxies=proxies
            )

    def _check_connection(self, connection: socket.socket, *, is_plain: bool, is_proxy: bool) -> None:
        """Refuse a private computer before anything is sent to it. Raises as `fetch` does."""
        _check_time(self._deadline)
        address = read_address(connection.getpeername()[0])
        is_allowed = address.is_loopback if is_plain else self._allow_local or is_public(address)
        if not is_allowed and not is_proxy:
            raise _private_address(str(address))

    @contextmanager
    def _translate_errors(self, url: str) -> Iterator[None]:
        import requests
        import urllib3

        host = urlsplit(url).hostname
        try:
            yield
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            _check_time(self._deadline)
            if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError | TimeoutError):
                raise DownloadTimeError(f"The picture server {host} took too long to answer.") from error
            # The library passes the reason on in nested errors of several kinds, but always in the text.
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise PictureRefusedError(
                    f"The certificate of the picture server {host} is not to be trusted."
                ) from error
            if isinstance(error, ValueError):
                raise PictureRefusedError(
                    "The picture's address or the proxy for it cannot be used."
                ) from error
            raise DownloadError(f"The picture server {host} cannot be reached, or hung up.") from error


def _check_time(deadline: Deadline) -> None:
    if deadline.has_passed:
        raise DownloadTimeError("The download of the picture took too long.")


def _check_url(url: str, *, allow_local: bool) -> SplitResult:
    """Refuse what must not even be connected to. Raises PictureRefusedError."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError as error:
        raise PictureRefusedError("The picture's address cannot be read.") from error
    is_local = is_loopback_name(host)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_local and allow_local):
        raise PictureRefusedError("The picture's address does not begin with https.")
    if not host or "@" in parts.netloc:
        raise PictureRefusedError("The picture's address cannot be read.")
    if not allow_local and (is_local or is_private_literal(host)):
        raise _private_address(host)
    return parts


def _follow(url: str, response: requests.Response) -> str:
    target = response.headers.get("Location")
    if not target:
        raise PictureRefusedError(
            "The picture server redirects to nowhere.", http_status=response.status_code
        )
    try:
        return urljoin(url, target)
    except ValueError as error:
        raise PictureRefusedError("The picture server redirects to no address.") from error


def _check_answer(response: requests.Response, limit: int) -> int | None:
    """Return the length that the server announces, if it does. Raises as `fetch` does."""
    status = response.status_code
    if status in _EXPIRED:
        raise LinkExpiredError(
            "The picture's link has expired, or the picture is gone.",
            hint="Links are valid for two hours; ask for the picture by its ISAPI_FILES path if it has one.",
            http_status=status,
        )
    if status in _PASSING or status >= 500:
        error = DownloadError(f"The picture server answered HTTP {status}.", http_status=status)
        error.retry_after = read_retry_after(response.headers.get("Retry-After", ""))
        raise error
    if status != 200:
        raise PictureRefusedError(f"The picture server answered HTTP {status}.", http_status=status)
    # `identity` was asked for: a few compressed bytes may become gigabytes.
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise PictureRefusedError("The picture server sent the picture compressed.")
    length = response.headers.get("Content-Length", "")
    if not (length.isascii() and length.isdecimal()):
        return None
    if int(length[:20]) > limit:
        raise _too_large(limit)
    return int(length)


def _is_text(response: requests.Response, start: bytes) -> bool:
    """Tell an error page or message from a picture that is labelled wrongly."""
    kind = response.headers.get("Content-Type", "").lower()
    return (kind.startswith("text/") or "json" in kind) and start.lstrip()[:1] in (b"<", b"{")


def _too_large(limit: int) -> PictureRefusedError:
    return PictureRefusedError(f"The picture is larger than {limit >> 20} MiB.")


def _private_address(host: str) -> PictureRefusedError:
    return PictureRefusedError(
        f"The picture's address leads to the private address {host}.",
        hint="Such pictures are fetched only if the login host itself is in a private network.",
    )
