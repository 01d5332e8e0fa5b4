"""The state of the stand-in: one SQLite file that several processes share.

Everything with a name is a record: a kind, an id, the id of its parent, the text for searches
and its data as JSON. Only the alarm queue and the counters have their own tables.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from hpcli.sandbox.state.state_file import make_private, reason_of, unusable
from hpcli.sandbox.state.tables import BLOCK, INDEXES, SCHEMA, TABLES


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
        offline_code: what is answered for a device that is offline: EVZ20007 or LAP020011 (field note).
        answer_seconds: time until a partner company or an end user answers an invitation.
        plural_lists: `arcservice/event/type/update` takes effect under the names of the examples only (errata
            rows 2 and 3).
        task_seconds: length of an upgrade, of a copying of persons, of bringing a person to a device.
        message_ids: add `messageId` and `accountNumber` to messages, as later editions do.
        json_alarm_data: `string`, `object`, `nested` (a string within a string) or `mixed` (objects and
            strings by turns), errata row 131 and field note. Under the fault `drift` a string is an object.
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
    offline_code: str = "EVZ20007"
    answer_seconds: float = 3.0
    plural_lists: bool = False
    task_seconds: float = 6.0
    message_ids: bool = False
    json_alarm_data: str = "string"
    platform_key: str = "hex"


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _loaded(rows: Iterable[tuple[str]]) -> list[dict[str, Any]]:
    """Return the data of rows; one long JSON text is read much faster than many short ones."""
    import orjson  # read whole tables only

    text = f"[{','.join(data for (data,) in rows)}]"
    try:
        return list(orjson.loads(text))
    except ValueError:  # a number of more than 64 bits
        return list(json.loads(text))


class Store:
    """One connection to the state file. Use it in one thread; close it.

    Args:
        path: the SQLite file; made with mode 0600 in a directory of mode 0700.

    Raises:
        LocalError: the file cannot be made or used, or is not a regular file of this user.
    """

    def __init__(self, path: Path) -> None:
        make_private(path)
        self.path = path
        # Another thread than the one that started the stand-in may close it.
        try:
            self.db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise unusable(path, reason_of(error)) from error
        try:
            # A power cut may lose the last seconds of a stand-in; a killed process loses nothing.
            self.db.execute("PRAGMA synchronous=OFF")
        except sqlite3.Error as error:
            self.db.close()
            raise unusable(path, reason_of(error)) from error

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it.

        Raises:
            LocalError: the block failed because the file could not be read or written.
        """
        self.close()
        if isinstance(error, sqlite3.Error):
            raise unusable(self.path, reason_of(error)) from error

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
            with suppress(sqlite3.Error):  # SQLite itself has rolled back where the disk is full
                self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def schema(self) -> int:
        """Return the number of the table layout in the file; 0 in a new file."""
        return int(self.db.execute("PRAGMA user_version").fetchone()[0])

    def make_tables(self) -> None:
        """Delete everything and create empty tables without indexes; call it inside a transaction."""
        names = self.db.execute(
            "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'"
        )
        for (name,) in names.fetchall():
            self.db.execute(f'DROP TABLE "{name}"')
        for statement in TABLES:
            self.db.execute(statement)

    def make_indexes(self) -> None:
        """Complete the tables after they were filled; call it in the transaction of `make_tables`."""
        for statement in INDEXES:
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
            (kind, id, parent, text.casefold(), _json(data)),
        )

    def change(self, kind: str, id: str, **values: Any) -> None:  # noqa: A002 - the field's own name
        """Set some fields of a record, but not its parent and search text."""
        data = {**(self.get(kind, id) or {}), **values}
        text = _json(data)
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
        return _loaded(rows)

    def below(self, kind: str, middle: str, parent: str) -> dict[str, list[dict[str, Any]]]:
        """Return the records of a kind that belong to records of the kind `middle` of a parent, by the latter's id."""
        rows = self.db.execute(
            "SELECT parent, data FROM record WHERE kind=? AND parent IN"
            " (SELECT id FROM record WHERE kind=? AND parent=?) ORDER BY parent, seq",
            (kind, middle, parent),
        ).fetchall()
        found: dict[str, list[dict[str, Any]]] = {}
        for (owner, _), record in zip(rows, _loaded((data,) for _, data in rows), strict=True):
            found.setdefault(owner, []).append(record)
        return found

    def find(self, kind: str, **values: Any) -> list[dict[str, Any]]:
        """Return the records of a kind whose top-level fields have these values."""
        where = "".join(f" AND json_extract(data, '$.{name}')=?" for name in values)
        # The kind is written out, since SQLite knows only then that a partial index has all rows.
        rows = self.db.execute(
            f"SELECT data FROM record WHERE kind='{kind}'{where} ORDER BY seq",  # noqa: S608 - names are written in code
            tuple(values.values()),
        )
        return _loaded(rows)

    def each(self, kind: str) -> Iterator[dict[str, Any]]:
        """Yield the records of a listed kind in order, read as they are taken."""
        for (data,) in self.db.execute(
            f"SELECT data FROM record INDEXED BY record_text WHERE kind='{kind}' ORDER BY seq"  # noqa: S608 - names are written in code
        ):
            yield json.loads(data)

    def seq(self, kind: str, id: str) -> int:  # noqa: A002 - the field's own name
        """Return the place of a record that exists in the lists of its kind."""
        row = self.db.execute("SELECT seq FROM record WHERE kind=? AND id=?", (kind, id)).fetchone()
        return int(row[0])

    def page(
        self, kind: str, number: int, size: int, *, parent: str = ""
    ) -> tuple[list[dict[str, Any]], int]:
        """Return one page (from 1) of a listed kind in order, of one parent if given, and the number of all."""
        blocks = self.db.execute(
            "SELECT number, n FROM block WHERE kind=? AND parent=? ORDER BY number", (kind, parent)
        ).fetchall()
        skipped, first = (number - 1) * size, 0
        for block, count in blocks:
            if skipped < count:
                first = block * BLOCK
                break
            skipped -= count
        else:
            return [], sum(count for _, count in blocks)
        where, values = (" AND parent=?", (parent,)) if parent else ("", ())
        index = "record_parent" if parent else "record_text"
        rows = self.db.execute(
            f"SELECT data FROM record INDEXED BY {index} WHERE kind='{kind}'{where} AND seq>=?"  # noqa: S608 - names are written in code
            " ORDER BY seq LIMIT ? OFFSET ?",
            (*values, first, size, skipped),
        )
        return _loaded(rows), sum(count for _, count in blocks)

    def search(self, kind: str, text: str) -> list[int]:
        """Return the places (`seq`) of those of a listed kind whose text holds `text`, in any case."""
        rows = self.db.execute(
            f"SELECT seq FROM record INDEXED BY record_text WHERE kind='{kind}' AND instr(text, ?) ORDER BY seq",  # noqa: S608 - names are written in code
            (text.casefold(),),
        )
        return [seq for (seq,) in rows]

    def places_with_arc(self) -> list[int]:
        """Return the places of the devices that have an ARC, approved or not."""
        rows = self.db.execute(
            "SELECT seq FROM record INDEXED BY device_arc"
            " WHERE kind='device' AND json_extract(data, '$.arcId') IS NOT NULL ORDER BY seq"
        )
        return [seq for (seq,) in rows]

    def arcs_from(self, moment: float) -> list[str]:
        """Return the serials of the devices whose ARC is approved after a moment."""
        rows = self.db.execute(
            "SELECT id FROM record INDEXED BY arc_start WHERE kind='arc' AND json_extract(data, '$.from')>?",
            (moment,),
        )
        return [serial for (serial,) in rows]

    def part(self, places: Sequence[int], number: int, size: int) -> tuple[list[dict[str, Any]], int]:
        """Return one page (from 1) of the records in these places, and the number of all."""
        wanted = ", ".join(map(str, places[(number - 1) * size : number * size]))
        rows = self.db.execute(
            f"SELECT data FROM record WHERE seq IN ({wanted}) ORDER BY seq"  # noqa: S608 - numbers
        )
        return _loaded(rows), len(places)

    # Settings and counters

    def first_asked(self, now: float) -> float:
        """Return when this was asked of the file for the first time, from which its devices have been offline since."""
        row = self.db.execute("SELECT value FROM setting WHERE name = 'first_asked'").fetchone()
        if row is None:
            self.keep_setting("first_asked", now)
        return now if row is None else float(row[0])

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
