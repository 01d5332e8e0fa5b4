"""All HTTP of the client: sign-in, token renewal, retries, call limits, area domain, answers or errors.

Known traps: a `default` line in `~/.netrc` would replace our Bearer header, so every request carries an
`AuthBase` object of ours; custom headers such as `X-Password` would follow a redirect to another host, so
redirects are not followed.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from hpcli.api.operation import Operation
from hpcli.api.operations.auth import GET_TOKEN
from hpcli.client.answers import (
    Answer,
    envelope_refusal,
    lenient_refusal,
    read_envelope,
    read_lenient_envelope,
    status_error,
)
from hpcli.client.no_answer import NoAnswer
from hpcli.client.request import Request
from hpcli.client.retries import (
    BACKOFF,
    has_made_before,
    has_removed_before,
    is_busy,
    is_unknown,
    lost_error,
    may_repeat,
    may_resend,
    read_once,
    refusal_of,
    refuses_token,
    retry_after,
    unknown_error,
)
from hpcli.client.signing import SignIn
from hpcli.client.wire import Wire
from hpcli.errors import DryRun, HpcliError, SignInError, TimeLimitError, UsageError
from hpcli.masking import remember_secrets

if TYPE_CHECKING:
    from datetime import datetime

    from hpcli.auth.account import Account
    from hpcli.auth.tokens import Token
    from hpcli.client.call_limit import CallLimiter
    from hpcli.client.paging import PagesRead
    from hpcli.client.request import ChangeRecorder
    from hpcli.client.signing import Tokens

LONG_POLL_SECONDS = 35.0  # the platform holds the poll for 20 s (§3.34)
DEVICE_SECONDS = 30.0  # longer no device takes (field notes, "Pass-through to devices")
_DEVICE_HEADER = "X-Devserial"
_RENEWAL_SECONDS = 60.0
_NOTICED_FAILURE = 2  # the first one is usually over before anyone wonders


class Transport:
    """One session of one account.

    Args:
        account: login host and app key.
        secret: returns the secret key; asked only when a token must be got.
        tokens: token cache.
        limiter: call limiter, or None for none.
        timeout: seconds that one call may take with its retries.
        device_timeout: the same for calls that go through to a device, `timeout` without it.
        planning: raise `DryRun` in place of sending a change.
        trace: takes one line a request and an answer, or None.
        info: takes a sentence for the person who waits, or None.
        retry_info: takes a sentence where a call is about to be repeated for the second time, or None.
        recorder: notes each change that is sent, or None.
        on_pages: takes what was read of a list of several pages before each further page is fetched, or None.
    """

    def __init__(
        self,
        account: Account,
        secret: Callable[[], str],
        tokens: Tokens,
        limiter: CallLimiter | None = None,
        *,
        timeout: float = 60.0,
        device_timeout: float | None = None,
        planning: bool = False,
        trace: Callable[[str], None] | None = None,
        trace_bodies: bool = False,
        info: Callable[[str], None] | None = None,
        retry_info: Callable[[str], None] | None = None,
        recorder: ChangeRecorder | None = None,
        on_pages: Callable[[PagesRead], object] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.account = account
        self.limiter = limiter
        self.timeout = timeout
        self.device_timeout = device_timeout
        self.planning = planning
        self.info = info
        self.retry_info = retry_info
        self.recorder = recorder
        self.on_pages = on_pages
        self.sleep = sleep
        self.clock = clock
        self.now = now
        self.wire = Wire(account.login_host, trace, trace_bodies=trace_bodies, clock=clock)
        self.sign_in = SignIn(account, secret, tokens, self._post_sign_in, now=now, clock=clock)
        self._renewed_at: float | None = None
        self._polling: int | None = None

    def close(self) -> None:
        """Close what is open: connections, and the files of the call limit."""
        self.wire.close()
        if self.limiter is not None:
            self.limiter.close()

    def end_poll(self) -> None:
        """Close the connection on which a long poll waits, from another thread."""
        thread = self._polling
        if thread is not None:
            self.wire.cut(thread)

    def platform_time(self) -> datetime | None:
        """Return the present by the Date header of the platform's last answer; None where there was none."""
        return self.wire.platform_time()

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
        is_list: bool = False,
    ) -> dict[str, Any]:
        """Make a call as `call` does and return the whole envelope; that of a list is read leniently."""
        request = Request(
            operation,
            operation.fill(parameters or {}),
            query or {},
            headers or {},
            json=({} if body is None and operation.method == "POST" and upload is None else body),
            upload=upload,
        )
        if is_list:
            return read_lenient_envelope(self.exchange(request, lenient_refusal))
        return read_envelope(self.exchange(request, envelope_refusal))

    def poll(self, operation: Operation, refused: Callable[[Answer], HpcliError | None]) -> Answer:
        """Make one long poll, without retries but a renewed token, and return its answer, even one cut off (§3.34).

        Args:
            operation: what to call.
            refused: reads an answer; returns its error or None.

        Raises:
            HpcliError: the caller backs off and polls on.
        """
        request = Request(operation, operation.path, json={})
        deadline = self.clock() + LONG_POLL_SECONDS
        self._polling = threading.get_ident()
        try:
            answer = self._send_poll(request, deadline, refused)
        except NoAnswer as lost:
            if lost.received is None or refusal_of(lost.received, refused):
                raise self._hide(lost.error, request) from lost
            answer = lost.received
        except HpcliError as error:
            self._hide(error, request)
            raise
        finally:
            self._polling = None
        refusal = refusal_of(answer, refused)
        if refusal:
            refusal.retry_after = retry_after(answer)
            raise self._hide(refusal, request)
        return answer

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
            timeout: seconds for this call, those of this transport without it.

        Raises:
            UsageError: it would set a secret to the `***` that hpcli shows in its place.
        """
        if request.operation.change and (name := request.masked_secret()):
            raise UsageError(
                f"The value of {name} is the '***' that stands for a secret; nothing was sent.",
                hint="Give the real value, or leave the field out.",
            )
        if self.planning and (request.operation.change or request.operation.is_sent_once):
            raise DryRun(request.plan(self.sign_in.token().area_domain))
        deadline = self.clock() + (timeout or self._timeout_of(request))

        refused = read_once(refused)

        def refused_without_secrets(answer: Answer) -> HpcliError | None:
            error = refused(answer)
            return error and self._hide(error, request)

        with self._recorded(request):
            try:
                return self._until_answered(
                    request.operation,
                    deadline,
                    lambda: self._send_signed(request, deadline, refused),
                    refused_without_secrets,
                )
            except HpcliError as error:
                self._hide(error, request)
                raise

    def _recorded(self, request: Request) -> contextlib.AbstractContextManager[None]:
        if self.recorder is None or not request.operation.change:
            return contextlib.nullcontext()
        return self.recorder.recording(request)

    def _timeout_of(self, request: Request) -> float:
        is_device = _DEVICE_HEADER in request.headers
        return self.device_timeout if is_device and self.device_timeout is not None else self.timeout

    def _hide(self, error: HpcliError, request: Request) -> HpcliError:
        """Mask the secrets of a request that the error repeats; return the error."""
        return error.hide(request.headers, request.json, {"token": self.sign_in.token_in_use})

    def _until_answered(
        self,
        operation: Operation,
        deadline: float,
        send: Callable[[], Answer],
        refused: Callable[[Answer], HpcliError | None],
    ) -> Answer:
        """Send again after each failure that may pass, until an answer is not a refusal.

        Raises:
            HpcliError: of the last try, where another makes no sense or the deadline comes first.
        """
        failures = 0
        may_be_done = False
        while True:
            answer: Answer | None = None
            try:
                answer = send()
            except NoAnswer as lost:
                error = lost.error if lost.never_arrived else lost_error(lost.error, operation)
                is_final = not may_resend(lost, operation)
                may_be_done |= not lost.never_arrived
            else:
                refusal = refusal_of(answer, refused)
                if refusal is None:
                    return answer
                if may_be_done and has_removed_before(refusal, operation):
                    return self._done_before(answer, "was gone")
                if may_be_done and has_made_before(refusal, operation):
                    return self._done_before(answer, "was there")
                is_final = not may_repeat(answer, refusal, operation)
                error = unknown_error(refusal, operation) if is_unknown(refusal) else refusal
                may_be_done |= is_unknown(refusal)
            if is_final:
                raise error
            failures += 1
            self._pause(failures, answer, deadline, error)

    def _done_before(self, answer: Answer, otherwise: str) -> Answer:
        """Take a refusal of the second try for a success: the first one, whose answer was lost, may have done it."""
        if self.info is not None:
            self.info(
                f"The first answer was lost; the second one says that it is done, or {otherwise} already."
            )
        return Answer(200, {}, b'{"errorCode": "0"}', answer.url)

    def _pause(self, failures: int, answer: Answer | None, deadline: float, error: HpcliError) -> None:
        """Wait before the next try, as long as the platform asks; give up where the deadline comes first."""
        asked = retry_after(answer) if answer is not None else None
        seconds = BACKOFF.seconds_after(failures, asked)
        if answer is not None and self.limiter is not None and is_busy(answer, error):
            self.limiter.refused(asked)
        left = deadline - self.clock()
        if seconds >= left:
            raise error
        if self.retry_info is not None and failures == _NOTICED_FAILURE:
            self.retry_info(f"{error.message} Retrying for up to {left:.0f} s.")
        self.sleep(seconds)

    def _send_signed(
        self, request: Request, deadline: float, refused: Callable[[Answer], HpcliError | None]
    ) -> Answer:
        """Send with the token; where the platform refuses the token, renew it once and send again."""
        token = self.sign_in.token(deadline)
        answer = self._send(request, token, deadline)
        if refuses_token(answer, refused):
            answer = self._send(request, self.sign_in.renew(token, deadline), deadline)
            # A bare 401 may be that of a device to the user that was named for it.
            if (
                answer.status == 401
                and "X-Password" not in request.headers
                and refuses_token(answer, refused)
            ):
                raise status_error(answer) or SignInError("The platform does not accept the token.")
        return answer

    def _send_poll(
        self, request: Request, deadline: float, refused: Callable[[Answer], HpcliError | None]
    ) -> Answer:
        """Send as `_send_signed`, but renew a refused token once a minute only: polls go on for ever."""
        token = self.sign_in.token(deadline)
        answer = self._send(request, token, deadline)
        is_refused = refuses_token(answer, refused)
        if is_refused and (self._renewed_at is None or self.clock() >= self._renewed_at + _RENEWAL_SECONDS):
            self._renewed_at = self.clock()
            answer = self._send(request, self.sign_in.renew(token, deadline), deadline)
        return answer

    def _send(self, request: Request, token: Token, deadline: float) -> Answer:
        host, key = token.area_domain, token.access_token
        remember_secrets(request.headers, request.json, request.readable_content, {"token": key})
        if self.limiter is None or request.operation.unlimited:
            return self.wire.send(request, host, key, self._left(deadline))
        with self.limiter.turn(lambda: deadline - self.clock()) as turn:
            return self.wire.send(request, host, key, self._left(deadline), turn)

    def _left(self, deadline: float) -> float:
        """Return the seconds that are left. Raises TimeLimitError where there are none."""
        left = deadline - self.clock()
        if left <= 0:
            raise TimeLimitError("The time limit of the call ran out.", hint="Raise it with --timeout.")
        return left

    def _post_sign_in(self, body: dict[str, str], deadline: float | None) -> Answer:
        """Send the sign-in, within the time of the call that needs it; repeats are harmless.

        It waits for no turn, but it counts: else the calls behind it would be one too many for the platform.
        """
        if deadline is None:
            deadline = self.clock() + self.timeout
        request = Request(GET_TOKEN, GET_TOKEN.path, json=body)
        remember_secrets(body)

        def send() -> Answer:
            with contextlib.nullcontext() if self.limiter is None else self.limiter.turn(None) as turn:
                return self.wire.send(request, self.account.login_host, None, self._left(deadline), turn)

        return self._until_answered(GET_TOKEN, deadline, send, _passing_refusal)


def _passing_refusal(answer: Answer) -> HpcliError | None:
    """Return the error of a refused sign-in that may pass; the others are read by `SignIn`."""
    error = refusal_of(answer, envelope_refusal)
    return error if error is not None and may_repeat(answer, error, GET_TOKEN) else None
