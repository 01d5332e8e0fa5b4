"""The sites of devices, from the account's cached device list, which is refreshed without delaying the tail."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from hpcli.alarms.event.sites import Site
from hpcli.errors import CallLimitError, HpcliError, PlatformError
from hpcli.local.own_folder import OwnFolder

TakeList = Callable[[Sequence[Mapping[str, Any]]], bool]
"""Is given each device list; returns whether another is due at once."""

CHECK_SECONDS: Final = 900.0
"""How often the list is read where somebody looks at the subscription with it."""

_REFRESH_SECONDS: Final = 6 * 3600.0
_UNKNOWN_SECONDS: Final = 600.0
_LOOK_SECONDS: Final = 5.0
_MOST_UNKNOWN: Final = 1000
_PANEL: Final = "3"
"""A security panel, as the platform's list has it in text and that of a receiving centre as a number."""


@dataclass
class SiteLookup:
    """Finds the site of a device; see `sites.Sites`.

    Args:
        file: the cache, in the account's folder.
        list_devices: asks the platform (Guide §3.21).
        list_arc_devices: asks for the devices of an alarm receiving centre (§3.37), where §3.21 does not know a
            device or none is subscribed; a refusal is final.
        take_list: is given each list; returns whether another is due at once.
        warn: shows a line to the user.
    """

    file: Path
    list_devices: Callable[[], Iterable[Mapping[str, Any]]]
    list_arc_devices: Callable[[], Iterable[Mapping[str, Any]]] | None = None
    take_list: TakeList | None = None
    warn: Callable[[str], None] = lambda _line: None
    clock: Callable[[], float] = time.monotonic
    _faults: set[str] = field(default_factory=set)
    _sites: dict[str, Site] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)
    _is_unknown_met: bool = False
    _unknown: set[str] = field(default_factory=set)
    _asked: set[str] = field(default_factory=set)
    _has_asked_arc: bool = False
    _has_arc_devices: bool = False
    _refreshed: threading.Event = field(default_factory=threading.Event)
    _is_stopping: threading.Event = field(default_factory=threading.Event)
    _is_due: threading.Event = field(default_factory=threading.Event)

    @property
    def _seconds(self) -> float:
        return _REFRESH_SECONDS if self.take_list is None else CHECK_SECONDS

    @property
    def _folder(self) -> OwnFolder:
        return OwnFolder(self.file.parent.parent, (self.file.parent.name,))

    def load(self) -> bool:
        """Read the cache; return whether there was one."""
        try:
            kept = json.loads(self._folder.read(self.file.name))
            self._sites = {
                str(serial): Site(
                    site.get("id"), site.get("name"), site.get("timeZone"), bool(site.get("isPanel"))
                )
                for serial, site in kept.items()
            }
            self._names = {
                str(serial): str(site["device"]) for serial, site in kept.items() if site.get("device")
            }
        except (OSError, ValueError, TypeError, AttributeError):
            return False
        return True

    def start(self) -> None:
        """Refresh the list regularly from now on, in a separate thread."""
        threading.Thread(target=self._run, name="sites", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Wait for the first answer of the platform; return whether it came."""
        return self._refreshed.wait(seconds)

    def stop(self) -> None:
        """Stop asking the platform."""
        self._is_stopping.set()
        self._is_due.set()

    def take_next_list(self, take_list: TakeList) -> None:
        """Ask the platform again at once, in the thread of the list, and have that list and later ones taken."""
        self.take_list = take_list
        self._is_due.set()

    def site_of(self, serial: str) -> Site | None:
        """Return the site of a device, None if it is unknown."""
        site = self._sites.get(serial)
        if site is None:
            self._is_unknown_met = True
            if len(self._unknown) < _MOST_UNKNOWN:
                self._unknown.add(serial)
            if self.list_arc_devices is not None and not self._has_asked_arc:
                self._has_asked_arc = True
                self._is_due.set()
        return site

    def name_of(self, serial: str) -> str | None:
        """Return the name of a device, None if it is unknown or has none."""
        return self._names.get(serial)

    def known(self) -> tuple[set[str], set[str]]:
        """Return the serials of all devices, and ids and names of their sites."""
        words = {word for site in self._sites.values() for word in (site.id, site.name) if word}
        return set(self._sites), words

    def zones(self) -> list[object]:
        """Return the time zones of all sites, each once."""
        return list(
            {str(site.time_zone): site.time_zone for site in self._sites.values() if site.time_zone}.values()
        )

    def _run(self) -> None:
        due = self.clock()
        while not self._is_stopping.is_set():
            if self.clock() >= due or self._is_due.is_set():
                self._is_due.clear()
                self._refresh_safely()
                self._refreshed.set()
                due, asked, self._is_unknown_met = self.clock() + self._seconds, self.clock(), False
            elif self._is_unknown_met and self.clock() >= asked + _UNKNOWN_SECONDS:
                due = self.clock()
                continue
            self._is_due.wait(_LOOK_SECONDS)

    def _refresh_safely(self) -> None:
        """Refresh the list; no fault ends the thread, and each kind of fault is said once."""
        try:
            self._refresh()
        except Exception as error:  # noqa: BLE001 - alarms do not depend on the list
            name = type(error).__name__
            if name not in self._faults and not self._is_stopping.is_set():
                self._faults.add(name)
                self.warn(
                    f"The device list could not be read for a fault of hpcli ({name}); please report it."
                )

    def _refresh(self) -> None:
        """Ask the platform; after a failure use the list that is known, since alarms do not depend on it."""
        take_list = self.take_list  # one that is set meanwhile is for the lists that begin after it
        try:
            rows = list(self.list_devices())
        except HpcliError:
            return
        arc_rows = self._arc_rows(rows)
        rows += arc_rows or ()
        self._sites = {str(row.get("deviceSerial")): _site_in(row) for row in rows}
        self._names = {
            str(row.get("deviceSerial")): str(row["deviceName"]) for row in rows if row.get("deviceName")
        }
        if (
            take_list is not None
            and arc_rows is not None
            and not self._is_stopping.is_set()
            and take_list(rows)
        ):
            self._is_due.set()
        self._keep()

    def _arc_rows(self, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]] | None:
        """Return the devices that only a receiving centre sees; None if they could not be read this time."""
        known = {str(row.get("deviceSerial")) for row in rows}
        unknown = self._unknown.copy() - known - self._asked
        is_complete = any(row.get("isSubscribed") for row in rows) and not unknown
        if self.list_arc_devices is None or (is_complete and not self._has_arc_devices):
            return []
        self._has_asked_arc = True
        try:
            found = list(self.list_arc_devices())
        except HpcliError as error:
            if not isinstance(error, PlatformError) or isinstance(error, CallLimitError):
                return None
            self.list_arc_devices = None  # not an account of a receiving centre
            return []
        self._asked |= unknown
        others = [row for row in found if str(row.get("deviceSerial")) not in known]
        self._has_arc_devices = bool(others)
        return others

    def _keep(self) -> None:
        kept = {
            serial: {
                "id": site.id,
                "name": site.name,
                "timeZone": site.time_zone,
                "isPanel": site.is_panel,
                "device": self._names.get(serial),
            }
            for serial, site in self._sites.items()
        }
        try:
            self._folder.replace(self.file.name, json.dumps(kept).encode())
        except OSError:
            return  # a cache: the next run asks again


def _site_in(row: Mapping[str, Any]) -> Site:
    return Site(
        row.get("siteID") or None,
        row.get("siteName") or None,
        row.get("timeZone"),
        str(row.get("deviceCategory")) == _PANEL,
    )
