"""Reading the journal: page by page, by filters; a running tail is not disturbed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hpcli.alarms.journal.entries import Entry, read_body
from hpcli.alarms.journal.notes import acknowledgement_of
from hpcli.alarms.journal.pictures import pictures_of
from hpcli.alarms.journal.renewal import IS_OLD, NOTHING, Knowledge, read_as_current
from hpcli.names import folded, normal, spellings

if TYPE_CHECKING:
    import sqlite3

PAGE: Final = 500
_RECEIVED: Final = -2
"""Its place in a row of `_SELECT`."""

_SELECT: Final = (
    "SELECT e.seq, coalesce(e.id, a.id), e.about, coalesce(a.type, e.type), e.category, e.device, e.site,"  # noqa: S608 - ours
    f" e.happened, b.id, e.repeats, e.body, e.raw, e.is_quiet, e.pictures, k.notes, e.received, {IS_OLD}"
    " FROM entry e LEFT JOIN entry a ON a.seq=e.about LEFT JOIN batch b ON b.seq=coalesce(e.batch, a.batch)"
    " LEFT JOIN ack k ON k.entry=e.seq"
)


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of events; an empty part matches all.

    Attributes:
        types: event types in their canonical spelling, unknown ones in small letters; a media line has that of its
            event.
        devices: serials.
        sites: ids, or names in normal form (`names.normal`); those of the journal may have any.
        categories: of `reference.categories`.
        with_keep_alives: let keep-alives of panels pass.
        by_happened: since and until mean when it happened, not when it was received.
        after: number of the entry after which to begin.
        text: part of the text people read, in any case.
        since: at this time or later, epoch milliseconds.
        until: before this time.
    """

    types: frozenset[str] = frozenset()
    devices: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    text: str = ""
    since: int | None = None
    until: int | None = None
    with_keep_alives: bool = False
    by_happened: bool = False
    after: int = 0

    def admits(self, entry: Entry) -> bool:
        """Return whether an entry matches."""
        return (
            (self.with_keep_alives or not entry.is_quiet)
            and entry.seq > self.after
            and (not self.types or entry.type in self.types or entry.type.casefold() in self.types)
            and (not self.devices or entry.device in self.devices)
            and (not self.sites or not self.sites.isdisjoint(normal(entry.site or "").split("\n", 1)))
            and (not self.categories or entry.category in self.categories)
            and (not self.by_happened or self.since is None or entry.happened >= self.since)
            and (not self.by_happened or self.until is None or entry.happened < self.until)
            and (not self.text or folded(self.text) in folded(_text_of(entry)))
        )


EVERYTHING: Final = Filter()


def read_page(
    db: sqlite3.Connection,
    after: int,
    *,
    wanted: Filter = EVERYTHING,
    with_media: bool = True,
    limit: int = PAGE,
    known: Knowledge = NOTHING,
) -> tuple[list[Entry], int]:
    """Return the next entries in the order of the journal, and the number to continue after.

    Args:
        db: a connection, inside a transaction.
        after: number of the last known entry.
        wanted: which entries to return; others are skipped.
        with_media: whether to return media lines.
        limit: entries to look at, at most.
        known: what entries of older journals, and codes of the user's own table, are decoded with.

    Returns:
        The matching entries, and the number of the last one looked at: `after` at the end of the journal.
    """
    conditions, values = ["e.seq>?"], [max(after, wanted.after)]
    moment = "e.happened" if wanted.by_happened else "e.received"
    if wanted.since is not None:
        conditions.append(f"{moment}>=?")
        values.append(wanted.since)
    if wanted.until is not None:
        conditions.append(f"{moment}<?")
        values.append(wanted.until)
    if not with_media:
        conditions.append("e.about IS NULL")
    query = f"{_SELECT} WHERE {' AND '.join(conditions)} ORDER BY e.seq LIMIT ?"
    rows = db.execute(query, (*values, limit)).fetchall()
    entries = [entry for row in rows if wanted.admits(entry := _entry_of(row, known))]
    with_pictures = {row[0] for row in rows if row[13]}
    return fill_pictures(db, entries, with_pictures), rows[-1][0] if rows else after


def read_events(
    db: sqlite3.Connection, since: int, until: int, known: Knowledge = NOTHING
) -> Iterator[tuple[Entry, int]]:
    """Yield the events received from a time until before another, without pictures, each with when that was.

    Args:
        db: a connection, inside a transaction.
        since: epoch milliseconds.
        until: epoch milliseconds.
        known: as in `read_page`.
    """
    rows = db.execute(
        f"{_SELECT} WHERE e.about IS NULL AND e.received>=? AND e.received<? ORDER BY e.seq", (since, until)
    )
    for row in rows:
        yield _entry_of(row, known), row[_RECEIVED]


def find_unknown(db: sqlite3.Connection, wanted: Filter) -> tuple[list[str], list[str]]:
    """Return the devices and the sites of a filter that no event of the journal has."""
    end = "instr(site, char(10))"
    site = f"substr(site, 1, {end} - 1) IN (:one, :other) OR substr(site, {end} + 1) IN (:one, :other)"
    return _without_event(db, wanted.devices, "device IN (:one, :other)"), _without_event(
        db, wanted.sites, site
    )


def _without_event(db: sqlite3.Connection, names: Iterable[str], condition: str) -> list[str]:
    query = f"SELECT 1 FROM entry WHERE {condition} LIMIT 1"  # noqa: S608 - the conditions above
    return sorted(
        name
        for name in names
        if db.execute(query, {"one": normal(name), "other": spellings(name)[-1]}).fetchone() is None
    )


def known_places(db: sqlite3.Connection) -> tuple[list[str], list[str]]:
    """Return the devices that the journal has events of, and the names of its sites."""
    devices = [row[0] for row in db.execute("SELECT DISTINCT device FROM entry WHERE device IS NOT NULL")]
    sites = [row[0] for row in db.execute("SELECT DISTINCT site FROM entry WHERE site IS NOT NULL")]
    return devices, [site.partition("\n")[2] for site in sites]


def read_numbered(db: sqlite3.Connection, seq: int, known: Knowledge = NOTHING) -> Entry:
    """Return the event with a number, which the journal has; `known` as in `read_page`."""
    row = db.execute(f"{_SELECT} WHERE e.seq=?", (seq,)).fetchone()
    return fill_pictures(db, [_entry_of(row, known)], {seq})[0]


def read_by_numbers(db: sqlite3.Connection, seqs: Sequence[int]) -> list[Entry]:
    """Return the events with some numbers, in order; those that were removed are missing."""
    found: list[Entry] = []
    with_pictures: set[int] = set()
    for start in range(0, len(seqs), PAGE):
        part = sorted(seqs[start : start + PAGE])
        rows = db.execute(f"{_SELECT} WHERE e.seq IN ({','.join('?' * len(part))}) ORDER BY e.seq", part)
        for row in rows:
            found.append(Entry(*row[:13]))
            with_pictures |= {row[0]} if row[13] else set()
    return fill_pictures(db, found, with_pictures)


def read_media(db: sqlite3.Connection, after: int, about_up_to: int) -> list[Entry]:
    """Return the unprinted media lines after a number whose events are not after another number."""
    rows = db.execute(
        f"{_SELECT} WHERE e.seq>? AND e.about<=? AND e.seq NOT IN (SELECT seq FROM early)"  # noqa: S608 - columns above
        " ORDER BY e.seq LIMIT ?",
        (after, about_up_to, PAGE),
    ).fetchall()
    entries = [_entry_of(row, NOTHING) for row in rows]
    return fill_pictures(db, entries, {entry.seq for entry in entries})


def fill_pictures(db: sqlite3.Connection, entries: Sequence[Entry], with_pictures: set[int]) -> list[Entry]:
    """Return the entries with their pictures; a media line has those of its event."""
    owners = [entry.about or entry.seq for entry in entries if entry.seq in with_pictures]
    if not owners:
        return list(entries)
    found = pictures_of(db, owners)
    return [
        entry._replace(pictures=tuple(found.get(entry.about or entry.seq, ())))
        if entry.seq in with_pictures
        else entry
        for entry in entries
    ]


def _entry_of(row: Sequence[Any], known: Knowledge) -> Entry:
    *fields, _pictures, notes, received, is_old = row
    entry = Entry(*fields)
    if notes is not None:
        entry = entry._replace(ack=acknowledgement_of(notes))
    return read_as_current(entry, received, known, is_old=is_old) if is_old or known.codes.own else entry


def _text_of(entry: Entry) -> str:
    return str(read_body(entry.body).get("text", ""))
