"""The outcome of sending events: what an output says happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["done", "retry", "down", "refused", "misconfigured"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a batch.

    Attributes:
        kind: `done`: acknowledged. `retry`: these events failed; they are sent again later, and hold back their own
            devices only. `down`: the other side cannot be reached; the whole output pauses. `refused`: the other side
            will never take this event, which becomes a dead letter. `misconfigured`: nothing can be sent before
            somebody changes something; the output is suspended and tried now and then.
        error: what happened, as a clause for people; without secrets. Of `done`: why not all goes to the first address.
        retry_after: seconds that the other side asked to wait.
        parts: one outcome for each event of the batch, where they fared differently; the rest is then ignored.
        is_of_one: it is not certain that the other side is `down` for other devices: those are tried at once, and only
            these events pause.
        is_soon: of `retry`: where no other event waits, without a pause.
        wait: of `retry`: the events were not sent; they wait for that many seconds, and it counts as no try.
        remark: of `done`: what is to be known of the acknowledgement of these events, such as that a back-up gave it.
        is_known_here: the refusal did not come from the other side, such as an event without an account; it says
            nothing about the output.
    """

    kind: Kind
    error: str = ""
    retry_after: float | None = None
    parts: tuple[Outcome, ...] = ()
    remark: str = ""
    is_known_here: bool = False
    is_of_one: bool = False
    is_soon: bool = False
    wait: float | None = None

    def of(self, index: int) -> Outcome:
        """Return the outcome of one event of the batch."""
        return self.parts[index] if self.parts else self


DONE: Final = Outcome("done")


def retry(error: str, retry_after: float | None = None) -> Outcome:
    """Return the outcome of events that failed this time."""
    return Outcome("retry", error, retry_after)


def down(error: str, retry_after: float | None = None) -> Outcome:
    """Return the outcome where the other side cannot be reached, or is overloaded."""
    return Outcome("down", error, retry_after)


def refused(error: str, *, is_known_here: bool = False) -> Outcome:
    """Return the outcome of an event that the other side will never take."""
    return Outcome("refused", error, is_known_here=is_known_here)


def misconfigured(error: str) -> Outcome:
    """Return the outcome where sending cannot work before somebody changes something."""
    return Outcome("misconfigured", error)


def each(*parts: Outcome) -> Outcome:
    """Return the outcome of a batch whose events fared differently."""
    return Outcome("retry", parts=parts)
