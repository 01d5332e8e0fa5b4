"""What the targets of the log of changes are called: calls go by ids, people by names, serials and numbers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from hpcli.names import folded, is_site_id

if TYPE_CHECKING:
    import sqlite3

ADD: Final = "INSERT OR IGNORE INTO alias (id, name) VALUES (?, ?)"
_FIND: Final = """
    INSERT OR IGNORE INTO found SELECT change FROM target WHERE name IN (SELECT value FROM json_each(:ids))
    UNION SELECT change FROM target WHERE name IN (SELECT value FROM json_each(:names))
        AND NOT EXISTS (SELECT 1 FROM target AS other WHERE other.change = target.change
            AND length(other.name) = 32 AND other.name NOT GLOB '*[^0-9a-f]*')
"""


def find_changes_of(db: sqlite3.Connection, wanted: Iterable[str]) -> None:
    """Fill the table `found` with the changes of what a person may call by any of some names.

    A name finds what has it, in any case and normal form, and the calls that went by the id of what was ever called so.
    An id finds its calls too, and those that had nothing but its name, such as the one that added a person.
    """
    typed = {folded(one.strip()) for one in wanted}
    db.execute("CREATE TEMP TABLE IF NOT EXISTS found (id INTEGER PRIMARY KEY)")
    db.execute("DELETE FROM found")
    if not typed:
        return
    aliases = db.execute("SELECT id, name FROM alias").fetchall()
    ids = {one for one, name in aliases if folded(name) in typed}
    ids |= {one for one in typed if is_site_id(one)}
    named = {str(name) for (name,) in db.execute("SELECT DISTINCT name FROM target") if folded(name) in typed}
    names = {name for one, name in aliases if one in ids}
    db.execute(_FIND, {"ids": json.dumps([*ids, *named]), "names": json.dumps([*names])})


def forget_names(db: sqlite3.Connection, wanted: Iterable[str]) -> None:
    """Remove what is known of the names of a target."""
    typed = {folded(one.strip()) for one in wanted}
    rows = db.execute("SELECT id, name FROM alias").fetchall()
    ids = {one for one, name in rows if folded(name) in typed or one in typed}
    db.executemany("DELETE FROM alias WHERE id = ?", [(one,) for one in ids])
