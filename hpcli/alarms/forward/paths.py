"""Which of several addresses an output uses: the first, or a back-up while that does not work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hpcli.alarms.forward.kind import Address
from hpcli.alarms.forward.outcome import DONE, Outcome

FIRST_AGAIN_SECONDS: Final = 60.0
"""How often the first address is tried while a back-up is in use."""


@dataclass
class Paths:
    """The addresses of an output.

    Args:
        to: the first one, then the back-ups.
        steady: seconds that never go back.
        failure: how the first address last failed, as a clause.
    """

    to: Sequence[Address]
    steady: Callable[[], float] = time.monotonic
    failure: str = ""
    _current: int = 0
    _first_due: float = 0.0

    @property
    def notice(self) -> str:
        """Why events go to a back-up, as a clause for people; empty if they do not."""
        if not self._current:
            return ""
        return f"{self.failure}; the back-up {self.in_use.short} has the events"

    def order(self) -> Iterator[Address]:
        """Yield the addresses to try now, until one works: the first if it is due, the one in use, the others."""
        tried: set[int] = set()
        is_first_due = self._current and self.steady() >= self._first_due
        for place in (*((0,) if is_first_due else ()), self._current, *range(len(self.to))):
            if place in tried:
                continue
            tried.add(place)
            if place == 0:
                self.note_tried()
            yield self.to[place]

    @property
    def in_use(self) -> Address:
        """The address in use."""
        return self.to[self._current]

    def is_in_use(self, address: Address) -> bool:
        """Return whether it is the address in use."""
        return self.in_use == address

    def use_next(self) -> None:
        """Use the address after the one in use, after the last the first."""
        self._current = (self._current + 1) % len(self.to)

    def note_tried(self) -> None:
        """Note that the first address was tried now."""
        self._first_due = self.steady() + FIRST_AGAIN_SECONDS

    def note_failed(self, address: Address, failure: str) -> None:
        """Note how an address failed."""
        if address == self.to[0]:
            self.failure = failure

    def taken_by(self, address: Address) -> Outcome:
        """Return the outcome of events that an address has acknowledged."""
        if not self.notice:
            return DONE
        return Outcome("done", self.notice, remark=f"from the back-up {address.short}")

    def note_working(self, address: Address) -> bool:
        """Note that an address works; return whether another one was in use before."""
        place = list(self.to).index(address)
        is_new, self._current = place != self._current, place
        return is_new
