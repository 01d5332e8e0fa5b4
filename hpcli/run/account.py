"""Turn settings into a client: the account, its secret and token cache, or the bundled sandbox."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hpcli.auth.account import REGIONS, Account, is_loopback, normalise_base_url
from hpcli.auth.tokens import MemoryTokenCache, TokenCache
from hpcli.errors import SignInError, UsageError

if TYPE_CHECKING:
    from hpcli.auth.keys import FileStore, KeyStore
    from hpcli.client import Client
    from hpcli.client.paging import PagesRead
    from hpcli.client.request import ChangeRecorder
    from hpcli.client.signing import Tokens
    from hpcli.client.transport import Transport
    from hpcli.run.settings import Settings
    from hpcli.sandbox.server import Sandbox

_SET_BOTH = "Set both, or unset both to use a profile."
_IN_PROCESS = "http://127.0.0.1:"
_SIGN_IN_HINT = (
    "Run `hpcli auth login`, or set HPCLI_APP_KEY and HPCLI_SECRET_KEY. "
    "No key yet? Try `hpcli --profile sandbox site list`."
)


class Source(NamedTuple):
    """The source of an account's secret, in words, and a function that reads it."""

    words: str
    read: Callable[[], str]


class AccountSession:
    """The keys, tokens, client and files of one account in one run.

    Args:
        settings: the run's settings.
        info: takes a line for the user.
        trace: takes the lines of `-v`.
        is_watched: there is a user at a terminal who can answer the keyring's question.
        sleep: waits some seconds between calls.
        clock: monotonic seconds, for the time limits of calls.

    Attributes:
        is_service: the command runs for long and prints its own warnings, in a thread that may wait for stderr.
        recorder: notes the changes that the client sends.
        on_pages: takes what was read of a list of several pages before each further page is fetched.
    """

    def __init__(
        self,
        settings: Settings,
        info: Callable[[str], None],
        trace: Callable[[str], None],
        *,
        is_watched: bool = False,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self.info = info
        self.trace = trace
        self.is_watched = is_watched
        self.sleep = sleep
        self.clock = clock
        self.is_service = False
        self.recorder: ChangeRecorder | None = None
        self.on_pages: Callable[[PagesRead], object] | None = None
        self._key_lock = threading.Lock()
        self._client_lock = threading.Lock()

    @cached_property
    def account(self) -> Account:
        """The account.

        Raises:
            SignInError: no key is set and no profile exists.
        """
        if self.settings.is_sandbox:
            from hpcli.sandbox import APP_KEY

            return Account(self.sandbox.base_url, APP_KEY)
        return Account(self._login_host, self._app_key)

    @cached_property
    def account_id(self) -> str:
        """The id in the names of the account's files; that of the sandbox does not depend on its port."""
        if self.settings.is_sandbox:
            from hpcli.sandbox import APP_KEY

            return Account("http://127.0.0.1", APP_KEY).id
        return self.account.id

    @cached_property
    def source(self) -> Source:
        """The source of the secret key."""
        settings = self.settings
        if settings.is_sandbox:
            from hpcli.sandbox import SECRET_KEY

            return Source("the bundled sandbox", lambda: SECRET_KEY)
        given, where = settings.locate("secret-key")
        if given:
            return Source(where, lambda: str(given))
        file, where = settings.locate("secret-key-file")
        if file:
            from hpcli.auth.keys import read_secret_file
            from hpcli.run.settings import expand_home

            return Source(where, lambda: read_secret_file(expand_home(Path(file))))
        if settings.get("app-key"):
            # A profile's secret only fits the key of that profile.
            raise UsageError("HPCLI_APP_KEY is set without HPCLI_SECRET_KEY.", hint=_SET_BOTH)
        name = self._require_profile()
        return Source(self._store.place, lambda: self._stored_secret(name))

    @cached_property
    def sandbox(self) -> Sandbox:
        """The sandbox, started in this process on a free loopback port."""
        return self.serve_sandbox(self.sandbox_file)

    def serve_sandbox(self, file: Path, *, port: int = 0) -> Sandbox:
        """Start the sandbox on a state file; with HPCLI_SANDBOX_AUDIT, check all its answers."""
        from hpcli.sandbox.server import start

        faults = self.settings.get("sandbox-audit")
        if faults is None:
            return start(file, port=port)
        from hpcli.sandbox.http.audit import Audit

        return start(file, port=port, audit=Audit(Path(faults)))

    def picture_address(self, address: str) -> str:
        """Return the current address of a picture: the in-process sandbox has another port in each run."""
        if not self.settings.is_sandbox or not address.startswith(_IN_PROCESS):
            return address
        return f"{self.account.login_host}/{address.removeprefix(_IN_PROCESS).partition('/')[2]}"

    @property
    def sandbox_file(self) -> Path:
        """The file with the sandbox's state."""
        return self.settings.state_dir / "sandbox.db"

    @property
    def alarms_folder(self) -> Path:
        """The folder of the account's alarm journal, subscription record and reader lock."""
        return self.settings.state_dir / "alarms" / self.account_id

    @property
    def persons_file(self) -> Path:
        """The file with the persons added on this computer."""
        return self.settings.state_dir / "persons" / f"{self.account_id}.json"

    @cached_property
    def tokens(self) -> Tokens:
        """The account's token cache; runs on the in-process sandbox sign in each time."""
        if self.settings.is_sandbox:
            return MemoryTokenCache()
        cache = TokenCache(
            self.settings.cache_dir, self.account_id, self.info, secret=self._secret_of_variables
        )
        cache.remove_leftovers()
        return cache

    @property
    def client(self) -> Client:
        """The client, created on first use and shared by threads."""
        with self._client_lock:
            return self._client

    @cached_property
    def _client(self) -> Client:
        from hpcli.client import Client

        return Client(transport=self._transport())

    def _transport(self) -> Transport:
        from hpcli.client.call_limit import CallLimiter
        from hpcli.client.transport import DEVICE_SECONDS, Transport

        settings = self.settings
        verbosity = settings.get("verbose")
        return Transport(
            self.account,
            self._read_secret,
            self.tokens,
            limiter=CallLimiter(
                settings.cache_dir,
                self.account_id,
                settings.get("call-rate"),
                sleep=self.sleep,
                info=self.info,
            ),
            sleep=self.sleep,
            clock=self.clock,
            timeout=settings.get("timeout"),
            device_timeout=DEVICE_SECONDS if settings.locate("timeout")[1] == "default" else None,
            planning=bool(settings.get("dry-run")),
            trace=self.trace if verbosity else None,
            trace_bodies=verbosity > 1,
            info=self.info,
            retry_info=self.info if self.is_watched and not self.is_service else None,
            recorder=self.recorder,
            on_pages=None if self.is_service else self.on_pages,
        )

    def key_store(self, place: str) -> KeyStore:
        """Return a key store: `keyring` or `file`."""
        if place == "file":
            from hpcli.auth.keys import FileStore

            return FileStore(self.settings.config_dir)
        from hpcli.auth.keyring_store import KeyringStore

        return KeyringStore(self.info if self.is_watched else None)

    @property
    def sandbox_keys(self) -> FileStore:
        """The store of keys that were set for the sandbox's devices; they open nothing else."""
        from hpcli.auth.keys import FileStore

        return FileStore(self.settings.state_dir / "sandbox-keys")

    def device_key(self, serial: str) -> str | None:
        """Return the picture key of a device, None if it is unknown. Threads may call it.

        Looks in `HPCLI_DEVICE_KEYS_FILE`, then in the profile's key store. The keys of the sandbox's devices
        are on their labels.

        Raises:
            LocalError: the file or the keyring cannot be used.
            UsageError: the file is not a list of keys.
        """
        with self._key_lock:
            return self._key_of_file(serial) or self._key_of_profile(serial) or self._key_of_stand_in(serial)

    def device_password(self, serial: str, user: str) -> str | None:
        """Return the password of a device user, None if the profile has none.

        Raises:
            LocalError: the keyring cannot be used.
        """
        with self._key_lock:
            return self._key_of_profile(password_name(serial, user))

    def _key_of_file(self, serial: str) -> str | None:
        file = self.settings.get("device-keys-file")
        if not file:
            return None
        from hpcli.auth.keys import read_device_keys_file
        from hpcli.run.settings import expand_home

        return read_device_keys_file(expand_home(Path(file))).get(serial)

    def _key_of_profile(self, serial: str) -> str | None:
        from hpcli.auth.keys import device_key_entry
        from hpcli.auth.profiles import Profiles

        name = self.settings.profile_name
        if name is None:
            return None
        if self.settings.is_sandbox:
            return self.sandbox_keys.read(device_key_entry(name, serial))
        profiles = Profiles(
            self.settings.config_dir
        )  # read again: a tail runs for months, and keys are added
        if name not in profiles.names() or serial not in profiles.device_key_serials(name):
            return None
        return self._store.read(device_key_entry(name, serial))

    def _key_of_stand_in(self, serial: str) -> str | None:
        from hpcli.sandbox import APP_KEY, OWN_PICTURE_KEYS, verification_code

        if not self.is_stand_in or self.account.app_key != APP_KEY or serial in OWN_PICTURE_KEYS:
            return None
        return verification_code(serial)

    @property
    def is_stand_in(self) -> bool:
        """Whether the account is on a stand-in: the sandbox, or another server on this computer."""
        return self.settings.is_sandbox or is_loopback(self.account.login_host)

    def close(self) -> None:
        """Close everything that was opened."""
        if "_client" in self.__dict__:
            self._client.close()
        if "sandbox" in self.__dict__:
            self.sandbox.close()

    def _secret_of_variables(self) -> str | None:
        """Return the secret from a variable or a file named by one, without the keyring.

        Raises:
            UsageError: a key is set without a secret; a token from before must not hide that.
        """
        if self.settings.get("app-key"):
            return self.source.read()
        given = self.settings.get("secret-key") or self.settings.get("secret-key-file")
        return self.source.read() if given else None

    def _read_secret(self) -> str:
        """Return the secret; this runs only when a new token is needed."""
        return self.source.read()

    @cached_property
    def _store(self) -> KeyStore:
        return self.key_store(self.settings.profiles.get(self._require_profile()).credentials)

    @property
    def _login_host(self) -> str:
        given = self.settings.get("base-url")
        return normalise_base_url(given) if given else REGIONS[self.settings.get("region")]

    @property
    def _app_key(self) -> str:
        given = self.settings.get("app-key")
        if given:
            return str(given)
        for key in ("secret-key", "secret-key-file"):
            given, where = self.settings.locate(key)
            if given:
                raise UsageError(f"{where} is set without HPCLI_APP_KEY.", hint=_SET_BOTH)
        return self.settings.profiles.get(self._require_profile()).app_key

    def _require_profile(self) -> str:
        name = self.settings.profile_name
        if name is None:
            raise _no_profile(self.settings) or SignInError("You are not signed in.", hint=_SIGN_IN_HINT)
        return name

    def _stored_secret(self, profile: str) -> str:
        from hpcli.auth.keys import secret_key_entry

        secret = self._store.read(secret_key_entry(profile))
        if secret is None:
            raise SignInError(
                f"The {self._store.place} has no secret key for profile '{profile}'.",
                hint=f"Run `hpcli auth login --profile {profile}`.",
            )
        return secret


def password_name(serial: str, user: str) -> str:
    """Return the name of a device user's password among the device keys of a profile."""
    return f"{serial}:{user}"


def check_not_sandbox(settings: Settings, what: str) -> None:
    """Refuse an action that makes no sense for the sandbox.

    Raises:
        UsageError: the profile is `sandbox`.
    """
    if settings.is_sandbox:
        raise UsageError(f"The sandbox needs no {what}.", hint="Omit --profile sandbox.")


def own_profile(settings: Settings) -> str:
    """Return the name of the profile in use.

    Raises:
        UsageError: there is no profile, or it is the sandbox, which stores nothing.
    """
    check_not_sandbox(settings, "keys")
    name = settings.profile_name
    if name is None:
        raise _no_profile(settings) or UsageError(
            "There is no profile.", hint="Run `hpcli auth login`, or choose one with --profile."
        )
    return name


def _no_profile(settings: Settings) -> UsageError | None:
    """Return the error of several profiles of which none is chosen, None where there are none."""
    names = settings.profiles.names()
    if not names:
        return None
    return UsageError(
        f"No profile is chosen, and config.toml has several: {', '.join(names)}.",
        hint="Choose one with --profile NAME or HPCLI_PROFILE, or make one the default: `hpcli auth use NAME`.",
    )
