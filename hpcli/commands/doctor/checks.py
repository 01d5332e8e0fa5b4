"""The checks of `hpcli doctor`, from the config file to the first alarm."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from hpcli.commands.doctor.disk import check_write_access
from hpcli.commands.doctor.finding import Finding, SkippedError
from hpcli.commands.doctor.login_host import LoginHost
from hpcli.errors import HpcliError, LocalError
from hpcli.run.settings import SETTINGS

if TYPE_CHECKING:
    from hpcli.run.account import AccountSession


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
        except SkippedError as skipped:
            return Finding(name, "skipped", str(skipped))
        except HpcliError as error:
            return Finding(name, "problem", str(error), error.hint)
        except OSError as error:
            return Finding(name, "problem", f"{error.strerror or error}.")

    def _need(self, *checks: str) -> None:
        missing = [check for check in checks if check in self._failed]
        if missing:
            raise SkippedError(f"waits for: {missing[0]}")

    @cached_property
    def _login_host(self) -> LoginHost:
        return LoginHost(self.session, self.now)

    def _config(self) -> Finding:
        settings = self.session.settings
        for setting in SETTINGS.values():
            settings.get(setting.key)
        if ignored := settings.config_problems():
            return Finding("config", "problem", " ".join(ignored), "Correct the file in an editor.")
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

    def _clock(self) -> Finding:
        self._need("config")
        return self._login_host.check_clock()

    def _names(self) -> Finding:
        self._need("config")
        return self._login_host.check_names()

    def _proxy(self) -> Finding:
        self._need("config")
        return self._login_host.check_proxy()

    def _tls(self) -> Finding:
        self._need("config", "name resolution", "proxy")
        return self._login_host.check_tls()

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
        from hpcli.alarms.tail.subscription_check import check_subscription, load_check

        folder = self.session.alarms_folder
        kept = load_subscription(folder)
        rows = self.session.client.device.list()
        check = check_subscription(rows, kept, load_check(folder), self.now())
        result = f"{len(check.subscribed)} of {len(check.devices)} devices" + (
            f"; set on this computer: {kept.words}" if kept else ""
        )
        if check.lost:
            return Finding(
                "subscription",
                "problem",
                f"{result}; no longer subscribed: {check.lost_words}",
                "Another program may have ended the subscription. Run `hpcli alarms subscribe` again.",
            )
        if check.state == "none" and check.devices:
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
        return check_write_access(self.session.settings)


def _with_article(words: str) -> str:
    return f"the {words}" if words == "keyring" else words
