"""Where an output starts in a journal: now, at the beginning, after an event, or at a time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from hpcli.alarms.journal.deliveries import read_start
from hpcli.alarms.journal.pictures import last_seq
from hpcli.errors import UsageError
from hpcli.parse import epoch_milliseconds, utc_text

if TYPE_CHECKING:
    import sqlite3

NOW: Final = "now"
BEGINNING: Final = "beginning"


def origin_of(text: str, now: datetime) -> str:
    """Return what forward.toml has for `--from`: the present as a time, the rest as it is."""
    return utc_text(now, "milliseconds") if text == NOW else text


def start_of(db: sqlite3.Connection, output: str, origin: str) -> int:
    """Return the number of the event after which an output started, or will start; see `start_after`."""
    known = read_start(db, output, origin)  # the event that it names may have been pruned since
    return start_after(db, origin) if known is None else known


def start_after(db: sqlite3.Connection, origin: str) -> int:
    """Return the number of the event after which a new output starts.

    Args:
        db: the journal.
        origin: `now`, `beginning`, the id of the last event that is not sent, or a time.

    Raises:
        UsageError: the journal has no event of that id.
    """
    if origin == BEGINNING:
        return 0
    if origin == NOW:
        return last_seq(db)
    moment = _moment(origin)
    if moment is not None:
        row = db.execute("SELECT min(seq) FROM entry WHERE received>=?", (moment,)).fetchone()
        return last_seq(db) if row[0] is None else int(row[0]) - 1
    row = db.execute("SELECT seq FROM entry WHERE id=?", (origin,)).fetchone()
    if row is None:
        raise UsageError(
            f"The journal has no event '{origin}' to start after.",
            hint="Change `from` in forward.toml: now, beginning, an event id or a time.",
        )
    return int(row[0])


def is_moment(text: str) -> bool:
    """Return whether an origin is a time."""
    return _moment(text) is not None


def _moment(text: str) -> int | None:
    if len(text) < len("2026-11-22T14:31") or text[4:5] != "-":
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return epoch_milliseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
