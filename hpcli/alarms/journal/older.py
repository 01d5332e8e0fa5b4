"""Show the tables of an older journal as those of this version; the file itself is not changed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3

_NEW_TABLE: Final = re.compile(r"CREATE TABLE (\w+)")
_NEW_COLUMN: Final = re.compile(r"ALTER TABLE (\w+) ADD COLUMN (\w+) \w+(?: NOT NULL)?(?: DEFAULT (.+))?")
_CONTENT: Final = re.compile(r"INSERT INTO (\w+) (SELECT .+)", re.DOTALL)


def show_as_current(db: sqlite3.Connection, steps: Iterable[str]) -> None:
    """Let a connection find the tables and columns that later versions added: empty ones, and defaults.

    Temporary tables and views come before those of the file. What a step computes from older tables is a view.
    If a tail brings the journal up to date meanwhile, the real columns count, since they come first.

    Args:
        db: a reading connection.
        steps: the steps from the journal's version to this one.
    """
    db.execute("PRAGMA temp_store=MEMORY")
    tables, columns, contents = set[str](), dict[str, list[str]](), dict[str, str]()
    for statement in (part.strip() for step in steps for part in step.split(";\n")):
        if table := _NEW_TABLE.match(statement):
            tables.add(table[1])
            db.execute(statement.replace("CREATE", "CREATE TEMP", 1))
        elif column := _NEW_COLUMN.match(statement):
            if column[1] in tables:
                db.execute(statement)
            else:
                columns.setdefault(column[1], []).append(f"{column[3] or 'NULL'} AS {column[2]}")
        elif (content := _CONTENT.match(statement)) and content[1] in tables:
            contents[content[1]] = content[2]
    for name, added in columns.items():
        db.execute(f"CREATE TEMP VIEW {name} AS SELECT *, {', '.join(added)} FROM main.{name}")  # noqa: S608 - from our steps
    for name, select in contents.items():
        names = ", ".join(row[1] for row in db.execute(f"PRAGMA temp.table_info({name})"))
        db.execute(f"DROP TABLE temp.{name}")
        db.execute(f"CREATE TEMP VIEW {name} ({names}) AS {select}")
