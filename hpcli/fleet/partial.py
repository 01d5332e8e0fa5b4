"""What an unfinished reading of an account has read already, so that the next one goes on there."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from hpcli.errors import UsageError
from hpcli.fleet.state import SiteState
from hpcli.local.own_folder import OwnFolder, unusable
from hpcli.parse import parse_time, utc_text

LONGEST: Final = timedelta(hours=24)
"""An older unfinished reading is begun anew."""
_VERSION: Final = 1


@dataclass
class PartialReading:
    """The sites that were read so far, a line each in a file of the state folder; threads may share it.

    Args:
        folder: the account's.
        name: of the file.
        now: the present.

    Attributes:
        begun: when the reading began.
        sites: site id to the parts that were read before.
    """

    folder: OwnFolder
    name: str
    now: datetime
    begun: datetime = field(init=False)
    sites: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _number: int | None = None
    _is_closed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Begin now, unless `load` finds an earlier beginning."""
        self.begun = self.now

    def load(self) -> None:
        """Take what an unfinished reading has; a file that cannot be read, or is too old, counts as none."""
        try:
            lines = self.folder.read(self.name).decode("utf-8", "replace").splitlines()
        except OSError:
            return
        entries = [entry for entry in map(_entry, lines) if entry is not None]
        if not entries or entries[0].get("version") != _VERSION:
            return
        try:
            begun = parse_time(str(entries[0].get("begun")), self.now)
        except UsageError:
            return
        if not timedelta(0) <= self.now - begun <= LONGEST:
            return
        self.begun = begun
        self.sites = {str(entry["site"]): entry["parts"] for entry in entries[1:] if "parts" in entry}

    def keep(self, site: SiteState) -> None:
        """Note a site that was read without an error.

        Raises:
            LocalError: the file cannot be written.
        """
        if site.errors:
            return
        with self._lock:
            if self._is_closed:  # the reading was interrupted, and nobody waits for this site any more
                return
            self.sites[site.id] = site.kept()
            self._write({"site": site.id, "parts": site.kept()})

    def begin(self) -> None:
        """Begin the file anew where there is nothing to go on with.

        Raises:
            LocalError: it cannot be written.
        """
        if not self.sites:
            head = {"version": _VERSION, "begun": utc_text(self.begun, "milliseconds")}
            with self._failures():
                self.folder.replace(self.name, _line(head))

    def finish(self) -> None:
        """Remove the file: the reading is whole."""
        self.close()
        with contextlib.suppress(OSError):
            self.folder.remove(self.name)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._is_closed = True
            if self._number is not None:
                os.close(self._number)
                self._number = None

    def _write(self, entry: Mapping[str, Any]) -> None:
        with self._failures():
            if self._number is None:
                self._number = self.folder.open(self.name, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            rest = memoryview(_line(entry))
            while rest:
                rest = rest[os.write(self._number, rest) :]

    @contextlib.contextmanager
    def _failures(self) -> Any:
        try:
            yield
        except OSError as error:
            raise unusable(self.folder.path / self.name, error, "written") from error


def _line(entry: Mapping[str, Any]) -> bytes:
    return (json.dumps(entry) + "\n").encode()


def _entry(line: str) -> dict[str, Any] | None:
    """Return the object of a line; None for one that a killed process wrote in part."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
