"""`hpcli device time`: show or set the clock of a device."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpcli.api.operations.device.devices import SEARCH
from hpcli.api.operations.device.isapi import READ_ISAPI
from hpcli.api.operations.device.time import READ_TIME, SET_TIME
from hpcli.client.device.messages import content_of
from hpcli.client.device.time import LARGEST_DRIFT, clock_row
from hpcli.commands.device.clock_words import (
    BY_HAND,
    MODES,
    ahead_words,
    compare_with,
    drift_words,
    read_ntp_content,
)
from hpcli.commands.framework.device_messages import message_fields
from hpcli.commands.framework.device_user import device_user
from hpcli.commands.framework.options import SerialArgument
from hpcli.commands.framework.targets import many
from hpcli.commands.framework.times import clock_of
from hpcli.commands.framework.verb import calls
from hpcli.output import Column, View
from hpcli.parse import parse_serial
from hpcli.run.context import Context

if TYPE_CHECKING:
    from hpcli.client.device.isapi import DeviceUser
    from hpcli.isapi.clock import ClockReading


def _drift_tone(value: Any, _row: Mapping[str, Any]) -> str | None:
    return None if value is None else "bad" if abs(value) > LARGEST_DRIFT else "good"


CLOCK = View(
    noun="clock",
    id="deviceSerial",
    columns=(
        Column("SERIAL", "deviceSerial"),
        Column("DEVICE TIME", "deviceTime"),
        Column("DRIFT", "driftSeconds", show=drift_words, style=_drift_tone),
        Column("SET BY", "timeMode"),
        Column("NTP SERVER", "ntpServer", priority=1, wide=True),
        Column("LOCAL TIME", "localTime", priority=2),
        Column("ZONE", "timeZone", priority=1, wide=True),
    ),
    fields=message_fields(
        "XML_Time", "Time", also=("deviceSerial", "deviceTime", "driftSeconds", "ntpServer")
    ),
)


_CHANGES = ("moment", "mode", "ntp", "zone")


@calls(READ_TIME, SET_TIME, SEARCH, READ_ISAPI)
@many(
    "serial",
    selected=True,
    changes_with=_CHANGES,
    question="Change the clock of {targets}?",
    needs_rows=True,
    calls=lambda values: 4 if values.get("ntp") else 2,
)
def show_clock(
    ctx: Context,
    serial: SerialArgument,
    moment: Annotated[
        str | None,
        typer.Option(
            "--set",
            help="Set the clock to now or a time; without an offset, in this computer's zone.",
            metavar="now|TIME",
        ),
    ] = None,
    mode: Annotated[
        str | None,
        typer.Option(
            help="Who sets the clock: ntp, manual or platform.",
            metavar="MODE",
            autocompletion=lambda: list(MODES),
        ),
    ] = None,
    ntp: Annotated[
        str | None,
        typer.Option(
            help="NTP server, and the minutes between two requests; implies --mode ntp.",
            metavar="HOST[:PORT][/INTERVAL]",
        ),
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option(help="Time zone by its IANA name, such as Europe/Berlin.", metavar="IANA"),
    ] = None,
) -> None:
    """Show or set the clock of a device.

    --set uses --zone or the time zone of the device's site. A device whose clock is set
    by NTP or the platform refuses it, unless --mode manual ends that.

    $ hpcli device time Q10254783
    $ hpcli device time Q10254783 --ntp pool.ntp.org --zone Europe/Berlin --yes
    $ hpcli device time Q10254783 --set now --mode manual --yes
    """
    user = device_user(ctx, serial)
    name = parse_serial(serial)
    if any(option is not None for option in (moment, mode, ntp, zone)):
        from hpcli.commands.device.set_time import change_clock, read_wish

        change_clock(ctx, name, read_wish(ctx, moment, mode, ntp, zone), user)
        return
    content = content_of(ctx.client.device.time.read(name, user=user), "Time")
    clocks = compare_with(ctx, content, lambda: clock_of(ctx.lookups.device(name).get("timeZone")))
    row = clock_row(name, content, clocks.reading.checked(), clocks.now)
    ctx.show_one({**row, "ntpServer": _ntp_server(ctx, name, content, user)}, CLOCK)
    if words := _zone_words(name, clocks.reading, content):
        ctx.info(words)
    drift = row["driftSeconds"]
    if clocks.computer_ahead:
        of = " of" if clocks.computer_ahead > timedelta(0) else ""
        right = "; the device is right" if _is_right(drift) else f"{of} the platform's"
        ctx.info(f"This computer's clock is {ahead_words(clocks.computer_ahead)}{right}.")
    if drift is not None and not _is_right(drift):
        by = content.get("timeMode")
        sets = "` sets it." if by in BY_HAND else f" --mode manual` sets it and turns {by} off."
        ctx.info(
            f"The clock of {name} is {drift_words(drift, row)}. `hpcli device time {name} --set now{sets}"
        )


def _ntp_server(ctx: Context, serial: str, content: Mapping[str, Any], user: "DeviceUser") -> str | None:
    """Return the server of a clock that NTP sets."""
    from hpcli.isapi.clock_changes import ntp_server_of

    if content.get("timeMode") != "NTP":
        return None
    server = ntp_server_of(read_ntp_content(ctx, serial, user))
    return None if server is None else str(server)


def _is_right(drift: float | None) -> bool:
    return drift is not None and abs(drift) <= LARGEST_DRIFT


def _zone_words(serial: str, reading: "ClockReading", content: Mapping[str, Any]) -> str:
    """Tell what is not known of a clock's zone, and where its offset comes from instead."""
    from hpcli.masking import quote_line

    if not content.get("localTime"):
        return f"{serial} does not report its time."
    if reading.unread_zone:
        problem = f'The time zone of {serial} cannot be read: "{quote_line(reading.unread_zone, 80)}".'
        if reading.offset is None:
            return f"{problem} The drift of its clock is unknown."
        source = "of its site's time zone" if reading.is_by_site else "that it sends"
        return f"{problem} The drift is computed with the offset {source}."
    if reading.offset is None:
        missing = "when it has summer time" if content.get("timeZone") else "its time zone"
        return f"{serial} does not report {missing}, so its drift is unknown."
    return ""
