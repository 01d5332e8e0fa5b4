"""`hpcli alarms forward explain`: which outputs take an event, and what became of it there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpcli.commands.alarms.forward.configuration import chosen_outputs
from hpcli.commands.alarms.hold import EVENT_HELP
from hpcli.commands.alarms.journal import reading
from hpcli.commands.framework.lists import lists
from hpcli.output import Column, View
from hpcli.run.context import Context

if TYPE_CHECKING:
    import sqlite3

    from hpcli.alarms.forward.config import OutputConfig

EXPLAINED = View(
    noun="output",
    id="name",
    columns=(
        Column("NAME", "name"),
        Column("STATE", "state"),
        Column("TRIES", "tries"),
        Column("WHY", "why", wide=True, wraps=True),
    ),
    fields=lambda: ("name", "state", "tries", "why"),
)


@lists
def explain_event(
    ctx: Context, event_id: Annotated[str, typer.Argument(help=EVENT_HELP, metavar="ID")]
) -> None:
    """Explain what became of an event at each output, and why.

    $ hpcli alarms forward explain last
    """
    configs = chosen_outputs(ctx, None)
    with reading(ctx, None) as read:
        ctx.show(read(lambda db: _explained(db, event_id, configs)), EXPLAINED, empty="No outputs.")


def _explained(db: sqlite3.Connection, event_id: str, configs: list[OutputConfig]) -> list[dict[str, Any]]:
    from hpcli.alarms.journal.event_names import find_number

    seq = find_number(db, event_id)
    return [_at(db, seq, config) for config in configs]


def _at(db: sqlite3.Connection, seq: int, config: OutputConfig) -> dict[str, Any]:
    """Return what became of an event at an output."""
    from hpcli.alarms.forward.start import start_of
    from hpcli.alarms.journal.deliveries import (
        DEAD,
        EXPIRED,
        NOTED,
        SENT,
        WAITING,
        read_candidate,
        read_marks,
        read_place,
    )  # fmt: skip

    event, place = read_candidate(db, seq), read_place(db, config.name)
    assert event is not None
    refusal = config.routing.refusal(event)
    marks = {mark.seq: mark for mark in read_marks(db, config.name, SENT, WAITING, DEAD, EXPIRED, NOTED)}
    mark = marks.get(seq)
    is_sent = mark is not None and mark.state in (SENT, NOTED)
    if mark is not None and not is_sent:
        state, why = {DEAD: "dead letter", EXPIRED: "expired"}.get(mark.state, mark.state), mark.error
    elif refusal is not None:
        state, why = "not taken", refusal
    elif seq <= start_of(db, config.name, config.origin):
        state, why = "not taken", f"it came before the start of the output ({config.origin})"
    elif mark is not None or (place is not None and seq <= place.position):
        remark = f", {mark.error}" if mark and mark.error else ""
        state, why = "acknowledged", f"by {config.kind.acknowledged_by}{remark}"
    else:
        state, why = "waiting", (place.error if place else None) or "not sent yet"
    return {
        "name": config.name,
        "state": state,
        "tries": mark.tries if mark and not is_sent else None,
        "why": why,
    }
