"""Receivers and accounts that stay silent: when that is certain, and how long others of an account wait meanwhile."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from hpcli.alarms.forward.kind import Address
from hpcli.alarms.forward.outcome import Outcome
from hpcli.alarms.forward.paths import Paths

TRIES: Final = 3
"""Frames without an answer, after which another address is tried."""

_LONGEST_SECONDS: Final = 30.0


class Verdict(Enum):
    """What it means that a frame was not answered."""

    AGAIN = "it is sent again"
    ACCOUNT = "the receiver does not answer for this account"
    RECEIVER = "the receiver does not answer"


@dataclass
class _Quiet:
    """An account without an answer: since how many frames, the last of them, and until when others wait."""

    frame: str = ""
    count: int = 0
    until: float = 0.0


@dataclass
class Silence:
    """What was not answered of late.

    Args:
        paths: the addresses of the output.
        seconds: how long an answer is waited for.
        steady: seconds that never go back.
    """

    paths: Paths
    seconds: float
    steady: Callable[[], float] = time.monotonic
    _quiet: dict[str, _Quiet] = field(default_factory=dict)
    _in_a_row: dict[Address, deque[str]] = field(default_factory=dict)
    _diverted: dict[str, Paths] = field(default_factory=dict)

    def paths_for(self, account: str) -> Paths:
        """Return the addresses for an account: its own where the receiver in use is silent for it alone."""
        return self._diverted.get(account, self.paths)

    def seconds_left(self, account: str, frame: str) -> float:
        """Return how long a frame has to wait, since another frame of its account was not answered."""
        quiet = self._quiet.get(account)
        if quiet is None or quiet.frame == frame:
            return 0.0
        return max(0.0, quiet.until - self.steady())

    def note(self, address: Address, account: str, frame: str, tries: int) -> Verdict:
        """Note that the address in use did not answer, and return what that means.

        Args:
            address: the address.
            account: of the frame.
            frame: tells it from others.
            tries: how often it was sent before.
        """
        quiet = self._quiet.setdefault(account, _Quiet())
        quiet.frame = frame
        quiet.count += 1
        quiet.until = self.steady() + min(quiet.count * self.seconds, _LONGEST_SECONDS)
        row = self._in_a_row.setdefault(address, deque(maxlen=TRIES))
        row.append(account)
        if len(row) == TRIES:
            return Verdict.RECEIVER
        return Verdict.ACCOUNT if max(quiet.count, tries + 1) >= TRIES else Verdict.AGAIN

    def is_of_one(self, address: Address) -> bool:
        """Return whether an address was silent for one account, and none other was tried in between."""
        return len(set(self._in_a_row.get(address, ()))) == 1

    def note_answer(self, address: Address, account: str) -> None:
        """Note that an address answered for an account."""
        self._quiet.pop(account, None)
        self._in_a_row.pop(address, None)

    def taken_by(self, address: Address, account: str) -> Outcome:
        """Return the outcome of a frame that an address has acknowledged; it says what goes to back-ups."""
        mine = self.paths_for(account).taken_by(address)
        notices = [
            self.paths.notice,
            *(f"account {one}: {paths.notice}" for one, paths in self._diverted.items()),
        ]
        return replace(mine, error=". ".join(filter(None, notices)))

    def divert(self, account: str, address: Address) -> None:
        """Send the frames of an account to another address; the first is tried again now and then."""
        failure = f"{self.paths.in_use.short} does not answer for it"
        paths = self._diverted[account] = Paths(self.paths.to, self.steady, failure)
        paths.note_working(address)
        paths.note_tried()

    def join_again(self, account: str, address: Address) -> None:
        """Note which address works for a diverted account; it is diverted no longer where that is the one in use."""
        if account in self._diverted and self.paths.is_in_use(address):
            del self._diverted[account]
