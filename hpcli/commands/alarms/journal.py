"""Open the journal for commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpcli.commands.alarms.sites import make_site_lookup
from hpcli.run.context import Context

if TYPE_CHECKING:
    import sqlite3

    from hpcli.alarms.journal.renewal import Knowledge
    from hpcli.alarms.journal.writer import Journal
    from hpcli.alarms.tail.account_numbers import AccountNumbers
    from hpcli.alarms.tail.site_lookup import SiteLookup

    Read = Callable[[Callable[[sqlite3.Connection], Any]], Any]


JournalPath = Annotated[
    Path | None, typer.Option("--journal", help="Journal file, if not the default one.", metavar="PATH")
]


@contextmanager
def reading(ctx: Context, journal: Path | None, *, is_once: bool = True) -> Iterator[Read]:
    """Yield a function that runs a query on the account's journal, each in its own transaction.

    Args:
        ctx: of the command.
        journal: the journal file, if it is not the default one.
        is_once: it is not followed, see `schema.open_for_reading`.
    """
    import sqlite3

    from hpcli.alarms.journal.schema import open_for_reading, translate
    from hpcli.alarms.journal.writer import read_once

    path = journal or ctx.run.session.alarms_folder / "journal.db"
    db = open_for_reading(path, is_once=is_once)
    try:
        yield lambda query: read_once(db, query)
    except sqlite3.Error as error:
        raise translate(error, path) from error
    finally:
        db.close()


def known_sites(ctx: Context) -> SiteLookup:
    """Return the sites of devices, as far as this computer has stored them."""
    lookup = make_site_lookup(ctx)
    lookup.load()
    return lookup


def knowledge(ctx: Context, sites: SiteLookup | None = None) -> Knowledge:
    """Return what entries of older journals, and codes of the user's own table, are decoded with.

    Raises:
        UsageError: that table, or the map of account numbers, cannot be read.
    """
    from hpcli.alarms.event.own_codes import read_codes
    from hpcli.alarms.journal.renewal import Knowledge

    return Knowledge(read_codes(ctx.settings.config_dir), sites, account_numbers(ctx).read())


def account_numbers(ctx: Context) -> AccountNumbers:
    """Return the account numbers of devices: the user's own map, and those set from this computer.

    Raises:
        UsageError: the map cannot be read.
    """
    from hpcli.alarms.event.accounts import read_account_map
    from hpcli.alarms.tail.account_numbers import AccountNumbers

    return AccountNumbers(ctx.run.session.alarms_folder, read_account_map(ctx.settings.config_dir))


def open_journal(ctx: Context, path: Path | None) -> Journal:
    """Open the journal for writing; one of an older version is first brought up to date.

    Raises:
        LocalError: it cannot be opened, or is of an older version while a tail runs.
    """
    from hpcli.alarms.journal.writer import Journal
    from hpcli.alarms.tail.reader_lock import bring_up_to_date

    folder = ctx.run.session.alarms_folder
    file = path or folder / "journal.db"
    bring_up_to_date(folder, file)
    return Journal(file)
