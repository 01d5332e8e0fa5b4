"""The names of an account's sites, devices and end users, cached for a few minutes.

Completion must not disturb the user: no question, no keyring (it could open a window), no message, and only a short
wait if the cache is cold. If the platform cannot be asked, older names are better than none.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from hpcli.errors import HpcliError, SignInError
from hpcli.local.own_folder import OwnFolder

if TYPE_CHECKING:
    from hpcli.client import Client
    from hpcli.completion.tree import Candidate
    from hpcli.run.settings import Settings

    Fetch = Callable[[Client], Iterator[Candidate]]

_FILE = "names.json"
FRESH_SECONDS = 300.0
_OLDEST_SECONDS = 86400.0
_AFTER_FAILURE_SECONDS = 30.0
_FETCH_SECONDS = 3.0
_MOST_ROWS = 3000


class AccountNames:
    """The names of one account, in `<cache_dir>/<account id>/names.json`.

    Args:
        settings: choose the account.
        now: epoch seconds.
    """

    def __init__(self, settings: Settings, now: Callable[[], float] = time.time) -> None:
        from hpcli.run.account import AccountSession

        self._session = AccountSession(settings, _ignore, _ignore)
        self._now = now

    def read(self, kind: str) -> list[Candidate]:
        """Return ids and names of a kind of `_FETCH`, or of `persons` or `employees` (numbers)."""
        if kind in ("persons", "employees"):
            return list(self._persons(by_number=kind == "employees"))
        return self._kept(kind, _FETCH[kind])

    def customers(self, site: str) -> list[Candidate]:
        """Return accounts and names of a site's end users."""
        return self._kept(f"customers of {site}", lambda client: _fetch_customers(client, site))

    def _persons(self, *, by_number: bool) -> Iterator[Candidate]:
        """Yield the persons added on this computer; the platform cannot list persons."""
        from hpcli.local.person_book import PersonBook

        for number, person in PersonBook(self._session.persons_file).entries().items():
            yield (number, f"person {person}") if by_number else (person, f"employee {number}")

    def _kept(self, kind: str, fetch: Fetch) -> list[Candidate]:
        kept = self._load()
        entry = kept.get(kind, {})
        age = self._now() - entry.get("asked", 0)
        if not 0 <= age < entry.get("for", 0):
            entry = self._refresh(entry, fetch)
            self._store({**kept, kind: entry})
        if self._now() - entry.get("fetched", 0) > _OLDEST_SECONDS:
            return []
        return [(str(value), str(name)) for value, name in entry["rows"]]

    def _refresh(self, entry: dict[str, Any], fetch: Fetch) -> dict[str, Any]:
        """Ask the platform; on failure keep the cached rows and do not ask again for a while."""
        now = self._now()
        rows: list[Candidate] = []
        asking = threading.Thread(target=self._ask, args=(fetch, rows), daemon=True)
        asking.start()
        # Name resolution has no time limit, so a thread that hangs is abandoned.
        asking.join(_FETCH_SECONDS)
        if asking.is_alive() or not rows:
            return {"rows": [], "fetched": 0, **entry, "asked": now, "for": _AFTER_FAILURE_SECONDS}
        return {"rows": rows, "fetched": now, "asked": now, "for": FRESH_SECONDS}

    def _ask(self, fetch: Fetch, rows: list[Candidate]) -> None:
        from hpcli.client import Client
        from hpcli.client.transport import Transport

        session = self._session
        try:
            transport = Transport(
                session.account, self._silent_secret, session.tokens, timeout=_FETCH_SECONDS
            )
            with Client(transport=transport) as client:
                rows += islice(fetch(client), _MOST_ROWS)
        except (HpcliError, OSError):
            rows.clear()
        finally:
            session.close()

    def _silent_secret(self) -> str:
        """Return the secret if that needs neither a keyring nor the user."""
        settings = self._session.settings
        is_given = settings.is_sandbox or settings.get("secret-key") or settings.get("secret-key-file")
        if not is_given and settings.profiles.get(settings.profile_name or "").credentials == "keyring":
            raise SignInError("Completion does not use the keyring.")
        return self._session.source.read()

    def _load(self) -> dict[str, Any]:
        try:
            kept = json.loads(self._folder.read(_FILE))
        except (OSError, ValueError):
            return {}
        return kept if isinstance(kept, dict) else {}

    def _store(self, kept: dict[str, Any]) -> None:
        fresh = {
            kind: entry for kind, entry in kept.items() if self._now() - entry["asked"] < _OLDEST_SECONDS
        }
        try:
            self._folder.replace(_FILE, json.dumps(fresh, ensure_ascii=False).encode())
        except OSError:
            return  # the next Tab asks again

    @property
    def _folder(self) -> OwnFolder:
        return OwnFolder(self._session.settings.cache_dir, (self._session.account_id,))


def _fetch_sites(client: Client) -> Iterator[Candidate]:
    for row in client.site.list():
        yield str(row["id"]), str(row.get("siteName", ""))


def _fetch_devices(client: Client, *categories: str) -> Iterator[Candidate]:
    """Yield the devices of some categories, or all devices if there are none of these."""
    from hpcli.reference.codes import code_list

    wanted = {code_list("deviceCategory").value_of(category) for category in categories}
    rows = list(client.device.list(limit=_MOST_ROWS))
    for row in [row for row in rows if row.get("deviceCategory") in wanted] or rows:
        name, site = row.get("deviceName") or "", row.get("siteName") or ""
        yield str(row["deviceSerial"]), f"{name}, {site}" if site else str(name)


def _fetch_customers(client: Client, site: str) -> Iterator[Candidate]:
    from hpcli.reference.codes import code_list

    site_id = client.site.find(site)["id"]
    for row in client.customer.list(site_id):
        yield str(row.get("hcAccount") or ""), code_list("customerStatus").label(row.get("status"))


def _fetch_installers(client: Client) -> Iterator[Candidate]:
    for row in client.installer.list():
        yield str(row["id"]), f"{row.get('firstName') or ''} {row.get('lastName') or ''}".strip()


_FETCH: Mapping[str, Fetch] = {
    "sites": _fetch_sites,
    "devices": _fetch_devices,
    "panels": lambda client: _fetch_devices(client, "panel"),
    "door devices": lambda client: _fetch_devices(client, "access-control", "intercom"),
    "installers": _fetch_installers,
}


def _ignore(_text: str) -> None:
    """Discard a message."""
