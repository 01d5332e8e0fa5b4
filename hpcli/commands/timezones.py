"""`hpcli timezones`: the platform's time zones."""

from typing import Annotated

import typer

from hpcli.commands.framework.family import Single
from hpcli.commands.framework.lists import lists
from hpcli.output import Column, View
from hpcli.reference.timezones import find_time_zones
from hpcli.run.context import Context

TIME_ZONES = View(
    noun="time zone",
    id="number",
    columns=(
        Column("NUMBER", "number"),
        Column("OFFSET", "offset"),
        Column("IANA", "iana"),
        Column("NAME", "name", wide=True, wraps=True),
    ),
    fields=lambda: ("number", "offset", "iana", "name"),
)


@lists
def list_time_zones(
    ctx: Context,
    text: Annotated[
        str | None, typer.Argument(help="Part of a number, name, city or offset.", metavar="TEXT")
    ] = None,
) -> None:
    """List the platform's time zones.

    $ hpcli timezones
    $ hpcli timezones berlin
    $ hpcli timezones +02:00 -o json
    """
    rows = [
        {"number": zone.number, "offset": zone.offset, "iana": zone.iana, "name": zone.name}
        for zone in find_time_zones(text or "")
    ]
    ctx.show(rows, TIME_ZONES)


app = Single("timezones:list_time_zones")
