"""What became of the alarms of a time: received, confirmed, printed, removed, and whether the journal is whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hpcli.alarms.clock import moment_of
from hpcli.alarms.journal.chain import check_chain, link_at
from hpcli.alarms.journal.deliveries import (
    SUSPENDED,
    Forwarded,
    candidates_after,
    count_acknowledged,
    read_forwarded,
)
from hpcli.alarms.journal.routing import read_routing
from hpcli.alarms.journal.rows import GAP
from hpcli.errors import LocalError, UsageError
from hpcli.local.private_files import read_text_file, unreadable
from hpcli.parse import utc_text
from hpcli.plurals import quantity

if TYPE_CHECKING:
    import sqlite3

AUDIT_FIELDS: Final = (
    "since", "until", "received", "confirmed", "unconfirmed", "outputs", "removed", "removedPictures", "held", "erased",
    "outages", "gaps", "chain", "head", "anchor", "problems",
)  # fmt: skip
"""Fields of an audit, in the order they are shown."""

_CONFIRMING_MS: Final = 60_000
"""A batch that arrived just now is still being confirmed."""

_LINK_BYTES: Final = 32
_WAITING_MS: Final = 600_000
"""How long an event may wait for an output."""


@dataclass(frozen=True, slots=True)
class Window:
    """A time of receipt, epoch milliseconds: from `since` until before `until`."""

    since: int
    until: int


def read_audit(
    db: sqlite3.Connection, window: Window, now: int, anchor: tuple[int, str] | None
) -> dict[str, Any]:
    """Return the audit of a journal: the fields of AUDIT_FIELDS.

    Args:
        db: a connection, inside a transaction.
        window: which entries are counted; the chain is always checked whole.
        now: epoch milliseconds.
        anchor: number and link of an entry, noted elsewhere before; None to compare with none.
    """
    checked = check_chain(db)
    chain = {
        "whole": checked.broken is None,
        "entries": checked.entries,
        "removed": checked.removed,
        "uncovered": checked.uncovered,
        "brokenAt": checked.broken,
        "problem": checked.problem,
    }
    audit = {
        "since": _moment(window.since),
        "until": _moment(window.until),
        **_counts(db, window),
        "outputs": _outputs(db, window, now),
        "removed": _removed(db),
        "removedPictures": _removed_pictures(db, window),
        "held": _held(db, now),
        "erased": _number(db, "SELECT count(*) FROM erased"),
        "outages": _outages(db, window),
        "gaps": _gaps(db, window),
        "chain": chain,
        "head": {"seq": checked.head.seq, "link": checked.head.link.hex()},
        "anchor": None if anchor is None else _compare(db, *anchor),
    }
    late = _number(
        db,
        "SELECT count(*) FROM batch b WHERE confirmed=0 AND id IS NOT NULL AND received BETWEEN ? AND ?"
        " AND EXISTS (SELECT 1 FROM entry WHERE batch=b.seq)",
        window.since, min(window.until, now - _CONFIRMING_MS),
    )  # fmt: skip
    return {**audit, "problems": _problems(audit, late)}


def read_anchor(path: Path) -> tuple[int, str]:
    """Return number and link of an entry from a file: `SEQ LINK`, or the JSON of an earlier audit.

    Raises:
        UsageError: the file holds neither.
        LocalError: it cannot be read.
    """
    try:
        text = read_text_file(path).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise LocalError(unreadable(path, error)) from error
    try:
        seq, link = _read_head(text)
        is_link = len(bytes.fromhex(link)) == _LINK_BYTES
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError):
        is_link = False
    if not is_link:
        raise UsageError(
            f"{path} holds no anchor.",
            hint="An anchor is `SEQ LINK`, or what `hpcli alarms audit -o json` printed.",
        )
    return seq, link.lower()


def _read_head(text: str) -> tuple[int, str]:
    import json

    if not text.startswith("{"):
        number, link = text.split()
        return int(number), link
    found = json.loads(text)
    head = found.get("head", found)
    return int(head["seq"]), str(head["link"])


def _counts(db: sqlite3.Connection, window: Window) -> dict[str, int]:
    events = "SELECT count(*) FROM entry e LEFT JOIN batch b ON b.seq=e.batch WHERE e.about IS NULL"
    received = f"{events} AND e.raw IS NOT NULL AND e.received>=? AND e.received<?"
    times = (window.since, window.until)
    return {
        "received": _number(db, received, *times),
        "confirmed": _number(db, f"{received} AND b.confirmed=1", *times),
        "unconfirmed": _number(db, f"{received} AND b.confirmed=0 AND b.id IS NOT NULL", *times),
    }


def _outputs(db: sqlite3.Connection, window: Window, now: int) -> list[dict[str, Any]]:
    found = []
    for name, position in db.execute("SELECT name, position FROM output ORDER BY name").fetchall():
        oldest = db.execute(
            "SELECT min(received) FROM entry WHERE about IS NULL AND seq>?", (position,)
        ).fetchone()[0]
        found.append({
            "name": name,
            "passed": _number(
                db, "SELECT count(*) FROM entry WHERE about IS NULL AND seq<=? AND received>=? AND received<?",
                position, window.since, window.until),
            "waiting": _number(db, "SELECT count(*) FROM entry WHERE about IS NULL AND seq>?", position),
            "waitingSeconds": 0 if oldest is None else max(0, (now - oldest) // 1000),
            "dead": 0, "withoutCode": 0, "state": "ok", "since": None,
        })  # fmt: skip
    return [*found, *(_forwarded(db, one, window, now) for one in read_forwarded(db))]


def _forwarded(db: sqlite3.Connection, one: Forwarded, window: Window, now: int) -> dict[str, Any]:
    """Return what became of the alarms of a time at an output of `alarms forward`."""
    return {
        "name": one.name,
        "passed": count_acknowledged(db, one.name, window.since, window.until),
        "waiting": one.waiting,
        "waitingSeconds": 0 if one.oldest is None else max(0, (now - one.oldest) // 1000),
        "dead": one.dead,
        "withoutCode": _count_without_code(db, one.name, window),
        "state": one.place.state,
        "since": None if one.place.since is None else _moment(one.place.since),
    }


def _count_without_code(db: sqlite3.Connection, output: str, window: Window) -> int:
    """Return how many high and critical events an output did not take for want of a Contact ID code."""
    text, start = db.execute("SELECT routing, start FROM forward WHERE output=?", (output,)).fetchone()
    routing = read_routing(text)
    if not routing.reports:
        return 0
    return sum(
        window.since <= event.received < window.until and routing.drops_alarm(event)
        for event in candidates_after(db, start)
    )


def _removed(db: sqlite3.Connection) -> list[dict[str, Any]]:
    return [
        {"first": first, "last": last, "count": count, "reason": reason, "at": _moment(at)}
        for first, last, count, reason, at in db.execute(
            "SELECT first, last, count, reason, at FROM removed ORDER BY first"
        )
    ]


def _removed_pictures(db: sqlite3.Connection, window: Window) -> list[dict[str, Any]]:
    """Return the prunings that took pictures from events that stayed."""
    return [
        {"at": _moment(at), "events": events, "files": files, "bytes": size, "reason": reason}
        for at, events, files, size, reason in db.execute(
            "SELECT at, events, files, bytes, reason FROM pictures_removed WHERE at>=? AND at<? ORDER BY at",
            (window.since, window.until),
        )
    ]


def _held(db: sqlite3.Connection, now: int) -> list[dict[str, Any]]:
    return [
        {"id": event_id, "reason": reason, "until": None if until is None else _moment(until)}
        for event_id, reason, until in db.execute(
            "SELECT e.id, h.reason, h.until FROM hold h JOIN entry e ON e.seq=h.entry"
            " WHERE h.until IS NULL OR h.until>? ORDER BY e.seq",
            (now,),
        )
    ]


def _outages(db: sqlite3.Connection, window: Window) -> list[dict[str, Any]]:
    return [
        {
            "began": _moment(began),
            "ended": _moment(ended),
            "seconds": (ended - began) // 1000,
            "reason": reason,
        }
        for began, ended, reason in db.execute(
            "SELECT began, ended, reason FROM outage WHERE ended>=? AND began<? ORDER BY began",
            (window.since, window.until),
        )
    ]


def _gaps(db: sqlite3.Connection, window: Window) -> list[str]:
    return [
        str(event_id)
        for (event_id,) in db.execute(
            "SELECT id FROM entry WHERE type=? AND received>=? AND received<? ORDER BY seq",
            (GAP, window.since, window.until),
        )
    ]


def _compare(db: sqlite3.Connection, seq: int, link: str) -> dict[str, Any]:
    found = link_at(db, seq)
    outcome = "unknown" if found is None else "right" if found.hex() == link else "wrong"
    return {"seq": seq, "link": link, "outcome": outcome}


def _problems(audit: dict[str, Any], late: int) -> list[str]:
    problems = []
    if not audit["chain"]["whole"]:
        problems.append(
            f"The chain breaks at entry {audit['chain']['brokenAt']}: {audit['chain']['problem']}."
        )
    if audit["anchor"] and audit["anchor"]["outcome"] == "wrong":
        problems.append(f"Entry {audit['anchor']['seq']} is not the one that was noted.")
    if audit["anchor"] and audit["anchor"]["outcome"] == "unknown":
        problems.append(f"The journal has no entry {audit['anchor']['seq']} (any more) to compare.")
    if audit["gaps"]:
        problems.append(f"{quantity(len(audit['gaps']), 'gap')}: alarms may be missing.")
    if late:
        problems.append(f"Batches of alarms not confirmed to the platform: {late}.")
    problems += [
        f"An event has waited for {output['name']} for over 10 minutes."
        for output in audit["outputs"]
        if output["waitingSeconds"] * 1000 > _WAITING_MS
    ]
    for output in audit["outputs"]:
        if output["dead"]:
            problems.append(f"{quantity(output['dead'], 'dead letter')} of {output['name']}.")
        if output["state"] == SUSPENDED:
            problems.append(f"The output {output['name']} is suspended.")
        elif output["since"] is not None:
            problems.append(f"The output {output['name']} has not been reached since {output['since']}.")
    return problems


def _number(db: sqlite3.Connection, query: str, *values: object) -> int:
    return int(db.execute(query, values).fetchone()[0])


def _moment(milliseconds: int) -> str:
    return utc_text(moment_of(milliseconds))
