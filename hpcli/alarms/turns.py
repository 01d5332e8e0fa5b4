"""Whose turn it is to read an account's alarms, where more than one machine may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from hpcli.errors import HpcliError


class Turns(Protocol):
    """Decides when this machine reads: what a lease, a spare and a host with a spare have in common.

    Attributes:
        held_since: when this machine's turn began, by the stopwatch; it tells one turn from the next.
        last_poll: when any of the machines last read the queue, epoch milliseconds, as far as is known.
        elsewhere: where alarms may be that were not read here, for the event of a gap; None for nowhere.
    """

    held_since: float
    last_poll: int | None
    elsewhere: str | None = None

    @property
    def holds(self) -> bool:
        """Whether this machine may confirm, at this moment."""

    @property
    def words(self) -> str:
        """The state, for people."""

    @property
    def failing(self) -> tuple[float | None, HpcliError | None]:
        """Since when, by the stopwatch, it has not been known whose turn it is, and why."""
        return None, None

    def may_poll(self) -> bool:
        """Return whether to poll now; asked before each poll. Raises HpcliError where it never can."""
        return self.holds

    def may_repeat(self, away: float | None) -> bool:  # noqa: ARG002 - for those that need it
        """Return whether a turn may begin with what another machine read and could not confirm.

        Args:
            away: seconds since this machine last read the queue, None for never.
        """
        return False

    def end_turn(self) -> None:
        """Note that polling and confirming have stopped."""
        return

    def note_answer(self, now: int) -> None:
        """Note that the queue was read, at a time in epoch milliseconds."""
        self.last_poll = now

    def note_other(self) -> bool:
        """Note that the platform says that someone else reads; return whether that makes repeats likely."""
        return False
