"""The state of the stand-in: one SQLite file that several processes share.

Everything with a name is a record: a kind, an id, the id of its parent, the text for searches
and its data as JSON. Only the alarm queue and the counters have their own tables.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

SCHEMA = 1
"""Number of the table layout; a file with an older one is filled again."""

_TABLES = """
CREATE TABLE record (
    seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, parent TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '', data TEXT NOT NULL, UNIQUE (kind, id));
CREATE INDEX record_parent ON record (kind, parent, seq);
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE counter (name TEXT PRIMARY KEY, n INTEGER NOT NULL);
CREATE TABLE message (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, serial TEXT NOT NULL, format TEXT NOT NULL, body TEXT NOT NULL,
    made REAL NOT NULL, batch TEXT);
CREATE INDEX message_batch ON message (batch, seq);
CREATE INDEX message_made ON message (made);
CREATE TABLE batch (id TEXT PRIMARY KEY, sent REAL NOT NULL, confirmed INTEGER NOT NULL DEFAULT 0);
CREATE INDEX batch_sent ON batch (confirmed, sent);
CREATE INDEX batch_age ON batch (sent);
CREATE TABLE reader (one INTEGER PRIMARY KEY CHECK (one = 1), holder TEXT NOT NULL, until REAL NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the stand-in behaves; stored in the file, so it applies to every process that serves it.

    Attributes:
        latency_ms: wait before every answer.
        rate: calls a second before LAP500007; 0 is unlimited.
        faults: share (0 to 1) of requests by kind of fault, see `faults.KINDS`. `KIND@TEXT` only where
            the path holds TEXT.
        next_faults: kinds for the very next requests, one each, in order, before any share.
        seed: seed of the random choice of faults.
        poll_seconds: how long `mq/messages` waits for a message (Guide §2.5: 20).
        redeliver_seconds: age at which an unconfirmed batch is sent again; 0 is at the next poll.
        keep_seconds: how long a message is kept (Guide §3.34: two hours).
        stall_seconds: length of the fault `stall60`.
        token_seconds: lifetime of a token (Guide §2.2: seven days).
        site_delay_seconds: time until a new site shows up in `site/search` (field note).
        answer_seconds: time until a partner company or an end user answers an invitation.
        plural_lists: `arcservice/event/type/update` takes effect under the names of the examples only (errata
            rows 2 and 3).
        task_seconds: length of an upgrade, of a copying of persons, of bringing a person to a device.
        message_ids: add `messageId` and `accountNumber` to messages, as later editions do.
        json_alarm_data: `object`, `string`, `nested` (a string within a string) or `mixed` (objects and
            strings by turns), errata row 131 and field note.
        platform_key: form of the key of pictures encrypted by the platform: `hex`, `HEX` or `raw` (§2.5 is open).
    """

    latency_ms: int = 0
    rate: float = 0
    faults: Mapping[str, float] = field(default_factory=dict)
    next_faults: tuple[str, ...] = ()
    seed: int = 1
    poll_seconds: float = 20.0
    redeliver_seconds: float = 0.0
    keep_seconds: float = 7200.0
    stall_seconds: float = 60.0
    token_seconds: float = 7 * 86400.0
    site_delay_seconds: float = 0.0
    answer_seconds: float = 3.0
    plural_lists: bool = False
    task_seconds: float = 6.0
    message_ids: bool = False
    json_alarm_data: str = "mixed"
    platform_key: str = "hex"


class Store:
    """One connection to the state file. Use it in one thread; close it.

    Args:
        path: the SQLite file; made with mode 0600 in a directory of mode 0700.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self.path = path
        # Another thread than the one that started the stand-in may close it.
        self.db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        # A power cut may lose the last seconds of a stand-in; a killed process loses nothing.
        self.db.execute("PRAGMA synchronous=OFF")

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make all changes of the block or none; joins a transaction that is already open."""
        if self.db.in_transaction:
            yield
            return
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def schema(self) -> int:
        """Return the number of the table layout in the file; 0 in a new file."""
        return int(self.db.execute("PRAGMA user_version").fetchone()[0])

    def make_tables(self) -> None:
        """Delete everything and create empty tables; call it inside a transaction."""
        names = self.db.execute(
            "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'"
        )
        for (name,) in names.fetchall():
            self.db.execute(f'DROP TABLE "{name}"')
        for statement in _TABLES.split(";\n"):
            self.db.execute(statement)
        self.db.execute(f"PRAGMA user_version={SCHEMA}")

    # Records

    def get(self, kind: str, id: str) -> dict[str, Any] | None:  # noqa: A002 - the field's own name
        """Return a record's data, or None."""
        row = self.db.execute("SELECT data FROM record WHERE kind=? AND id=?", (kind, id)).fetchone()
        return None if row is None else dict(json.loads(row[0]))

    def put(self, kind: str, id: str, data: Mapping[str, Any], *, parent: str = "", text: str = "") -> None:  # noqa: A002 - the field's own name
        """Add a record or replace it; a replaced one keeps its place in lists."""
        self.db.execute(
            "INSERT INTO record (kind, id, parent, text, data) VALUES (?, ?, ?, ?, ?) ON CONFLICT (kind, id)"
            " DO UPDATE SET parent=excluded.parent, text=excluded.text, data=excluded.data",
            (kind, id, parent, text.casefold(), json.dumps(data, ensure_ascii=False)),
        )

    def change(self, kind: str, id: str, **values: Any) -> None:  # noqa: A002 - the field's own name
        """Set some fields of a record, but not its parent and search text."""
        data = {**(self.get(kind, id) or {}), **values}
        text = json.dumps(data, ensure_ascii=False)
        self.db.execute("UPDATE record SET data=? WHERE kind=? AND id=?", (text, kind, id))

    def change_all(self, kind: str, name: str, value: Any) -> None:
        """Set one field of all records of a kind."""
        self.db.execute(
            "UPDATE record SET data=json_set(data, ?, json(?)) WHERE kind=?",
            (f"$.{name}", json.dumps(value), kind),
        )

    def delete(self, kind: str, id: str) -> bool:  # noqa: A002 - the field's own name
        """Delete a record; return whether it existed."""
        return self.db.execute("DELETE FROM record WHERE kind=? AND id=?", (kind, id)).rowcount > 0

    def delete_children(self, kind: str, parent: str) -> None:
        """Delete all records of a kind that belong to `parent`."""
        self.db.execute("DELETE FROM record WHERE kind=? AND parent=?", (kind, parent))

    def children(self, kind: str, parent: str) -> list[dict[str, Any]]:
        """Return the records of a kind that belong to `parent`, in the order they were added."""
        rows = self.db.execute(
            "SELECT data FROM record WHERE kind=? AND parent=? ORDER BY seq", (kind, parent)
        )
        return [json.loads(row[0]) for row in rows]

    def find(self, kind: str, **values: Any) -> list[dict[str, Any]]:
        """Return the records of a kind whose top-level fields have these values."""
        where = "".join(f" AND json_extract(data, '$.{name}')=?" for name in values)
        rows = self.db.execute(
            f"SELECT data FROM record WHERE kind=?{where} ORDER BY seq",  # noqa: S608 - names are written in code
            (kind, *values.values()),
        )
        return [json.loads(row[0]) for row in rows]

    def page(
        self,
        kind: str,
        number: int,
        size: int,
        *,
        id: str | None = None,  # noqa: A002 - the field's own name
        parent: str | None = None,
        search: str | None = None,
        visible_at: float | None = None,
    ) -> tuple[list[dict[str, Any]], int]:
        """Return one page (from 1) of a kind's records in order, and the number of all that match."""
        conditions = {
            " AND id=?": id,
            " AND parent=?": parent,
            " AND instr(text, ?)": search.casefold() if search else None,
            " AND coalesce(json_extract(data, '$.visibleFrom'), 0)<=?": visible_at,
        }
        where = "".join(text for text, value in conditions.items() if value is not None)
        values = [value for value in conditions.values() if value is not None]
        total = self.db.execute(
            f"SELECT count(*) FROM record WHERE kind=?{where}",  # noqa: S608 - the conditions above
            (kind, *values),
        ).fetchone()[0]
        rows = self.db.execute(
            f"SELECT data FROM record WHERE kind=?{where} ORDER BY seq LIMIT ? OFFSET ?",  # noqa: S608 - as above
            (kind, *values, size, (number - 1) * size),
        )
        return [json.loads(row[0]) for row in rows], int(total)

    # Settings and counters

    def settings(self) -> Settings:
        """Return the settings of the file."""
        kept = {name: json.loads(value) for name, value in self.db.execute("SELECT name, value FROM setting")}
        names = {entry.name for entry in fields(Settings)}
        values: dict[str, Any] = {name: value for name, value in kept.items() if name in names}
        settings = Settings(**values)
        return replace(settings, next_faults=tuple(settings.next_faults))

    def keep_settings(self, settings: Settings) -> None:
        """Write the settings to the file."""
        rows = [(name, json.dumps(value)) for name, value in asdict(settings).items()]
        self.db.executemany("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", rows)

    def keep_setting(self, name: str, value: Any) -> None:
        """Write one setting to the file."""
        self.db.execute(
            "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", (name, json.dumps(value))
        )

    def count(self, name: str, step: int = 1) -> int:
        """Raise a counter and return its new value."""
        row = self.db.execute(
            "INSERT INTO counter (name, n) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET n=n+excluded.n RETURNING n",
            (name, step),
        ).fetchone()
        return int(row[0])

    def counters(self) -> dict[str, int]:
        """Return all counters by name."""
        return dict(self.db.execute("SELECT name, n FROM counter ORDER BY name").fetchall())
