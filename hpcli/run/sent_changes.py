"""What became of the targets of the calls that a run has sent, which their answers alone do not always say."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from hpcli.errors import DeviceError, HpcliError, PlatformError
from hpcli.local.change_records import ItemOutcome


@dataclass
class SentChange:
    """One call in the log, and what is known of its targets.

    Attributes:
        number: in the log.
        outcome: of the call.
        error: that it ended with.
        done: the targets that are done.
        failed: those that are not, with their errors.
        parts: the areas, zones or outputs of a device that it changes and that are not settled yet.
    """

    number: int
    outcome: str = "sent"
    error: HpcliError | None = None
    done: set[str] = field(default_factory=set)
    failed: dict[str, HpcliError] = field(default_factory=dict)
    parts: set[str] = field(default_factory=set)


class Settled(NamedTuple):
    """What is to be written of a call: see `ChangeLog.settle`."""

    number: int
    outcome: str
    code: str | None
    message: str | None
    items: list[ItemOutcome]


class SentChanges:
    """The calls of a run by their targets; threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of_target: dict[str, SentChange] = {}
        self._here = threading.local()

    def add(self, number: int, targets: Sequence[str], parts: Sequence[str] = ()) -> SentChange:
        """Note a call that is about to be sent.

        Args:
            number: in the log.
            targets: that it names.
            parts: of the only target.
        """
        change = SentChange(number, parts=set(parts))
        self._sent_here().append(change)
        with self._lock:
            self._of_target |= dict.fromkeys((target.casefold() for target in targets), change)
        return change

    def settle(self, target: str, error: HpcliError | None) -> Settled | None:
        """Note what became of a target; return what that changes in the log, None for nothing.

        It belongs to the call that was sent last for it. An area, zone or output belongs to the last call of this
        thread that changes it: several may be sent before the first is settled. A new name or a label is in no call by
        that name: it belongs to the call that this thread sent last.
        """
        here = self._sent_here()
        with self._lock:
            change = self._of_target.get(target.casefold())
            if change is None and _is_part(target):
                change = _take_part(here, target)
            else:
                change = change or (here[-1] if here else None)
                here.clear()
            return None if change is None else _settle(change, target, error)

    def _sent_here(self) -> list[SentChange]:
        if not hasattr(self._here, "sent"):
            self._here.sent = []
        sent: list[SentChange] = self._here.sent
        return sent


def _is_part(target: str) -> bool:
    return target.isdecimal() or target == "all"


def _take_part(sent: list[SentChange], part: str) -> SentChange | None:
    """Return the last call that changes a part, which is settled with it; else the last call without parts."""
    found = next((change for change in reversed(sent) if part in change.parts), None)
    if found is None:
        found = next((change for change in sent[-1:] if not change.parts), None)
        if found is not None:
            sent.clear()
        return found
    for change in sent:
        change.parts.discard(part)
    sent[:] = [change for change in sent if change.parts]
    return found


def _settle(change: SentChange, target: str, error: HpcliError | None) -> Settled | None:
    before = change.outcome, dict(change.failed)
    if error is None:
        change.done.add(target)
        change.failed.pop(target, None)
    elif change.outcome != "done" or _is_about_change(error):
        change.failed[target] = error
    _join(change)
    if (change.outcome, change.failed) == before:
        return None
    first = next(iter(change.failed.items()), None)
    if first is None:
        return Settled(change.number, change.outcome, None, None, [])
    items = [ItemOutcome(name, outcome_of(one), one.code, str(one)) for name, one in change.failed.items()]
    return Settled(change.number, change.outcome, first[1].code, _message(change, *first), items)


def _join(change: SentChange) -> None:
    """Set the outcome of the whole from those of its targets."""
    if change.failed and change.done:
        change.outcome = "partial"
    elif change.failed:
        outcomes = {outcome_of(error) for error in change.failed.values()}
        change.outcome = "failed" if outcomes == {"failed"} else "unknown"
    elif change.done:  # it was gone, or there, before; or the state shows it though the answer was lost
        change.outcome = "done"


def _message(change: SentChange, target: str, error: HpcliError) -> str:
    if change.error is error or (len(change.failed) == 1 and not change.done):
        return str(error)
    more = f"; {len(change.failed) - 1} more failed" if len(change.failed) > 1 else ""
    return f"{target}: {error}{more}"


def _is_about_change(error: HpcliError) -> bool:
    """Whether an error after a call says that the call was not done, and not that something else failed."""
    is_refusal = error.code is not None or isinstance(error, PlatformError | DeviceError)
    return error.may_be_done or is_refusal


def outcome_of(error: HpcliError) -> str:
    """Return what an error says about a change."""
    return "unknown" if error.may_be_done else "failed"
