"""Count alarms by what they have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, Final

from hpcli.alarms.clock import moment_of
from hpcli.alarms.journal.entries import Entry, read_body
from hpcli.alarms.journal.queries import read_events
from hpcli.alarms.journal.renewal import NOTHING, Knowledge

if TYPE_CHECKING:
    import sqlite3

GROUPS: Final = (
    "site", "device", "type", "category", "priority", "state", "name", "account", "channel", "code",
    "hour", "day", "weekday", "month",
)  # fmt: skip
"""What alarms can be counted by; times are those of receipt."""

DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def count_events(
    db: sqlite3.Connection,
    groups: Sequence[str],
    since: int,
    until: int,
    zone: tzinfo | None,
    known: Knowledge = NOTHING,
) -> list[dict[str, Any]]:
    """Return a row for each combination, the most frequent first.

    Args:
        db: a connection, inside a transaction.
        groups: of GROUPS.
        since: received at this time or later, epoch milliseconds.
        until: received before this time.
        zone: of hours and days, None for that of this computer.
        known: what entries of older journals, and codes of the user's own table, are decoded with.
    """
    rows = read_events(db, since, until, known)
    counts = Counter(tuple(_value(name, *row, zone) for name in groups) for row in rows)
    ordered = sorted(counts.items(), key=lambda one: (-one[1], [str(value) for value in one[0]]))
    return [{**dict(zip(groups, values, strict=True)), "count": count} for values, count in ordered]


def _value(name: str, entry: Entry, received: int, zone: tzinfo | None) -> Any:
    if name in ("device", "type", "category"):
        return getattr(entry, name)
    if name == "site":
        return None if entry.site is None else entry.site.partition("\n")[2]
    if name in _PERIODS:
        moment = moment_of(received)
        return _PERIODS[name](moment.astimezone(zone))
    fields: dict[str, Any] = {**read_body(entry.body)}
    return (fields.get("cid") or {}).get("code") if name == "code" else fields.get(name)


_PERIODS: Final[dict[str, Callable[[Any], str]]] = {
    "hour": lambda moment: f"{moment:%H}",
    "day": lambda moment: f"{moment:%Y-%m-%d}",
    "weekday": lambda moment: DAYS[moment.weekday()],
    "month": lambda moment: f"{moment:%Y-%m}",
}
