"""Secrets in the system's keyring: Secret Service, KWallet, macOS Keychain, Windows Credential Manager.

A keyring may wait for a question on another screen, or for a service that never answers. It is therefore called
in a daemon thread, with a time limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from hpcli.auth.keys import Secret
from hpcli.daemon_call import start_call
from hpcli.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from keyring.backend import KeyringBackend

_Result = TypeVar("_Result")

SERVICE = "hpcli"
_SECONDS = 3.0
_SECONDS_AT_TERMINAL = 60.0
_SECONDS_TO_INFO = 1.0
_INSTEAD = (
    "Without a keyring, store the keys in a file that only you can read: `hpcli auth login --insecure-storage`; "
    "or set HPCLI_APP_KEY and HPCLI_SECRET_KEY."
)


class KeyringStore:
    """Stores secrets in the keyring under the service `hpcli`.

    Args:
        info: takes a line for the user at a terminal while the keyring is slow; None without a terminal.
        seconds: time limit of one call; by default 60 with `info`, else 3.
        seconds_to_info: time until `info` is called.
    """

    def __init__(
        self,
        info: Callable[[str], None] | None = None,
        *,
        seconds: float | None = None,
        seconds_to_info: float = _SECONDS_TO_INFO,
    ) -> None:
        self._info = info
        self._seconds = seconds or (_SECONDS_AT_TERMINAL if info else _SECONDS)
        self._seconds_to_info = min(seconds_to_info, self._seconds)
        self._backend: KeyringBackend | None = None
        self._has_hung = False

    @property
    def place(self) -> str:
        """The place of the secrets, for messages."""
        return "keyring"

    def backend_name(self) -> str:
        """Return the name of the keyring, such as `SecretService Keyring`.

        Raises:
            LocalError: as `read`.
        """
        return self._ask(lambda backend: str(backend.name))

    def read(self, entry: str) -> Secret | None:
        """Return a secret, None if there is none.

        Raises:
            LocalError: there is no usable keyring, it is locked, or does not answer.
        """
        secret = self._ask(lambda backend: backend.get_password(SERVICE, entry))
        return None if secret is None else Secret(secret)

    def write(self, entry: str, secret: str) -> None:
        """Store a secret and check that it can be read.

        Raises:
            LocalError: as `read`; or the keyring lost the secret.
        """

        def store(backend: KeyringBackend) -> str | None:
            backend.set_password(SERVICE, entry, str(secret))
            return backend.get_password(SERVICE, entry)

        if self._ask(store, hidden=secret) != secret:
            raise LocalError("The keyring accepted the key but does not return it.", hint=_INSTEAD)

    def delete(self, entry: str) -> bool:
        """Delete a secret; return whether there was one.

        Raises:
            LocalError: as `read`.
        """

        def remove(backend: KeyringBackend) -> bool:
            is_there = backend.get_password(SERVICE, entry) is not None
            if is_there:
                backend.delete_password(SERVICE, entry)
            return is_there

        return self._ask(remove)

    def _ask(self, question: Callable[[KeyringBackend], _Result], hidden: str = "") -> _Result:
        """Return the answer of the keyring to `question`, within the time limit.

        Args:
            question: function to call in another thread.
            hidden: text that must not appear in messages.
        """
        # One limit for all calls: do not wait again for a keyring that hung once.
        if self._has_hung:
            raise self._no_answer()
        answer = start_call(lambda: question(self._find_backend()), "keyring")
        if not _is_done_within(answer, self._seconds_to_info) and self._info is not None:
            self._info("Waiting for the keyring; it may be asking for its password in another window.")
        if not _is_done_within(answer, self._seconds - self._seconds_to_info):
            self._has_hung = True
            raise self._no_answer()
        error = answer.exception()
        if error is not None:
            # `from None`: some backends run a program whose failed command line contains the secret.
            raise _as_local_error(error, hidden) from None
        return answer.result()

    def _find_backend(self) -> KeyringBackend:
        if self._backend is None:
            self._backend = find_backend()
        return self._backend

    def _no_answer(self) -> LocalError:
        return LocalError(
            f"The keyring did not answer within {self._seconds:g} seconds.",
            hint=f"Unlock it and try again. {_INSTEAD}",
        )


def find_backend() -> KeyringBackend:
    """Return the keyring to use: the one in the user's keyring configuration, else the best available.

    Backends with a priority below 1 are ignored, also in a chain: `fail` and `null` store nothing, and an
    installed `keyrings.alt` would store plain text without being asked.

    Raises:
        LocalError: there is no usable keyring.
    """
    from keyring import core
    from keyring.backends import fail

    try:
        core.init_backend(limit=core.recommended)
        backend = core.get_keyring()
        is_usable = core.recommended(backend)
    except (ImportError, AttributeError, ValueError, RuntimeError) as error:
        raise _none_usable(str(error)) from error
    if not is_usable:
        is_none = isinstance(backend, fail.Keyring)
        raise _none_usable("none is running" if is_none else f"the best available is {backend.name}")
    return backend


def _is_done_within(future: Future[_Result], seconds: float) -> bool:
    from concurrent.futures import wait

    wait([future], timeout=seconds)
    return future.done()


def _none_usable(reason: str) -> LocalError:
    return LocalError(f"There is no usable keyring on this computer: {reason}.", hint=_INSTEAD)


def _as_local_error(error: BaseException, hidden: str) -> LocalError:
    from keyring.errors import KeyringLocked, NoKeyringError

    if isinstance(error, LocalError):
        return error
    if isinstance(error, NoKeyringError):
        return _none_usable("none is running")
    if isinstance(error, KeyringLocked):
        return LocalError(
            "The keyring is locked, or its password prompt was dismissed.",
            hint=f"Unlock it and try again. {_INSTEAD}",
        )
    text = str(error).replace(hidden, "***") if hidden else str(error)
    return LocalError(
        f"The keyring failed: {type(error).__name__}: {' '.join(text.split())[:200]}.",
        hint=f"Is its service running? {_INSTEAD}",
    )
