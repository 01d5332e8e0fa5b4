"""The state of a journal: its content, what waits, and when the platform last answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hpcli.alarms.clock import moment_of
from hpcli.alarms.journal.batches import read_fact
from hpcli.alarms.journal.retention import used_bytes
from hpcli.alarms.journal.rows import GAP
from hpcli.parse import utc_text

if TYPE_CHECKING:
    import sqlite3

STATUS_FIELDS: Final = (
    "lastPoll", "lastMessage", "lastPollSeconds", "events", "oldest", "newest", "waiting", "waitingSeconds",
    "unconfirmed", "picturesPending", "picturesFailed", "gaps", "unknown", "size",
)  # fmt: skip
"""Fields of a status, in the order they are shown."""

_REDELIVERED_WITHIN: Final = 3 * 3600 * 1000


def read_status(db: sqlite3.Connection, now: int) -> dict[str, Any]:
    """Return the state of a journal: the fields of STATUS_FIELDS.

    Args:
        db: a connection, inside a transaction.
        now: epoch milliseconds.
    """
    position = _number(db, "SELECT min(position) FROM output") or 0
    waits = "FROM entry WHERE about IS NULL AND seq>?"
    longest = _number(db, f"SELECT min(received) {waits}", position)
    last_poll = _fact(db, "last-poll")
    return {
        "lastPoll": _moment(last_poll),
        "lastMessage": _moment(_fact(db, "last-message")),
        "lastPollSeconds": None if last_poll is None else max(0, (now - last_poll) // 1000),
        "events": _number(db, "SELECT count(*) FROM entry WHERE about IS NULL"),
        "oldest": _moment(_number(db, "SELECT received FROM entry ORDER BY seq LIMIT 1")),
        "newest": _moment(_number(db, "SELECT received FROM entry ORDER BY seq DESC LIMIT 1")),
        "waiting": _number(db, f"SELECT count(*) {waits}", position),
        "waitingSeconds": 0 if longest is None else max(0, (now - longest) // 1000),
        "unconfirmed": _number(
            db, "SELECT count(*) FROM batch WHERE confirmed=0 AND received>?", now - _REDELIVERED_WITHIN
        ),
        "picturesPending": _number(db, "SELECT count(*) FROM picture WHERE due IS NOT NULL"),
        "picturesFailed": _number(db, "SELECT count(*) FROM picture WHERE state='failed'"),
        "gaps": _number(db, "SELECT count(*) FROM entry WHERE type=?", GAP),
        "unknown": [
            {"name": name, "count": count}
            for name, count in db.execute(
                "SELECT unknown, count(*) FROM entry WHERE unknown IS NOT NULL GROUP BY unknown ORDER BY 2 DESC, 1"
            )
        ],
        "size": used_bytes(db),
    }


def _number(db: sqlite3.Connection, query: str, *values: object) -> int | None:
    row = db.execute(query, values).fetchone()
    return None if row is None or row[0] is None else int(row[0])


def _fact(db: sqlite3.Connection, name: str) -> int | None:
    text = read_fact(db, name)
    return None if text is None else int(text)


def _moment(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else utc_text(moment_of(milliseconds))
