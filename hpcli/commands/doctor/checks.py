"""The checks of `hpcli doctor`, from the config file to the first alarm."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as OutOfTimeError
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from hpcli.errors import HpcliError, LocalError, NetworkError
from hpcli.run.settings import SETTINGS

if TYPE_CHECKING:
    from requests import Response

    from hpcli.run.account import AccountSession

State = Literal["ok", "problem", "note", "skipped"]
_SECONDS = 10.0
_MOST_SKEW = 120.0  # a token is valid for hours, but times of alarms and searches would be wrong
_LEAST_ROOM = 100 * 1024**2


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check.

    Attributes:
        check: name of the check.
        state: ok, problem, note (works, but worth a look) or skipped.
        result: finding in words.
        hint: suggested fix, if any.
    """

    check: str
    state: State
    result: str
    hint: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)


class _SkippedError(Exception):
    """An earlier failure makes the check impossible."""


@dataclass
class Examination:
    """All checks of one account.

    Args:
        session: the account.
        now: the current time.
    """

    session: AccountSession
    now: Callable[[], datetime]
    _failed: set[str] = field(default_factory=set)

    def findings(self) -> Iterator[Finding]:
        """Run all checks in the order of their dependencies."""
        checks: tuple[tuple[str, Callable[[], Finding]], ...] = (
            ("config", self._config),
            ("keyring", self._keyring),
            ("clock", self._clock),
            ("name resolution", self._names),
            ("proxy", self._proxy),
            ("TLS", self._tls),
            ("token", self._token),
            ("area domain", self._area),
            ("subscription", self._subscription),
            ("first alarm", self._alarm),
            ("write access", self._write_access),
        )
        for name, check in checks:
            finding = self._make(name, check)
            if finding.state == "problem":
                self._failed.add(name)
            yield finding

    def _make(self, name: str, check: Callable[[], Finding]) -> Finding:
        try:
            return check()
        except _SkippedError as skipped:
            return Finding(name, "skipped", str(skipped))
        except HpcliError as error:
            return Finding(name, "problem", str(error), error.hint)
        except OSError as error:
            return Finding(name, "problem", f"{error.strerror or error}.")

    def _need(self, *checks: str) -> None:
        missing = [check for check in checks if check in self._failed]
        if missing:
            raise _SkippedError(f"waits for: {missing[0]}")

    def _config(self) -> Finding:
        settings = self.session.settings
        for setting in SETTINGS.values():
            settings.get(setting.key)
        account = self.session.account  # raises if no account is chosen
        path = settings.profiles.path
        chosen = (
            "the sandbox"
            if settings.is_sandbox
            else f"profile {settings.profile_name}"
            if settings.profile_name
            else "HPCLI_APP_KEY"
        )
        where = path if path.exists() else f"no {path.name}"
        return Finding("config", "ok", f"{chosen} at {account.login_host}; {where}")

    def _keyring(self) -> Finding:
        self._need("config")
        source = self.session.source
        if not source.read():
            raise LocalError(
                f"The secret from {source.words} is empty.", hint="Run `hpcli auth login` again."
            )
        needs = "" if source.words == "keyring" else "; no keyring is needed"
        return Finding("keyring", "ok", f"the secret comes from {_with_article(source.words)}{needs}")

    @cached_property
    def _host(self) -> str:
        return self.session.account.login_host

    @cached_property
    def _answer(self) -> Response:
        """The login host's answer to a plain request, with any status.

        Raises:
            NetworkError: the host does not answer.
        """
        import requests

        session = requests.Session()
        session.trust_env = not self.session.is_stand_in
        try:
            with session:
                return session.get(self._host, timeout=_SECONDS, allow_redirects=False)
        except requests.exceptions.SSLError as error:
            raise NetworkError(
                "The certificate is not trusted.",
                hint="Behind a proxy that re-signs traffic, set REQUESTS_CA_BUNDLE to its certificate; "
                "otherwise check the clock.",
            ) from error
        except requests.exceptions.ProxyError as error:
            raise NetworkError(
                "The proxy refused or cannot be reached.", hint="Check HTTPS_PROXY and NO_PROXY."
            ) from error
        except requests.RequestException as error:
            raise NetworkError(
                f"{self._host} does not answer.", hint="Check network, firewall and HTTPS_PROXY."
            ) from error

    def _clock(self) -> Finding:
        self._need("config")
        from email.utils import parsedate_to_datetime

        try:
            theirs = parsedate_to_datetime(self._answer.headers["Date"])
        except NetworkError as error:
            raise _SkippedError("the login host does not answer, see below") from error
        except (KeyError, ValueError) as error:
            raise _SkippedError("the login host does not send the time") from error
        aware = theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
        skew = (self.now() - aware).total_seconds()
        if abs(skew) > _MOST_SKEW:
            direction = "ahead of" if skew > 0 else "behind"
            return Finding(
                "clock",
                "problem",
                f"{abs(skew):.0f} s {direction} the platform",
                "Let this computer use NTP.",
            )
        return Finding("clock", "ok", f"differs from the platform by {abs(skew):.0f} s")

    def _names(self) -> Finding:
        self._need("config")
        host = urlsplit(self._host).hostname or ""
        if self._proxy_used:
            return Finding("name resolution", "ok", f"the proxy resolves {host}")
        try:
            found = _within(_SECONDS, lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
        except (OSError, OutOfTimeError) as error:
            raise NetworkError(
                f"{host} has no address.",
                hint="Check the network's name server, and `hpcli config get base-url`.",
            ) from error
        addresses = sorted({str(entry[4][0]) for entry in found})
        return Finding("name resolution", "ok", f"{host} is {', '.join(addresses[:3])}")

    @cached_property
    def _proxy_used(self) -> str | None:
        if self.session.is_stand_in:
            return None
        from requests.utils import get_environ_proxies, select_proxy

        return select_proxy(self._host, get_environ_proxies(self._host))

    def _proxy(self) -> Finding:
        self._need("config")
        proxy = self._proxy_used
        if proxy is None:
            return Finding("proxy", "ok", "none")
        parts = urlsplit(proxy if "//" in proxy else f"http://{proxy}")
        try:
            port = parts.port or 80
            socket.create_connection((parts.hostname or "", port), timeout=_SECONDS).close()
        except (OSError, ValueError) as error:
            raise NetworkError(
                f"The proxy {parts.hostname} cannot be reached.", hint="Check HTTPS_PROXY and NO_PROXY."
            ) from error
        return Finding("proxy", "ok", f"{parts.hostname}:{port}")

    def _tls(self) -> Finding:
        self._need("config", "name resolution", "proxy")
        if self._host.startswith("http:"):
            return Finding("TLS", "ok", "not used on this computer")
        status = self._answer.status_code
        return Finding("TLS", "ok", f"the certificate is trusted; the host answers {status}")

    def _token(self) -> Finding:
        self._need("config", "keyring", "name resolution", "proxy", "TLS")
        token = self.session.client.transport.sign_in.token()
        until = datetime.fromtimestamp(token.expires_at, UTC)
        return Finding("token", "ok", f"until {until:%Y-%m-%d %H:%M} UTC")

    def _area(self) -> Finding:
        self._need("config", "keyring", "name resolution", "proxy", "TLS", "token")
        client = self.session.client
        area = client.transport.sign_in.token().area_domain
        started = self.now()
        next(client.site.list(limit=1), None)
        seconds = (self.now() - started).total_seconds()
        return Finding("area domain", "ok", f"{area} answers in {seconds * 1000:.0f} ms")

    def _subscription(self) -> Finding:
        self._need("config", "keyring", "name resolution", "proxy", "TLS", "token", "area domain")
        from hpcli.alarms.tail.subscription import load_subscription

        kept = load_subscription(self.session.alarms_folder)
        flags = [bool(row.get("isSubscribed")) for row in self.session.client.device.list()]
        result = f"{sum(flags)} of {len(flags)} devices" + (
            f"; set on this computer: {kept.words}" if kept else ""
        )
        if flags and not any(flags):
            return Finding(
                "subscription", "note", result, "To receive alarms, run `hpcli alarms subscribe --all`."
            )
        return Finding("subscription", "ok", result)

    def _alarm(self) -> Finding:
        self._need("config")
        import sqlite3

        from hpcli.alarms.journal.schema import open_for_reading, translate
        from hpcli.alarms.journal.status import read_status
        from hpcli.alarms.journal.writer import read_once

        path = self.session.alarms_folder / "journal.db"
        if not path.exists():
            return Finding(
                "first alarm",
                "note",
                "no alarm has been read here yet",
                "To read and store alarms, run `hpcli alarms tail`.",
            )
        with contextlib.closing(open_for_reading(path)) as db:
            try:
                now = int(self.now().timestamp() * 1000)
                status = read_once(db, lambda one: read_status(one, now))
            except sqlite3.Error as error:
                raise translate(error, path) from error
        if not status["events"]:
            return Finding(
                "first alarm", "note", "the journal is empty", "Wait for an alarm, or trigger one."
            )
        return Finding(
            "first alarm", "ok", f"{status['events']} in the journal, the newest {status['newest']}"
        )

    def _write_access(self) -> Finding:
        settings = self.session.settings
        for folder in (settings.config_dir, settings.cache_dir, settings.state_dir):
            _try_to_write(folder)
        from hpcli.alarms.journal.folder import check_file_system

        check_file_system(settings.state_dir / "journal.db")
        free = shutil.disk_usage(_nearest(settings.state_dir)).free
        if free < _LEAST_ROOM:
            raise LocalError(
                f"Only {free // 1024**2} MiB are free for {settings.state_dir}.", hint="Free some space."
            )
        return Finding("write access", "ok", f"config, cache, state; {free / 1024**3:.0f} GiB free")


def _try_to_write(folder: Path) -> None:
    """Write and remove a file in a folder, or check that the folder could be created.

    Raises:
        LocalError: neither is possible.
    """
    nearest = _nearest(folder)
    try:
        if not nearest.is_dir():
            raise NotADirectoryError(0, f"{nearest} is not a folder")
        if nearest == folder.absolute():
            tempfile.TemporaryFile(dir=folder).close()
        elif not os.access(nearest, os.W_OK | os.X_OK):
            raise PermissionError(0, "Permission denied")
    except OSError as error:
        raise LocalError(
            f"{folder} cannot be written: {error.strerror}.",
            hint="Make it writable, or choose another with HPCLI_CONFIG_DIR, HPCLI_CACHE_DIR, HPCLI_STATE_DIR.",
        ) from error


def _nearest(folder: Path) -> Path:
    """Return the path, or the nearest one above that exists."""
    whole = folder.absolute()
    return next(path for path in (whole, *whole.parents) if path.exists())


def _with_article(words: str) -> str:
    return f"the {words}" if words == "keyring" else words


def _within(seconds: float, work: Callable[[], Any]) -> Any:
    """Return the result of a call made in a thread, which is abandoned if it takes too long."""
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except OSError as error:
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    return future.result(seconds)
