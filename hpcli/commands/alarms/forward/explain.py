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
    from hpcli.alarms.journal.deliveries import Mark

EXPLAINED = View(
    noun="output",
    id="name",
    columns=(
        Column("NAME", "name"),
        Column("EVENT", "event"),
        Column("DEVICE", "device", priority=1),
        Column("STATE", "state"),
        Column("TRIES", "tries"),
        Column("WHY", "why", wide=True, wraps=True),
    ),
    fields=lambda: ("name", "event", "device", "state", "tries", "why"),
)


@lists
def explain_event(
    ctx: Context,
    event_id: Annotated[
        str | None,
        typer.Argument(
            help=f"{EVENT_HELP} Without it, all that failed or were refused.",
            metavar="[ID]",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Explain what became of an event at each output, and why.

    Without an id it lists the dead letters of all outputs, and the events that wait after
    a failure.

    $ hpcli alarms forward explain last
    $ hpcli alarms forward explain
    """
    configs = chosen_outputs(ctx, None)
    with reading(ctx, None) as read:
        rows = read(lambda db: _explained(db, event_id, configs))
    if event_id is not None:
        ctx.show(rows, EXPLAINED, empty="No outputs.")
    else:
        ctx.show(rows, EXPLAINED._replace(noun="event", id="event"), empty="No event failed or was refused.")


def _explained(
    db: sqlite3.Connection, event_id: str | None, configs: list[OutputConfig]
) -> list[dict[str, Any]]:
    from hpcli.alarms.journal.deliveries import DEAD, EXPIRED, WAITING, read_marks
    from hpcli.alarms.journal.event_names import find_number

    if event_id is not None:
        seq = find_number(db, event_id)
        return [_at(db, seq, config) for config in configs]
    return [
        _row(db, config, mark.seq, mark.device, *_failure(mark), mark.tries)
        for config in configs
        for mark in read_marks(db, config.name, DEAD, EXPIRED, WAITING)
    ]


def _failure(mark: Mark) -> tuple[str, str | None]:
    """Return the state of an event that is not acknowledged, and why."""
    from hpcli.alarms.journal.deliveries import DEAD

    return "dead letter" if mark.state == DEAD else mark.state, mark.error


def _row(
    db: sqlite3.Connection,
    config: OutputConfig,
    seq: int,
    device: str | None,
    state: str,
    why: str | None,
    tries: int | None,
) -> dict[str, Any]:
    found = db.execute("SELECT id FROM entry WHERE seq=?", (seq,)).fetchone()
    return {
        "name": config.name,
        "event": found[0] if found else f"#{seq}",  # pruned
        "device": device,
        "state": state,
        "tries": tries,
        "why": why,
    }


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
        state, why = _failure(mark)
    elif refusal is not None:
        state, why = "not taken", refusal
    elif seq <= start_of(db, config.name, config.origin):
        state, why = "not taken", f"it came before the start of the output ({config.origin})"
    elif mark is not None or (place is not None and seq <= place.position):
        remark = f", {mark.error}" if mark and mark.error else ""
        state, why = "acknowledged", f"by {config.kind.acknowledged_by}{remark}"
    else:
        state, why = "waiting", (place.error if place else None) or "not sent yet"
    tries = mark.tries if mark and not is_sent else None
    return _row(db, config, seq, event.device, state, why, tries)
