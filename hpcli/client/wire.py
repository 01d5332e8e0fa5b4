"""The HTTP session: one request to one answer, bounded in time and size, traced by an allow-list."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from hpcli import __version__
from hpcli.auth.account import is_loopback
from hpcli.client.answers import Answer
from hpcli.errors import HpcliError, NetworkError, TimeLimitError

if TYPE_CHECKING:
    import requests

    from hpcli.client.transport import Request

_CONNECT_SECONDS = 10.0
_CHUNK = 1 << 16
_LARGEST_ANSWER = 64 << 20
_SHOWN_HEADERS = frozenset(
    {"content-type", "retry-after", "x-devserial", "x-userlevel", "x-usertype", "x-ezo-code", "x-errorcode",
     "x-devicecode", "x-localindex", "x-resourcecategory", "x-domainidentifier", "x-propidentifier"}
)  # fmt: skip
_SHOWN_KEYS = frozenset(
    {"page", "pageSize", "siteId", "deviceSerial", "deviceSerialList", "id", "deviceId", "subType", "subMode",
     "batchId", "errorCode", "total", "totalPage", "channelNo", "syncTaskID", "data", "list", "rows"}
)  # fmt: skip


class Lost(Exception):  # noqa: N818 - carries the error; never leaves the client
    """No whole answer came.

    Attributes:
        error: what to raise where it is not repeated.
        never_arrived: the platform surely did not get the request.
    """

    def __init__(self, error: HpcliError, *, never_arrived: bool) -> None:
        super().__init__(str(error))
        self.error = error
        self.never_arrived = never_arrived


@dataclass
class Wire:
    """The `requests` session of one account."""

    login_host: str
    trace: Callable[[str], None] | None
    trace_bodies: bool
    clock: Callable[[], float] = time.monotonic

    @cached_property
    def session(self) -> requests.Session:
        """The session, made on first use; a loopback platform is never reached through a proxy."""
        import http.cookiejar

        import requests

        session = requests.Session()
        session.headers["User-Agent"] = f"hpcli/{__version__}"
        session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
        session.trust_env = not is_loopback(self.login_host)
        return session

    def close(self) -> None:
        """Close the connections, if there are any."""
        if "session" in self.__dict__:
            self.session.close()

    def send(self, request: Request, host: str, token: str | None, seconds: float) -> Answer:
        """Send a request and read its answer whole.

        Args:
            request: what to send.
            host: scheme and host.
            token: Bearer token, or None for the sign-in.
            seconds: time limit.

        Raises:
            Lost: no whole answer came within the limit.
        """
        import requests

        deadline = self.clock() + seconds
        started = self.clock()
        try:
            response = self.session.request(
                request.operation.method,
                host + request.path,
                params=dict(request.query) or None,
                headers=_headers(request),
                data=_content(request),
                files={"file": request.upload} if request.upload else None,
                auth=_Bearer(token),
                allow_redirects=False,
                stream=True,
                timeout=(min(_CONNECT_SECONDS, seconds), seconds),
            )
            with response:
                body = self._read(response, deadline)
        except requests.RequestException as error:
            raise _lost(error, host) from error
        answer = Answer(response.status_code, dict(response.headers), body, host + request.path)
        if self.trace:
            self._trace(request, answer, self.clock() - started)
        return answer

    def _read(self, response: requests.Response, deadline: float) -> bytes:
        parts: list[bytes] = []
        size = 0
        for part in response.iter_content(_CHUNK):
            parts.append(part)
            size += len(part)
            if size > _LARGEST_ANSWER:
                raise Lost(NetworkError("The answer is larger than 64 MiB."), never_arrived=False)
            if self.clock() > deadline:
                raise Lost(_out_of_time(), never_arrived=False)
        return b"".join(parts)

    def _trace(self, request: Request, answer: Answer, seconds: float) -> None:
        assert self.trace is not None  # the caller looked
        self.trace(f"> {request.operation.method} {answer.url} {_shown_headers(request.headers)}".rstrip())
        if self.trace_bodies and request.json is not None:
            self.trace(f"> {json.dumps(_shown_body(request.json))}")
        self.trace(f"< HTTP {answer.status} {seconds:.2f} s {_shown_headers(answer.headers)}".rstrip())
        if self.trace_bodies:
            self.trace(f"< {_shown_text(answer.body)}")


def _headers(request: Request) -> dict[str, str]:
    headers = dict(request.headers)
    if request.upload is None:
        is_xml = request.content is not None and request.content.lstrip()[:1] == b"<"
        headers.setdefault("Content-Type", "application/xml" if is_xml else "application/json")
    return headers


def _content(request: Request) -> bytes | None:
    if request.content is not None:
        return request.content
    if request.json is not None:
        return json.dumps(request.json, ensure_ascii=False).encode()
    return None


class _Bearer:
    """Signs a request; being an auth object keeps `~/.netrc` out, also where there is no token yet."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token is not None:
            prepared.headers["Authorization"] = f"Bearer {self._token}"
        return prepared


def _out_of_time() -> TimeLimitError:
    return TimeLimitError("The platform did not answer in time.", hint="Try again, or raise --timeout.")


def _lost(error: requests.RequestException, host: str) -> Lost:
    """Tell a request that never left from one whose answer was lost."""
    import requests
    from urllib3.exceptions import NewConnectionError

    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(error, requests.exceptions.SSLError):
        hint = "Check the date of this computer, and REQUESTS_CA_BUNDLE where a proxy re-signs traffic."
        return Lost(NetworkError(f"No trusted TLS connection to {host}.", hint=hint), never_arrived=False)
    if isinstance(error, requests.exceptions.ProxyError):
        return Lost(
            NetworkError("The proxy refused.", hint="Check HTTPS_PROXY and NO_PROXY."), never_arrived=True
        )
    if isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError):
        hint = "Check the network and name resolution: `hpcli doctor`."
        return Lost(NetworkError(f"{host} cannot be reached.", hint=hint), never_arrived=True)
    if isinstance(error, requests.Timeout):
        return Lost(_out_of_time(), never_arrived=False)
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidHeader):
        return Lost(NetworkError(f"The request cannot be sent to {host}."), never_arrived=False)
    return Lost(NetworkError(f"The connection to {host} broke off."), never_arrived=False)


def _shown_headers(headers: Mapping[str, str]) -> str:
    return " ".join(f"{name}: {value}" for name, value in headers.items() if name.lower() in _SHOWN_HEADERS)


def _shown_body(body: Any) -> Any:
    """Return the body with the values of all keys hidden that are not on the allow-list."""
    if isinstance(body, dict):
        return {key: _shown_body(item) if key in _SHOWN_KEYS else "…" for key, item in body.items()}
    if isinstance(body, list):
        return [_shown_body(item) for item in body]
    return body


def _shown_text(body: bytes) -> str:
    try:
        return json.dumps(_shown_body(json.loads(body)), ensure_ascii=False)[:2000]
    except ValueError:
        return f"{len(body)} bytes"
