"""The token of an account, shared by all its processes."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import threading
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from hpcli.errors import LocalError, TimeLimitError
from hpcli.local.own_folder import OwnFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_FILE = "token.json"
_EARLY_SECONDS = 60.0
_LOCK_SECONDS = 60.0
# The platform's `expireTime` is epoch milliseconds (Guide §3.1); 10^12 was in 2001.
_SMALLEST_EPOCH_MILLISECONDS = 1e12
_LONGEST_LIFETIME_SECONDS = 30 * 86400.0
_UNKNOWN_LIFETIME_SECONDS = 900.0


class Token(NamedTuple):
    """The result of a sign-in.

    Args:
        access_token: the Bearer token.
        expires_at: epoch seconds by this computer's clock at the sign-in.
        area_domain: base URL of all other calls, already checked by `account.check_area_domain`.
    """

    access_token: str
    expires_at: float
    area_domain: str

    def __repr__(self) -> str:
        """Return when it ends and where it is good: a traceback shows no token."""
        return f"Token(expires_at={self.expires_at!r}, area_domain={self.area_domain!r})"

    def is_fresh(self, now: float) -> bool:
        """Return whether the token is valid for another minute (field note); `now` is in epoch seconds."""
        return now < self.expires_at - _EARLY_SECONDS


def expiry_seconds(expire_time: object, now: float, platform_now: float | None = None) -> float:
    """Return the expiry of a token in epoch seconds of this computer's clock, which may be wrong.

    Args:
        expire_time: a number or its digits: epoch milliseconds, or below 10^12 a lifetime (field note), in seconds
            up to 30 days, else in milliseconds. Tokens are valid for 7 days (Guide §3.1). Anything else counts as
            15 minutes; a token that expires earlier is renewed when it is refused.
        now: epoch seconds.
        platform_now: epoch seconds by the platform's clock, if it said what time it is; the lifetime is counted by it.
    """
    try:
        value = float(str(expire_time).strip())
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value <= 0:
        return now + _UNKNOWN_LIFETIME_SECONDS
    if value >= _SMALLEST_EPOCH_MILLISECONDS:
        lifetime = value / 1000 - (now if platform_now is None else platform_now)
    else:
        lifetime = value if value <= _LONGEST_LIFETIME_SECONDS else value / 1000
    return now + min(lifetime, _LONGEST_LIFETIME_SECONDS)


class MemoryTokenCache:
    """The token of one account in memory; threads may share it."""

    def __init__(self) -> None:
        self._token: Token | None = None
        self._renewing = threading.Lock()

    def load(self) -> Token | None:
        """Return the token, valid or expired."""
        return self._token

    def store(self, token: Token) -> None:
        """Store a token, replacing the previous one."""
        self._token = token

    def forget(self) -> None:
        """Delete the token."""
        self._token = None

    @contextlib.contextmanager
    def lock(self, seconds: float = _LOCK_SECONDS) -> Iterator[None]:
        """Keep other threads from renewing the token; see `TokenCache.lock`."""
        if not self._renewing.acquire(timeout=seconds):
            raise _still_renewing()
        try:
            yield
        finally:
            self._renewing.release()


class TokenCache:
    """The token of one account in `<cache_dir>/<account id>/token.json`, with mode 0600 in a 0700 folder.

    If the folder cannot be written, the token stays in memory, and one notice says so.

    Args:
        cache_dir: folder of all accounts.
        account_id: `Account.id`.
        info: takes a line for the user.
        secret: returns the secret key, if available without the keyring; a token of another secret is then
            ignored. The file stores a shortened digest of it. Only called when the token is needed: commands that
            make no call work without the secret.
    """

    def __init__(
        self,
        cache_dir: Path,
        account_id: str,
        info: Callable[[str], None] | None = None,
        *,
        secret: Callable[[], str | None] | None = None,
    ) -> None:
        self._folder = OwnFolder(cache_dir, (account_id,))
        self.path = self._folder.path / _FILE
        self._account_id = account_id
        self._info = info
        self._secret = secret
        self._memory = MemoryTokenCache()
        self._has_informed = False

    @cached_property
    def _mark(self) -> str | None:
        secret = self._secret() if self._secret is not None else None
        return _mark_of(self._account_id, secret) if secret else None

    def load(self) -> Token | None:
        """Return the token, valid or expired; None if it is missing, damaged, or belongs to another user.

        Raises:
            HpcliError: of `secret`.
        """
        return self._memory.load() or self._read()

    def store(self, token: Token) -> None:
        """Store a token, replacing the previous one."""
        content = json.dumps({**token._asdict(), "secret_mark": self._mark}).encode()
        try:
            self._folder.replace(_FILE, content)
        except OSError as error:
            self._inform(error)
            self._memory.store(token)

    def forget(self) -> None:
        """Delete the token, with the copies that killed processes left.

        Raises:
            LocalError: the file cannot be removed.
        """
        self._memory.forget()
        self.remove_leftovers()
        try:
            self._folder.remove(_FILE)
        except NotADirectoryError:
            return
        except OSError as error:
            raise LocalError(f"{self.path} cannot be removed: {error.strerror}.") from error

    def remove_leftovers(self) -> None:
        """Remove the copies that killed processes left."""
        self._folder.remove_leftovers(_FILE)

    @contextlib.contextmanager
    def lock(self, seconds: float = _LOCK_SECONDS) -> Iterator[None]:
        """Keep other threads and processes from renewing the token; call `load` again inside.

        Raises:
            TimeLimitError: another process has been renewing it for `seconds`.
        """
        with contextlib.ExitStack() as held:
            try:
                held.enter_context(self._folder.lock("token.lock", timeout=seconds))
            except TimeoutError as error:
                raise _still_renewing() from error
            except OSError as error:
                self._inform(error)
                held.enter_context(self._memory.lock(seconds))
            yield

    def _read(self) -> Token | None:
        try:
            content = json.loads(self._folder.read(_FILE))
        except (OSError, ValueError):  # one that another user wrote could redirect our calls
            return None
        return _parse_token(content, self._mark)

    def _inform(self, error: OSError) -> None:
        if self._info is not None and not self._has_informed:
            self._info(
                f"The token cannot be stored for the next command: {self.path.parent}: {error.strerror}. "
                "Choose another folder with HPCLI_CACHE_DIR."
            )
        self._has_informed = True


def _mark_of(account_id: str, secret: str) -> str:
    """Return a digest that distinguishes secret keys without revealing them."""
    return hashlib.sha256(f"{account_id}\n{secret}".encode()).hexdigest()[:16]


def _parse_token(content: object, mark: str | None) -> Token | None:
    if mark is not None and isinstance(content, dict) and content.get("secret_mark") != mark:
        return None
    match content:
        case {"access_token": str(text), "expires_at": float(end) | int(end), "area_domain": str(area)}:
            return Token(text, end, area) if text and area else None
    return None


def _still_renewing() -> TimeLimitError:
    return TimeLimitError("Another hpcli is still signing in.", hint="Stop it, or try again.")
