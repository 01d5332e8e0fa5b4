"""`--type` and `--device`: filter the events of a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpcli.errors import UsageError
from hpcli.parse import parse_serial
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.alarms.journal.queries import Filter

Types = Annotated[
    list[str] | None,
    typer.Option("--type", help="Only this event type; may be repeated.", metavar="TYPE"),
]


Devices = Annotated[
    list[str] | None,
    typer.Option("--device", help="Only this device; may be repeated.", metavar="SERIAL"),
]


KeepAlives = Annotated[
    bool, typer.Option("--keep-alives", help="Also the keep-alives of panels.", show_default=False)
]


def check_range(since: int | None, until: int | None) -> None:
    """Refuse a range of time that ends before it begins, in epoch milliseconds.

    Raises:
        UsageError: it does.
    """
    if since is not None and until is not None and since > until:
        raise UsageError(
            "The time range ends before it begins.", hint="--since must be earlier than --until."
        )


def make_filter(ctx: Context, types: list[str] | None, devices: list[str] | None, **more: Any) -> Filter:
    """Return the filter of `--type` and `--device`; an unknown type is allowed with a notice, it may be new."""
    from hpcli.alarms.event.types import EVENT_TYPES, RULE, find_event_type
    from hpcli.alarms.journal.queries import Filter
    from hpcli.alarms.journal.rows import GAP

    names = set()
    for name in ctx.inputs.read_list(types, "event type") if types else ():
        known = find_event_type(name)
        if known is None and name not in (GAP, RULE):
            from hpcli.reference.choices import did_you_mean, nearest

            meant = did_you_mean(nearest(name, (kind.type for kind in EVENT_TYPES)))
            ctx.info(f"'{name}' is not a known event type. {meant}`hpcli alarms types` lists them.")
        names.add(known.type if known else name.casefold())
    serials = ctx.inputs.read_list(devices, "serial") if devices else ()
    return Filter(types=frozenset(names), devices=frozenset(map(parse_serial, serials)), **more)
