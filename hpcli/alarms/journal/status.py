"""The state of a journal: its content, what waits, and when the platform last answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from hpcli.alarms.clock import moment_text
from hpcli.alarms.journal.deliveries import Forwarded, read_forwarded
from hpcli.alarms.journal.facts import read_fact
from hpcli.alarms.journal.retention import used_bytes
from hpcli.alarms.journal.rows import GAP

if TYPE_CHECKING:
    import sqlite3

STATUS_FIELDS: Final = (
    "lastPoll", "lastMessage", "lastPollSeconds", "events", "oldest", "newest", "waiting", "waitingSeconds", "outputs",
    "unconfirmed", "picturesPending", "picturesNotFetched", "picturesLocked", "picturesFailed",
    "picturesFailedToday", "gaps", "unknown", "size",
)  # fmt: skip
"""Fields of a status, in the order they are shown."""

NO_JOURNAL: Final[Mapping[str, Any]] = {
    **dict.fromkeys(STATUS_FIELDS, 0),
    **dict.fromkeys(("lastPoll", "lastMessage", "lastPollSeconds", "oldest", "newest")),
    "outputs": [],
    "unknown": [],
}
"""The state of an account whose alarms were never read here."""

STDOUT: Final = "stdout"
"""What `alarms tail` prints; no output of `alarms forward` has that name."""

_REDELIVERED_WITHIN: Final = 3 * 3600 * 1000
_DAY: Final = 86_400_000


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
        "lastPoll": moment_text(last_poll),
        "lastMessage": moment_text(_fact(db, "last-message")),
        "lastPollSeconds": None if last_poll is None else max(0, (now - last_poll) // 1000),
        "events": _number(db, "SELECT count(*) FROM entry WHERE about IS NULL"),
        "oldest": moment_text(_number(db, "SELECT received FROM entry ORDER BY seq LIMIT 1")),
        "newest": moment_text(_number(db, "SELECT received FROM entry ORDER BY seq DESC LIMIT 1")),
        "waiting": _number(db, f"SELECT count(*) {waits}", position),
        "waitingSeconds": 0 if longest is None else max(0, (now - longest) // 1000),
        "outputs": _outputs(db, now),
        "unconfirmed": _number(
            db, "SELECT count(*) FROM batch WHERE confirmed=0 AND received>?", now - _REDELIVERED_WITHIN
        ),
        "picturesPending": _number(db, "SELECT count(*) FROM picture WHERE due IS NOT NULL"),
        "picturesNotFetched": _number(
            db, "SELECT count(*) FROM picture WHERE state='pending' AND due IS NULL"
        ),
        "picturesLocked": _number(db, "SELECT count(*) FROM picture WHERE state='locked'"),
        "picturesFailed": _number(db, "SELECT count(*) FROM picture WHERE state='failed'"),
        "picturesFailedToday": _number(
            db,
            "SELECT count(*) FROM picture JOIN entry ON entry.seq=picture.entry"
            " WHERE picture.state='failed' AND entry.received>?",
            now - _DAY,
        ),
        "gaps": _number(db, "SELECT count(*) FROM entry WHERE type=?", GAP),
        "unknown": [
            {"name": name, "count": count}
            for name, count in db.execute(
                "SELECT unknown, count(*) FROM entry WHERE unknown IS NOT NULL GROUP BY unknown ORDER BY 2 DESC, 1"
            )
        ],
        "size": used_bytes(db),
    }


def read_heard(db: sqlite3.Connection) -> dict[str, int]:
    """Return when the latest message of each device came, epoch milliseconds."""
    return {str(device): int(at) for device, at in db.execute("SELECT device, at FROM heard")}


def _outputs(db: sqlite3.Connection, now: int) -> list[dict[str, Any]]:
    """Return where each output is: the last entry it has passed, and what waits after it."""
    found = []
    for name, position in db.execute("SELECT name, position FROM output ORDER BY name").fetchall():
        count, oldest = db.execute(
            "SELECT count(*), min(received) FROM entry WHERE about IS NULL AND seq>?", (position,)
        ).fetchone()
        found.append({
            "name": name,
            "position": position,
            "waiting": count,
            "oldest": moment_text(oldest),
            "waitingSeconds": 0 if oldest is None else max(0, (now - oldest) // 1000),
            "state": "ok", "dead": 0, "last": None, "error": None, "since": None,
        })  # fmt: skip
    return [*found, *(forwarded_fields(one, now) for one in read_forwarded(db))]


def forwarded_fields(one: Forwarded, now: int) -> dict[str, Any]:
    """Return the state of an output of `alarms forward`."""
    return {
        "name": one.name,
        "position": one.place.position,
        "waiting": one.waiting,
        "oldest": moment_text(one.oldest),
        "waitingSeconds": 0 if one.oldest is None else max(0, (now - one.oldest) // 1000),
        "state": one.place.state,
        "dead": one.dead,
        "last": moment_text(one.place.last),
        "error": one.error,
        "since": moment_text(one.place.since),
    }


def _number(db: sqlite3.Connection, query: str, *values: object) -> int | None:
    row = db.execute(query, values).fetchone()
    return None if row is None or row[0] is None else int(row[0])


def _fact(db: sqlite3.Connection, name: str) -> int | None:
    text = read_fact(db, name)
    return None if text is None else int(text)
