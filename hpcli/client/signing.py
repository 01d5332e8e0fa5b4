"""Signing in: one token an account, renewed before it ends, shared by all processes (Guide §2.2, §3.1)."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Protocol

from hpcli.auth.account import check_area_domain
from hpcli.auth.tokens import Token, expiry_seconds
from hpcli.client.answers import (
    Answer,
    envelope_code,
    read_envelope,
    redirect_error,
    refusal,
    status_error,
)
from hpcli.errors import PlatformError
from hpcli.parse import parse_http_date

if TYPE_CHECKING:
    from collections.abc import Callable

    from hpcli.auth.account import Account


class Tokens(Protocol):
    """Where tokens are kept; see `hpcli.auth.tokens`."""

    def load(self) -> Token | None:
        """Return the token that is kept, or None."""

    def store(self, token: Token) -> None:
        """Keep a token."""

    def forget(self) -> None:
        """Drop the token."""

    def lock(self, seconds: float = ...) -> contextlib.AbstractContextManager[Any]:
        """Keep others from renewing at the same time; wait that long for them."""


class SignIn:
    """Hands out the account's token.

    Args:
        account: login host and app key.
        secret: asked only when a token must be got.
        tokens: the cache, shared by processes.
        post: sends the sign-in body to the login host, before a moment of `clock`; None for its own limit.
        now: epoch seconds.
        clock: seconds of the clock that deadlines count by.
    """

    def __init__(
        self,
        account: Account,
        secret: Callable[[], str],
        tokens: Tokens,
        post: Callable[[dict[str, str], float | None], Answer],
        *,
        now: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        self.account = account
        self.secret = secret
        self.tokens = tokens
        self.post = post
        self.now = now
        self.clock = clock
        self._current: Token | None = None

    @property
    def token_in_use(self) -> str | None:
        """The token that calls carry, None before the first one."""
        return self._current.access_token if self._current else None

    def token(self, deadline: float | None = None) -> Token:
        """Return a token that is good for a minute at least.

        Args:
            deadline: when the call that needs it must be over, by `clock`.

        Raises:
            SignInError: the platform refused key or secret.
            NetworkError: the login host cannot be reached.
        """
        current = self._current or self.tokens.load()
        if current is None or not current.is_fresh(self.now()):
            current = self.renew(current, deadline)
        self._current = current
        return current

    def renew(self, refused: Token | None, deadline: float | None = None) -> Token:
        """Return a token other than `refused`: one that another process got meanwhile, else a new one."""
        with self.tokens.lock() if deadline is None else self.tokens.lock(max(0.0, deadline - self.clock())):
            cached = self.tokens.load()
            is_other = cached is not None and (refused is None or cached.access_token != refused.access_token)
            if cached is not None and is_other and cached.is_fresh(self.now()):
                self._current = cached
                return cached
            self._current = self._get_token(deadline)
            self.tokens.store(self._current)
        return self._current

    def _get_token(self, deadline: float | None) -> Token:
        body = {"appKey": self.account.app_key, "secretKey": self.secret()}
        answer = self.post(body, deadline)
        if error := redirect_error(answer):
            raise error
        envelope = read_envelope(answer)
        code = envelope_code(envelope)
        if code:
            raise refusal(code, envelope, answer.status).hide(body)
        # §2.2 wraps the fields in `data`, the example of §3.1 does not (errata 70).
        data = envelope.get("data") or envelope
        fields = data if isinstance(data, dict) else {}
        access_token = str(fields.get("accessToken") or "").strip()
        # It becomes a header, so it has to be plain text.
        if not access_token or not (access_token.isascii() and access_token.isprintable()):
            raise status_error(answer, envelope) or PlatformError(
                "The platform answered the sign-in without a token."
            )
        theirs = parse_http_date(str(answer.headers.get("Date") or ""))
        area = str(fields.get("areaDomain") or self.account.login_host)
        return Token(
            access_token=access_token,
            expires_at=expiry_seconds(
                fields.get("expireTime"), self.now(), theirs.timestamp() if theirs else None
            ),
            area_domain=check_area_domain(area, self.account.login_host),
        )
