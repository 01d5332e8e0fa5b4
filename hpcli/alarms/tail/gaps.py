"""Gaps: times in which no alarms were read for longer than the platform keeps them (two hours, Guide §3.34)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

from hpcli.alarms.clock import Clock
from hpcli.alarms.event.event import make_body
from hpcli.alarms.event.identity import fingerprint_of
from hpcli.alarms.journal.rows import GAP, Row, make_own_row
from hpcli.output.human_units import show_duration
from hpcli.parse import utc_text
from hpcli.reference.categories import category_of

PLATFORM_KEEPS_SECONDS: Final = 7200.0


OUTAGE_SECONDS: Final = 60.0
"""A long poll takes up to 20 s, and another reader's poll may hold the queue as long (Guide §3.34)."""


class Outage(NamedTuple):
    """A time in which the queue was not read, and why."""

    began: datetime
    ended: datetime
    reason: str


@dataclass
class GapDetector:
    """Notices gaps between polls.

    Args:
        clock: the time.
        last: when an earlier run last read the queue, None if there was none.

    Attributes:
        outage: the time before the latest poll in which nothing was read, if it was long.
    """

    clock: Clock
    last: datetime | None
    outage: Outage | None = None
    _steady: float | None = None
    _elsewhere: str | None = None

    def begin_anew(self, last: datetime | None, elsewhere: str | None = None) -> None:
        """Go on after another machine, which last read the queue at some time.

        Args:
            last: that time; without a machine whose alarms come here too, the time of this one.
            elsewhere: where alarms may be that did not come here; None for nowhere.
        """
        self.last, self._steady, self._elsewhere = last, None, elsewhere

    def note_poll(self) -> Row | None:
        """Record that the queue was read; return the event of the gap before, if there was one."""
        now, steady = self.clock.now(), self.clock.steady()
        before, before_steady = self.last, self._steady
        self.last, self._steady = now, steady
        if before is None:
            return None
        # Within one run the stopwatch counts, so that setting the clock makes no gap.
        away = (now - before).total_seconds() if before_steady is None else steady - before_steady
        reason = "no reader was running" if before_steady is None else "the platform could not be read"
        self.outage = Outage(before, now, reason) if away >= OUTAGE_SECONDS else None
        elsewhere, self._elsewhere = self._elsewhere, None
        return make_gap(before, now, elsewhere) if away > PLATFORM_KEEPS_SECONDS else None


def make_gap(since: datetime, until: datetime, elsewhere: str | None = None, text: str = "") -> Row:
    """Return the event that says that alarms may be missing between two times.

    Args:
        since: the first of them.
        until: the second.
        elsewhere: where else they may be, as a clause.
        text: of the event, if it is not that nobody read the queue.
    """
    start, end = (moment.astimezone(UTC).isoformat(timespec="seconds") for moment in (since, until))
    seconds = (until - since).total_seconds()
    text = text or (
        f"No alarms were read for {show_duration(seconds)}, from {utc_text(since)}: "
        f"the platform keeps them for two hours; {elsewhere or 'older ones are lost'}"
    )
    body = make_body(
        received=utc_text(until, "milliseconds"),
        time=end,
        time_source="received",
        kind=GAP,
        name="Gap",
        category=category_of("fault"),
        text=text,
    )
    mark = fingerprint_of({"deviceSerial": None, "alarmData": f"gap {start} {end}"})
    return make_own_row(body, mark, until)
