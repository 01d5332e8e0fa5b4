"""Storm control: of equal events within a time the first goes at once, the rest as one event. Nothing is dropped."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hpcli.alarms.journal.entries import read_body
from hpcli.alarms.journal.routing import Candidate

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

_NEVER: Final = "tamper"
_SKEW: Final = 60_000
"""Milliseconds by which the clock of another machine of the account may be ahead."""

_REGION = re.compile(r"regionID[^\w]{1,8}(\w{1,20})", re.IGNORECASE)


@dataclass(slots=True)
class _Window:
    """The time after an event in which equal ones are kept.

    Attributes:
        end: epoch milliseconds.
        kept: what came after the first.
    """

    end: float
    kept: list[Candidate] = field(default_factory=list)


@dataclass
class Storms:
    """The windows of an output.

    Args:
        seconds: their length; 0 keeps nothing.
    """

    seconds: float
    _open: dict[tuple[Any, ...], _Window] = field(default_factory=dict)
    _ended: list[list[Candidate]] = field(default_factory=list)

    def keeps(self, event: Candidate, region: str | None) -> bool:
        """Return whether an event is kept for the end of a window; otherwise it goes at once.

        Args:
            event: later than those before.
            region: of its message, see `read_regions`.
        """
        if not self.seconds or event.priority == "critical" or event.category == _NEVER:
            return False
        key = (*_key(event), region)
        window = self._open.get(key)
        if window is not None and not self._is_over(window, event.received):
            window.kept.append(event)
            return True
        if window is not None and window.kept:
            self._ended.append(window.kept)
        self._open[key] = _Window(event.received + self.seconds * 1000)
        return False

    def ended(self, now: float) -> list[list[Candidate]]:
        """Return what was kept in the windows that have ended, in the order of the journal.

        Args:
            now: epoch milliseconds.
        """
        over = [key for key, window in self._open.items() if self._is_over(window, now)]
        found = [*self._ended, *(kept for key in over if (kept := self._open.pop(key).kept))]
        self._ended.clear()
        return sorted(found, key=lambda kept: kept[-1].seq)

    def _is_over(self, window: _Window, now: float) -> bool:
        """Return whether a window has ended; one that begins in the future does not outlive a clock that was set."""
        return not window.end - self.seconds * 1000 - _SKEW <= now < window.end


def _key(event: Candidate) -> tuple[Any, ...]:
    body = read_body(event.body)
    cid, source = body["cid"], body["source"]
    return (
        event.device,
        event.type,
        body["state"],
        body["channel"],
        None if cid is None else (cid["code"], tuple(cid["areas"]), cid["zone"]),
        None if source is None else (source["kind"], source["number"], source["name"]),
    )


def read_regions(db: sqlite3.Connection, events: Sequence[Candidate]) -> Mapping[int, str]:
    """Return the detection regions that messages name, by the numbers of their events."""
    if not events:
        return {}
    rows = db.execute(
        "SELECT seq, raw FROM entry WHERE seq BETWEEN ? AND ? AND raw LIKE '%regionid%'",
        (events[0].seq, events[-1].seq),
    )
    return {seq: found[1] for seq, raw in rows if (found := _REGION.search(raw)) is not None}
