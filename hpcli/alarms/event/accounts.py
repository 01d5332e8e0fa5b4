"""Under which account number a device reports to its receiving centre, and the user's own map of numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from hpcli.alarms.event.event import AccountSource
from hpcli.errors import UsageError
from hpcli.local.private_files import read_text_file, unreadable
from hpcli.parse import is_serial

FILE: Final = "account-map.txt"
_SEPARATOR: Final = re.compile(r"[\s,;=]+")
_LONGEST: Final = 32


class Accounts(NamedTuple):
    """Account numbers by serial.

    Attributes:
        kept: as `arc set-account` set them from here.
        mapped: of the user's own map, which counts more than what a message says.
    """

    kept: Mapping[str, str] = {}
    mapped: Mapping[str, str] = {}

    def number_of(self, device: str | None, told: str | None) -> tuple[str | None, AccountSource | None]:
        """Return the account number of a device, and who says so.

        Args:
            device: serial.
            told: what the message says.
        """
        if self.mapped and device and device.upper() in self.mapped:
            return self.mapped[device.upper()], "map"
        if told is not None:
            return told, "message"
        kept = (self.kept.get(device) or self.kept.get(device.upper())) if device else None
        return (kept, "set-account") if kept else (None, None)


NO_ACCOUNTS: Final = Accounts()


def read_account_map(folder: Path) -> dict[str, str]:
    """Return the account numbers by serial of `account-map.txt` in a folder; without the file, none.

    Raises:
        UsageError: a line is not a serial and an account number, or the file cannot be read.
    """
    path = folder / FILE
    try:
        lines = read_text_file(path).splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(unreadable(path, error)) from error
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        words = _SEPARATOR.split(line.partition("#")[0].strip())
        if words == [""]:
            continue
        if len(words) != 2 or not is_serial(words[0]) or len(words[1]) > _LONGEST:
            raise UsageError(
                f"{path}: line {number} is not a serial and an account number.",
                hint="Each line is like Q19323594 4711; # begins a comment.",
            )
        if found.setdefault(words[0].upper(), words[1]) != words[1]:
            raise UsageError(f"{path}: line {number} gives {words[0]} another account number.")
    return found
