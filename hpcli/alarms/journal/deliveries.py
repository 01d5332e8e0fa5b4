"""The outputs of `alarms forward` in the journal: how far each has come, what failed, and what was given up.

All events up to an output's position are settled: acknowledged, not for it, or dead letters. Beyond the position, and
for dead letters that are tried again, `delivery` has a row:

    sent      acknowledged ahead of an earlier event that is not
    waiting   not acknowledged yet, after some tries
    dead      refused; `alarms forward retry` makes it wait again
    expired   given up, because it waited too long or the disk was full

What is to be known of an acknowledgement, such as that a back-up gave it, stays as long as the event:

    noted     acknowledged, with a remark
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hpcli.alarms.journal.routing import Candidate, Routing, read_routing
from hpcli.plurals import quantity
from hpcli.reference.categories import PRIORITY_OF

if TYPE_CHECKING:
    import sqlite3

WAITING: Final = "waiting"
SENT: Final = "sent"
DEAD: Final = "dead"
EXPIRED: Final = "expired"
NOTED: Final = "noted"

SUSPENDED: Final = "suspended"

_SINCE: Final = ".since"
"""The note of when an output that cannot send first failed; notes of outputs themselves do not begin with a dot."""

_ASKED: Final = ".asked"
"""The note that counts how often the process that sends was asked to look at its settings again."""

_PAGE: Final = 2000
_GIVEN_UP: Final = "state IN ('dead', 'expired')"


class Mark(NamedTuple):
    """What is noted about one event of an output."""

    seq: int
    device: str | None
    state: str
    tries: int = 0
    due: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where an output is.

    Attributes:
        position: all events up to this number are settled.
        is_clean: the last run ended by itself, so nothing beyond was sent without its mark.
        state: ok, or suspended.
        tries: failures in a row of the output itself.
        due: when it may be tried again, epoch milliseconds.
        error: the last failure.
        last: when an event was last acknowledged.
        moved: when it last moved, or was made.
        longest: how long it may stand still before its claim on old events ends, milliseconds.
        since: when the output itself first failed of late, None if it works.
    """

    position: int
    is_clean: bool = True
    state: str = "ok"
    tries: int = 0
    due: int = 0
    error: str | None = None
    last: int | None = None
    moved: int = 0
    longest: int = 0
    since: int | None = None


def register(
    db: sqlite3.Connection, output: str, origin: str, start: int, routing: Routing, longest: int, now: int
) -> None:
    """Make a place for an output, or bring its settings up to date; another origin makes it start there.

    Args:
        db: the writing connection.
        output: its name.
        origin: where it starts, as the configuration has it.
        start: the position that means.
        routing: what it takes.
        longest: see `Place`.
        now: epoch milliseconds.
    """
    known = db.execute("SELECT origin FROM forward WHERE output=?", (output,)).fetchone()
    if known is not None and known[0] != origin:
        forget(db, output)
        known = None
    if known is None:
        db.execute(
            "INSERT INTO forward (output, position, start, origin, routing, moved, longest)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (output, start, start, origin, routing.as_json(), now, longest),
        )
    else:
        db.execute(
            "UPDATE forward SET routing=?, longest=? WHERE output=?", (routing.as_json(), longest, output)
        )


def read_start(db: sqlite3.Connection, output: str, origin: str) -> int | None:
    """Return the number of the event after which an output started, None if it has not, or elsewhere."""
    row = db.execute("SELECT start FROM forward WHERE output=? AND origin=?", (output, origin)).fetchone()
    return None if row is None else int(row[0])


def read_place(db: sqlite3.Connection, output: str) -> Place | None:
    """Return where an output is, None if it never ran on this journal."""
    row = db.execute(
        "SELECT position, is_clean, state, tries, due, error, last, moved, longest FROM forward WHERE output=?",
        (output,),
    ).fetchone()
    if row is None:
        return None
    since = read_note(db, output, _SINCE)
    place = Place(row[0], bool(row[1]), *row[2:])
    return place if since is None else replace(place, since=int(since))


def save_place(db: sqlite3.Connection, output: str, place: Place, marks: Iterable[Mark]) -> None:
    """Store where an output is, and what changed about single events.

    Args:
        db: the writing connection.
        output: its name.
        place: where it is; `longest` is left as it is.
        marks: of events; what is sent and not beyond the position needs none, but for a remark.
    """
    db.execute(
        "UPDATE forward SET position=max(position, ?), is_clean=?, state=?, tries=?, due=?, error=?, last=?, moved=?"
        " WHERE output=?",
        (place.position, int(place.is_clean), place.state, place.tries, place.due, place.error, place.last,
         place.moved, output),
    )  # fmt: skip
    db.executemany(
        "INSERT OR REPLACE INTO delivery (output, seq, device, state, tries, due, error) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(output, *mark) for mark in marks],
    )
    write_note(db, output, _SINCE, None if place.since is None else str(place.since))
    passed = "WHERE output=? AND state='sent' AND seq<=?"
    db.execute(f"DELETE FROM delivery {passed} AND error IS NULL", (output, place.position))  # noqa: S608 - as below
    db.execute(f"UPDATE delivery SET state='noted' {passed}", (output, place.position))  # noqa: S608 - the condition above


def read_note(db: sqlite3.Connection, output: str, name: str) -> str | None:
    """Return what an output remembers under a name."""
    row = db.execute("SELECT value FROM forward_note WHERE output=? AND name=?", (output, name)).fetchone()
    return None if row is None else str(row[0])


def write_note(db: sqlite3.Connection, output: str, name: str, value: str | None) -> None:
    """Store what an output remembers under a name, or remove it (None)."""
    if value is None:
        db.execute("DELETE FROM forward_note WHERE output=? AND name=?", (output, name))
    else:
        db.execute(
            "INSERT OR REPLACE INTO forward_note (output, name, value) VALUES (?, ?, ?)",
            (output, name, value),
        )


def read_marks(db: sqlite3.Connection, output: str, *states: str) -> list[Mark]:
    """Return what is noted about events of an output in one of some states."""
    marks = ",".join("?" * len(states))
    rows = db.execute(
        f"SELECT seq, device, state, tries, due, error FROM delivery WHERE output=? AND state IN ({marks})"  # noqa: S608 - question marks
        " ORDER BY seq",
        (output, *states),
    )
    return [Mark(*row) for row in rows]


def read_settled(db: sqlite3.Connection, output: str) -> set[int]:
    """Return the events beyond the position of an output that are settled, and its dead letters."""
    return {mark.seq for mark in read_marks(db, output, SENT, DEAD, EXPIRED)}


def find_acknowledged(db: sqlite3.Connection, output: str, seqs: Iterable[int]) -> set[int]:
    """Return those of some events that an output has had acknowledged, as far as that is stored."""
    place = read_place(db, output)
    if place is None:
        return set()
    find = "SELECT state FROM delivery WHERE output=? AND seq=?"
    noted = {seq: db.execute(find, (output, seq)).fetchone() for seq in seqs}
    return {
        seq
        for seq, row in noted.items()
        if (seq <= place.position if row is None else row[0] in (SENT, NOTED))
    }


def forget(db: sqlite3.Connection, output: str) -> bool:
    """Remove an output from the journal; return whether it was there."""
    for table in ("delivery", "forward_note"):
        db.execute(f"DELETE FROM {table} WHERE output=?", (output,))  # noqa: S608 - the names above
    return bool(db.execute("DELETE FROM forward WHERE output=?", (output,)).rowcount)


def read_asked(db: sqlite3.Connection, output: str) -> int:
    """Return how often the process that sends for an output was asked to look at its settings again."""
    return int(read_note(db, output, _ASKED) or 0)


def ask_again(db: sqlite3.Connection, output: str) -> None:
    """Ask the process that sends for an output to look at its settings again, and to try everything at once."""
    write_note(db, output, _ASKED, str(read_asked(db, output) + 1))


def revive(db: sqlite3.Connection, output: str) -> tuple[int, int]:
    """Let dead letters wait again, and ask for everything to be tried at once.

    Returns:
        How many wait again, and of how many the journal no longer has the event.
    """
    there = "seq IN (SELECT seq FROM entry)"
    revived = db.execute(
        f"UPDATE delivery SET state='waiting', due=0 WHERE output=? AND {_GIVEN_UP} AND {there}",  # noqa: S608 - the conditions above
        (output,),
    ).rowcount
    gone = db.execute(
        f"SELECT count(*) FROM delivery WHERE output=? AND {_GIVEN_UP}",  # noqa: S608 - the condition above
        (output,),
    ).fetchone()[0]
    db.execute("UPDATE delivery SET due=0 WHERE output=? AND state='waiting'", (output,))
    db.execute("UPDATE forward SET state='ok', tries=0, due=0, error=NULL WHERE output=?", (output,))
    write_note(db, output, _SINCE, None)
    ask_again(db, output)
    return revived, int(gone)


_COLUMNS: Final = "seq, device, priority, category, type, site, is_quiet, received, body"


def read_candidates(db: sqlite3.Connection, after: int, limit: int = _PAGE) -> list[Candidate]:
    """Return the next events after a number, without their raw messages."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM entry WHERE seq>? AND about IS NULL ORDER BY seq LIMIT ?",  # noqa: S608 - the columns above
        (after, limit),
    )
    return [_candidate(row) for row in rows]


def read_candidate(db: sqlite3.Connection, seq: int) -> Candidate | None:
    """Return what decides about one event, None if the journal does not have it."""
    row = db.execute(f"SELECT {_COLUMNS} FROM entry WHERE seq=? AND about IS NULL", (seq,)).fetchone()  # noqa: S608 - the columns above
    return None if row is None else _candidate(row)


def _candidate(row: tuple[Any, ...]) -> Candidate:
    seq, device, priority, category, *rest = row
    return Candidate(seq, device, priority or PRIORITY_OF.get(category, "normal"), category, *rest)


def settled_up_to(db: sqlite3.Connection) -> int | None:
    """Return the number of the last event that no output needs any more, None without outputs."""
    row = db.execute(
        "SELECT min(position) FROM (SELECT position FROM forward UNION ALL"
        " SELECT seq-1 FROM delivery WHERE state='waiting')"
    ).fetchone()
    return None if row[0] is None else int(row[0])


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What is known of an output: for `forward list`, `status` and `audit`.

    Attributes:
        waiting: events not settled yet.
        oldest: when the oldest of them was received, epoch milliseconds.
        dead: dead letters.
        failing: why single events wait or were refused, empty if none do.
    """

    name: str
    place: Place
    waiting: int
    oldest: int | None
    dead: int
    failing: str = ""

    @property
    def error(self) -> str | None:
        """What is wrong, None if nothing is: with the output itself, else with single events."""
        is_at_work = self.place.state == "ok" and self.place.since is None
        return (is_at_work and self.failing) or self.place.error


def read_forwarded(db: sqlite3.Connection) -> list[Forwarded]:
    """Return what is known of every output, by name."""
    rows = db.execute("SELECT output, routing FROM forward ORDER BY output").fetchall()
    return [_forwarded(db, name, read_routing(routing)) for name, routing in rows]


def read_unsent(db: sqlite3.Connection, name: str, start: int, routing: Routing) -> Forwarded:
    """Return what waits for an output that has not run yet.

    Args:
        db: the journal.
        name: of the output.
        start: number of the event after which it will start.
        routing: what it takes.
    """
    found = [event.received for event in candidates_after(db, start) if routing.refusal(event) is None]
    return Forwarded(name, Place(start), len(found), min(found, default=None), 0)


def _forwarded(db: sqlite3.Connection, name: str, routing: Routing) -> Forwarded:
    place = read_place(db, name)
    assert place is not None
    settled = read_settled(db, name)
    waiting, oldest = 0, None
    late = read_marks(db, name, WAITING)
    again = [mark.seq for mark in late if mark.seq <= place.position]
    found = (one for seq in again if (one := read_candidate(db, seq)) is not None)
    for event in (*found, *candidates_after(db, place.position)):
        if event.seq in settled or routing.refusal(event) is not None:
            continue
        waiting += 1
        oldest = event.received if oldest is None else min(oldest, event.received)
    dead = read_marks(db, name, DEAD, EXPIRED)
    return Forwarded(name, place, waiting, oldest, len(dead), _failing(late, dead))


def _failing(late: Sequence[Mark], dead: Sequence[Mark]) -> str:
    """Return why events wait or were refused: of each kind the first of the events, and how many there are."""
    parts = []
    if tried := [mark for mark in late if mark.error]:
        first = tried[0]
        more = f", and {len(tried) - 1} more" if len(tried) > 1 else ""
        parts.append(
            f"{first.device or 'an event'} waits after {quantity(first.tries, 'try', 'tries')}: {first.error}{more}"
        )
    if dead:
        parts.append(f"{quantity(len(dead), 'dead letter')}: {dead[-1].error}")
    return "; ".join(parts)


def candidates_after(db: sqlite3.Connection, after: int) -> Iterator[Candidate]:
    """Yield all events after a number, in order."""
    while page := read_candidates(db, after):
        yield from page
        after = page[-1].seq


def count_acknowledged(db: sqlite3.Connection, output: str, since: int, until: int) -> int:
    """Return how many events received within a time an output has acknowledged.

    Args:
        db: the journal.
        output: its name.
        since: epoch milliseconds.
        until: before this time.
    """
    place = read_place(db, output)
    assert place is not None
    text, start = db.execute("SELECT routing, start FROM forward WHERE output=?", (output,)).fetchone()
    routing = read_routing(text)
    marks = {mark.seq: mark.state for mark in read_marks(db, output, SENT, WAITING, DEAD, EXPIRED)}
    return sum(
        since <= event.received < until
        and marks.get(event.seq, SENT if start < event.seq <= place.position else WAITING) == SENT
        and routing.refusal(event) is None
        for event in candidates_after(db, 0)
    )
