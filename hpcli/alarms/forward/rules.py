"""Rules at work: what is wrong now, by what the journal has; an event when that begins, and one when it ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from hpcli.alarms.clock import Clock, moment_of
from hpcli.alarms.event.event import Body, State, make_body
from hpcli.alarms.event.identity import fingerprint_of
from hpcli.alarms.event.types import RULE
from hpcli.alarms.forward.rule_config import OFFLINE, OPEN, READER, SILENT, Rule
from hpcli.alarms.journal.batches import keep_own
from hpcli.alarms.journal.entries import StoredBody, read_body
from hpcli.alarms.journal.facts import read_fact
from hpcli.alarms.journal.pictures import last_seq
from hpcli.alarms.journal.rows import GAP, Row, make_own_row
from hpcli.alarms.tail.error_log import ErrorLog
from hpcli.errors import LocalError
from hpcli.output.human_units import show_duration
from hpcli.parse import epoch_milliseconds, utc_text
from hpcli.reference.categories import category_of
from hpcli.stop import Stop

if TYPE_CHECKING:
    import sqlite3

    from hpcli.alarms.journal.writer import Journal

RULES: Final = ".rules"
"""The name of what the journal keeps for rules, and of the lock of the process that watches them; no output has it."""

_LOOK_SECONDS: Final = 1.0
_OPENED, _CLOSED = "new", "restore"
_OFFLINE_TYPES: Final = ("deviceoffline", "deviceonline")


class Trouble(NamedTuple):
    """Something that lasts: of a device and an area, or of the whole account."""

    device: str
    area: int
    since: int


class _Begun(NamedTuple):
    """A trouble that has begun, as the journal keeps it for the time after a restart."""

    mark: str
    trouble: Trouble

    @classmethod
    def read(cls, name: str, since: str) -> _Begun:
        mark, _, rest = name.partition("/")
        device, _, area = rest.rpartition("/")
        return cls(mark, Trouble(device, int(area), int(since)))

    @property
    def kind(self) -> str:
        return self.mark.partition(" ")[0]


@dataclass
class _Seen:
    """What the journal says of devices, read once and then followed."""

    last: int = -1
    gap: int = 0
    offline: dict[str, int] = field(default_factory=dict)
    opened: dict[tuple[str, int], int] = field(default_factory=dict)

    def follow(self, db: sqlite3.Connection, begun: Iterable[_Begun]) -> None:
        """Read what is new; at the start, what has begun counts although its entry may have been pruned."""
        if self.last < 0:
            self._take_pruned(db, begun)
        rows = db.execute(
            "SELECT device, type, received, body FROM entry WHERE seq>? AND about IS NULL AND (type=? OR"
            " device IS NOT NULL AND (type IN ('deviceoffline', 'deviceonline') OR category='open-close'))"
            " ORDER BY seq",
            (self.last, GAP),
        )
        for device, kind, received, body in rows:
            if kind == GAP:
                self.gap = received
            elif kind == _OFFLINE_TYPES[0]:
                self.offline.setdefault(device, received)
            elif kind == _OFFLINE_TYPES[1]:
                self.offline.pop(device, None)
            elif kind != RULE:
                self._note_area(device, received, body)
        self.last = last_seq(db)

    def _take_pruned(self, db: sqlite3.Connection, begun: Iterable[_Begun]) -> None:
        for one in begun:
            device, area, since = one.trouble
            found = db.execute(
                "SELECT 1 FROM entry WHERE received=? AND device=?", (since, device)
            ).fetchone()
            if found is None and one.kind == OFFLINE:
                self.offline[device] = since
            elif found is None and one.kind == OPEN:
                self.opened[device, area] = since

    def _note_area(self, device: str, received: int, body: StoredBody) -> None:
        cid = read_body(body)["cid"]
        qualifier = cid["qualifier"] if cid else None
        for area in (cid["areas"] if cid else ()) or (0,):
            if qualifier == _OPENED:
                self.opened.setdefault((device, area), received)
            elif qualifier == _CLOSED:
                self.opened.pop((device, area), None)


@dataclass
class Rules:
    """Looks at the journal now and then, and writes events.

    Args:
        rules: of forward.toml.
        journal: what is looked at.
        error_log: shows errors.
    """

    rules: Sequence[Rule]
    journal: Journal
    error_log: ErrorLog
    clock: Clock = field(default_factory=Clock)
    local: Callable[[datetime], datetime] = lambda moment: moment.astimezone()
    _seen: _Seen = field(default_factory=_Seen)
    _stop: Stop = field(default_factory=Stop)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Look every second, in a thread."""
        self._thread = threading.Thread(target=self._run, name="rules", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_LOOK_SECONDS * 5)

    def look(self) -> int:
        """Write an event for each trouble that has begun or ended; return their number.

        Raises:
            LocalError: the journal cannot be read or written.
        """
        now = self.clock.now()
        changes = self.journal.read(lambda db: self._changes(db, now))
        if changes:
            self.journal.write(lambda db: _store(db, changes))
            self.journal.tell()
        return len(changes)

    def _run(self) -> None:
        while not self._stop.wait(_LOOK_SECONDS):
            try:
                self.look()
            except LocalError as error:
                self.error_log.add(f"Rules: {error.message}")
            except Exception as error:  # noqa: BLE001 - whatever it is, the rules must go on
                self.error_log.add(f"Rules: a fault of hpcli ({type(error).__name__}: {error}); going on.")

    def _changes(self, db: sqlite3.Connection, now: datetime) -> list[_Change]:
        """Return what has begun and what has ended since the last look."""
        notes = db.execute("SELECT name, value FROM forward_note WHERE output=?", (RULES,)).fetchall()
        begun = {name: _Begun.read(name, since) for name, since in notes}
        self._seen.follow(db, begun.values())
        lasting = {
            f"{rule.mark}/{trouble.device}/{trouble.area}": (rule, trouble)
            for rule in self.rules
            for trouble in self._troubles(db, rule, now)
        }
        # One of a rule that is changed or gone ends like others: when it is over.
        over = {name: one for name, one in begun.items() if not self._is_still_so(db, one)}
        ended = [_Change(name, Rule(one.kind), one.trouble, now, "ended") for name, one in over.items()]
        return ended + [
            _Change(name, rule, trouble, now, "new")
            for name, (rule, trouble) in lasting.items()
            if name not in begun or name in over
        ]

    def _troubles(self, db: sqlite3.Connection, rule: Rule, now: datetime) -> Iterator[Trouble]:
        """Yield what is wrong by a rule, as of the last time that the queue was read."""
        polled = _fact(db, "last-poll")
        latest = polled - rule.seconds * 1000
        if rule.kind == READER:
            yield from _lasting([("", polled)], epoch_milliseconds(now) - rule.seconds * 1000)
        elif rule.kind == SILENT:
            # What came during a gap is lost: silence is known since its end only.
            heard = [(device, max(at, self._seen.gap)) for device, at in _heard(db, rule)]
            yield from _lasting(heard, latest)
        elif rule.kind == OFFLINE:
            offline = self._seen.offline.items()
            yield from _lasting([(one, since) for one, since in offline if rule.concerns(one)], latest)
        elif rule.is_time(f"{self.local(now):%H:%M}"):
            for (device, area), since in self._seen.opened.items():
                if rule.concerns(device):
                    yield Trouble(device, area, since)

    def _is_still_so(self, db: sqlite3.Connection, begun: _Begun) -> bool:
        """Return whether what has begun goes on, whether or not a rule asks for it now."""
        device, area, since = begun.trouble
        if begun.kind == OFFLINE:
            return self._seen.offline.get(device) == since
        if begun.kind == OPEN:
            return self._seen.opened.get((device, area)) == since
        if begun.kind == READER:
            return _fact(db, "last-poll") <= since
        if not device:
            return _fact(db, "last-message") <= since
        found = db.execute("SELECT at FROM heard WHERE device=?", (device,)).fetchone()
        return found is None or found[0] <= since


def _fact(db: sqlite3.Connection, name: str) -> int:
    """Return a time that the journal knows; 0 if it does not."""
    return int(read_fact(db, name) or 0)


def _heard(db: sqlite3.Connection, rule: Rule) -> list[tuple[str, int]]:
    """Return when each device, or any of them, was last heard; 0 for never."""
    if rule.is_account:
        return [("", _fact(db, "last-message"))]
    rows = db.execute("SELECT device, at FROM heard").fetchall()
    return [(device, at) for device, at in rows if rule.concerns(device)]


def _lasting(found: Iterable[tuple[str, int]], latest: float) -> Iterator[Trouble]:
    """Yield what began before a time; 0 is what never began."""
    return (Trouble(device, 0, since) for device, since in found if 0 < since < latest)


class _Change(NamedTuple):
    """A trouble that begins or ends."""

    name: str
    rule: Rule
    trouble: Trouble
    now: datetime
    state: State

    def row(self, site: str | None) -> Row:
        """Return its event."""
        body = _body(self, site)
        mark = fingerprint_of(
            {
                "deviceSerial": self.trouble.device or None,
                "alarmData": f"{self.name} {self.trouble.since} {self.state}",
            }
        )
        row = make_own_row(body, mark, self.now)
        return row._replace(device=self.trouble.device or None, site=site, state=self.state)


def _store(db: sqlite3.Connection, changes: Sequence[_Change]) -> None:
    for change in changes:
        found = db.execute(
            "SELECT site FROM entry WHERE device=? AND site IS NOT NULL ORDER BY seq DESC LIMIT 1",
            (change.trouble.device,),
        ).fetchone()
        keep_own(db, change.row(found[0] if found else None))
        if change.state == "new":
            db.execute(
                "INSERT OR REPLACE INTO forward_note (output, name, value) VALUES (?, ?, ?)",
                (RULES, change.name, str(change.trouble.since)),
            )
        else:
            db.execute("DELETE FROM forward_note WHERE output=? AND name=?", (RULES, change.name))


def _body(change: _Change, site: str | None) -> Body:
    rule, trouble = change.rule, change.trouble
    moment = utc_text(change.now, "milliseconds")
    site_id, _, site_name = (site or "").partition("\n")
    kind = "open-close" if rule.kind == OPEN else "fault"
    return make_body(
        received=moment,
        time=moment,
        time_source="received",
        kind=RULE,
        name=rule.kind,
        category=category_of(kind, rule.priority),
        text=_text(change),
        state=change.state,
        device=trouble.device or None,
        site={"id": site_id or None, "name": site_name or None} if site else None,
    )


def _text(change: _Change) -> str:
    rule, trouble = change.rule, change.trouble
    since = utc_text(moment_of(trouble.since))
    limit = show_duration(rule.seconds)
    is_over = change.state == "ended"
    match rule.kind:
        case "offline-for":
            return "Online again" if is_over else f"Offline for over {limit}, since {since}"
        case "open-after":
            what = f"Area {trouble.area}" if trouble.area else "The panel"
            return (
                f"{what} is armed"
                if is_over
                else f"{what} is not armed after {rule.start}, open since {since}"
            )
        case "reader-silent":
            return (
                "Alarms are read again" if is_over else f"No alarms were read for over {limit}, since {since}"
            )
    what = "" if trouble.device else " of any device"
    return "Messages come again" if is_over else f"No message{what} for over {limit}, since {since}"
