"""The HTTP session: one request to one answer, bounded in time and size, traced by an allow-list."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from hpcli.auth.account import is_loopback
from hpcli.client.answers import Answer
from hpcli.client.no_answer import NoAnswer, out_of_time, read_failure
from hpcli.client.outgoing import CODINGS, Outgoing, Way, find_way, prepare
from hpcli.errors import NetworkError, UsageError
from hpcli.masking import mask_known
from hpcli.parse import parse_http_date, parse_json

if TYPE_CHECKING:
    from datetime import datetime

    import requests
    from urllib3 import HTTPResponse

    from hpcli.client.connections import Deadline, Sending
    from hpcli.client.request import Request

_LONGEST_IDLE_SECONDS = 30.0
_CHUNK = 1 << 16
_LARGEST_ANSWER = 64 << 20
_LARGEST_UNLOOKED = 4 << 20
_TIGHTEST = 200  # rows that differ in a number only are packed to some 50th of their size
_SHOWN_HEADERS = frozenset(
    {"content-type", "retry-after", "x-devserial", "x-userlevel", "x-usertype", "x-ezo-code", "x-errorcode",
     "x-devicecode", "x-localindex", "x-resourcecategory", "x-domainidentifier", "x-propidentifier"}
)  # fmt: skip
_SHOWN_KEYS = frozenset(
    {"page", "pageSize", "siteId", "deviceSerial", "deviceSerialList", "id", "deviceId", "subType", "subMode",
     "batchId", "errorCode", "total", "totalPage", "channelNo", "syncTaskID"}
)  # fmt: skip


class Wire:
    """The `requests` session of one account."""

    def __init__(
        self,
        login_host: str,
        trace: Callable[[str], None] | None,
        *,
        trace_bodies: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.login_host = login_host
        self.trace = trace
        self.trace_bodies = trace_bodies
        self.clock = clock
        self._used_at: float | None = None
        self._date: tuple[str, float] | None = None
        self._lock = threading.Lock()
        self._in_flight: dict[int, Deadline] = {}
        self._ways: dict[str, Way] = {}

    @property
    def session(self) -> requests.Session:
        """The session, made on first use; threads share it."""
        with self._lock:
            return self._session

    @cached_property
    def _session(self) -> requests.Session:
        """The session; a loopback platform is never reached through a proxy."""
        import requests

        from hpcli.client.connections import leave_out_proxies, make_adapter

        session = requests.Session()
        if is_loopback(self.login_host):
            leave_out_proxies(session)
        for scheme in ("https://", "http://"):
            session.mount(scheme, make_adapter())
        return session

    def close(self) -> None:
        """Close the connections, if there are any."""
        if "_session" in self.__dict__:
            self._ways.clear()
            self._session.close()

    def cut(self, thread: int) -> None:
        """Close the connection on which a thread waits for an answer, if it does: its time is up."""
        deadline = self._in_flight.get(thread)
        if deadline is not None:
            deadline.cut()

    def send(
        self,
        request: Request,
        host: str,
        token: str | None,
        seconds: float,
        sending: Sending | None = None,
    ) -> Answer:
        """Send a request and read its answer whole.

        Args:
            request: what to send.
            host: scheme and host.
            token: Bearer token, or None for the sign-in.
            seconds: time limit.
            sending: is told when the request goes out.

        Raises:
            NoAnswer: no whole answer came within the limit.
        """
        from hpcli.client.connections import Deadline, failures

        started = self.clock()
        self._drop_idle_connections(started)
        outgoing = self._prepare(request, host, token)
        received = _Received(request, host)
        with Deadline(seconds, sending) as deadline:
            self._in_flight[threading.get_ident()] = deadline
            try:
                self._receive(outgoing, host, seconds, deadline, received)
            except failures() as error:
                if deadline.has_passed:
                    lost = NoAnswer(out_of_time(), never_arrived=not deadline.has_sent)
                else:
                    lost = read_failure(error, host)
                raise received.cut(lost) from error
            except NoAnswer as lost:
                raise received.cut(lost) from None
            finally:
                del self._in_flight[threading.get_ident()]
        self._used_at = self.clock()
        answer = received.answer()
        if self.trace:
            self._trace(request, answer, self.clock() - started)
        return answer

    def _prepare(self, request: Request, host: str, token: str | None) -> Outgoing:
        """Return a request as it goes out. Raises NoAnswer where it cannot be sent."""
        import requests

        try:
            return prepare(request, host, token)
        except requests.exceptions.InvalidHeader as error:
            raise NoAnswer(
                UsageError("A header holds what no header can hold, such as a line end."),
                never_arrived=True,
                is_final=True,
            ) from error
        except UnicodeError as error:
            raise UsageError("A value of this call is not text that can be sent.") from error
        except (requests.RequestException, ValueError) as error:
            raise NoAnswer(
                UsageError(f"The request cannot be sent to {host}."), never_arrived=True, is_final=True
            ) from error

    def _receive(
        self, outgoing: Outgoing, host: str, seconds: float, deadline: Deadline, received: _Received
    ) -> None:
        """Send and read the answer whole."""
        response = self._way(host).send(outgoing, seconds)
        self._note_date(response.headers.get("Date"))
        received.response = response
        try:
            self._read(response, deadline, received.parts)
        finally:
            response.close()
            response.release_conn()

    def _way(self, host: str) -> Way:
        with self._lock:
            way = self._ways.get(host)
            if way is None:
                way = self._ways[host] = find_way(self._session, host)
            return way

    def platform_time(self) -> datetime | None:
        """Return the present by the Date header of the last answer; None where there was none."""
        if self._date is None:
            return None
        text, received = self._date
        moment = parse_http_date(text)
        return moment and moment + timedelta(seconds=self.clock() - received)

    def _note_date(self, text: str | None) -> None:
        self._date = (text, self.clock()) if text else None

    def _drop_idle_connections(self, now: float) -> None:
        """Close what idled so long that a server or router may have forgotten it: a change would be lost there."""
        with self._lock:
            if self._used_at is not None and now - self._used_at > _LONGEST_IDLE_SECONDS:
                self._ways.clear()
                for adapter in self._session.adapters.values():
                    adapter.close()
            self._used_at = now

    def _read(self, response: HTTPResponse, deadline: Deadline, parts: list[bytes]) -> None:
        """Read the body as it arrives: `iter_content` would wait for whole parts, however slowly they drip."""
        coding = response.headers.get("Content-Encoding", "").strip().lower()
        if coding not in ("", "identity", *CODINGS):
            raise NoAnswer(
                NetworkError("The answer comes in a coding that was not asked for."), is_final=True
            )
        _check_size(response.length_remaining or 0, parts)
        size = 0
        while part := response.read1(_CHUNK, decode_content=True):
            parts.append(part)
            size += len(part)
            _check_size(size, parts, response.tell())
            if deadline.has_passed:
                raise NoAnswer(out_of_time())
        if deadline.has_passed:  # the end of the connection may be our own doing
            raise NoAnswer(out_of_time())

    def _trace(self, request: Request, answer: Answer, seconds: float) -> None:
        assert self.trace is not None  # the caller looked
        self.trace(
            mask_known(
                f"> {request.operation.method} {answer.url} {_shown_headers(request.headers)}".rstrip()
            )
        )
        if self.trace_bodies and request.json is not None:
            self.trace(mask_known(f"> {json.dumps(_shown_body(request.json), ensure_ascii=False)}"))
        self.trace(
            mask_known(f"< HTTP {answer.status} {seconds:.2f} s {_shown_headers(answer.headers)}".rstrip())
        )
        if self.trace_bodies:
            self.trace(mask_known(f"< {_shown_text(answer.body)}"))


def _check_size(size: int, parts: list[bytes], received: int | None = None) -> None:
    """Refuse an answer that is too large, or that is going to be, and let go of what has come of it.

    Args:
        size: of the body so far, or as the answer names it.
        parts: of the body; what is too large is nobody's to read.
        received: bytes of it that came, packed or not.

    Raises:
        NoAnswer: it is; another try would end the same way.
    """
    if size > _LARGEST_ANSWER:
        text = "The answer is larger than 64 MiB."
    elif received is not None and size > max(_LARGEST_UNLOOKED, received * _TIGHTEST):
        text = f"The answer is packed as no message is: it unpacks to over {_TIGHTEST} times its size."
    else:
        return
    parts.clear()
    raise NoAnswer(NetworkError(text), is_final=True)


class _Received:
    """What has come of an answer."""

    def __init__(self, request: Request, host: str) -> None:
        self.request = request
        self.host = host
        self.response: HTTPResponse | None = None
        self.parts: list[bytes] = []

    def answer(self, *, is_whole: bool = True) -> Answer:
        """Return the answer, whose head has come."""
        assert self.response is not None  # of the caller's
        return Answer(
            self.response.status,
            self.response.headers,
            b"".join(self.parts),
            self.host + self.request.path,
            may_be_empty=self.request.operation.may_be_empty,
            is_whole=is_whole,
        )

    def cut(self, lost: NoAnswer) -> NoAnswer:
        """Return why no whole answer came, with the part that did."""
        if self.response is not None and self.parts:
            lost.received = self.answer(is_whole=False)
        return lost


def _shown_headers(headers: Mapping[str, str]) -> str:
    return " ".join(f"{name}: {value}" for name, value in headers.items() if name.lower() in _SHOWN_HEADERS)


def _shown_body(body: Any, key: str = "") -> Any:
    """Return the body with all values hidden but those of the keys on the allow-list."""
    if isinstance(body, dict):
        return {name: _shown_body(item, name.strip()) for name, item in body.items()}
    if isinstance(body, list):
        return [_shown_body(item, key) for item in body]
    return body if key in _SHOWN_KEYS else "…"


def _shown_text(body: bytes) -> str:
    try:
        return json.dumps(_shown_body(parse_json(body)), ensure_ascii=False)[:2000]
    except (ValueError, RecursionError):
        return f"{len(body)} bytes"
