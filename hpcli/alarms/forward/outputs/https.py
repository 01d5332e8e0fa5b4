"""`https://…`: a POST for each event, or for a batch, signed as Standard Webhooks has it and acknowledged by 2xx."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from hpcli import __version__
from hpcli.alarms.forward.kind import Address, Message, OutputKind, Setup
from hpcli.alarms.forward.outcome import DONE, Outcome, down, misconfigured, refused, retry
from hpcli.alarms.forward.paths import Paths
from hpcli.errors import TimeLimitError, UsageError

if TYPE_CHECKING:
    import requests

_REFUSED: Final = frozenset({400, 413, 415, 422})
_MISCONFIGURED: Final = frozenset({401, 403, 404, 405, 407, 410})
_OVERLOADED: Final = frozenset({429, 502, 503, 504})
_PREFIX: Final = "whsec_"
_OWN_HEADERS: Final = frozenset(
    {"webhook-id", "webhook-timestamp", "webhook-signature", "content-length", "content-type", "host"}
)
_MOST: Final = 1000
_PART: Final = 1 << 16
_MOST_PARTS: Final = 16
_BODY_SECONDS: Final = 0.5
"""How long the body of an answer is waited for, which only keeps the connection: other events wait meanwhile."""


def _secret(setup: Setup) -> bytes:
    """Return the key of the signature; empty without one.

    Raises:
        UsageError: it is not base64, as Standard Webhooks has it.
    """
    text = setup.secret.removeprefix(_PREFIX)
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise UsageError(
            "The secret is not base64.",
            hint=f"Make one: echo {_PREFIX}$(openssl rand -base64 32) > FILE",
        ) from error


def _check(setup: Setup) -> None:
    for address in setup.to:
        address.check_loopback("http", "https")
        if not address.host:
            raise UsageError(f"'{address.text}' has no host.")
    _secret(setup)
    _size(setup)
    for name in setup.headers:
        if name.lower() in _OWN_HEADERS:
            raise UsageError(f"The header {name} cannot be set; hpcli sets it.")


def _size(setup: Setup) -> int:
    """Return how many events a batch may have; 0 sends each by itself."""
    size = setup.options.get("batch", 0)
    if type(size) is not int or not 0 <= size <= _MOST:
        raise UsageError(f"`batch` is not a number up to {_MOST}.")
    return size


@dataclass
class HttpsSender:
    """Posts events; redirects are never followed, and nothing of ~/.netrc is sent."""

    setup: Setup
    now: Callable[[], float] = time.time
    _paths: Paths = field(init=False)

    def __post_init__(self) -> None:
        """Prepare what does not change."""
        self._paths = Paths(self.setup.to)
        self._key = _secret(self.setup)
        self._is_batch = bool(_size(self.setup))

    def send(self, batch: Sequence[Message]) -> Outcome:
        """Post events and return what the first server that could be reached said."""
        outcome = down("there is no address")
        for address in self._paths.order():
            outcome = self._post(address, batch)
            if outcome.kind != "down":
                if self._paths.note_working(address):
                    self.setup.log(f"sending to {address.short} now.")
                return self._paths.taken_by(address) if outcome is DONE else outcome
            self._paths.note_failed(address, outcome.error)
        return outcome

    def idle(self) -> float | None:
        """There is nothing to do."""
        return None

    def close(self) -> None:
        """Close the connections."""
        if "_session" in self.__dict__:
            self._session.close()

    @cached_property
    def _session(self) -> requests.Session:
        import requests

        from hpcli.client.connections import is_loopback_name, leave_out_proxies, make_adapter

        session = requests.Session()
        session.headers["User-Agent"] = f"hpcli/{__version__}"
        if all(is_loopback_name(address.host) for address in self.setup.to):
            leave_out_proxies(session)
        for scheme in ("https://", "http://"):
            session.mount(scheme, make_adapter())
        return session

    def _post(self, address: Address, batch: Sequence[Message]) -> Outcome:
        import requests

        from hpcli.client.connections import Deadline, failures, send_once
        from hpcli.client.no_answer import read_failure

        body, mark = self._body(batch)
        request = requests.Request(
            "POST", address.text, data=body, headers=self._headers(mark, body), auth=_leave_alone
        )
        with Deadline(self.setup.seconds) as deadline:
            try:
                prepared = self._session.prepare_request(request)
                with send_once(self._session, prepared, self.setup.seconds) as response:
                    outcome = _outcome(address, response)
                    deadline.shorten(_BODY_SECONDS)
                    _read(response)
                    return outcome
            except failures() as error:
                lost = read_failure(error, address.short)
                if deadline.has_passed or isinstance(lost.error, TimeLimitError):
                    return down(f"{address.short} did not answer within {self.setup.seconds:g} s")
                text = lost.error.message.rstrip(".")
                text = text if address.short in text else f"{address.short}: {text}"
                is_wrong = lost.is_final and lost.never_arrived  # such as a certificate that is not trusted
                return misconfigured(text) if is_wrong else down(text)

    def _body(self, batch: Sequence[Message]) -> tuple[bytes, str]:
        """Return the body and the id under which a receiver knows a repeat."""
        if self._is_batch:
            lines = ",".join(message.line for message in batch)
            return f"[{lines}]".encode(), f"{batch[0].mark}+{len(batch)}"
        return batch[0].line.encode(), batch[0].mark

    def _headers(self, mark: str, body: bytes) -> dict[str, str]:
        moment = str(int(self.now()))
        found = {
            **self.setup.headers,
            "Content-Type": "application/json",
            # A receiver removes blanks at the ends, but the signature has them.
            "webhook-id": mark.encode("ascii", "backslashreplace").decode().replace(" ", "\\x20"),
            "webhook-timestamp": moment,
        }
        if self._key:
            signed = f"{found['webhook-id']}.{moment}.".encode() + body
            digest = hmac.new(self._key, signed, hashlib.sha256).digest()
            found["webhook-signature"] = f"v1,{base64.b64encode(digest).decode()}"
        return found


def _leave_alone(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Add no credentials; without this, requests would take those of ~/.netrc."""
    return request


def _read(response: requests.Response) -> None:
    """Read a short body, so that the connection can be used again; what it says does not matter."""
    with suppress(Exception):  # the status line has acknowledged already
        for _ in range(_MOST_PARTS):
            if not response.raw.read1(_PART):
                return


def _outcome(address: Address, response: requests.Response) -> Outcome:
    from hpcli.client.retries import read_retry_after

    status = response.status_code
    text = f"{address.short} answered {status}"
    wait = read_retry_after(response.headers.get("Retry-After", ""), response.headers.get("Date", ""))
    if 200 <= status < 300:
        return DONE
    if status in _REFUSED:
        return refused(text)
    if 300 <= status < 400:
        return misconfigured(f"{text}; redirects are not followed")
    if status in _MISCONFIGURED:
        return misconfigured(text)
    return down(text, wait) if status in _OVERLOADED else retry(text, wait)


OUTPUT: Final = OutputKind(
    schemes=("https", "http"),
    acknowledged_by="a 2xx answer",
    open=HttpsSender,
    check=_check,
    options=frozenset({"batch"}),
    keeps_order=True,
    lanes=4,
    seconds=15.0,
)
