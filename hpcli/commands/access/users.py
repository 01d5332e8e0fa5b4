"""`hpcli access users`: the people stored on a door device."""

from collections.abc import Callable, Mapping
from datetime import UTC, tzinfo
from typing import Annotated, Any

import typer

from hpcli.api.operations.access.events import SEARCH_USERS
from hpcli.commands.access.conditions import LARGEST_PAGE, Where, read_conditions
from hpcli.commands.access.events import Row
from hpcli.commands.framework.columns import code_column
from hpcli.commands.framework.device_messages import message_fields
from hpcli.commands.framework.device_user import device_user
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.options import Limit, Search, SerialArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.times import device_clock
from hpcli.commands.framework.verb import calls
from hpcli.isapi.search import ACCESS_USERS
from hpcli.output import Column, View
from hpcli.output.fields import value_at
from hpcli.run.context import Context


def _validity(value: Any, _row: Row) -> str:
    if not isinstance(value, Mapping) or value.get("enable") is False:
        return "always" if value else ""
    return f"{value.get('beginTime', '')} – {value.get('endTime', '')}"


USERS = View(
    noun="person",
    id="employeeNo",
    columns=(
        Column("EMPLOYEE", "employeeNo"),
        Column("NAME", "name", wide=True),
        code_column("TYPE", "userType", "userInfoUserType"),
        Column("VALID", "Valid", show=_validity, priority=1),
        Column("CARDS", "numOfCard"),
        Column("FACES", "numOfFace"),
        Column("FINGERPRINTS", "numOfFP"),
        Column("DOORS", "doorRight", priority=2),
    ),
    fields=message_fields("JSON_UserInfoSearch", "UserInfoSearch", "UserInfo"),
)


def _clock(ctx: Context, serial: str) -> Callable[[Row], tzinfo | None]:
    """Return what gives the zone of a person's times: the device's, unless they are said to be in UTC."""
    clock = device_clock(ctx, serial)
    return lambda row: UTC if value_at(row, "Valid.timeType") == "UTC" else clock(row)


@calls(SEARCH_USERS)
@lists
@many("serial", selected=True)
def list_users(
    ctx: Context,
    serial: SerialArgument,
    search: Search = None,
    where: Where = None,
    terminal: Annotated[
        int | None, typer.Option(help="Terminal of an information release system.", min=1, metavar="N")
    ] = None,
    limit: Limit = None,
) -> None:
    """List the people stored on a door device.

    $ hpcli access users C94115305 --search Berg
    $ hpcli access users C94115305 --where userType=visitor
    """
    user = device_user(ctx, serial)
    page_size = min(limit, LARGEST_PAGE) if limit and not ctx.run.selection else None
    rows = ctx.client.access_events.users(
        serial,
        read_conditions(ctx, ACCESS_USERS, where, {}),
        search=search,
        page_size=page_size,
        user=user,
        terminal=terminal,
    )
    ctx.show(rows, USERS._replace(zone_of=_clock(ctx, serial)), limit=limit)
