"""The account numbers that `arc set-account` set from this state directory; the platform does not tell them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hpcli.alarms.event.accounts import Accounts
from hpcli.alarms.journal.folder import make_account_folder
from hpcli.local.atomic_write import replace_file

_FILE: Final = "account-numbers.json"


@dataclass
class AccountNumbers:
    """Account numbers by serial.

    Args:
        folder: the account's.
        mapped: of the user's own map.
    """

    folder: Path
    mapped: Mapping[str, str] = field(default_factory=dict)
    _seen: tuple[int, int] | None = None
    _known: Mapping[str, str] = field(default_factory=dict)

    def read(self) -> Accounts:
        """Return the numbers as they are now; without a file that can be read, none was set from here."""
        path = self.folder / _FILE
        try:
            status = path.stat()
            seen = (status.st_mtime_ns, status.st_ino)
            if seen != self._seen:
                kept = json.loads(path.read_text(encoding="utf-8"))
                self._known = {str(serial): str(number) for serial, number in kept.items()}
                self._seen = seen
        except (OSError, ValueError, AttributeError):
            self._seen, self._known = None, {}
        return Accounts(self._known, self.mapped)

    def keep(self, serial: str, number: str) -> None:
        """Store the number of a device.

        Raises:
            LocalError: the folder cannot be used.
            OSError: it cannot be written.
        """
        make_account_folder(self.folder)
        kept = dict(self.read().kept) | {serial: number}
        replace_file(self.folder / _FILE, json.dumps(kept).encode() + b"\n")
