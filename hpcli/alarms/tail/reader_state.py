"""Lines among the events that say when the platform cannot be read for a while, and when it can again."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hpcli.parse import utc_text

if TYPE_CHECKING:
    from datetime import datetime

OUTAGE_SECONDS: Final = 60.0
"""Polls fail now and then; those that have failed for so long are worth a word."""


@dataclass
class ReaderState:
    """The state of the reader, as lines of ndjson.

    Attributes:
        is_offline: polls have failed for a while.
    """

    is_offline: bool = False
    _lines: deque[bytes] = field(default_factory=deque)

    def update(
        self, failing: float, now: datetime, last_poll: datetime | None, error: str | None = None
    ) -> bool:
        """Note how polling goes; return whether there is a new line.

        Args:
            failing: for how many seconds polls have failed.
            now: the time of day.
            last_poll: when the platform last answered as it should.
            error: why the latest poll failed.
        """
        is_offline = failing >= OUTAGE_SECONDS
        if is_offline == self.is_offline:
            return False
        self.tell("offline" if is_offline else "online", now, last_poll, error=error if is_offline else None)
        self.is_offline = is_offline
        return True

    def tell(self, state: str, now: datetime, last_poll: datetime | None, **more: object) -> None:
        """Note a state; one of a spare replaces what was known of polling.

        Args:
            state: `standby` or `reading`, or as above.
            now: the time of day.
            last_poll: when the platform last answered as it should.
            more: further fields.
        """
        line = {
            "type": "reader",
            "state": state,
            "time": utc_text(now),
            "lastPoll": None if last_poll is None else utc_text(last_poll),
            "error": None,
            **more,
        }
        self._lines.append(json.dumps(line, separators=(",", ":")).encode() + b"\n")
        self.is_offline = False

    def take(self) -> bytes:
        """Return the lines that are not printed yet."""
        taken = []
        while self._lines:
            taken.append(self._lines.popleft())
        return b"".join(taken)
