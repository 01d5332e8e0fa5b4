"""`hpcli hotspare heartbeat`: send a heartbeat, once or repeatedly."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from hpcli.api.operations.hotspare.servers import HEARTBEAT
from hpcli.commands.framework.repeating import parse_interval
from hpcli.commands.framework.verb import calls
from hpcli.commands.hotspare.options import UuidArgument
from hpcli.commands.hotspare.tables import SERVERS
from hpcli.commands.hotspare.watch import beat_for_ever
from hpcli.output import Column, View, show_duration
from hpcli.reference.document import answer_fields
from hpcli.run.context import Context


def _ago(value: Any, _row: Mapping[str, Any]) -> str:
    return f"{show_duration(value / 1000)} ago" if isinstance(value, int) else ""


HEARTBEATS = View(
    noun="server",
    id="uuid",
    columns=(*SERVERS.columns, Column("LAST HEARTBEAT", "timeLag", show=_ago)),
    fields=lambda: answer_fields(HEARTBEAT.method, HEARTBEAT.path),
)


@calls(HEARTBEAT)
def send_heartbeat(
    ctx: Context,
    uuid: UuidArgument,
    every: Annotated[
        str | None,
        typer.Option(help="Repeat at this interval, such as 60s, until stopped.", metavar="DURATION"),
    ] = None,
) -> None:
    """Send a heartbeat and print those of all servers.

    With --every the command repeats until stopped, prints nothing, and survives
    errors of the network and the platform.

    $ hpcli hotspare heartbeat 5f0c8c8a-0d4b-4c9e-9d43-1a2b3c4d5e6f
    $ hpcli hotspare heartbeat 5f0c8c8a-0d4b-4c9e-9d43-1a2b3c4d5e6f --every 60s
    """
    if every is None:
        ctx.show(ctx.client.hotspare.heartbeat(uuid), HEARTBEATS)
    else:
        beat_for_ever(ctx, uuid, parse_interval(every))
