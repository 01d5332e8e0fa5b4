"""`hpcli access events`: the door events of a device."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpcli.api.operations.access.events import SEARCH_EVENTS
from hpcli.api.operations.device.devices import SEARCH as SEARCH_DEVICES
from hpcli.commands.access.conditions import LARGEST_PAGE, Where, read_conditions
from hpcli.commands.framework.device_messages import message_fields
from hpcli.commands.framework.device_user import device_user
from hpcli.commands.framework.lists import lists
from hpcli.commands.framework.options import Limit, SerialArgument, Since, Until
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.times import clock_of, platform_now, time_shown
from hpcli.commands.framework.verb import calls
from hpcli.errors import UsageError
from hpcli.isapi.search import ACCESS_EVENTS
from hpcli.output import Column, View
from hpcli.parse import parse_serial, parse_since, parse_until
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.isapi.multipart import Part

Row = Mapping[str, Any]


def _event_name(_value: Any, row: Row) -> str:
    from hpcli.alarms.decode.access import access_event_name

    return access_event_name(row.get("major"), row.get("minor"))


def _events_view(when: Callable[[Any, Row], str], zone: tzinfo | None, *, with_pictures: bool) -> View:
    pictures = (Column("PICTURE", "pictures", show=lambda value, _row: ", ".join(value or ()), wide=True),)
    return View(
        noun="event",
        id="serialNo",
        columns=(
            Column("TIME", "time", show=when, kind="time"),
            Column("EVENT", "minor", show=_event_name, wide=True),
            Column("DOOR", "doorNo"),
            Column("NAME", "name", wide=True),
            Column("EMPLOYEE", "employeeNoString", priority=1),
            Column("CARD", "cardNo", priority=2),
            Column("READER", "cardReaderNo", priority=4),
            Column("EVENT NO", "serialNo", priority=3),
            *(pictures if with_pictures else ()),
        ),
        fields=message_fields("JSON_AcsEvent", "AcsEvent", "InfoList", also=("pictures",)),
        zone_of=lambda _row: zone,
    )


@calls(SEARCH_EVENTS, SEARCH_DEVICES)
@lists
@many("serial", selected=True, needs_rows=True)
def list_events(
    ctx: Context,
    serial: SerialArgument,
    since: Since = "24h",
    until: Until = "now",
    major: Annotated[
        str | None,
        typer.Option(help="Major type: alarm, exception, operation, event, or a number.", metavar="TYPE"),
    ] = None,
    minor: Annotated[
        str | None,
        typer.Option(help="Minor type: a number, or words such as 'Face accepted'.", metavar="TYPE"),
    ] = None,
    employee: Annotated[str | None, typer.Option(help="Employee number.", metavar="NUMBER")] = None,
    card: Annotated[str | None, typer.Option(help="Card number.", metavar="NUMBER")] = None,
    newest_first: Annotated[bool, typer.Option("--newest-first", help="Sort newest first.")] = False,
    where: Where = None,
    pictures: Annotated[
        Path | None, typer.Option("--pictures", help="Save pictures in this folder.", metavar="DIR")
    ] = None,
    limit: Limit = None,
) -> None:
    """List the door events of a device.

    --where accepts any search condition of the device, such as name or temperatureSearchCond.

    $ hpcli access events C94115305 --since 2h
    $ hpcli access events C94115305 --minor "Face refused" --newest-first --limit 5
    $ hpcli access events C94115305 --where name="Berg Anna 1" --since 7d
    """
    for text in (since, until):  # a wrong one is refused before the first call
        parse_since(text, ctx.run.now())
    conditions = read_conditions(ctx, ACCESS_EVENTS, where, {"employeeNoString": employee, "cardNo": card})
    conditions |= _event_types(major, minor)
    user = device_user(ctx, serial)
    zone_number = ctx.lookups.device(parse_serial(serial)).get("timeZone")
    now = platform_now(ctx)
    start, end = parse_since(since, now), parse_until(until, now)
    zone = clock_of(zone_number)
    if zone is None:
        ctx.info(
            f"The time zone of the site of {serial} is not known ({zone_number}); "
            f"times are in that of this computer ({now.astimezone():%z})."
        )
    asked: dict[str, Any] = {
        "since": start,
        "until": end,
        "zone": zone,
        "newest_first": newest_first,
        "page_size": min(limit, LARGEST_PAGE) if limit and not ctx.run.selection else None,
        "user": user,
    }
    view = _events_view(time_shown(ctx, zone_number), zone, with_pictures=pictures is not None)
    if pictures is None:
        ctx.show(ctx.client.access_events.events(serial, conditions, **asked), view, limit=limit)
        return
    found = ctx.client.access_events.events_with_pictures(serial, conditions, **asked)
    ctx.show(_with_saved_pictures(found, pictures, parse_serial(serial)), view, limit=limit)


def _event_types(major: str | None, minor: str | None) -> dict[str, str]:
    """Return major and minor type as numbers; the words of a minor type imply the major type."""
    from hpcli.alarms.decode.access import MAJOR_TYPES, event_numbers

    found: dict[str, str] = {}
    if major is not None:
        numbers = {name: str(number) for number, name in MAJOR_TYPES.items()}
        if not major.isdecimal() and major.lower() not in numbers:
            raise UsageError(f"'{major}' is not a major type.", hint=f"Choose from: {', '.join(numbers)}.")
        found["major"] = numbers.get(major.lower(), major)
    if minor is not None and minor.isdecimal():
        found["minor"] = minor
    elif minor is not None:
        kinds = event_numbers(minor)
        if found:
            kinds = [kind for kind in kinds if str(kind[0]) == found["major"]]
        if len(kinds) != 1:
            raise UsageError(
                f"'{minor}' is {'not a' if not kinds else 'more than one'} minor type.",
                hint="Give the number; `hpcli access events SERIAL -o json` shows the numbers.",
            )
        found |= {"major": str(kinds[0][0]), "minor": str(kinds[0][1])}
    return found


def _with_saved_pictures(
    found: Iterator[tuple[dict[str, Any], "list[Part]"]], folder: Path, serial: str
) -> Iterator[dict[str, Any]]:
    """Save the pictures of each event and add the file names to its row."""
    from hpcli.alarms.pictures.container import media_extension
    from hpcli.alarms.pictures.files import new_picture, picture_path

    for row, parts in found:
        paths: list[str] = []
        for number, part in enumerate(parts, start=1):
            wanted = picture_path(
                folder.expanduser(),
                time=_iso(row.get("time")),
                serial=serial,
                event_id=str(row.get("serialNo") or ""),
                number=number,
                extension=media_extension(part.content) or "bin",
            )
            with new_picture(wanted) as picture:
                picture.write(part.content)
            paths.append(str(picture.path))
        yield {**row, "pictures": paths}


def _iso(value: object) -> str:
    try:
        return datetime.fromisoformat(str(value)).isoformat()
    except ValueError:
        return ""
