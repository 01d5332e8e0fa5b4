"""`hpcli video`: recordings."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

import typer

from hpcli.api.operations.device.devices import SEARCH as SEARCH_DEVICES
from hpcli.api.operations.video import SEARCH
from hpcli.client.video import search_body
from hpcli.commands.framework.columns import code_column
from hpcli.commands.framework.family import Family
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.options import SerialArgument, Since, Until, complete_codes
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.times import platform_now, time_shown
from hpcli.commands.framework.verb import calls
from hpcli.output import Column, View, show_duration
from hpcli.parse import parse_since, parse_until
from hpcli.reference.document import answer_fields
from hpcli.run.context import Context


def _duration(row: Mapping[str, Any]) -> timedelta | None:
    start, end = row.get("startTime"), row.get("endTime")
    return timedelta(milliseconds=end - start) if isinstance(start, int) and isinstance(end, int) else None


def _length(_value: Any, row: Mapping[str, Any]) -> str:
    duration = _duration(row)
    return "" if duration is None else show_duration(duration.total_seconds())


@calls(SEARCH, SEARCH_DEVICES)
@lists
@many("serial", selected=True, needs_rows=True)
def list_recordings(
    ctx: Context,
    serial: SerialArgument,
    channel: Annotated[int, typer.Option(help="Channel, from 1.", min=1, metavar="N")] = 1,
    since: Since = "24h",
    until: Until = "now",
    source: Annotated[
        str,
        typer.Option(
            help="auto, cloud or local.", metavar="SOURCE", autocompletion=complete_codes("recType")
        ),
    ] = "auto",
) -> None:
    """List the recordings of a channel.

    Times are in the site's time zone; --utc shows UTC. -o ids prints start times.

    $ hpcli video list Q10254801 --channel 2
    $ hpcli video list Q10254801 --since 7d --until 6d --source cloud
    """
    start, end = parse_since(since, ctx.run.now()), parse_until(until, ctx.run.now())
    search_body(serial, start, end, channel, source)  # what is wrong is refused before the first call
    zone = ctx.lookups.device(serial).get("timeZone")
    now = platform_now(ctx)
    start, end = parse_since(since, now), parse_until(until, now)
    rows = ctx.client.video.list(serial, start, end, channel=channel, source=source)
    when = time_shown(ctx, zone)
    view = View(
        noun="recording",
        id="startTime",
        columns=(
            Column("START", "startTime", show=when, kind="time"),
            Column("END", "endTime", show=when, kind="time"),
            Column("LENGTH", "endTime", show=_length, value=_duration),
            code_column("CAUSE", "localType", "localType"),
            code_column("PLACE", "recType", "recType"),
            code_column("ENCRYPTED", "crypt", "crypt", priority=1),
        ),
        fields=lambda: answer_fields(SEARCH.method, SEARCH.path),
    )
    ctx.show(rows, view)


app = Family(
    {
        "list": ("video:list_recordings", "List the recordings of a channel."),
    }
)
