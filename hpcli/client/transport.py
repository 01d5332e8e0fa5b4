"""All HTTP of the client: sign-in, token renewal, retries, call limits, area domain, answers or errors.

Known traps: a `default` line in `~/.netrc` would replace our Bearer header, so every request carries an
`AuthBase` object of ours; custom headers such as `X-Password` would follow a redirect to another host, so
redirects are not followed.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hpcli.api.operation import Operation
from hpcli.client.answers import (
    BUSY_CODES,
    TOKEN_CODES,
    UNAVAILABLE_CODES,
    Answer,
    envelope_code,
    not_an_envelope,
    read_envelope,
    refusal,
    status_error,
)
from hpcli.client.no_answer import Lost
from hpcli.client.signing import GET_TOKEN, SignIn
from hpcli.client.wire import Wire
from hpcli.errors import DryRun, HpcliError, NetworkError, TimeLimitError

if TYPE_CHECKING:
    from hpcli.auth.account import Account
    from hpcli.auth.tokens import Token
    from hpcli.client.call_limit import CallLimiter
    from hpcli.client.signing import Tokens

LONG_POLL_SECONDS = 35.0  # the platform holds the poll for 20 s (§3.34)
_RETRY_STATUS = frozenset({429, 502, 503, 504})
_RENEWAL_SECONDS = 60.0
_FIRST_PAUSE, _TOLD_PAUSE, _LONGEST_PAUSE = 0.5, 1.0, 20.0
# Fields of the guide (secretKey, X-Password, pinCode, validateCode) and of devices (loginPassword, PIN).
_SECRETS = (
    r"\w*(?:authorization|password|passwd|pwd|secret|pincode|validatecode|verif\w*code|encrypt\w*key)\w*|pin"
)
_SECRET_NAME = re.compile(rf"(?:x-)?(?:{_SECRETS})", re.IGNORECASE)
_PHOTO = "facePicture"
_SECRET_ELEMENT = re.compile(rf"(<((?:\w+:)?(?:{_SECRETS}))\b[^>]*>)[^<]*(?=</\2>)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Request:
    """One call, ready to be sent."""

    operation: Operation
    path: str
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Any = field(default=None, repr=False)
    content: bytes | None = field(default=None, repr=False)
    upload: tuple[str, bytes] | None = field(default=None, repr=False)

    def plan(self, host: str) -> dict[str, Any]:
        """Return what `--dry-run` prints: method, url, headers, body; secrets as `***`."""
        from urllib.parse import urlencode

        url = host + self.path + ("?" + urlencode(self.query) if self.query else "")
        body: Any = self.json
        if self.content is not None:
            body = _shown_content(self.content)
        if self.upload is not None:
            body = {"file": f"{self.upload[0]} ({len(self.upload[1])} bytes)"}
        headers = {"Authorization": "***", **self.headers}
        return {
            "method": self.operation.method,
            "url": url,
            "headers": mask(headers),
            "body": _without_photo(mask(body)),
        }


def _without_photo(body: Any) -> Any:
    """Return a body with the face picture told by its size (§3.43)."""
    photo = body.get(_PHOTO) if isinstance(body, Mapping) else None
    if not isinstance(photo, str):
        return body
    size = len(photo) * 3 // 4 - photo[-2:].count("=")
    return {**body, _PHOTO: f"<JPEG, {size} bytes, base64>"}


def _shown_content(content: bytes) -> Any:
    """Return a body as `--dry-run` shows it: JSON as data, XML as text without its secrets."""
    text = content.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _SECRET_ELEMENT.sub(r"\1***", text)


def mask(value: Any) -> Any:
    """Return `value` with the values of secret keys replaced by `***`."""
    if isinstance(value, Mapping):
        return {key: "***" if _SECRET_NAME.fullmatch(key) else mask(item) for key, item in value.items()}
    if isinstance(value, list):
        return [mask(item) for item in value]
    return value


@dataclass
class Transport:
    """One session of one account.

    Args:
        account: login host and app key.
        secret: returns the secret key; asked only when a token must be got.
        tokens: token cache.
        limiter: call limiter, or None for none.
        timeout: seconds that one call may take with its retries.
        planning: raise `DryRun` in place of sending a change.
        trace: takes one line a request and an answer, or None.
        notice: takes a sentence for the person who waits, or None.
        retry_notice: takes a sentence where a call is about to be repeated for the second time, or None.
    """

    account: Account
    secret: Callable[[], str]
    tokens: Tokens
    limiter: CallLimiter | None = None
    timeout: float = 60.0
    planning: bool = False
    trace: Callable[[str], None] | None = None
    trace_bodies: bool = False
    notice: Callable[[str], None] | None = None
    retry_notice: Callable[[str], None] | None = None
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    _renewed_at: float | None = None

    wire: Wire = field(init=False, repr=False)
    sign_in: SignIn = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Make the session and the holder of the token, which the threads of a fan-out share."""
        self.wire = Wire(
            self.account.login_host, self.trace, trace_bodies=self.trace_bodies, clock=self.clock
        )
        self.sign_in = SignIn(self.account, self.secret, self.tokens, self._post_sign_in, self.now)

    def close(self) -> None:
        """Close the connections, if there are any."""
        self.wire.close()

    def call(
        self,
        operation: Operation,
        body: Any = None,
        *,
        parameters: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        upload: tuple[str, bytes] | None = None,
    ) -> Any:
        """Make a call and return the `data` of its envelope (None where there is none).

        Args:
            operation: what to call.
            body: JSON body; without one `{}` goes with a POST (errata 65).
            parameters: values of the path's placeholders.
            query: query parameters.
            headers: further headers.
            upload: file name and content of a multipart part named `file` (§3.57).

        Raises:
            HpcliError: any of `hpcli.errors`, by what the platform or the network did.
            DryRun: it is a change and this transport plans only.
        """
        return self.envelope(
            operation, body, parameters=parameters, query=query, headers=headers, upload=upload
        ).get("data")

    def envelope(
        self,
        operation: Operation,
        body: Any = None,
        *,
        parameters: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        upload: tuple[str, bytes] | None = None,
    ) -> dict[str, Any]:
        """Make a call as `call` does and return the whole envelope."""
        request = Request(
            operation,
            operation.fill(parameters or {}),
            query or {},
            headers or {},
            json=({} if body is None and operation.method == "POST" and upload is None else body),
            upload=upload,
        )
        answer = self.exchange(request, envelope_refusal)
        return read_envelope(answer)

    def poll(self, operation: Operation, body: Any = None) -> dict[str, Any]:
        """Make one long poll, without retries but a renewed token; payloads are kept as they came (§3.34).

        Raises:
            HpcliError: the caller backs off and polls on.
        """
        request = Request(operation, operation.path, json={} if body is None else body)
        deadline = self.clock() + LONG_POLL_SECONDS
        try:
            answer = self._send_poll(request, deadline)
        except Lost as lost:
            raise lost.error from lost
        error = envelope_refusal(answer)
        if error:
            error.retry_after = retry_after(answer)
            raise error
        return read_envelope(answer, trim=False)

    def exchange(
        self,
        request: Request,
        refused: Callable[[Answer], HpcliError | None],
        timeout: float | None = None,
    ) -> Answer:
        """Send a request until it is answered, refused for good, or out of time.

        Args:
            request: what to send.
            refused: reads an answer; returns its error or None.
            timeout: seconds for this call, `self.timeout` without it.
        """
        if self.planning and request.operation.change:
            raise DryRun(request.plan(self.sign_in.token().area_domain))
        deadline = self.clock() + (timeout or self.timeout)
        pause = _FIRST_PAUSE
        while True:
            answer: Answer | None = None
            try:
                answer = self._send_signed(request, deadline, refused)
            except Lost as lost:
                error: HpcliError | None = _lost_error(lost, request.operation)
                may_repeat = not lost.is_final and (lost.never_arrived or _is_harmless(request.operation))
            else:
                error = refused(answer)
                if error is None:
                    return answer
                may_repeat = _may_repeat(answer, error, request.operation)
            assert error is not None
            if not may_repeat:
                raise error
            self._pause(pause, answer, deadline, error)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _pause(self, pause: float, answer: Answer | None, deadline: float, error: HpcliError) -> None:
        """Wait before the next try, as long as the platform asks; give up where the deadline comes first."""
        asked = retry_after(answer) if answer is not None else None
        seconds = max(asked or 0.0, pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, no secret
        if answer is not None and self.limiter is not None and _is_busy(answer, error):
            self.limiter.refused(asked)
        left = deadline - self.clock()
        if seconds >= left:
            raise error
        if self.retry_notice is not None and pause == _TOLD_PAUSE:
            self.retry_notice(f"{error.message} Trying again for up to {left:.0f} s.")
        self.sleep(seconds)

    def _send_signed(
        self, request: Request, deadline: float, refused: Callable[[Answer], HpcliError | None]
    ) -> Answer:
        """Send with the token; where the platform refuses the token, renew it once and send again."""
        token = self.sign_in.token()
        answer = self._send(request, token, deadline)
        error = refused(answer)
        if error is not None and error.code in TOKEN_CODES:
            answer = self._send(request, self.sign_in.renew(token), deadline)
        return answer

    def _send_poll(self, request: Request, deadline: float) -> Answer:
        """Send as `_send_signed`, but renew a refused token once a minute only: polls go on for ever."""
        token = self.sign_in.token()
        answer = self._send(request, token, deadline)
        error = envelope_refusal(answer)
        is_refused = error is not None and error.code in TOKEN_CODES
        if is_refused and (self._renewed_at is None or self.clock() >= self._renewed_at + _RENEWAL_SECONDS):
            self._renewed_at = self.clock()
            answer = self._send(request, self.sign_in.renew(token), deadline)
        return answer

    def _send(self, request: Request, token: Token, deadline: float) -> Answer:
        if self.limiter is not None and not request.operation.unlimited:
            self.limiter.wait(deadline - self.clock())
        left = deadline - self.clock()
        if left <= 0:
            raise TimeLimitError("The time limit of the call ran out.", hint="Raise it with --timeout.")
        return self.wire.send(request, token.area_domain, token.access_token, left)

    def _post_sign_in(self, body: dict[str, str]) -> Answer:
        """Send the sign-in; repeats are harmless."""
        deadline = self.clock() + self.timeout
        pause = _FIRST_PAUSE
        while True:
            answer: Answer | None = None
            try:
                answer = self.wire.send(
                    Request(GET_TOKEN, GET_TOKEN.path, json=body),
                    self.account.login_host,
                    None,
                    max(deadline - self.clock(), 0.1),
                )
            except Lost as lost:
                if lost.is_final:
                    raise lost.error from lost
                error: HpcliError | None = lost.error
            else:
                error = envelope_refusal(answer)
                if error is None or not _may_repeat(answer, error, GET_TOKEN):
                    return answer
            assert error is not None
            self._pause(pause, answer, deadline, error)
            pause = min(pause * 2, _LONGEST_PAUSE)


def envelope_refusal(answer: Answer) -> HpcliError | None:
    """Return the error of an answer that carries the platform's envelope, or None.

    The error code is the truth whatever the HTTP status; the status counts where there is no code.
    """
    try:
        envelope = read_envelope(answer, trim=False)
    except NetworkError as error:
        return status_error(answer) or error
    code = envelope_code(envelope)
    if code:
        return refusal(code, envelope, answer.status)
    if "errorCode" in envelope:
        return None
    # The sign-in may answer its fields without an envelope (errata 70).
    is_platforms = "data" in envelope or "accessToken" in envelope
    return status_error(answer, envelope) or (None if is_platforms else not_an_envelope(answer))


def retry_after(answer: Answer) -> float | None:
    """Return the seconds of a Retry-After header (RFC 9110 §10.2.3), or None."""
    text = next(
        (value for name, value in answer.headers.items() if name.lower() == "retry-after"), ""
    ).strip()
    if text.isdecimal():
        return float(text)
    if not text:
        return None
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())


def _lost_error(lost: Lost, operation: Operation) -> HpcliError:
    """Return the error of a lost request; that of a change says that nobody knows."""
    if operation.change and not lost.never_arrived and not lost.is_final:
        lost.error.hint = "It may have been done all the same: look before you send it again."
    return lost.error


def _is_harmless(operation: Operation) -> bool:
    return operation.repeatable or not operation.change


def _is_busy(answer: Answer, error: HpcliError) -> bool:
    return answer.status == 429 or error.code in BUSY_CODES


def _may_repeat(answer: Answer, error: HpcliError, operation: Operation) -> bool:
    """A refusal for too many calls was surely not carried out; other faults only allow harmless repeats."""
    if _is_busy(answer, error):
        return True
    is_passing = answer.status in _RETRY_STATUS or error.code in UNAVAILABLE_CODES
    return is_passing and _is_harmless(operation)
