"""The tables of the state file, and what keeps lists quick however long they are.

A list is read by key, not by counting rows from its start: `block` has how many records of a kind, and of a kind below
one parent, have a `seq` within each span of `BLOCK` numbers. Triggers keep it right.
"""

from __future__ import annotations

from typing import Final

SCHEMA: Final = 2
"""Number of the table layout; a file with an older one is filled again."""

BLOCK: Final = 2048
"""How many numbers a block spans, written out below; as many index entries are passed over for a page at most."""

TABLES: Final = (
    """CREATE TABLE record (
        seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, parent TEXT NOT NULL DEFAULT '',
        text TEXT NOT NULL DEFAULT '', data TEXT NOT NULL, UNIQUE (kind, id))""",
    """CREATE TABLE block (
        kind TEXT NOT NULL, parent TEXT NOT NULL, number INTEGER NOT NULL, n INTEGER NOT NULL,
        PRIMARY KEY (kind, parent, number)) WITHOUT ROWID""",
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE counter (name TEXT PRIMARY KEY, n INTEGER NOT NULL)",
    """CREATE TABLE message (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, serial TEXT NOT NULL, format TEXT NOT NULL, body TEXT NOT NULL,
        made REAL NOT NULL, batch TEXT)""",
    "CREATE INDEX message_batch ON message (batch, seq)",
    "CREATE INDEX message_made ON message (made)",
    "CREATE TABLE batch (id TEXT PRIMARY KEY, sent REAL NOT NULL, confirmed INTEGER NOT NULL DEFAULT 0)",
    "CREATE INDEX batch_sent ON batch (confirmed, sent)",
    "CREATE INDEX batch_age ON batch (sent)",
    "CREATE TABLE reader (one INTEGER PRIMARY KEY CHECK (one = 1), holder TEXT NOT NULL, until REAL NOT NULL)",
)

INDEXES: Final = (
    "CREATE INDEX record_parent ON record (kind, parent, seq)",
    # Holds the text, so that a search reads the index alone.
    """CREATE INDEX record_text ON record (kind, seq, text)
        WHERE kind='device' OR kind='site' OR kind='installer'""",
    "CREATE INDEX device_id ON record (json_extract(data, '$.id')) WHERE kind='device'",
    "CREATE INDEX device_arc ON record (seq) WHERE kind='device' AND json_extract(data, '$.arcId') IS NOT NULL",
    "CREATE INDEX arc_start ON record (json_extract(data, '$.from')) WHERE kind='arc'",
    "CREATE INDEX site_name ON record (json_extract(data, '$.siteName')) WHERE kind='site'",
    """INSERT INTO block SELECT kind, '', seq / 2048, count(*) FROM record
        WHERE kind IN ('device', 'site', 'installer') GROUP BY kind, seq / 2048""",
    """INSERT INTO block SELECT kind, parent, seq / 2048, count(*) FROM record
        WHERE kind='device' GROUP BY parent, seq / 2048""",
    """CREATE TRIGGER record_added AFTER INSERT ON record
        WHEN NEW.kind IN ('device', 'site', 'installer')
        BEGIN INSERT INTO block VALUES (NEW.kind, '', NEW.seq / 2048, 1)
        ON CONFLICT (kind, parent, number) DO UPDATE SET n=n+1; END""",
    """CREATE TRIGGER device_added AFTER INSERT ON record WHEN NEW.kind='device'
        BEGIN INSERT INTO block VALUES (NEW.kind, NEW.parent, NEW.seq / 2048, 1)
        ON CONFLICT (kind, parent, number) DO UPDATE SET n=n+1; END""",
    """CREATE TRIGGER record_deleted AFTER DELETE ON record
        WHEN OLD.kind IN ('device', 'site', 'installer')
        BEGIN UPDATE block SET n=n-1
        WHERE kind=OLD.kind AND parent IN ('', OLD.parent) AND number=OLD.seq / 2048; END""",
)
"""Made after a new file was filled: that takes half the time of filling it with the indexes in place."""
