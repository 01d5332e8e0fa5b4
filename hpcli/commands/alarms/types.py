"""`hpcli alarms types`: the event types and their meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hpcli.commands.framework.lists import lists
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.alarms.event.cid import CidCode


@lists
def list_types(ctx: Context) -> None:
    """List the event types and CID codes and their meaning.

    With the meanings of `cid.toml` in the config directory, your own table of codes:
    [1759] with meaning, category, priority and standard.

    $ hpcli alarms types
    $ hpcli alarms types -o ids
    """
    from hpcli.alarms.event.own_codes import read_codes
    from hpcli.alarms.event.types import alarm_types
    from hpcli.commands.alarms.tables import TYPES

    rows: list[dict[str, Any]] = [
        *(dict(row) for row in alarm_types()),
        *(_row_of(code) for code in read_codes(ctx.settings.config_dir).all()),
    ]
    ctx.show(rows, TYPES)


def _row_of(code: CidCode) -> dict[str, Any]:
    beside = f" (Contact ID {code.standard})" if code.standard else ""
    return {
        "type": f"cidEvent {code.code}",
        "format": "JSON",
        "category": code.category.name,
        "priority": "low" if code.qualifier == "restore" else code.category.priority,
        "name": f"CID {code.code}{beside}",
        "meaning": code.meaning,
    }
