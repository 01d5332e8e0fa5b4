"""The tables of the log of changes, and the statements on them. Times are epoch milliseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hpcli.errors import LocalError

if TYPE_CHECKING:
    import sqlite3

_FIRST: Final = """
    CREATE TABLE run (
        id INTEGER PRIMARY KEY, began INTEGER NOT NULL, user TEXT NOT NULL, host TEXT NOT NULL, profile TEXT,
        account TEXT NOT NULL, is_sandbox INTEGER NOT NULL, verb TEXT NOT NULL, line TEXT NOT NULL, reason TEXT);
    CREATE TABLE change (
        id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL REFERENCES run (id), began INTEGER NOT NULL,
        ended INTEGER, method TEXT NOT NULL, path TEXT NOT NULL, operation TEXT NOT NULL, section TEXT NOT NULL,
        before TEXT, sent TEXT, outcome TEXT NOT NULL, code TEXT, message TEXT, undoes INTEGER);
    CREATE INDEX change_began ON change (began);
    CREATE INDEX change_run ON change (run);
    CREATE TABLE target (change INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (change, name)) WITHOUT ROWID;
    CREATE INDEX target_name ON target (name);
    CREATE TABLE rest (
        run INTEGER PRIMARY KEY REFERENCES run (id), began INTEGER NOT NULL, done INTEGER NOT NULL,
        file TEXT NOT NULL, arguments TEXT NOT NULL, inputs TEXT NOT NULL, resumed INTEGER);
"""
_ITEMS: Final = """
    ALTER TABLE target ADD COLUMN outcome TEXT;
    ALTER TABLE target ADD COLUMN code TEXT;
    ALTER TABLE target ADD COLUMN message TEXT;
"""
_NAMES: Final = """
    CREATE TABLE alias (id TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (id, name)) WITHOUT ROWID;
    CREATE INDEX change_undoes ON change (undoes);
    ALTER TABLE rest ADD COLUMN folder TEXT;
"""
_STEPS: Final = (_FIRST, _ITEMS, _NAMES)
"""What makes the tables of each version from those of the one before it."""

READ_CHANGES: Final = """
    SELECT change.id, run.id AS run, change.began, change.ended, run.user, run.host, run.profile, run.account,
        run.is_sandbox, run.verb, run.line, run.reason, change.method, change.path, change.operation, change.section,
        change.before, change.sent, change.outcome, change.code, change.message, change.undoes,
        (SELECT max(id) FROM change AS undo WHERE undo.undoes = change.id AND undo.outcome = 'done') AS undone_by,
        (SELECT json_group_array(name) FROM target WHERE target.change = change.id) AS targets,
        (SELECT json_group_array(json_object('target', name, 'outcome', outcome, 'code', code, 'message', message))
            FROM target WHERE target.change = change.id AND target.outcome IS NOT NULL) AS failed
    FROM change JOIN run ON run.id = change.run
    WHERE (:since IS NULL OR change.began >= :since) AND (:until IS NULL OR change.began < :until)
        AND (:targets IS NULL OR change.id IN (SELECT id FROM found))
        AND (:command IS NULL OR run.verb = :command OR run.verb LIKE :command || ' %')
        AND (NOT :is_failed OR change.outcome <> 'done')
        AND (NOT :is_failed OR :targets IS NULL OR change.outcome <> 'partial' OR change.id IN (
            SELECT change FROM target WHERE outcome IS NOT NULL
                AND name COLLATE NOCASE IN (SELECT value FROM json_each(:targets))))
        AND (:is_sandbox IS NULL OR run.is_sandbox = :is_sandbox)
        AND (:ids IS NULL OR change.id IN (SELECT value FROM json_each(:ids)))
        AND (:operations IS NULL OR change.operation IN (SELECT value FROM json_each(:operations)))
    ORDER BY change.id DESC
"""
READ_REST: Final = """
    SELECT rest.run, rest.began, rest.done, rest.file, rest.arguments, rest.inputs, rest.resumed,
        rest.folder, run.account, run.profile, run.line, run.verb
    FROM rest JOIN run ON run.id = rest.run
    WHERE run.is_sandbox = :is_sandbox AND (rest.run = :run OR (:run IS NULL AND rest.resumed IS NULL))
    ORDER BY rest.began DESC, rest.run DESC
"""
FIND_OLD: Final = """
    CREATE TEMP TABLE old AS SELECT change.id FROM change JOIN run ON run.id = change.run
        WHERE change.began < ? AND run.is_sandbox = ?
"""
KEEP_OF_SIDE: Final = """
    DELETE FROM found WHERE id IN (
        SELECT change.id FROM change JOIN run ON run.id = change.run WHERE run.is_sandbox <> ?)
"""
"""Leave out of `found` the changes of the sandbox, or all others."""
ADD_RUN: Final = """
    INSERT INTO run (began, user, host, profile, account, is_sandbox, verb, line, reason)
    VALUES (:began, :user, :host, :profile, :account, :is_sandbox, :verb, :line, :reason)
"""
SETTLE_TARGET: Final = """
    UPDATE target SET outcome = :outcome, code = :code, message = :message
    WHERE change = :change AND name = :name COLLATE NOCASE
"""
ADD_CHANGE: Final = """
    INSERT INTO change (run, began, method, path, operation, section, before, sent, outcome, undoes)
    VALUES (:run, :began, :method, :path, :operation, :section, :before, :sent, 'sent', :undoes)
"""


def prepare(db: sqlite3.Connection) -> None:
    """Make a new connection ready, and the tables if they are missing.

    Raises:
        LocalError: a newer hpcli made them.
    """
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=NORMAL")
    db.execute("PRAGMA secure_delete=ON")
    newest = len(_STEPS)
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > newest:
        raise LocalError("The log of changes was made by a newer hpcli.", hint="Update hpcli.")
    if version < newest:
        db.execute("BEGIN IMMEDIATE")
        present = db.execute("PRAGMA user_version").fetchone()[0]  # another process may have been quicker
        for step in _STEPS[present:]:
            for statement in step.split(";"):
                db.execute(statement)
        db.execute(f"PRAGMA user_version={newest}")
        db.execute("COMMIT")
