"""How many devices each site has and how many of them are offline, kept for minutes after a list."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeVar

from hpcli.local.own_folder import OwnFolder
from hpcli.run.account import AccountSession

Row = TypeVar("Row", bound=Mapping[str, Any])
_FILE: Final = "device-counts.json"
_FRESH_SECONDS: Final = 300.0
_OFFLINE: Final = 0


class Counts(NamedTuple):
    """The devices of a site."""

    devices: int = 0
    offline: int = 0


class DeviceCounts:
    """The counts of an account's sites; whatever fails here is only asked again.

    Args:
        session: of the account.
        now: epoch seconds.

    Attributes:
        counted: what the last list gave.
    """

    def __init__(self, session: AccountSession, now: Callable[[], float] = time.time) -> None:
        self.session = session
        self.now = now
        self.counted: Mapping[str, Counts] = {}

    def fresh(self) -> Mapping[str, Counts] | None:
        """Return the counts of each site; None where they are not known, too old, or something was changed since."""
        try:
            kept = json.loads(self._folder.read(_FILE))
            age = self.now() - kept["fetched"]
            counts = {str(site): Counts(int(one[0]), int(one[1])) for site, one in kept["sites"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
            return None
        return counts if 0 <= age < _FRESH_SECONDS and not self._is_changed_since(kept["fetched"]) else None

    def counting(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield all devices of the account, and keep the counts when the last one was taken."""
        started = self.now()
        found: dict[str, list[int]] = {}
        for row in rows:
            site = str(row.get("siteID"))
            count = found.get(site) or found.setdefault(site, [0, 0])
            count[0] += 1
            count[1] += row.get("deviceOnlineStatus") == _OFFLINE
            yield row
        counts = {site: Counts(*count) for site, count in found.items()}
        self.counted = counts
        self._keep(started, counts)

    def count(self, rows: Iterable[Mapping[str, Any]]) -> Mapping[str, Counts]:
        """Return the counts of all devices of the account, and keep them."""
        for _ in self.counting(rows):
            pass
        return self.counted

    def _keep(self, fetched: float, counts: Mapping[str, Counts]) -> None:
        kept = {"fetched": fetched, "sites": counts}
        try:
            self._folder.replace(_FILE, json.dumps(kept).encode())
        except OSError:
            return  # a cache: the next run asks again

    def _is_changed_since(self, moment: float) -> bool:
        """Return whether hpcli sent a change from this computer after a moment: the log of changes is younger."""
        files = self.session.settings.state_dir.glob("changes.db*")
        try:
            return any(file.stat().st_mtime > moment for file in files)
        except OSError:
            return True

    @property
    def _folder(self) -> OwnFolder:
        return OwnFolder(self.session.settings.cache_dir, (self.session.account_id,))
