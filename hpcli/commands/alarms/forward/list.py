"""`hpcli alarms forward list`: the outputs and how far each has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hpcli.commands.alarms.forward.configuration import forward_file
from hpcli.commands.framework.lists import lists
from hpcli.output import Column, View
from hpcli.run.context import Context

if TYPE_CHECKING:
    import sqlite3

    from hpcli.alarms.journal.deliveries import Forwarded


def _error_shown(value: Any, row: Mapping[str, Any]) -> str:
    return (
        f"not reached since {row['since'].replace('T', ' ')}: {value}" if row["since"] else str(value or "")
    )


OUTPUTS = View(
    noun="output",
    id="name",
    columns=(
        Column("NAME", "name"),
        Column("TO", "to", show=lambda value, _row: ", ".join(value), wide=True, wraps=True, width=20),
        Column("STATE", "state"),
        Column("LAST", "last", priority=2),
        Column("WAITING", "waiting"),
        Column("OLDEST", "oldest", priority=1),
        Column("DEAD", "dead"),
        Column(
            "ERROR",
            "error",
            show=_error_shown,
            wide=True,
            wraps=True,
            width=24,
        ),
    ),
    fields=lambda: ("name", "to", "state", "last", "waiting", "oldest", "dead", "error", "since", "pid"),
)


@lists
def list_outputs(ctx: Context) -> None:
    """List the outputs, what waits, and the last errors.

    The state is `running`, `stopped` (no process sends), `suspended` (it cannot work
    before somebody changes something; nothing is dropped) or `wrong` (see `check`).
    DEAD counts the events that the other side refused; `explain` without an id lists
    them. `since` is when an output, or its first address, became unreachable.

    $ hpcli alarms forward list
    $ hpcli alarms forward list -o json
    """
    from hpcli.alarms.journal.deliveries import read_forwarded
    from hpcli.alarms.journal.schema import is_journal_there
    from hpcli.commands.alarms.journal import reading

    tables = forward_file(ctx).tables()
    known: dict[str, Forwarded] = {}
    if tables and is_journal_there(ctx.run.session.alarms_folder / "journal.db"):
        with reading(ctx, None) as read:
            known = {one.name: one for one in read(read_forwarded)}
            fresh = [(name, table) for name, table in tables.items() if name not in known]
            unsent = read(lambda db: [_unsent(db, name, table) for name, table in fresh])
            known |= {one.name: one for one in unsent if one is not None}
    profile = ctx.settings.profile_name if tables else None
    found = [_row(ctx, name, table, known.get(name), profile) for name, table in tables.items()]
    rows = [row for row in found if row is not None]
    ctx.show(rows, OUTPUTS)
    _advise(ctx, rows)


def _advise(ctx: Context, rows: Sequence[Mapping[str, Any]]) -> None:
    """Say what makes outputs run that no process sends for."""
    idle = [str(row["name"]) for row in rows if row["pid"] is None and row["state"] != "wrong"]
    if not idle:
        return
    if any(row["pid"] is not None for row in rows):
        ctx.info(f"No process sends for {', '.join(idle)} yet; one that runs takes a new output within 10 s.")
    else:
        ctx.info(
            f"No process sends for {', '.join(idle)}: run `hpcli alarms tail --forward`, or"
            " `hpcli alarms forward run`."
        )


def _unsent(db: sqlite3.Connection, name: str, table: Any) -> Forwarded | None:
    """Return what waits for an output that has not run yet; None if its declaration is wrong."""
    from hpcli.alarms.forward.config import read_output
    from hpcli.alarms.forward.declaration import find_unsent
    from hpcli.errors import HpcliError

    try:
        return find_unsent(db, read_output(name, table))
    except HpcliError:
        return None


def _row(
    ctx: Context, name: str, table: Any, known: Forwarded | None, profile: str | None
) -> dict[str, Any] | None:
    from hpcli.alarms.clock import moment_text
    from hpcli.alarms.forward.config import read_output
    from hpcli.alarms.forward.lock import OutputLock
    from hpcli.alarms.forward.setup import make_setup
    from hpcli.alarms.journal.deliveries import SUSPENDED
    from hpcli.errors import HpcliError

    holder = OutputLock(ctx.run.session.alarms_folder, name).find_holder()
    state, error, to = "stopped" if holder is None else "running", None, list[str]()
    try:
        config = read_output(name, table)
        if not config.is_for(profile):
            return None
        to = [address.short for address in config.to]
        make_setup(config)
    except HpcliError as wrong:
        state, error = "wrong", wrong.message
    if known is not None:
        state = "suspended" if known.place.state == SUSPENDED else state
        error = error or known.error
    return {
        "name": name,
        "to": to,
        "state": state,
        "last": moment_text(known.place.last) if known else None,
        "waiting": known.waiting if known else None,
        "oldest": moment_text(known.oldest) if known else None,
        "dead": known.dead if known else 0,
        "error": error,
        "since": moment_text(known.place.since) if known else None,
        "pid": holder.pid if holder else None,
    }
