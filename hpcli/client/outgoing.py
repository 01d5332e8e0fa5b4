"""A request as it goes out, and the way to its host: what is the same for all calls is worked out once.

`requests` finds proxies and authorities and writes URLs; its own sending would repeat that work for every call, and
cost more than the call's.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from hpcli import __version__
from hpcli.client.connections import CONNECT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests import Session
    from urllib3 import HTTPConnectionPool, HTTPResponse, Retry

    from hpcli.client.request import Request

CODINGS: Final = ("gzip", "deflate")
"""How the body of an answer may be packed."""

_COMMON: Final[dict[str, str | bytes]] = {
    "User-Agent": f"hpcli/{__version__}",
    "Accept-Encoding": ", ".join(CODINGS),
    "Accept": "*/*",
    "Connection": "keep-alive",
}


class Outgoing(NamedTuple):
    """A request as it goes out.

    Attributes:
        method: of HTTP.
        url: the whole address.
        target: the part behind the host.
        headers: those for the server; it may hold the token.
        body: None where there is none.
    """

    method: str
    url: str
    target: str
    headers: Mapping[str, str | bytes]
    body: bytes | None

    def __repr__(self) -> str:
        """Return method and address: a traceback shows no secret of headers and body."""
        return f"Outgoing({self.method} {self.url})"


def prepare(request: Request, host: str, token: str | None) -> Outgoing:
    """Return a request as it goes out.

    Args:
        request: what to send.
        host: scheme and host.
        token: Bearer token, or None for the sign-in.

    Raises:
        requests.RequestException: no address or header can be like that.
        UnicodeError: it holds text that cannot be encoded.
    """
    from requests.utils import check_header_validity

    content_type, body = _content(request)
    given: dict[str, str | bytes] = {}
    for name, value in request.headers.items():
        encoded = value.encode()  # `requests` would send user names of devices as Latin-1, or not at all
        check_header_validity((name.encode(), encoded))
        given[name] = encoded
    known = {name.lower() for name in given}
    own: dict[str, str | bytes] = {} if "content-type" in known else {"Content-Type": content_type}
    if body is not None or request.operation.method not in ("GET", "HEAD"):
        own["Content-Length"] = str(len(body or b""))
    if token is not None:
        own["Authorization"] = f"Bearer {token}"
    replaced = {name.lower() for name in own}
    headers = {name: value for name, value in _COMMON.items() if name.lower() not in known}
    headers |= {name: value for name, value in given.items() if name.lower() not in replaced}
    headers |= own
    url, target = _address(host, request.path, tuple(request.query.items()))
    return Outgoing(request.operation.method, url, target, headers, body)


@lru_cache(maxsize=64)
def _address(host: str, path: str, query: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """Return the whole address and the part behind the host."""
    from requests import PreparedRequest

    prepared = PreparedRequest()
    prepared.prepare_url(host + path, dict(query) or None)
    return str(prepared.url), prepared.path_url


def _content(request: Request) -> tuple[str, bytes | None]:
    """Return what a body is, and the body."""
    if request.upload is not None:
        from urllib3 import encode_multipart_formdata
        from urllib3.fields import RequestField

        name, data = request.upload
        part = RequestField("file", data, name)
        part.make_multipart()
        content, kind = encode_multipart_formdata([part])
        return kind, content
    if request.content is not None:
        is_xml = request.content.lstrip()[:1] == b"<"
        return "application/xml" if is_xml else "application/json", request.content
    body = None if request.json is None else json.dumps(request.json, ensure_ascii=False).encode()
    return "application/json", body


class Way(NamedTuple):
    """The way to one host: directly or through a proxy.

    Attributes:
        pool: its connections.
        names_host: requests carry the whole address, as a proxy without a tunnel wants it.
    """

    pool: HTTPConnectionPool
    names_host: bool

    def send(self, outgoing: Outgoing, seconds: float) -> HTTPResponse:
        """Send a request within a Deadline; return the answer with its body unread. Nothing is repeated.

        Args:
            outgoing: the request.
            seconds: the longest silence.

        Raises:
            Exception: one of `connections.failures`.
        """
        import urllib3

        response = self.pool.urlopen(
            outgoing.method,
            outgoing.url if self.names_host else outgoing.target,
            body=outgoing.body,
            headers=outgoing.headers,  # type: ignore[arg-type] # the stubs know texts only
            redirect=False,
            assert_same_host=False,
            preload_content=False,
            decode_content=False,
            retries=_no_retries(),
            timeout=urllib3.Timeout(seconds, min(CONNECT_SECONDS, seconds)),
        )
        return cast("HTTPResponse", response)


@lru_cache(maxsize=1)
def _no_retries() -> Retry:
    import urllib3

    return urllib3.Retry(0, read=False)


def find_way(session: Session, host: str) -> Way:
    """Return the way to a host, by the proxies and authorities of the environment.

    Args:
        session: has adapters of `make_adapter`.
        host: scheme and host.

    Raises:
        Exception: one of `connections.failures`.
    """
    import requests
    from urllib3.exceptions import LocationValueError

    prepared = requests.Request("GET", host).prepare()
    url = str(prepared.url)
    given = session.merge_environment_settings(url, {}, stream=True, verify=None, cert=None)
    verify, proxies = given["verify"] or False, given["proxies"]
    adapter: Any = session.get_adapter(url)  # the stubs lack types
    try:
        pool = adapter.get_connection_with_tls_context(prepared, verify, proxies=proxies, cert=given["cert"])
    except LocationValueError as error:
        raise requests.exceptions.InvalidURL(error) from error
    adapter.cert_verify(pool, url, verify, given["cert"])
    return Way(pool, adapter.request_url(prepared, proxies) != prepared.path_url)
