"""`hpcli alarms types`: the event types and their meaning."""

from typing import Any

from hpcli.commands.framework.lists import lists
from hpcli.run.context import Context


@lists
def list_types(ctx: Context) -> None:
    """List the event types and their meaning.

    $ hpcli alarms types
    $ hpcli alarms types -o ids
    """
    from hpcli.alarms.event.types import alarm_types
    from hpcli.commands.alarms.tables import TYPES

    rows: list[dict[str, Any]] = [dict(row) for row in alarm_types()]
    ctx.show(rows, TYPES)
